"""The clearinghouse over SFTP, against OpenSSH itself: once, never a guess, and to nobody else (D-SUB-2, I2)."""

from __future__ import annotations

import logging
import os
import stat
import time
from dataclasses import replace

import pytest

from deductibles.gateways import sftp
from deductibles.gateways.clearinghouse import Limits, Unavailable, Way, inbox
from tests.jobs.claims_files import CONTENT, NAME, claims_file
from tests.jobs.sftp_server import hand, names
from tests.openssh import ROOT, USER, door, free_port, needs_sshd, pair, password_server

pytest_plugins = ["tests.jobs.sftp_server"]
pytestmark = needs_sshd
HASTY = Limits(connect=3.0, total=2.0, operation=0.5)
X12 = b"ISA*" + b"0" * 101 + b"~GS*HC~GE*1*1~IEA*1*000000001~"
BIG = b"ISA*00*" + b"x" * 2_000_000


class TestHandOver:
    def test_a_file_stands_whole_in_the_outbox_and_nothing_beside_it(self, way, server):
        handed = hand(way)
        assert (handed.state, handed.reference) == ("accepted", str(server.outbox / NAME))
        assert (server.outbox / NAME).read_bytes() == CONTENT
        assert names(server.outbox) == [NAME]

    def test_a_file_of_megabytes_arrives_whole(self, way, server):
        assert hand(way, BIG).state == "accepted"
        assert (server.outbox / NAME).read_bytes() == BIG

    def test_the_same_file_again_is_accepted_and_not_written_again(self, way, server):
        hand(way)
        before = (server.outbox / NAME).stat()
        assert hand(way).state == hand(way, again=True).state == "accepted"
        after = (server.outbox / NAME).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_another_file_under_the_same_name_is_refused_and_the_first_stays(self, way, server):
        hand(way)
        handed = hand(way, claims_file("9999"))
        assert (handed.state, handed.reference) == ("refused", "")
        assert (server.outbox / NAME).read_bytes() == CONTENT and names(server.outbox) == [NAME]

    @pytest.mark.parametrize("kind", ["folder", "link", "longer", "other"])
    def test_something_else_in_its_place_is_left_alone(self, way, server, kind):
        place = server.outbox / NAME
        if kind == "folder":
            place.mkdir()
        elif kind == "link":
            place.symlink_to("/etc/hostname")
        else:
            server.leave(NAME, CONTENT + b"x" if kind == "longer" else bytes(len(CONTENT)), server.outbox)
        assert hand(way).state == "refused"
        assert names(server.outbox) == [NAME]

    def test_a_file_that_was_taken_is_not_sent_a_second_time(self, way, server):
        """I2: there is no note on the server, so a second try of a file that is gone is unclear."""
        hand(way)
        (server.outbox / NAME).unlink()
        assert hand(way, again=True).state == "ambiguous"
        assert names(server.outbox) == []

    def test_what_a_crash_left_is_cleared_and_proves_that_the_file_never_left(self, way, server):
        server.leave(f".{NAME}.0123abcd.part", CONTENT[:10], server.outbox)
        assert hand(way, again=True).state == "accepted"
        assert names(server.outbox) == [NAME]

    def test_a_whole_left_over_proves_nothing(self, way, server):
        """Its rename may have been asked for: a server that links and then unlinks can leave both names."""
        server.leave(f".{NAME}.0123abcd.part", CONTENT, server.outbox)
        assert hand(way, again=True).state == "ambiguous"
        assert NAME not in names(server.outbox)

    def test_old_left_overs_of_other_files_go_and_young_ones_and_strange_ones_stay(self, way, server):
        old = server.leave(".837P-acme-000000001.edi.0123abcd.part", b"x", server.outbox)
        os.utime(old, (time.time() - 2 * 86400,) * 2)
        young = server.leave(".837P-acme-000000002.edi.0123abcd.part", b"x", server.outbox)
        server.leave("theirs.part", b"x", server.outbox)
        hand(way)
        assert not old.exists() and young.exists() and (server.outbox / "theirs.part").exists()

    def test_folders_of_other_names_and_places_are_used(self, server, way):
        (server.home / "inbound").mkdir(exist_ok=True)
        server.own(server.home / "inbound")
        named = replace(way, outbox="inbound", inbox=str(server.outbox))
        server.leave("a.999", X12, server.outbox)
        assert hand(named).reference == str(server.home / "inbound" / NAME)
        assert [file.name for file in inbox(named, "acme")] == ["a.999"]


class TestRefused:
    """Certainly nothing arrived, and why is said."""

    def test_a_missing_folder(self, way, server):
        server.outbox.rmdir()
        handed = hand(way)
        assert (handed.state, handed.step) == ("refused", "outbox") and "it is not there" in handed.detail

    def test_a_folder_this_user_may_not_write(self, way, server):
        server.outbox.chmod(0o500)
        handed = hand(way)
        assert (handed.state, handed.step) == ("refused", "outbox") and "may not" in handed.detail

    def test_a_full_disk(self, way, server):
        server.restart(largest=64 * 1024)
        try:
            handed = hand(way, BIG)
        finally:
            server.restart()
        assert handed.state == "refused" and names(server.outbox) == []

    def test_a_server_killed_in_the_middle(self, way, server):
        def killed(side: str, number: int) -> bool:
            if any(path.stat().st_size for path in server.outbox.iterdir()):
                server.stop()
                return True
            return False

        with door(server) as broken:
            broken.cut = killed
            handed = hand(replace(way, url=server.at(broken.port)), BIG)
        server.start()
        assert handed.state == "refused" and NAME not in names(server.outbox)
        assert hand(way, BIG, again=True).state == "accepted"
        assert names(server.outbox) == [NAME]

    def test_a_server_that_never_answers_is_given_up(self, way, server):
        with door(server) as mute:
            mute.still = lambda side, number: side == "out" and bool(names(server.outbox))
            began = time.monotonic()
            handed = hand(replace(way, url=server.at(mute.port), limits=HASTY))
        assert (handed.state, time.monotonic() - began < 3) == ("refused", True)

    @pytest.mark.parametrize("silent", [True, False])
    def test_what_does_not_speak_ssh_is_given_up(self, way, silent):
        with door(type("Nobody", (), {"port": way_port(way)})) as other:
            if silent:
                other.still = lambda side, number: True
            else:
                other.cut = lambda side, number: True
            handed = hand(replace(way, url=f"sftp://{USER}@127.0.0.1:{other.port}/x", limits=HASTY_TO_BEGIN))
        assert (handed.state, handed.step) == ("refused", "hostkey")

    def test_nobody_listening_and_a_name_nobody_knows(self, way):
        for url, step in ((f"sftp://u@127.0.0.1:{free_port()}/", "connect"), ("sftp://u@x.invalid/", "name")):
            handed = hand(replace(way, url=url))
            assert (handed.state, handed.step) == ("refused", step)

    @pytest.mark.parametrize(
        "url",
        ["sftp://host/x", "sftp://u:p@host/x", "sftp://u@/x", "sftp://u@host/../x", "sftp://u@host:99999/"],
    )
    def test_an_address_of_no_use(self, way, url):
        handed = hand(replace(way, url=url))
        assert (handed.state, handed.step) == ("refused", "address")

    def test_a_private_network_outside_the_demo(self, way, server):
        handed = hand(replace(way, public_only=True))
        assert (handed.state, handed.step) == ("refused", "address") and "private network" in handed.detail
        with pytest.raises(Unavailable, match="private network"):
            inbox(replace(way, public_only=True), "acme")


HASTY_TO_BEGIN = Limits(connect=0.5, total=2.0, operation=0.5)


def way_port(way: Way) -> int:
    return int(way.url.partition("127.0.0.1:")[2].partition("/")[0])


class TestUnclear:
    """From the rename on, silence says nothing: the file may have arrived."""

    def test_a_line_that_breaks_after_the_rename(self, way, server):
        with door(server) as broken:
            broken.cut = lambda side, number: (server.outbox / NAME).exists()
            handed = hand(replace(way, url=server.at(broken.port)))
        assert (handed.state, handed.reference) == ("ambiguous", str(server.outbox / NAME))
        assert hand(way, again=True).state == "accepted", "it stands there with these bytes"

    def test_an_answer_that_never_comes(self, way, server):
        with door(server) as mute:
            mute.still = lambda side, number: side == "out" and (server.outbox / NAME).exists()
            handed = hand(replace(way, url=server.at(mute.port), limits=HASTY))
        assert handed.state == "ambiguous" and "in time" in handed.detail
        (server.outbox / NAME).unlink()  # the clearinghouse takes it
        assert hand(way, again=True).state == "ambiguous" and names(server.outbox) == []

    @pytest.mark.parametrize(("content", "state"), [(CONTENT, "accepted"), (CONTENT[:-1] + b"x", "refused")])
    def test_a_file_that_appears_in_the_last_moment_is_not_replaced(self, way, server, content, state):
        """The rename itself refuses a name that is taken; what stands there then decides."""

        def appears(side: str, number: int) -> bool:
            parts = [path for path in server.outbox.iterdir() if path.name.startswith(".")]
            if parts and parts[0].stat().st_size == len(CONTENT) and not (server.outbox / NAME).exists():
                server.leave(NAME, content, server.outbox)
            return False

        with door(server) as crowded:
            crowded.cut = appears
            assert hand(replace(way, url=server.at(crowded.port))).state == state
        assert (server.outbox / NAME).read_bytes() == content and names(server.outbox) == [NAME]

    def test_wherever_the_line_breaks_nothing_is_said_that_is_not_so(self, way, server):
        """Cut at every other piece once files are spoken of: the word fits, and none goes out twice."""
        begun: list[int] = []
        with door(server) as whole:
            whole.cut = lambda side, number: begun.append(number) if names(server.outbox) else None
            hand(replace(way, url=server.at(whole.port)))
        told = set()
        for last in range(begun[0] - 6, begun[-1] + 1, 2):
            name = f"837P-acme-{last:09d}.edi"
            with door(server) as broken:
                broken.cut = lambda side, number, last=last: number >= last
                handed = hand(replace(way, url=server.at(broken.port)), name=name)
            told.add(handed.state)
            there = (server.outbox / name).exists()
            assert there or handed.state != "accepted"
            assert not there or handed.state != "refused", last
            if there:
                (server.outbox / name).rename(server.home / name)  # taken by the clearinghouse
            hand(way, name=name, again=True)
            assert not (there and (server.outbox / name).exists()), "a second copy"
        # How many pieces a hand-over takes differs, so not every word falls each time; each has a test of its own.
        assert "refused" in told and told <= {"accepted", "refused", "ambiguous"}


class TestHostKey:
    def test_a_changed_one_is_refused_before_anybody_signs_in(self, server, way):
        _, other = pair()
        known = " ".join(other.split()[:2])
        before = server.log
        handed = hand(replace(way, host_key=known))
        new = server.log.removeprefix(before)
        assert (handed.state, handed.step) == ("refused", "hostkey")
        for words in ("expected ED25519 SHA256:", "seen ED25519 SHA256:", "in between"):
            assert words in handed.detail
        assert "Connection from" in new and "Accepted" not in new and "publickey" not in new

    def test_without_one_nothing_is_even_connected_to(self, server, way):
        before = server.log
        handed = hand(replace(way, host_key=""))
        assert (handed.state, handed.step) == ("refused", "hostkey") and server.log == before

    def test_the_fingerprint_alone_is_enough_and_its_kind_is_found(self, server, way):
        from deductibles.domain import sftp as rules

        print_of = rules.host_key(server.host_key).fingerprint
        assert hand(replace(way, host_key=print_of)).state == "accepted"
        server.show_key("ssh-rsa")
        server.restart()
        try:
            by_print = replace(way, host_key=rules.host_key(server.host_key).fingerprint)
            assert hand(by_print).state == hand(replace(way, host_key=server.host_key)).state == "accepted"
            changed = hand(way)
            assert changed.step == "hostkey" and "seen RSA SHA256:" in changed.detail
        finally:
            server.show_key()
            server.restart()

    def test_it_is_read_without_signing_in(self, server, way):
        before = server.log
        account = replace(sftp.account_at(way.url, "", "", ("", ""), public_only=False, limits=Limits()))
        assert sftp.Session(account).look_at_key() == server.host_key
        assert "Accepted" not in server.log.removeprefix(before)

    def test_the_machines_own_known_hosts_and_keys_count_for_nothing(
        self, server, way, tmp_path, monkeypatch
    ):
        (tmp_path / ".ssh").mkdir()
        (tmp_path / ".ssh" / "id_ed25519").write_text(server.key)
        _, other = pair()
        host = f"[127.0.0.1]:{server.port} {server.host_key}\n"
        (tmp_path / ".ssh" / "known_hosts").write_text(host)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert hand(replace(way, host_key=" ".join(other.split()[:2]))).step == "hostkey"
        assert hand(replace(way, token=pair()[0])).step == "signin"


class TestSignIn:
    def test_another_key_is_refused_at_the_sign_in(self, way):
        handed = hand(replace(way, token=pair()[0]))
        assert (handed.state, handed.step) == ("refused", "signin")

    def test_a_password_does_not_take_a_keys_place(self, way):
        assert hand(replace(way, token="canary-password")).step == "signin"

    @pytest.mark.parametrize("kind", ["ssh-rsa", "ecdsa-sha2-nistp256"])
    def test_keys_of_other_kinds_open_too(self, server, way, kind):
        private, public = pair(kind)
        kept = (server.folder / "authorized_keys").read_text()
        (server.folder / "authorized_keys").write_text(f"{kept}{public}\n")
        assert hand(replace(way, token=private)).state == "accepted"

    def test_a_key_with_a_passphrase_is_refused_in_words(self, way):
        import asyncssh

        key = asyncssh.generate_private_key("ssh-rsa")
        for form in ("pkcs8-pem", "pkcs1-pem"):
            handed = hand(replace(way, token=key.export_private_key(form, passphrase="x").decode()))
            assert handed.step == "signin" and "passphrase" in handed.detail

    def test_secrets_stand_in_no_log_and_no_representation(self, way, server, caplog):
        caplog.set_level(logging.DEBUG)
        hand(way)
        hand(replace(way, token="canary-password"))
        shown = f"{caplog.text} {way!r} {sftp.account_at(way.url, way.token, '', ('', ''), public_only=False, limits=Limits())!r}"
        body = way.token.splitlines()[1]
        assert body not in shown and "canary-password" not in shown and USER not in caplog.text


class TestPassword:
    """OpenSSH asks an ordinary user's server for no password, so here asyncssh's own stands in for it."""

    @pytest.fixture(params=["password", "keyboard-interactive"])
    def url(self, request, tmp_path):
        for name in ("outbox", "inbox"):
            (tmp_path / name).mkdir()
        with password_server(tmp_path, request.param, "correct horse") as port:
            yield f"sftp://acme@127.0.0.1:{port}/"

    def test_it_opens_where_one_is_set_and_no_other_does(self, url, tmp_path):
        account = sftp.account_at(url, "", "", ("", ""), public_only=False, limits=Limits())
        way = Way(url, "correct horse", host_key=sftp.Session(account).look_at_key())
        assert hand(way).state == "accepted" and names(tmp_path / "outbox") == [NAME]
        assert hand(replace(way, token="canary-password")).step == "signin"
        assert hand(replace(way, token=pair()[0])).step == "signin"


def test_the_server_runs_as_an_ordinary_user(server, way):
    hand(way)
    owner = (server.outbox / NAME).stat().st_uid
    assert owner != 0 if ROOT else owner == os.getuid()
    assert stat.S_ISREG((server.outbox / NAME).stat().st_mode)
