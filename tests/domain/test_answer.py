"""What to tell a patient who calls: one sentence for every standing, with the dates of the ticket alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from escalations.domain.answer import (
    NOTHING,
    TYPES,
    Case,
    contact_words,
    most_pressing,
    sentence_of,
)
from escalations.domain.standing import STANDINGS
from escalations.domain.states import STATUSES
from escalations.domain.turnaround import BusinessCalendar
from escalations.policies import shipped_policy
from tests.domain.desk import CALENDAR

CHICAGO = ZoneInfo("America/Chicago")


def at(month: int, day: int, hour: int = 18, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=CHICAGO)


NOW = at(5, 21, 10)
BILL = Case(
    type="itemized-bill",
    status="started",
    standing="on_track",
    unit="business_day",
    due_order=at(6, 1),
    expected_from=at(5, 28),
    due_at=at(6, 1),
)
CALL = replace(
    BILL,
    type="patient-callback",
    unit="clock_hour",
    expected_from=None,
    due_at=at(5, 22, 9, 40),
    due_order=at(5, 22, 9, 40),
)
CONCERN = replace(
    BILL,
    type="patient-sos",
    status="open",
    standing="immediate",
    unit="immediate",
    urgent=True,
    expected_from=None,
    due_at=NOW,
)
WISH = replace(BILL, status="open", standing="none_stated", unit="none", expected_from=None, due_at=None)


def said(case: Case = BILL, now: datetime = NOW, **changes: Any) -> str:
    return sentence_of(replace(case, **changes), CALENDAR, now)


class TestRunning:
    def test_on_track_gives_both_dates_as_they_were_promised(self):
        assert (
            said()
            == "Your itemized bill is being prepared; expect the bill between Thursday 28 May and Monday 1 June."
        )

    def test_not_begun_says_that_it_is_on_record_and_nothing_more(self):
        assert said(status="open") == (
            "We have your request for an itemized bill on record; "
            "expect the bill between Thursday 28 May and Monday 1 June."
        )

    def test_without_a_first_date_only_the_last_one_is_named(self):
        assert said(type="refund", expected_from=None, due_at=at(8, 14)) == (
            "Your refund request is being looked at; expect an answer to your refund request by Friday 14 August."
        )

    def test_hours_give_the_clock_time_and_name_the_zone(self):
        assert said(CALL) == (
            "Your call back is being taken care of; "
            "expect our call by Friday 22 May, 09:40 Central time (Chicago)."
        )

    def test_the_zone_is_the_calendars_own(self):
        berlin = BusinessCalendar.from_json({**CALENDAR.to_json(), "zone": "Europe/Berlin"})
        assert sentence_of(CALL, berlin, NOW).endswith("by Friday 22 May, 16:40 Berlin time.")

    def test_in_the_window_it_may_come_any_day(self):
        assert said(now=at(5, 28, 19), standing="in_window") == (
            "Your itemized bill is being prepared; expect the bill any day now, by Monday 1 June at the latest."
        )

    @pytest.mark.parametrize("standing", ["in_window", "due_soon"])
    def test_a_date_that_is_near_is_called_today_or_tomorrow(self, standing):
        assert said(now=at(6, 1, 9), standing=standing).endswith("expect the bill today, Monday 1 June.")
        assert said(now=at(5, 31, 9), standing=standing).endswith(
            "expect the bill by tomorrow, Monday 1 June."
        )

    def test_due_soon_and_not_that_near_names_the_day(self):
        assert said(now=at(5, 29, 9), standing="due_soon").endswith("expect the bill by Monday 1 June.")

    def test_hours_due_soon_are_not_called_today(self):
        assert said(CALL, now=at(5, 22, 8), standing="due_soon").endswith(
            "expect our call by Friday 22 May, 09:40 Central time (Chicago)."
        )

    def test_the_end_of_a_day_at_midnight_belongs_to_that_day(self):
        midnight = said(due_at=at(6, 2, 0), standing="due_soon", now=at(6, 1, 12))
        assert midnight.endswith("expect the bill today, Monday 1 June.")

    def test_a_date_of_another_year_carries_its_year(self):
        december = at(12, 29, 10)
        assert said(now=december, expected_from=at(12, 30), due_at=at(1, 5, year=2027)).endswith(
            "between Wednesday 30 December and Tuesday 5 January 2027."
        )

    def test_the_same_date_after_new_year_is_this_years(self):
        assert said(now=at(1, 2, 10, year=2027), standing="in_window", due_at=at(1, 5, year=2027)).endswith(
            "by Tuesday 5 January at the latest."
        )

    def test_a_reopened_one_is_taken_up_again(self):
        assert said(status="open", again=True, expected_from=None).startswith(
            "We have taken up your request for an itemized bill again; expect the bill by"
        )

    @pytest.mark.parametrize(
        ("caller", "whose"),
        [
            ("provider", "your provider's request for an itemized bill"),
            ("insurance_representative", "your insurer's request for an itemized bill"),
            ("other", "the request for an itemized bill"),
        ],
    )
    def test_a_request_of_somebody_else_is_not_called_the_patients(self, caller, whose):
        assert said(status="open", caller=caller).startswith(f"We have {whose} on record;")

    def test_a_type_of_the_admins_own_is_a_request(self):
        assert said(type="invented-by-an-admin").startswith(
            "Your request is being looked at; expect an answer to your request between"
        )


class TestLate:
    def test_a_late_one_says_sorry_names_the_date_and_who_sees_it(self):
        assert said(now=at(6, 3, 9), standing="breached") == (
            "We are sorry: the bill was due by Monday 1 June and is late; a supervisor sees it."
        )

    def test_a_late_one_that_waits_says_for_what(self):
        late = said(now=at(6, 3, 9), standing="breached", status="waiting", waits_for="insurer")
        assert late == (
            "We are sorry: the bill was due by Monday 1 June and is late; "
            "we are waiting for your insurer's answer, and a supervisor sees it."
        )

    def test_a_late_call_back_names_its_hour(self):
        assert "our call was due by Friday 22 May, 09:40 Central time (Chicago) and is late" in said(
            CALL, now=at(5, 22, 11), standing="breached"
        )

    def test_a_late_one_of_last_year_carries_the_year(self):
        assert "by Monday 1 June 2026 and is late" in said(now=at(1, 4, 9, year=2027), standing="breached")


class TestWaiting:
    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("patient", "We are waiting for what we asked you to send, so please send it"),
            ("provider", "We are waiting for your provider's answer"),
            ("insurer", "We are waiting for your insurer's answer"),
            ("colleagues", "We are waiting for another team of ours"),
            ("an admin's own", "We are waiting for something we need"),
            ("", "We are waiting for something we need"),
        ],
    )
    def test_a_pause_says_for_what_and_gives_no_date(self, reason, words):
        assert said(type="refund", status="waiting", standing="paused", waits_for=reason) == (
            f"{words}; until then your refund request rests, and its date moves on."
        )

    def test_a_wait_whose_clock_runs_keeps_its_dates(self):
        assert said(
            type="insurance-update",
            status="waiting",
            waits_for="insurer",
            due_at=at(7, 9),
            expected_from=None,
        ) == (
            "We are waiting for your insurer's answer; expect an answer to your insurance update by Thursday 9 July."
        )


class TestAtOnce:
    def test_nobody_has_it_yet(self):
        assert said(CONCERN) == (
            "We have your concern on record; it is urgent, and somebody is to take it up at once."
        )

    def test_somebody_has_it(self):
        taken = "Your concern is being looked into; it is treated as urgent."
        assert said(CONCERN, taken=True) == taken
        assert said(CONCERN, taken=True, status="started") == taken

    def test_it_waits_for_the_patient(self):
        assert said(CONCERN, status="waiting", taken=True, waits_for="patient").startswith(
            "We are waiting for what we asked you to send"
        )

    def test_nobody_took_it_in_time(self):
        assert said(CONCERN, standing="breached") == (
            "We are sorry: your concern should have been taken up at once and has not been; a supervisor sees it."
        )

    def test_it_was_taken_too_late_and_is_in_hand(self):
        assert said(CONCERN, standing="breached", taken=True) == (
            "We are sorry: your concern was taken up later than it should have been; it is in hand now."
        )


class TestWithoutDate:
    def test_no_date_is_invented(self):
        assert (
            said(WISH) == "We have your request for an itemized bill on record; we cannot name a date for it."
        )
        assert said(WISH, status="started").endswith("we cannot name a date for it.")

    def test_an_urgent_one_goes_first(self):
        assert said(WISH, type="executive-keywords", urgent=True) == (
            "We have your concern on record; it goes to the front of the line, and we cannot name a date."
        )

    def test_a_wish_not_to_be_contacted_needs_no_date(self):
        assert said(WISH, type="do-not-contact") == "Your wish not to be contacted is on record."


class TestOver:
    def test_resolved_with_outcome_and_date(self):
        assert said(
            status="resolved", standing="closed", outcome="Itemized bill sent", ended_at=at(5, 19, 11)
        ) == (
            "Your request for an itemized bill was settled on Tuesday 19 May, with this result: Itemized bill sent."
        )

    def test_resolved_last_year_with_the_year(self):
        assert "on Wednesday 31 December 2025" in said(
            status="resolved", standing="closed", ended_at=at(12, 31, 23, 30, year=2025)
        )

    def test_the_day_it_ended_is_the_companys(self):
        late_evening = datetime(2026, 5, 20, 3, 0, tzinfo=ZoneInfo("UTC"))
        assert "on Tuesday 19 May" in said(status="resolved", standing="closed", ended_at=late_evening)

    def test_resolved_without_words_says_just_that(self):
        assert said(status="resolved", standing="closed") == "Your request for an itemized bill was settled."

    def test_cancelled(self):
        assert said(status="cancelled", standing="closed", ended_at=at(5, 19)) == (
            "Your request for an itemized bill was called off on Tuesday 19 May; "
            "nothing is being done about it any more."
        )

    @pytest.mark.parametrize(("joined", "named"), [("E-1004", ", E-1004,"), ("", "")])
    def test_merged_names_the_one_it_went_into(self, joined, named):
        assert said(status="merged", standing="closed", joined=joined) == (
            f"Your request for an itemized bill was joined with another one{named} and both are answered together."
        )

    def test_a_draft_promises_nothing(self):
        assert said(WISH, status="draft") == (
            "Your request for an itemized bill is noted but not sent on yet, so there is no date for it."
        )

    def test_nothing_filed_asks_what_it_is_about(self):
        assert NOTHING == "There is nothing of yours on record yet; tell me what it is about."


class TestWhichOne:
    def test_what_is_late_comes_first_then_what_presses(self):
        order = ["breached", "immediate", "due_soon", "in_window", "paused", "on_track", "none_stated"]
        cases = [replace(BILL, standing=one) for one in reversed(order)]
        found = []
        while cases:
            found.append(cases.pop(most_pressing(cases)).standing)
        assert found == order

    def test_of_two_that_stand_alike_the_sooner_due_is_meant(self):
        cases = [replace(BILL, due_order=at(6, day)) for day in (5, 2, 9)]
        assert most_pressing(cases) == 1

    def test_an_urgent_one_without_date_comes_before_what_is_only_in_its_window(self):
        cases = [replace(BILL, standing="in_window"), replace(WISH, urgent=True)]
        assert most_pressing(cases) == 1

    def test_what_is_over_or_a_draft_never_presses(self):
        cases = [replace(BILL, status=one) for one in ("draft", "resolved", "merged", "cancelled")]
        assert most_pressing(cases) is None
        assert most_pressing([]) is None


@pytest.mark.parametrize(
    ("channel", "calls", "words"),
    [
        ("phone", 0, ""),
        ("phone", 1, "called twice"),
        ("phone", 2, "called 3 times"),
        ("email", 2, "in touch 3 times"),
    ],
)
def test_the_first_call_counts_too(channel, calls, words):
    assert contact_words(replace(BILL, channel=channel, calls=calls)) == words


JARGON = re.compile(
    r"\b(ticket|breach\w*|SOS|ZBAL|SPAY|Synergen|WO code|escalat\w*|queue|policy|clock|AMD|K\d|R-[A-Z]+)\b|\$",
    re.IGNORECASE,
)


@pytest.mark.parametrize("key", [*TYPES, "unknown"])
def test_no_sentence_speaks_our_own_language_or_stops_short(key):
    """Every type in every status and standing: a whole sentence, without our words, without an empty date."""
    wait = {"waits_for": "provider", "ended_at": NOW, "outcome": "Done"}
    for status in STATUSES:
        for standing in STANDINGS:
            for unit, due_at in (("business_day", at(6, 1)), ("business_hour", at(6, 1, 9)), ("none", None)):
                if due_at is None and standing not in ("none_stated", "closed"):
                    continue
                sentence = said(
                    type=key,
                    status=status,
                    standing=standing,
                    unit=unit,
                    due_at=due_at,
                    expected_from=None,
                    **wait,
                )
                assert not JARGON.search(sentence), sentence
                assert "None" not in sentence and "  " not in sentence and "by ." not in sentence
                assert re.fullmatch(r"[A-Z][^.]*\.", sentence), sentence


def test_every_type_holdline_ships_with_is_spoken_of():
    assert {one["key"] for one in shipped_policy()["types"]} == set(TYPES)


def test_no_sentence_promises_a_date_while_nothing_counts():
    """A pause moves the date, so none is said; a date that has passed is never offered again."""
    paused = said(status="waiting", standing="paused", waits_for="patient")
    assert not re.search(r"\d", paused)
    assert "expect" not in said(now=BILL.due_at + timedelta(days=2), standing="breached")
