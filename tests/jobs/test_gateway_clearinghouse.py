"""Handing files to the clearinghouse: whole, once, and never a guess about what arrived (D-SUB-1, D-SUB-2, I2)."""

import os
import resource
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deductibles.gateways import clearinghouse
from deductibles.gateways.clearinghouse import Arrived, Limits, Unavailable, hand_over, inbox, put_away
from deductibles.x12.claim import parse_claim_numbers, write
from tests.sandboxes import clearinghouse as clearinghouse_sandbox
from tests.x12_claims import HANKS_CLAIM, PROVIDER, ROSAS_CLAIM, TOMS_CLAIM
from tests.x12_validation import pyx12_errors

NAME = "000000123.837p"
SOON = Limits(connect=0.5, total=0.6)


def claims_file(*numbers: str, control: str = "000000123") -> bytes:
    """An 837P as far as a clearinghouse's front door reads it."""
    claims = "".join(
        f"HL*2*1*22*0~CLM*{number}*850***41:B:1*Y*A*Y*Y~DTP*472*D8*20260901~" for number in numbers
    )
    return (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'TESTPROV':15}*ZZ*{'TESTCLEAR':15}*260915*0312*^*00501*{control}*0*T*:~"
        f"GS*HC*TESTPROV*TESTCLEAR*20260915*0312*77*X*005010X222A1~"
        f"ST*837*0001*005010X222A1~{claims}SE*{2 + 3 * len(numbers)}*0001~GE*1*77~IEA*1*{control}~"
    ).encode()


CONTENT = claims_file("1001", "1002.2")


class TestFolder:
    @pytest.fixture
    def url(self, tmp_path):
        return (tmp_path / "house").as_uri()

    @pytest.fixture
    def outbox(self, tmp_path):
        return tmp_path / "house" / "acme" / "outbox"

    def hand(self, url, content=CONTENT, name=NAME, company="acme"):
        return hand_over(url, company_key=company, filename=name, content=content)

    def test_a_file_stands_whole_in_the_companys_outbox_for_our_eyes_only(self, url, outbox):
        handed = self.hand(url)
        assert (handed.state, handed.reference) == ("accepted", str(outbox / NAME))
        assert (outbox / NAME).read_bytes() == CONTENT
        assert stat.S_IMODE((outbox / NAME).stat().st_mode) == 0o600
        assert stat.S_IMODE(outbox.stat().st_mode) == 0o700
        assert [p.name for p in outbox.iterdir()] == [NAME]

    def test_a_folder_with_spaces_and_accents_is_found(self, tmp_path):
        home = tmp_path / "clearing house é"
        assert self.hand(home.as_uri()).state == "accepted"
        assert (home / "acme" / "outbox" / NAME).exists()

    def test_folders_that_exist_keep_their_permissions(self, url, outbox):
        outbox.mkdir(parents=True)
        outbox.chmod(0o755)
        assert self.hand(url).state == "accepted"
        assert stat.S_IMODE(outbox.stat().st_mode) == 0o755

    def test_the_same_file_again_is_accepted_and_not_written_again(self, url, outbox):
        self.hand(url)
        before = (outbox / NAME).stat()
        assert self.hand(url).state == "accepted"
        assert (outbox / NAME).stat().st_mtime_ns == before.st_mtime_ns
        assert (outbox / NAME).stat().st_ino == before.st_ino

    def test_the_same_file_again_after_it_was_taken_is_not_sent_twice(self, url, outbox):
        """I2: a file gone from the outbox was taken by the clearinghouse, not lost."""
        self.hand(url)
        (outbox / NAME).unlink()
        assert self.hand(url).state == "accepted"
        assert list(outbox.iterdir()) == []

    def test_another_file_under_the_same_name_is_refused_and_the_first_stays(self, url, outbox):
        self.hand(url)
        handed = self.hand(url, claims_file("9999"))
        assert (handed.state, handed.reference) == ("refused", "")
        assert (outbox / NAME).read_bytes() == CONTENT
        (outbox / NAME).unlink()
        assert self.hand(url, claims_file("9999")).state == "refused"

    @pytest.mark.parametrize("kind", ["folder", "link", "longer", "other"])
    def test_something_else_in_its_place_is_left_alone(self, url, outbox, tmp_path, kind):
        outbox.mkdir(parents=True)
        place = outbox / NAME
        if kind == "folder":
            place.mkdir()
        elif kind == "link":
            (tmp_path / "elsewhere").write_bytes(CONTENT)
            place.symlink_to(tmp_path / "elsewhere")
        else:
            place.write_bytes(CONTENT + b"x" if kind == "longer" else bytes(len(CONTENT)))
        assert self.hand(url).state == "refused"

    def test_the_very_bytes_found_in_place_are_accepted(self, url, outbox):
        outbox.mkdir(parents=True)
        (outbox / NAME).write_bytes(CONTENT)
        assert self.hand(url).state == "accepted"

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_a_crash_beside_the_moment_of_hand_over_never_makes_two(self, url, outbox, monkeypatch, moment):
        """I2: killed just before or just after the file appears."""

        class Killed(BaseException):
            pass

        really = os.link

        def killed(source, target):
            if moment == "after":
                really(source, target)
            raise Killed

        monkeypatch.setattr(os, "link", killed)
        with pytest.raises(Killed):
            self.hand(url)
        monkeypatch.undo()
        handed = self.hand(url)
        visible = [p.name for p in outbox.iterdir() if not p.name.startswith(".")]
        assert (handed.state, visible) == (("accepted", [NAME]) if moment == "after" else ("ambiguous", []))

    def test_a_crash_after_which_the_file_was_taken_is_ambiguous(self, url, outbox, monkeypatch):
        class Killed(BaseException):
            pass

        really = os.link

        def killed(source, target):
            really(source, target)
            raise Killed

        monkeypatch.setattr(os, "link", killed)
        with pytest.raises(Killed):
            self.hand(url)
        monkeypatch.undo()
        (outbox / NAME).unlink()
        assert self.hand(url).state == "ambiguous"
        assert [p for p in outbox.iterdir() if not p.name.startswith(".")] == []

    def test_a_full_disk_hands_over_nothing_and_can_be_tried_again(self, url, outbox):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        big = claims_file(*(str(n) for n in range(3000)))
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
        try:
            handed = self.hand(url, big)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert handed.state == "refused"
        assert "full" in handed.detail and "Nothing was handed over" in handed.detail
        assert list(outbox.iterdir()) == []
        assert self.hand(url, big).state == "accepted"

    def test_a_folder_that_is_none_is_a_sentence(self, tmp_path):
        (tmp_path / "house").write_text("a file")
        handed = self.hand((tmp_path / "house").as_uri())
        assert handed.state == "refused"
        assert "Nothing was handed over" in handed.detail

    def test_a_folder_without_hard_links_refuses(self, url, outbox, monkeypatch):
        def unable(*_):
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", unable)
        assert self.hand(url).state == "refused"
        monkeypatch.undo()
        assert self.hand(url).state == "accepted"

    @pytest.mark.parametrize(
        "name",
        ["", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden", "a\0b", "a\nb", "x" * 121, "é", "a b", "-x"],
    )
    def test_a_name_that_could_go_elsewhere_is_refused(self, url, tmp_path, name):
        assert self.hand(url, name=name).state == "refused"
        assert not (tmp_path / "house").exists()

    @pytest.mark.parametrize("company", ["", ".", "..", "a/b", "../other", "a\0", "a" * 65])
    def test_a_company_key_that_could_go_elsewhere_is_refused(self, url, tmp_path, company):
        assert self.hand(url, company=company).state == "refused"
        assert not (tmp_path / "house").exists()
        with pytest.raises(Unavailable):
            inbox(url, company)

    def test_two_at_once_make_one(self, url, outbox):
        with ThreadPoolExecutor(8) as pool:
            handed = list(pool.map(lambda _: self.hand(url), range(16)))
        assert {h.state for h in handed} == {"accepted"}
        assert [p.name for p in outbox.iterdir()] == [NAME]

    def test_nobody_ever_reads_half_a_file(self, url, outbox):
        big = claims_file(*(str(n) for n in range(20_000)))
        outbox.mkdir(parents=True)
        seen, done = set(), threading.Event()

        def look():
            while not done.is_set():
                seen.update(len(p.read_bytes()) for p in outbox.iterdir() if not p.name.startswith("."))

        watcher = threading.Thread(target=look)
        watcher.start()
        for n in range(5):
            self.hand(url, big, f"{n}.837p")
        done.set()
        watcher.join()
        assert seen <= {len(big)}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sftp://host/x",
        "ftp://x",
        "file://elsewhere/dir",
        "file:relative",
        "file:///a%00b",
        "/tmp",
        "http://",
        "http://[",
        "\ud800",
    ],
)
def test_an_address_we_cannot_use_is_a_sentence(url):
    handed = hand_over(url, company_key="acme", filename=NAME, content=CONTENT)
    assert handed.state == "refused"
    assert "address" in handed.detail and "Nothing was handed over" in handed.detail
    with pytest.raises(Unavailable, match="address"):
        inbox(url, "acme")


class TestInboxFolder:
    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "acme" / "inbox").mkdir(parents=True)
        return tmp_path / "acme" / "inbox"

    @pytest.fixture
    def url(self, tmp_path):
        return tmp_path.as_uri()

    def test_acknowledgements_wait_until_they_are_put_away(self, url, folder):
        (folder / "b.999").write_bytes(b"two")
        (folder / "a 999 (1).txt").write_bytes(b"one")
        waiting = [Arrived("a 999 (1).txt", b"one"), Arrived("b.999", b"two")]
        assert inbox(url, "acme") == waiting == inbox(url, "acme")
        for each in waiting:
            put_away(url, "acme", each.name)
        assert inbox(url, "acme") == []
        put_away(url, "acme", "b.999")

    def test_a_second_file_of_the_same_name_does_not_bury_the_first(self, url, folder):
        for text in (b"first", b"second"):
            (folder / "a.999").write_bytes(text)
            put_away(url, "acme", "a.999")
        kept = folder.parent / "read"
        assert {p.read_bytes() for p in kept.iterdir()} == {b"first", b"second"}

    def test_what_is_no_acknowledgement_is_left_out(self, url, folder, tmp_path):
        (tmp_path / "secret").write_text("secret")
        (folder / "link").symlink_to(tmp_path / "secret")
        (folder / "folder").mkdir()
        (folder / ".a.999.part").write_text("half")
        os.mkfifo(folder / "pipe")
        with (folder / "huge").open("wb") as huge:
            huge.truncate(11 * 2**20)
        (folder / "good").write_bytes(b"\xff\x00")
        assert inbox(url, "acme") == [Arrived("good", b"\xff\x00")]

    def test_no_inbox_yet_is_an_empty_one(self, url):
        assert inbox(url, "other") == []

    @pytest.mark.parametrize("name", ["", "..", "../outbox/x", ".lock", "a\0b"])
    def test_nothing_outside_the_inbox_can_be_put_away(self, url, name):
        with pytest.raises(Unavailable, match="name"):
            put_away(url, "acme", name)


@pytest.fixture(scope="module")
def running():
    with clearinghouse_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def house(running):
    running.reset()
    running.call("DELETE", "/_accepted")
    return running


class TestService:
    def hand(self, house, content=CONTENT, name=NAME, limits=SOON):
        return hand_over(house.url, company_key="acme", filename=name, content=content, limits=limits)

    def test_a_file_is_taken_and_has_a_reference(self, house):
        handed = self.hand(house)
        assert (handed.state, handed.reference) == ("accepted", "CH00000001")
        assert house.call("GET", "/_accepted")["claims"] == {"acme/1001": [NAME], "acme/1002.2": [NAME]}

    def test_the_same_file_again_is_one_file(self, house):
        assert self.hand(house) == self.hand(house)
        books = house.call("GET", "/_accepted")
        assert (len(books["files"]), books["duplicates"]) == (1, {})

    def test_a_claim_in_two_files_is_noted_as_sent_twice(self, house):
        """The control of I2: the stand-in does notice."""
        self.hand(house)
        self.hand(house, claims_file("1001", control="000000124"), "000000124.837p")
        assert house.call("GET", "/_accepted")["duplicates"] == {"acme/1001": [NAME, "000000124.837p"]}

    def test_another_file_under_the_same_name_is_refused(self, house):
        self.hand(house)
        handed = self.hand(house, claims_file("9999"))
        assert handed.state == "refused"
        assert "different file" in handed.detail

    @pytest.mark.parametrize(
        "fault, state",
        [
            ({"status": 400}, "refused"),
            ({"status": 401}, "refused"),
            ({"status": 413}, "refused"),
            ({"status": 429}, "refused"),
            ({"redirect": "http://127.0.0.1:1/"}, "refused"),
            ({"status": 408}, "ambiguous"),
            ({"status": 500}, "ambiguous"),
            ({"status": 503}, "ambiguous"),
            ({"hang": True}, "ambiguous"),
            ({"delay": 1.5}, "ambiguous"),
            ({"lost": True}, "ambiguous"),
            ({"cut_body": 9}, "ambiguous"),
            ({"garbage": True}, "ambiguous"),
            ({"raw": "{}"}, "ambiguous"),
            ({"raw": '{"state": "accepted", "reference": 5}'}, "ambiguous"),
        ],
    )
    def test_only_a_clear_answer_decides(self, house, fault, state):
        house.script("*", **fault)
        handed = self.hand(house)
        assert (handed.state, handed.reference) == (state, "")
        assert ("Nothing was handed over" if state == "refused" else "may have arrived") in handed.detail

    def test_an_answer_lost_after_acceptance_is_ambiguous_and_sending_again_makes_no_second(self, house):
        house.script("*", lost=True, times=1)
        assert self.hand(house).state == "ambiguous"
        assert self.hand(house).state == "accepted"
        assert len(house.call("GET", "/_accepted")["files"]) == 1

    def test_nobody_there_refuses(self):
        handed = hand_over("http://127.0.0.1:9", company_key="acme", filename=NAME, content=CONTENT)
        assert handed.state == "refused"
        assert "could not be reached" in handed.detail

    def test_the_acknowledgements_are_valid_x12_and_name_every_claim(self, house):
        """D-SUB-3."""
        house.script("1002.2", reject=True)
        self.hand(house)
        functional, claims = sorted(inbox(house.url, "acme"), key=lambda a: a.name, reverse=True)
        assert pyx12_errors(functional.content.decode()) == []
        assert pyx12_errors(claims.content.decode()) == []
        lines = [s.strip() for s in claims.content.decode().split("~")]
        for number, status in (("1001", "A2:20"), ("1002.2", "A3:21")):
            assert lines[lines.index(f"TRN*2*{number}") + 1].startswith(f"STC*{status}*")
        assert "AK1*HC*77*005010X222A1" in functional.content.decode()
        for each in (functional, claims):
            put_away(house.url, "acme", each.name)
        assert inbox(house.url, "acme") == []

    def test_an_837p_of_ours_is_taken_claim_by_claim(self, house):
        at = datetime(2026, 3, 3, 4, 5, tzinfo=UTC)
        sent = (ROSAS_CLAIM, TOMS_CLAIM, replace(HANKS_CLAIM, sequence=2))
        text = write(PROVIDER, sent, interchange_control=9, group_control=9, at=at, usage="T")
        assert self.hand(house, text.encode()).state == "accepted"
        assert sorted(house.call("GET", "/_accepted")["claims"]) == [
            f"acme/{n}" for n in parse_claim_numbers(text)
        ]
        for answer in inbox(house.url, "acme"):
            assert pyx12_errors(answer.content.decode()) == []

    def test_a_cut_file_is_answered_with_a_rejecting_999(self, house):
        self.hand(house, CONTENT[:-30])
        (functional,) = inbox(house.url, "acme")
        assert "AK9*R*" in functional.content.decode()
        assert house.call("GET", "/_accepted")["claims"] == {}

    @pytest.mark.parametrize(
        "listed",
        ["[]", "{}", '{"files": 5}', "garbage"],
    )
    def test_a_list_of_acknowledgements_that_is_none_is_a_sentence(self, house, listed):
        house.script("*", raw=listed)
        with pytest.raises(Unavailable, match="list of acknowledgements"):
            inbox(house.url, "acme", limits=SOON)

    def test_entries_that_make_no_sense_are_left_out(self, house):
        house.script(
            "*",
            raw='{"files": [5, {}, {"name": "../x", "text": "x"}, {"name": "a", "text": 5}, {"name": "a", "text": "ok"}]}',
        )
        assert inbox(house.url, "acme") == [Arrived("a", b"ok")]


class TestWatchedFolder:
    def wait_for(self, ready, seconds=10):
        until = time.monotonic() + seconds
        while not ready() and time.monotonic() < until:
            time.sleep(0.05)
        return ready()

    def test_a_file_is_taken_acknowledged_and_known_after_a_restart(self, tmp_path):
        folder, url = tmp_path / "house", (tmp_path / "house").as_uri()
        with clearinghouse_sandbox(folder=folder) as house:
            hand_over(url, company_key="acme", filename=NAME, content=CONTENT)
            assert self.wait_for(lambda: len(inbox(url, "acme")) == 2)
            assert (folder / "acme" / "accepted" / NAME).read_bytes() == CONTENT
            assert list((folder / "acme" / "outbox").iterdir()) == []
            assert house.call("GET", "/_accepted")["claims"]["acme/1001"] == [NAME]
        assert hand_over(url, company_key="acme", filename=NAME, content=CONTENT).state == "accepted"
        with clearinghouse_sandbox(folder=folder) as house:
            assert house.call("GET", "/_accepted")["duplicates"] == {}
            assert list((folder / "acme" / "outbox").iterdir()) == []


def test_the_addresses_understood_are_named():
    handed = hand_over("sftp://host/x", company_key="acme", filename=NAME, content=CONTENT)
    assert all(scheme in handed.detail for scheme in clearinghouse.SCHEMES)
