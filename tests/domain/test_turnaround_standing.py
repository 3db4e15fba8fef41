"""Where a ticket stands, when to warn, and what reopening does (K3, K7–K9, K11, K12, K15, K17, K18)."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings

from escalations.domain.turnaround import (
    STANDINGS,
    Cycle,
    HorizonError,
    Pause,
    Turnaround,
    TurnaroundError,
    check_received_at,
    compute,
    reopen,
    second_cycle,
    standing,
    warn_at,
    was_met,
)
from tests.domain.turnaround_cases import (
    NINE_TO_SIX,
    OFFICE,
    at,
    calendar,
    calendars,
    days,
    hours,
    local,
    moments,
    turnarounds,
)

IMMEDIATE = Turnaround(None, None, "immediate")
INSTANT = timedelta(microseconds=1)
WINDOW = {
    "status": "open",
    "received_at": at("05-20 10:00"),
    "expected_from": at("05-28 18:00"),
    "due_at": at("06-01 18:00"),
    "unit": "business_day",
    "warn_at": at("06-01 09:00"),
}
SOS = {
    "status": "open",
    "received_at": at("05-20 10:00"),
    "expected_from": None,
    "due_at": at("05-20 10:00"),
    "unit": "immediate",
}


class TestStanding:
    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ("05-20 10:00", "on_track"),
            ("05-28 17:59", "on_track"),
            ("05-28 18:00", "in_window"),
            ("06-01 08:59", "in_window"),
            ("06-01 09:00", "due_soon"),
            ("06-01 18:00", "due_soon"),
            ("06-01 18:01", "breached"),
        ],
    )
    def test_ticket_moves_from_on_track_through_its_window_to_breached(self, now, expected):
        """K3: only the end of the window breaches, and that moment itself is in time."""
        assert standing(**WINDOW, now=at(now)) == expected

    def test_up_to_ticket_is_never_in_window(self):
        facts = {**WINDOW, "expected_from": None, "warn_at": None}
        assert standing(**facts, now=at("06-01 17:00")) == "on_track"

    def test_instant_after_due_is_breached(self):
        assert standing(**WINDOW, now=at("06-01 18:00") + INSTANT) == "breached"

    def test_nothing_breaches_while_paused(self):
        """K9."""
        assert standing(**WINDOW, now=at("06-09 18:00"), paused=True, paused_at=at("05-22 10:00")) == "paused"

    def test_ticket_late_before_its_pause_stays_breached(self):
        assert (
            standing(**WINDOW, now=at("06-09 18:00"), paused=True, paused_at=at("06-02 10:00")) == "breached"
        )

    @pytest.mark.parametrize("status", ["resolved", "merged", "cancelled"])
    def test_ticket_that_ended_is_closed_however_late(self, status):
        assert standing(**{**WINDOW, "status": status}, now=at("07-01 10:00")) == "closed"

    def test_draft_has_no_running_clock(self):
        """K17."""
        assert standing(**{**WINDOW, "status": "draft"}, now=at("07-01 10:00")) == "none_stated"

    def test_no_stated_time_never_breaches(self):
        """K8."""
        facts = {**WINDOW, "expected_from": None, "due_at": None, "warn_at": None, "unit": "none"}
        assert standing(**facts, now=at("2028-07-01 10:00")) == "none_stated"

    @pytest.mark.parametrize(
        ("now", "taken", "expected"),
        [
            ("05-20 10:15", None, "immediate"),
            ("05-20 10:16", None, "breached"),
            ("05-20 16:00", "05-20 10:15", "immediate"),
            ("05-20 16:00", "05-20 10:16", "breached"),
        ],
    )
    def test_immediate_ticket_is_judged_by_who_took_it_within_the_grace(self, now, taken, expected):
        """K7."""
        assert standing(**SOS, now=at(now), taken_at=taken and at(taken)) == expected

    def test_grace_is_the_admins_to_set(self):
        assert standing(**SOS, now=at("05-20 10:16"), grace=timedelta(minutes=30)) == "immediate"

    def test_every_answer_is_one_of_the_contract(self):
        answers = {
            standing(**{**facts, "status": status}, now=at(now), paused=paused)
            for facts in (WINDOW, SOS)
            for status in ("open", "started", "waiting", "resolved", "draft")
            for now in ("05-20 10:00", "05-29 10:00", "06-01 12:00", "07-01 10:00")
            for paused in (False, True)
        }
        assert answers == set(STANDINGS)


class TestMet:
    def test_resolved_at_the_due_moment_is_met_and_later_is_not(self):
        due = at("06-01 18:00")
        assert was_met(unit="business_day", due_at=due, resolved_at=due) is True
        assert was_met(unit="business_day", due_at=due, resolved_at=due + INSTANT) is False

    def test_no_stated_time_is_neither_met_nor_breached(self):
        assert was_met(unit="none", due_at=None, resolved_at=at("06-01 18:00")) is None

    def test_immediate_is_met_by_being_taken_in_time_however_late_it_is_resolved(self):
        facts = {"unit": "immediate", "due_at": at("05-20 10:00"), "resolved_at": at("05-22 10:00")}
        assert was_met(**facts, taken_at=at("05-20 10:10")) is True
        assert was_met(**facts, taken_at=at("05-20 10:20")) is False
        assert was_met(**facts) is False


class TestWarnings:
    """K15: counted back in the same unit, delivered in open hours, never after due."""

    @pytest.mark.parametrize(
        ("due", "lead", "expected"),
        [
            ("06-01 18:00", days(1), "Mon 06-01 09:00"),  # Friday's close: waits for the next opening
            ("06-01 18:00", days(2), "Fri 05-29 09:00"),
            ("05-19 17:59", hours(4), "Tue 05-19 13:59"),
            ("05-19 09:30", hours(24), "Mon 05-18 09:30"),
            ("05-19 10:00", hours(2, "staffed_hour"), "Mon 05-18 17:00"),
            ("05-19 15:00", hours(4, "clock_hour"), "Tue 05-19 11:00"),
            (
                "05-17 17:00",
                hours(4, "clock_hour"),
                "Fri 05-15 17:59",
            ),  # due on a Sunday: the last open minute
            ("06-01 18:00", Turnaround(None, 1, "week"), "Tue 05-26 09:00"),  # a week before is the holiday
        ],
    )
    def test_warning_comes_by_its_lead_in_open_hours(self, due, lead, expected):
        assert local(warn_at(at(due), lead, OFFICE)) == expected

    @settings(deadline=None, max_examples=60)
    @given(turnarounds(), moments(), calendars())
    def test_warning_is_never_after_due_and_always_in_open_hours(self, lead, due, kept):
        try:
            warned = warn_at(due, lead, kept)
        except HorizonError:
            assume(False)
        assert warned <= due
        assert kept.is_open(warned)

    @pytest.mark.parametrize("unit", ["immediate", "none"])
    def test_lead_without_a_number_is_refused(self, unit):
        with pytest.raises(TurnaroundError):
            warn_at(at("06-01 18:00"), Turnaround(None, None, unit), OFFICE)

    @pytest.mark.parametrize("unit", ["business_day", "business_hour", "staffed_hour", "clock_hour", "week"])
    def test_lead_of_centuries_meets_the_horizon(self, unit):
        with pytest.raises(HorizonError, match="1990 to 2100"):
            warn_at(at("06-01 18:00"), Turnaround(None, 1_000_000, unit), OFFICE)

    def test_company_that_never_opened_before_is_warned_at_the_counted_moment(self):
        kept = calendar(((),) * 7, exceptions={date(2026, 6, 10): NINE_TO_SIX})
        assert local(warn_at(at("06-01 18:00"), hours(4, "clock_hour"), kept)) == "Mon 06-01 14:00"


class TestReopening:
    """K11."""

    FILED = at("05-11 10:00")

    def test_ticket_met_and_reopened_goes_on_where_it_stopped(self):
        first = compute(days(3), self.FILED, OFFICE)
        resolved = at("05-13 11:00")
        assert was_met(unit="business_day", due_at=first.due_at, resolved_at=resolved)
        second = reopen(
            days(3), self.FILED, OFFICE, first=first, resolved_at=resolved, reopened_at=at("05-19 11:00")
        )
        assert local(second.due_at) == "Wed 05-20 18:00"

    def test_ticket_already_late_when_resolved_gets_the_reopen_target(self):
        first = compute(days(3), self.FILED, OFFICE)
        facts = {"first": first, "resolved_at": at("05-15 11:00"), "reopened_at": at("05-19 11:00")}
        assert local(reopen(days(3), self.FILED, OFFICE, **facts).due_at) == "Thu 05-21 18:00"
        assert local(reopen(days(3), self.FILED, OFFICE, **facts, target=days(1)).due_at) == "Wed 05-20 18:00"

    def test_wait_still_open_when_resolved_becomes_part_of_the_closed_stretch(self):
        waiting = [Pause(at("05-12 10:00"))]
        first = compute(days(3), self.FILED, OFFICE, waiting, at("05-13 11:00"))
        second = reopen(
            days(3),
            self.FILED,
            OFFICE,
            waiting,
            first=first,
            resolved_at=at("05-13 11:00"),
            reopened_at=at("05-19 11:00"),
        )
        assert local(second.due_at) == "Thu 05-21 18:00"

    def test_immediate_ticket_is_due_again_at_reopening(self):
        again = at("05-19 11:00")
        first = compute(IMMEDIATE, self.FILED, OFFICE)
        second = reopen(
            IMMEDIATE, self.FILED, OFFICE, first=first, resolved_at=at("05-12 11:00"), reopened_at=again
        )
        assert second == (None, again)

    def test_third_cycle_keeps_both_closed_stretches(self):
        cycle = Cycle(days(3), self.FILED, ())
        for closed, opened in (("05-12 11:00", "05-13 11:00"), ("05-14 11:00", "05-18 11:00")):
            cycle = second_cycle(cycle, resolved_at=at(closed), reopened_at=at(opened), breached=False)
        assert local(cycle.due(OFFICE).due_at) == "Tue 05-19 18:00"

    def test_reopening_before_resolving_is_refused(self):
        with pytest.raises(TurnaroundError) as refusal:
            second_cycle(
                Cycle(days(3), self.FILED, ()),
                resolved_at=at("05-13 11:00"),
                reopened_at=at("05-12 11:00"),
                breached=False,
            )
        assert refusal.value.field == "reopened_at"

    def test_change_of_type_recomputes_from_the_original_filing_with_pauses_kept(self):
        """K12."""
        pauses = [Pause(at("05-12 10:00"), at("05-14 15:00"))]
        assert local(compute(days(2), self.FILED, OFFICE, pauses).due_at) == "Fri 05-15 18:00"


class TestEarlierReceipt:
    """K18."""

    def test_receipt_up_to_the_limit_before_filing_is_taken(self):
        assert check_received_at(at("05-01 10:00"), at("05-20 10:00")) == at("05-01 10:00")

    @pytest.mark.parametrize("received", ["05-20 10:01", "04-01 10:00"])
    def test_receipt_in_the_future_or_too_long_ago_is_refused(self, received):
        with pytest.raises(TurnaroundError) as refusal:
            check_received_at(at(received), at("05-20 10:00"))
        assert refusal.value.field == "received_at"
