"""Settings → Connections → Clearinghouse over SFTP: read the key, compare it, paste ours, test, rotate."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator

import pytest

from deductibles.connections import rows
from deductibles.domain import sftp
from tests.openssh import Server, needs_sshd, openssh, pair
from work.models import Connection

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
PAGE = "/settings/connections/clearinghouse/"
_, KEY_OF_NOBODY = pair()
HOST_KEY = " ".join(KEY_OF_NOBODY.split()[:2])


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with openssh() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    for folder in (running.outbox, running.inbox):
        shutil.rmtree(folder)
        folder.mkdir()
        running.own(folder)
    return running


@pytest.fixture
def admin(page_as, adam, settings):
    settings.CLEARINGHOUSE_URL = ""
    return page_as(adam)


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def typed(server: Server, **changes):
    fields = {"address": server.url, "key": server.key, "host_key": server.host_key, "compared": "on"}
    return {"do": "save", "version": "0", **fields, **changes}


def print_of(server: Server) -> str:
    return str(sftp.host_key(server.host_key))


@needs_sshd
class TestHostKey:
    def test_it_is_read_shown_and_trusted_only_when_it_was_compared(self, admin, server):
        before = server.log
        seen = admin.post(PAGE, {"do": "look", "version": "0", "address": server.url, "notes": "Ask Ines"})
        shown = text(seen)
        assert seen.status_code == 200 and "The server shows" in shown and print_of(server) in shown
        assert server.host_key in shown and 'value="Ask Ines"' in shown
        assert "Accepted" not in server.log.removeprefix(before) and not Connection.objects.exists()
        refused = admin.post(PAGE, typed(server, compared=""))
        assert refused.status_code == 400 and "then tick the box" in text(refused)
        assert not Connection.objects.exists()
        assert "Every step went well." in text(admin.post(PAGE, typed(server), follow=True))
        assert Connection.objects.get().host_key == server.host_key

    def test_what_was_pasted_before_the_key_was_read_is_not_lost_and_not_shown(self, admin, server):
        shown = text(admin.post(PAGE, typed(server, do="look", host_key="", compared="")))
        body = server.key.splitlines()[1]
        assert body not in shown and "pasted a moment ago and kept" in shown
        sealed = re.search(r'name="sealed_token" value="([^"]+)"', shown)
        saved = admin.post(PAGE, typed(server, key="", sealed_token=sealed[1]), follow=True)
        assert "Every step went well." in text(saved)

    def test_a_changed_one_fails_the_test_at_its_step_and_says_both(self, admin, server):
        admin.post(PAGE, typed(server))
        old = print_of(server)
        server.show_key()
        server.restart()
        shown = text(admin.post(PAGE, {"do": "test", "version": "1"}, follow=True))
        assert "It ends here: Host key." in shown and f"expected {old}, seen {print_of(server)}" in shown
        assert "Call the clearinghouse at a number you know already" in shown
        look = text(admin.post(PAGE, typed(server, do="look", key="", compared="", version="1")))
        assert "This is not the key it is known by." in look and f"Known by {old}" in look
        again = text(admin.post(PAGE, typed(server, key="", version="1"), follow=True))
        assert "Every step went well." in again and f"Host key {old} → {print_of(server)}" in again

    def test_the_one_in_force_needs_no_second_comparison(self, admin, server):
        admin.post(PAGE, typed(server))
        look = text(admin.post(PAGE, typed(server, do="look", key="", compared="", version="1")))
        assert "The same as before." in look
        by_print = print_of(server).split()[1]
        saved = admin.post(PAGE, typed(server, key="", compared="", version="1", host_key=by_print))
        assert saved.status_code == 302

    def test_a_server_that_shows_none_is_said_beside_the_address(self, admin):
        for address in ("sftp://u@x.invalid/", "https://edi.example", "", "sftp://x"):
            answer = admin.post(PAGE, {"do": "look", "version": "0", "address": address})
            assert answer.status_code == 400 and "has-errors" in text(answer)


@needs_sshd
class TestTesting:
    def test_each_step_stands_there_with_its_sentence(self, admin, server):
        admin.post(PAGE, typed(server))
        shown = text(admin.get(PAGE))
        assert shown.count("is-passed") == 8
        for words in ("Host key", "Sign-in", "Folder for claims", "Leaving files", "Acknowledgements"):
            assert words in shown
        assert f"{server.outbox} is there." in shown and list(server.outbox.iterdir()) == []

    @pytest.mark.parametrize(
        ("changes", "step"),
        [
            ({"key": pair()[0]}, "Sign-in"),
            ({"outbox": "nowhere"}, "Folder for claims"),
            ({"inbox": "nowhere"}, "Acknowledgements"),
            ({"host_key": HOST_KEY}, "Host key"),
        ],
    )
    def test_what_is_typed_is_tested_and_the_failing_step_named(self, admin, server, changes, step):
        shown = text(admin.post(PAGE, typed(server, do="try", **changes)))
        assert f"It ends here: {step}." in shown and not Connection.objects.exists()


@needs_sshd
class TestSecrets:
    def test_the_key_is_sealed_never_shown_and_replaced_by_a_new_one(self, admin, server):
        admin.post(PAGE, typed(server))
        row = Connection.objects.get()
        body = server.key.splitlines()[1]
        assert body not in row.secret and rows.opened(row).split() == server.key.split()
        private, public = pair()
        kept = (server.folder / "authorized_keys").read_text()
        (server.folder / "authorized_keys").write_text(public + "\n")
        try:
            shown = text(admin.post(PAGE, typed(server, key=private, version="1"), follow=True))
        finally:
            (server.folder / "authorized_keys").write_text(kept)
        assert "Every step went well." in shown and "Key or password replaced" in shown
        assert body not in shown and private.splitlines()[1] not in shown
        assert "Private key" in shown and "by Adam" in shown
        told = str(list(row.events.values()))
        assert body not in told and private.splitlines()[1] not in told

    def test_it_stays_with_the_server_it_was_entered_for(self, admin, server):
        admin.post(PAGE, typed(server))
        elsewhere = server.url.replace("127.0.0.1", "localhost")
        answer = admin.post(PAGE, typed(server, key="", version="1", address=elsewhere))
        assert answer.status_code == 400 and "was entered for another address" in text(answer)


class TestReading:
    """What is typed, without any server."""

    def post(self, admin, **changes):
        private, _ = pair()
        fields = {"address": "sftp://acme@edi.example/acme", "key": private, "host_key": HOST_KEY}
        return admin.post(PAGE, {"do": "save", "version": "0", "compared": "on", **fields, **changes})

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"key": ""}, "Paste the private key"),
            ({"key": "hello"}, "This is no private key"),
            (
                {"key": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"},
                "cannot be read",
            ),
            ({"key": "-----BEGIN X-----" + "a" * 20_000}, "This is no private key"),
            ({"token": "secret words"}, "Leave one of them empty"),
            ({"key": "", "token": "-----BEGIN OPENSSH"}, "has a field of its own"),
            ({"host_key": ""}, "Read the server’s key first"),
            ({"host_key": "ssh-ed25519 AAAA"}, "This is no host key"),
            ({"host_key": "MD5:" + ":".join(["ab"] * 16)}, "old kind (MD5)"),
            ({"host_key": HOST_KEY + "\n" + " ".join(pair()[1].split()[:2])}, "more than one host key"),
            ({"outbox": "../elsewhere"}, "Folder for claims: type a folder"),
            ({"inbox": "x" * 201}, "Folder for acknowledgements: type a folder"),
            ({"address": "sftp://edi.example"}, "must say who signs in"),
            ({"address": "sftp://a:b@edi.example"}, "must say who signs in"),
            ({"address": "sftp://a@edi.example?x"}, "This is no address"),
            ({"address": "https://edi.example"}, "A private key is for an sftp:// address"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(self, admin, changes, words):
        answer = self.post(admin, **changes)
        shown = text(answer)
        assert answer.status_code == 400 and words in shown and not Connection.objects.exists()
        assert "PRIVATE KEY-----" not in shown and "secret words" not in shown

    def test_a_private_network_is_refused_outside_the_demo(self, admin, settings):
        settings.DEMO = False
        for host in ("127.0.0.1", "localhost", "10.1.2.3", "edi"):
            answer = self.post(admin, address=f"sftp://acme@{host}/")
            assert answer.status_code == 400 and "private network" in text(answer)

    def test_ar_boost_has_no_account_and_its_page_no_such_fields(self, admin):
        shown = text(admin.get("/settings/connections/ar-boost/"))
        assert "Private key" not in shown
        fields = {"do": "save", "version": "0", "address": "sftp://a@x.example", "token": "t"}
        assert admin.post("/settings/connections/ar-boost/", fields).status_code == 400

    def test_lines_of_known_hosts_and_of_keyscan_are_read(self):
        for line in (f"edi.example {HOST_KEY}", f"[edi.example]:22 {HOST_KEY} comment", f"# x\n{HOST_KEY}"):
            assert sftp.read_host_key(line) == HOST_KEY
        shown = f"256 {sftp.host_key(HOST_KEY).fingerprint} edi.example (ED25519)"
        assert sftp.read_host_key(shown) == sftp.host_key(HOST_KEY).fingerprint
