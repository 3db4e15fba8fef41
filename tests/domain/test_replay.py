"""What would have become of a claim under other settings, and what nobody can know of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deductibles.domain import hold
from deductibles.domain.hold import Rules
from deductibles.domain.replay import Answer, Episode, Fate, History, Terms, replay, same

HELD = date(2026, 1, 5)
RULES = Rules(True, 60, Decimal("100.00"), Decimal("250.00"), 14, 3)
HEALTH, TRADES = 1, 2


def day(days: int) -> date:
    return HELD + timedelta(days=days)


def answer(days: int, remaining: str | None, **other: object) -> Answer:
    """What AR Boost said so many days after the claim was held."""
    amount = None if remaining is None else Decimal(remaining)
    proves = amount is not None
    kept = {"nightly": days > 0, "usable": proves, "may_release": proves, "annual": Decimal("2000.00")}
    return Answer(on=day(days), remaining=amount, **{**kept, **other})


def history(*answers: Answer, until: int = 60, seen: int = 300, **other: object) -> History:
    """A claim of one payer that was held, and asked about, for ``until`` days."""
    kept = {"date_of_service": day(-5), "episodes": (Episode(HEALTH, HELD, answers),)}
    return History(**{**kept, "asked_until": day(until), "seen_until": day(seen), **other})


def fate(of: History, *, limit: int | None = None, **changes: object) -> Fate:
    """Its fate under the usual settings, with these changed."""
    terms = Terms(replace(RULES, **changes), limit)
    return replay(of, {HEALTH: terms, TRADES: terms})


def told(found: Fate) -> tuple[str, int]:
    return found.kind, found.days


FALLING = history(*(answer(7 * week, f"{1500 - 200 * week}.00") for week in range(9)), until=56)
"""1,500.00 on the day it was held, 200.00 less every week, asked about until 100.00 remained."""


@pytest.mark.parametrize(
    ("threshold", "days", "remaining"),
    [("100.00", 49, "100.00"), ("99.99", 56, "-100.00"), ("500.00", 35, "500.00"), ("1499.99", 7, "1300.00")],
)
def test_a_claim_leaves_with_the_first_answer_at_or_below_the_threshold(
    threshold: str, days: int, remaining: str
) -> None:
    found = fate(FALLING, dollar_threshold=Decimal(threshold))
    assert (told(found), found.remaining) == (("met", days), Decimal(remaining))


def test_the_first_answer_of_a_night_and_a_later_one_have_codes_of_their_own() -> None:
    assert fate(FALLING, dollar_threshold=Decimal("1300.00")).reason == hold.MET_FIRST
    assert fate(FALLING, dollar_threshold=Decimal("1100.00")).reason == hold.MET
    asked = history(answer(0, "900.00"), answer(3, "50.00", nightly=False))
    assert fate(asked).reason == hold.MET


@pytest.mark.parametrize(("days", "kind"), [(48, "elapsed"), (49, "met"), (50, "met")])
def test_days_end_a_hold_on_the_exact_day_and_lose_to_an_answer_of_that_night_D_CHK_4(
    days: int, kind: str
) -> None:
    found = fate(FALLING, max_days=days)
    assert told(found) == (kind, min(days, 49))
    assert found.reason == (hold.ELAPSED if kind == "elapsed" else hold.MET)


def test_between_two_answers_the_last_value_stands() -> None:
    assert fate(FALLING, max_days=10).remaining == Decimal("1300.00")
    assert fate(FALLING, max_days=6).remaining == Decimal("1500.00")


def test_the_filing_guard_ends_a_hold_before_its_days() -> None:
    found = fate(FALLING, limit=5 + 14 + 30)
    assert (told(found), found.reason) == (("guard", 30), hold.ELAPSED)


def test_neither_a_small_deductible_nor_a_met_one_is_held_and_both_leave_on_their_first_day() -> None:
    small = fate(FALLING, monitor_above=Decimal("2000.01"))
    met = fate(FALLING, dollar_threshold=Decimal("1500.00"))
    assert [(one.kind, one.reason, one.on) for one in (small, met)] == [
        ("not_held", "annual_small", HELD),
        ("not_held", "met", HELD),
    ]


def test_what_the_first_answer_does_not_prove_is_held_under_no_settings() -> None:
    for doubtful in ({"usable": False}, {"may_hold": False}, {"annual": None}, {"remaining": None}):
        first = answer(0, "1500.00")._replace(**doubtful)
        assert fate(history(first, until=0)).kind == "not_held"


def test_of_a_claim_that_was_never_held_nothing_is_known_after_the_first_answer() -> None:
    never = history(answer(0, "90.00"), until=0)
    assert told(fate(never)) == ("not_held", 0)
    unknown = fate(never, dollar_threshold=Decimal("50.00"))
    assert (told(unknown), unknown.on, unknown.remaining) == (("unknown", 7), day(7), None)


@pytest.mark.parametrize(("days", "kind"), [(6, "elapsed"), (7, "unknown")])
def test_it_is_known_all_the_same_where_its_days_end_before_it_is_first_asked_about(
    days: int, kind: str
) -> None:
    never = history(answer(0, "90.00"), until=0)
    assert fate(never, dollar_threshold=Decimal("50.00"), max_days=days).kind == kind


def test_a_hold_that_outlives_its_last_answer_is_not_known_from_the_next_question_on() -> None:
    short = history(answer(0, "1500.00"), answer(7, "1400.00"), answer(14, "1300.00"), until=20)
    assert told(fate(short, max_days=20)) == ("elapsed", 20)
    assert told(fate(short, max_days=21)) == ("unknown", 21)
    assert told(fate(short, max_days=365)) == ("unknown", 21)


def test_a_claim_held_after_the_last_day_that_is_looked_at_has_waited_no_day() -> None:
    assert told(fate(history(answer(0, "1500.00"), until=0, seen=-1))) == ("waiting", 0)


def test_a_question_that_was_not_answered_leaves_the_value_before_it_standing() -> None:
    gap = history(answer(0, "1500.00"), answer(7, "1400.00"), answer(21, "80.00"), until=21)
    assert told(fate(gap)) == ("met", 21)
    assert (told(fate(gap, max_days=15)), fate(gap, max_days=15).remaining) == (
        ("elapsed", 15),
        Decimal("1400.00"),
    )


def test_a_question_that_was_open_when_the_claim_left_would_have_been_asked_again_the_night_after() -> None:
    silent = history(answer(0, "1500.00"), answer(7, "1400.00"), until=15)
    assert told(fate(silent, max_days=15)) == ("elapsed", 15)
    assert told(fate(silent, max_days=17)) == ("unknown", 16)


def test_a_claim_that_is_still_held_waits_and_may_have_left_earlier_under_others() -> None:
    held = history(answer(0, "1500.00"), answer(7, "1400.00"), until=12, seen=12)
    assert told(fate(held)) == ("waiting", 12)
    assert told(fate(held, max_days=12)) == ("elapsed", 12)
    assert told(fate(held, dollar_threshold=Decimal("1400.00"))) == ("met", 7)


def test_what_a_person_did_stands_unless_the_settings_were_quicker() -> None:
    queued = history(answer(0, "1500.00"), answer(7, "1400.00"), until=10, taken_on=day(10))
    assert (told(fate(queued)), fate(queued).reason) == (("by_hand", 10), hold.BY_HAND)
    assert told(fate(queued, max_days=10)) == ("by_hand", 10)
    assert told(fate(queued, max_days=9)) == ("elapsed", 9)
    assert told(fate(queued, dollar_threshold=Decimal("1400.00"))) == ("met", 7)


def test_an_answer_without_amounts_releases_on_its_word_alone_and_leaves_what_remains_unknown() -> None:
    said = answer(7, None, says_met=True, reason_code=hold.MET)
    found = fate(history(answer(0, "1500.00"), said))
    assert (told(found), found.reason, found.remaining) == (("met", 7), hold.MET, None)
    denied = answer(7, "900.00", reason_code=hold.MET)
    assert fate(history(answer(0, "1500.00"), denied)).kind == "elapsed"


def test_a_code_of_ar_boost_beside_amounts_is_kept_from_a_night_and_not_from_a_person() -> None:
    coded = answer(7, "50.00", reason_code=hold.MET)
    assert fate(history(answer(0, "1500.00"), coded)).reason == hold.MET
    asked = answer(3, "50.00", nightly=False, reason_code=hold.MET_FIRST)
    assert fate(history(answer(0, "1500.00"), asked)).reason == hold.MET


def test_a_code_beside_amounts_that_cannot_be_read_releases_nothing_D_CHK_8() -> None:
    unread = answer(7, None, reason_code=hold.MET)
    assert told(fate(history(answer(0, "1500.00"), unread))) == ("elapsed", 60)


def test_what_was_answered_after_a_person_took_the_claim_counts_for_nothing() -> None:
    queued = history(answer(0, "1500.00"), answer(12, "50.00", nightly=False), until=10, taken_on=day(10))
    assert told(fate(queued)) == ("by_hand", 10)


def test_an_answer_that_proves_nothing_releases_nothing_whatever_it_says() -> None:
    doubtful = answer(7, "50.00", may_release=False)
    found = fate(history(answer(0, "1500.00"), doubtful))
    assert (told(found), found.remaining) == (("elapsed", 60), Decimal("50.00"))
    ended = answer(7, None)
    assert fate(history(answer(0, "1500.00"), ended)).remaining == Decimal("1500.00")


def test_under_a_new_payer_the_days_still_count_from_the_first_hold_D_HOLD_5() -> None:
    second = Episode(TRADES, day(20), (answer(20, "1200.00", nightly=False), answer(21, "1200.00")))
    changed = history(until=60, episodes=(Episode(HEALTH, HELD, (answer(0, "1500.00"),)), second))
    assert told(fate(changed)) == ("elapsed", 60)
    assert told(fate(changed, max_days=15)) == ("elapsed", 15)
    assert (told(fate(changed, max_days=20)), fate(changed, max_days=20).reason) == (
        ("by_hand", 20),
        "payer_changed",
    )
    assert told(fate(changed, dollar_threshold=Decimal("1200.00"))) == ("by_hand", 20)


def test_each_payer_goes_by_its_own_numbers() -> None:
    book = {HEALTH: Terms(replace(RULES, max_days=30)), TRADES: Terms(RULES)}
    other = replace(FALLING, episodes=(replace(FALLING.episodes[0], payer=TRADES),))
    assert (told(replay(FALLING, book)), told(replay(other, book))) == (("elapsed", 30), ("met", 49))
    never = {HEALTH: Terms(RULES, never_hold=True, name="Example Medicaid")}
    assert replay(FALLING, never).reason == "never_hold_payer"


def test_two_fates_are_the_same_by_day_and_stored_reason() -> None:
    left = Fate("met", hold.MET, day(7), 7)
    assert same(left, replace(left, kind="elapsed", remaining=Decimal(3)))
    assert not same(left, replace(left, on=day(8)))
    assert not same(left, replace(left, reason=hold.MET_FIRST))
    let_go = Fate("not_held", "met", day(0))
    assert same(let_go, replace(let_go, reason="")) and not same(let_go, left)


@given(
    amounts=st.lists(st.integers(0, 3000), min_size=1, max_size=12),
    threshold=st.integers(0, 3000),
    lower=st.integers(0, 3000),
    days=st.integers(1, 100),
)
def test_a_higher_threshold_never_holds_a_claim_longer(
    amounts: list[int], threshold: int, lower: int, days: int
) -> None:
    past = history(*(answer(7 * week, f"{amount}.00") for week, amount in enumerate(amounts)), until=90)
    high, low = sorted((threshold, lower), reverse=True)
    quick, slow = (fate(past, dollar_threshold=Decimal(one), max_days=days) for one in (high, low))
    assert quick.days <= slow.days
    assert slow.days <= days
