"""When a patient may be called, by their own clock, and what the board makes of tries and groups (R-CB-2)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from escalations.domain import callbacks
from patients.domain.intake import Wrong

CHICAGO, NEW_YORK, PHOENIX = (
    ZoneInfo(key) for key in ("America/Chicago", "America/New_York", "America/Phoenix")
)


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("hour", "minute", "may"), [(7, 59, False), (8, 0, True), (20, 59, True), (21, 0, False), (0, 0, False)]
)
def test_calls_are_made_from_8_to_21_by_the_patients_clock(hour: int, minute: int, may: bool) -> None:
    assert callbacks.may_call(at(20, hour, minute, PHOENIX), PHOENIX) is may


def test_the_same_moment_is_late_in_the_east_and_early_enough_in_arizona() -> None:
    evening = at(20, 21, 30, NEW_YORK)
    assert not callbacks.may_call(evening, NEW_YORK)
    assert callbacks.may_call(evening, PHOENIX)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ((20, 12), (20, 12)),
        ((20, 6), (20, 8)),
        ((20, 21), (21, 8)),
        ((20, 23, 59), (21, 8)),
    ],
)
def test_the_next_call_waits_for_the_morning(now: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert callbacks.next_call(at(*now), CHICAGO) == at(*expected)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ((20, 15), (20, 15)),
        ((20, 21), (20, 21)),
        ((21, 2), (20, 21)),
        ((20, 23), (20, 21)),
        ((21, 8), (21, 8)),
    ],
)
def test_the_last_call_is_before_the_night_in_which_the_time_ends(
    due: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert callbacks.last_call(at(*due), CHICAGO) == at(*expected)


def test_the_last_call_is_made_while_somebody_is_on_shift() -> None:
    """Due at 2 in the night; the evening shift ends at 18: the call comes by then."""
    shifts = [(at(20, 8), at(20, 12)), (at(20, 13), at(20, 18))]
    assert callbacks.last_staffed_call(at(21, 2), CHICAGO, shifts) == at(20, 18)


def test_a_night_shift_gives_no_call_after_21() -> None:
    assert callbacks.last_staffed_call(at(21, 2), CHICAGO, [(at(20, 17), at(21, 2))]) == at(20, 21)
    assert callbacks.last_staffed_call(at(21, 2), CHICAGO, [(at(20, 22), at(21, 2))]) is None


def test_without_anybody_on_shift_there_is_no_last_call() -> None:
    assert callbacks.last_staffed_call(at(20, 15), CHICAGO, []) is None
    assert callbacks.last_staffed_call(at(20, 15), CHICAGO, [(at(20, 16), at(20, 20))]) is None


@pytest.mark.parametrize(
    ("hour", "refuses", "expected"),
    [(12, False, ()), (22, False, ("hours",)), (12, True, ("R-DNC-2",)), (22, True, ("R-DNC-2", "hours"))],
)
def test_a_call_goes_past_the_wish_or_the_hours(hour: int, refuses: bool, expected: tuple[str, ...]) -> None:
    assert callbacks.guards(at(20, hour), CHICAGO, refuses_calls=refuses) == expected


@pytest.mark.parametrize(
    ("newest_first", "count"),
    [
        ([], 0),
        (["no_answer", "busy", "voicemail"], 3),
        (["no_answer", "reached", "busy"], 1),
        (["reached", "busy"], 0),
        (["call_later", "busy"], 0),
        (["wrong_number"], 1),
    ],
)
def test_tries_are_counted_since_somebody_was_on_the_line(newest_first: list[str], count: int) -> None:
    assert callbacks.tries(newest_first) == count


@pytest.mark.parametrize(
    ("status", "standing", "hour", "group"),
    [
        ("open", "on_track", 12, "now"),
        ("started", "due_soon", 23, "later"),
        ("waiting", "paused", 12, "waiting"),
        ("open", "breached", 23, "late"),
        ("waiting", "breached", 12, "late"),
    ],
)
def test_each_callback_stands_in_one_group(status: str, standing: str, hour: int, group: str) -> None:
    assert callbacks.group_of(status, standing, at(20, hour), CHICAGO) == group


def test_an_outcome_is_read_by_its_key_or_in_words() -> None:
    assert callbacks.outcome("no_answer") == callbacks.outcome(" No Answer ") == "no_answer"


@pytest.mark.parametrize(("said", "code"), [("", "required"), (None, "required"), ("maybe", "choice")])
def test_another_outcome_is_refused_with_the_list(said: object, code: str) -> None:
    with pytest.raises(Wrong) as wrong:
        callbacks.outcome(said)
    assert wrong.value.code == code
    assert "reached (reached)" in wrong.value.sentence
