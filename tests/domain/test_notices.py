"""What somebody can be told, by which ways, when a mail waits, and whom a note names."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from escalations.domain.notices import (
    KINDS,
    did,
    mail_at,
    named_in,
    pieces,
    read_quiet,
    read_ways,
    ways_of,
)
from escalations.domain.states import TICKET

CHICAGO = ZoneInfo("America/Chicago")


def at(hour: int, minute: int = 0, day: int = 20, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


class TestWays:
    def test_what_nobody_chose_comes_as_shipped(self) -> None:
        assert ways_of("breach", {}) == ("app", "mail")
        assert ways_of("watched", {}) == ("app",)

    def test_what_was_chosen_holds_and_no_way_at_all_is_a_choice(self) -> None:
        assert ways_of("watched", {"watched": ["mail"]}) == ("mail",)
        assert ways_of("breach", {"breach": []}) == ()

    def test_boxes_are_read_as_the_ways_of_every_kind(self) -> None:
        ways = read_ways({"breach.mail", "watched.app", "watched.mail", "nobody.knows"})
        assert (ways["breach"], ways["watched"], ways["alarm"]) == (["mail"], ["app", "mail"], [])
        assert ways.keys() == {kind.key for kind in KINDS}


class TestQuietHours:
    @pytest.mark.parametrize(
        ("since", "until", "now", "goes"),
        [
            (time(12), time(13), at(12, 30), at(13)),
            (time(12), time(13), at(13), at(13)),
            (time(12), time(13), at(11, 59), at(11, 59)),
            (time(18), time(8), at(18), at(8, day=21)),
            (time(18), time(8), at(23, 59), at(8, day=21)),
            (time(18), time(8), at(0, 30), at(8)),
            (time(18), time(8), at(8), at(8)),
            (time(9), time(9), at(9), at(9)),
            (None, None, at(3), at(3)),
        ],
    )
    def test_a_mail_waits_for_their_end(
        self, since: time | None, until: time | None, now: datetime, goes: datetime
    ) -> None:
        assert mail_at(now, since, until, CHICAGO) == goes

    def test_they_are_wall_times_in_the_night_the_clocks_go_back(self) -> None:
        """1 November 2026: from 18:00 until 08:00 lasts an hour longer."""
        goes = mail_at(at(19, day=31, month=10), time(18), time(8), CHICAGO)
        assert goes.astimezone(UTC) == datetime(2026, 11, 1, 14, 0, tzinfo=UTC)

    def test_and_when_they_go_forward_an_end_that_does_not_exist_is_passed(self) -> None:
        """8 March 2026: 02:30 is no time of that day."""
        now = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
        goes = mail_at(now, time(22), time(2, 30), CHICAGO)
        assert now < goes <= datetime(2026, 3, 8, 8, 30, tzinfo=UTC)

    @pytest.mark.parametrize("typed", ["8:05", " 08:05 ", "08:05:00"])
    def test_a_time_is_read_as_people_write_it(self, typed: str) -> None:
        quiet = read_quiet("18:00", typed)
        assert (quiet.since, quiet.until, dict(quiet.wrong)) == (time(18), time(8, 5), {})

    def test_both_empty_are_none(self) -> None:
        assert read_quiet(" ", "") == read_quiet("", "")
        assert read_quiet("", "").since is None and not read_quiet("", "").wrong

    @pytest.mark.parametrize(
        ("since", "until", "field"),
        [
            ("18:00", "", "quiet_until"),
            ("", "08:00", "quiet_from"),
            ("24:00", "08:00", "quiet_from"),
            ("18:00", "8", "quiet_until"),
            ("18:00", "8:60", "quiet_until"),
            ("١٨:٠٠", "08:00", "quiet_from"),
            ("18:00", "18:00", "quiet_until"),
        ],
    )
    def test_what_is_none_is_refused_beside_its_field(self, since: str, until: str, field: str) -> None:
        wrong = read_quiet(since, until).wrong
        assert list(wrong) == [field] and wrong[field].sentence.endswith(".")


class TestMentions:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("@sue please look", ["sue"]),
            ("ask @Sue, @ben.", ["sue", "ben.", "ben"]),
            ("(@sue)", ["sue"]),
            ("mail me@sue.example", []),
            ("@@sue", []),
            ("a @ b", []),
            ("@sue @SUE", ["sue"]),
            ("@ana@acme.example has it", ["ana@acme.example", "ana"]),
            ("@josé knows", ["josé"]),
        ],
    )
    def test_whom_a_note_may_name(self, text: str, names: list[str]) -> None:
        assert named_in(text) == names

    def test_only_who_exists_is_marked_and_nothing_of_the_text_is_lost(self) -> None:
        text = "@sue, @nobody and @Ben. <b>@sue</b>"
        cut = pieces(text, {"sue", "ben"})
        assert "".join(piece for piece, _ in cut) == text
        assert [piece for piece, name in cut if name] == ["@sue", "@Ben", "@sue"]

    def test_the_longest_name_that_exists_is_meant(self) -> None:
        assert pieces("@ana@acme.example", {"ana", "ana@acme.example"}) == [("@ana@acme.example", True)]
        assert pieces("@ana@acme.example", {"ana"})[0] == ("@ana", True)


@pytest.mark.parametrize("act", sorted({step.act for step in TICKET} - {"file"}))
def test_every_step_is_told_in_a_sentence_of_its_own(act: str) -> None:
    """I8: it is made of the act alone, for what people type may name a patient."""
    words = did("Ana", act, "E-1003")
    assert words.startswith("Ana ") and "E-1003" in words and words.endswith(".")
    assert "changed E-1003" not in words, f"say in escalations/domain/notices.py how “{act}” is told"
