"""Handing files to the clearinghouse: whole, once, and never a guess about what arrived (D-SUB-1, D-SUB-2, I2)."""

import os
import resource
import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from deductibles.gateways.clearinghouse import Arrived, Unavailable, hand_over, inbox, put_away
from tests.jobs.claims_files import CONTENT, NAME, claims_file


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

    def test_what_cannot_be_taken_is_told_and_what_is_half_written_or_a_folder_is_not(
        self, url, folder, tmp_path
    ):
        (tmp_path / "secret").write_text("secret")
        (folder / "link").symlink_to(tmp_path / "secret")
        (folder / "folder").mkdir()
        (folder / ".a.999.part").write_text("half")
        os.mkfifo(folder / "pipe")
        with (folder / "huge").open("wb") as huge:
            huge.truncate(11 * 2**20)
        (folder / "good").write_bytes(b"\xff\x00")
        (folder / "od\nd").write_bytes(b"ISA")
        found = {each.name: each for each in inbox(url, "acme")}
        assert found.pop("good") == Arrived("good", b"\xff\x00")
        assert {name: each.content for name, each in found.items()} == dict.fromkeys(
            ("link", "pipe", "huge", "od?d"), b""
        )
        assert "larger than 10 MB" in found["huge"].trouble and "characters" in found["od?d"].trouble

    def test_no_inbox_yet_is_an_empty_one(self, url):
        assert inbox(url, "other") == []

    @pytest.mark.parametrize("name", ["", "..", "../outbox/x", ".lock", "a\0b"])
    def test_nothing_outside_the_inbox_can_be_put_away(self, url, name):
        with pytest.raises(Unavailable, match="name"):
            put_away(url, "acme", name)
