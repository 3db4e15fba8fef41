"""The supervisors' board: which ticket stands where, what is done from it, with script and without."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Company, Team, User
from escalations import actions
from escalations.clock import standing_of
from escalations.domain.turnaround import BusinessCalendar
from escalations.models import Alert, Breach, Notification, Pause, Proposal, Ticket
from escalations.policies import first_calendar
from escalations.triage.axis import NOW, place
from escalations.triage.bands import BANDS, band_is, bounds_of
from escalations.triage.load import load_of
from patients.models import Patient
from tables.models import SavedView
from tests.factories import PatientFactory
from tests.tickets import filed

pytestmark = pytest.mark.django_db

BOARD = "/triage/"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak")


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Callable[..., Ticket]:
    """A running ticket with these columns; calm, and ana's, unless told."""

    def make(**columns: Any) -> Ticket:
        now = datetime.now(UTC)
        made = filed("supervisor", ana, patient, now - HOUR)
        due = columns.get("due_at", now + 9 * DAY)
        calm = {"expected_from": None, "warn_at": None, "due_at": due, "late_from": due, "assignee": ana}
        moments = {**calm, "due_order": due or columns.get("received_at", now), **columns}
        Ticket.objects.filter(pk=made.pk).update(**moments)
        made.refresh_from_db()
        return made

    return make


def tonight(company: Company) -> datetime:
    """A moment of today that is still to come, on the company's clock."""
    now = datetime.now(UTC)
    midnight = datetime.combine(now.astimezone(company.zone).date() + DAY, time(0), company.zone)
    return now + (midnight - now) / 2


def shown(client: Client, query: str = "") -> dict[str, list[str]]:
    """The numbers of each band, as the board shows them."""
    screen = client.get(f"{BOARD}{query}").context["screen"]
    return {band.band.key: [row.ticket.number for row in band.rows] for band in screen.bands}


class TestBands:
    def test_a_ticket_stands_in_the_first_band_that_fits(
        self, page_as: Any, sue: User, acme: Company, ticket: Callable[..., Ticket]
    ) -> None:
        now = datetime.now(UTC)
        late, soon = now - DAY, now + 9 * DAY
        made = {
            "immediate": ticket(unit="immediate", due_at=now, late_from=now + HOUR),
            "breached": ticket(due_at=late, assignee=None),
            "due_today": ticket(due_at=tonight(acme), warn_at=late, assignee=None),
            "in_window": ticket(expected_from=late, assignee=None),
            "due_soon": ticket(warn_at=late),
            "unassigned": ticket(assignee=None),
            "waiting": ticket(paused_at=now - 8 * DAY, late_from=soon),
        }
        waits = {"company": acme, "reason": "patient", "stops_clock": True}
        Pause.objects.create(ticket=made["waiting"], started_at=now - 8 * DAY, **waits)
        calm = [ticket(), ticket(paused_at=now - DAY)]
        Pause.objects.create(ticket=calm[1], started_at=now - DAY, **waits)
        assert shown(page_as(sue)) == {key: [one.number] for key, one in made.items()}

    def test_an_urgent_ticket_without_a_date_is_immediate_k8(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        urgent = ticket(unit="none", urgency="urgent", due_at=None)
        ticket(unit="none", due_at=None)
        assert shown(page_as(sue)) == {"immediate": [urgent.number]}

    def test_no_ticket_stands_twice_and_each_late_one_is_breached(
        self, sue: User, acme: Company, ticket: Callable[..., Ticket]
    ) -> None:
        """Every combination of moments: the bands exclude each other and agree with the standing."""
        now = datetime.now(UTC)
        made = [
            ticket(due_at=due, late_from=due, expected_from=opens, warn_at=warns, paused_at=paused, unit=unit)
            for due, opens, warns, paused, unit in product(
                (None, now - DAY, tonight(acme), now + 9 * DAY),
                (None, now - 2 * DAY),
                (None, now - 2 * DAY),
                (None, now - 3 * HOUR),
                ("business_day", "immediate"),
            )
            if due or unit != "immediate"
        ]
        Ticket.objects.filter(pk__in=[one.pk for one in made[::2]]).update(assignee=None)
        bounds = bounds_of(sue, 7, now)
        stands: dict[int, list[str]] = {one.pk: [] for one in made}
        for band in BANDS:
            for key in Ticket.objects.filter(band_is(band.key, bounds)).values_list("pk", flat=True):
                stands[key].append(band.key)
        assert max(len(bands) for bands in stands.values()) == 1
        for one in Ticket.objects.filter(pk__in=stands):
            late = standing_of(one, now) == "breached"
            assert (stands[one.pk] == ["breached"]) == late, one

    def test_a_full_band_shows_fifty_and_leads_to_all_of_them(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        first = ticket(due_at=datetime.now(UTC) - DAY)
        for number in range(51):
            first.pk, first.number, first.form_key = None, f"E-9{number:03}", None
            first.save(force_insert=True)
        client = page_as(sue)
        page = client.get(BOARD)
        (band,) = page.context["screen"].bands
        assert (len(band.rows), band.words, band.more) == (50, "52", True)
        listed = client.get(band.href)
        assert "52 of 52 match" in listed.content.decode()

    def test_filters_narrow_every_band_and_are_kept_as_a_view(
        self, page_as: Any, sue: User, ana: User, acme: Company, ticket: Callable[..., Ticket]
    ) -> None:
        team = Team.objects.create(company=acme, name="Days")
        mine, other = ticket(due_at=datetime.now(UTC) - DAY), ticket(due_at=datetime.now(UTC) - DAY)
        Ticket.objects.filter(pk=other.pk).update(assignee=sue)
        User.objects.filter(pk=ana.pk).update(team=team)
        client = page_as(sue)
        assert shown(client, f"?team={team.pk}") == {"breached": [mine.number]}
        assert shown(client, "?assignee=me") == {"breached": [other.number]}
        assert shown(client, "?channel=email") == {}
        client.post(
            reverse("tables:save", args=["board"]), {"name": "Days", "team": team.pk, "shared": "yes"}
        )
        view = SavedView.objects.get(table="board")
        assert (view.shared, view.query) == (True, f"team={team.pk}")
        assert "Days" in client.get(BOARD).content.decode()

    def test_another_companys_tickets_are_not_there(
        self, page_as: Any, other: Company, ticket: Callable[..., Ticket]
    ) -> None:
        made = ticket(due_at=datetime.now(UTC) - DAY)
        lead = User.objects.create(username="lea", company=other, role="supervisor")
        client = page_as(lead)
        assert shown(client) == {}
        assert client.get(f"{BOARD}tickets/{made.number}/assign/").status_code == 404
        assert client.post(f"{BOARD}tickets/{made.number}/take/").status_code == 404
        gone = client.post(f"{BOARD}live/", {"shown": made.number}).json()["gone"]
        assert gone == {}


class TestRows:
    def test_the_next_act_is_what_nobody_sees_to_then_why_it_was_late(
        self, page_as: Any, sue: User, ana: User, ticket: Callable[..., Ticket]
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY)
        actions.watch_clocks(at=datetime.now(UTC))
        client = page_as(sue)

        def next_act() -> str:
            return client.get(BOARD).context["screen"].bands[0].rows[0].next_act

        assert next_act() == "acknowledge"
        client.post(f"{BOARD}tickets/{late.number}/acknowledge/", {"version": late.version})
        assert Alert.objects.get(kind="breach").acknowledged_by == sue
        assert next_act() == "explain"
        client.post(f"{BOARD}tickets/{late.number}/explain/", {"reason": "insurer"})
        assert Breach.objects.get().reason == "insurer"
        assert next_act() == "start"
        assert "The insurer did not answer" in client.get(BOARD).content.decode()

    def test_a_proposal_is_filed_or_set_aside_from_its_row(
        self, page_as: Any, sue: User, acme: Company, ticket: Callable[..., Ticket]
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY)
        Proposal.objects.create(
            company=acme, ticket=late, rule="R-INS-3", type="supervisor", raised_at=datetime.now(UTC)
        )
        client = page_as(sue)
        page = client.get(BOARD).content.decode()
        assert f"/escalations/new/?follows={late.number}&amp;rule=R-INS-3" in page
        where = f"{BOARD}tickets/{late.number}/decline/"
        assert client.post(where, {"rule": "R-INS-3", "reason": ""}).status_code == 400
        client.post(where, {"rule": "R-INS-3", "reason": "They answered today"})
        assert Proposal.objects.get().reason == "They answered today"
        assert "Set aside" not in client.get(BOARD).content.decode()

    def test_no_patient_stands_in_title_or_addresses_i8(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        ticket(due_at=datetime.now(UTC) - DAY)
        page = page_as(sue).get(BOARD).content.decode()
        assert "Nowak" in page
        assert "Nowak" not in page.partition("</title>")[0]

    def test_now_stands_at_the_same_place_and_later_is_further_right(self) -> None:
        gaps = [timedelta(days=days) for days in (-90, -30, -3, -0.1, 0, 0.1, 3, 30, 90)]
        places = [place(gap) for gap in gaps]
        assert places == sorted(places)
        assert (places[0], places[1], places[4], places[-1]) == (0, 0, NOW, 100)


class TestActing:
    def test_without_script_an_act_is_a_form_that_leads_back(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY, assignee=None)
        client = page_as(sue)
        page = client.get(BOARD).content.decode()
        assert f'href="{BOARD}tickets/{late.number}/assign/"' in page
        form = client.get(f"{BOARD}tickets/{late.number}/assign/")
        assert form.status_code == 200 and "Casimir Nowak" in form.content.decode()
        answer = client.post(f"{BOARD}tickets/{late.number}/assign/", {"user": "ana", "note": ""})
        assert (answer.status_code, answer.url) == (302, BOARD)
        late.refresh_from_db()
        assert late.assignee.username == "ana"

    def test_what_was_typed_stays_when_it_cannot_be_used(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY)
        where = f"{BOARD}tickets/{late.number}/resolve/"
        answer = page_as(sue).post(where, {"outcome": "", "note": "Rang twice"})
        page = answer.content.decode()
        assert answer.status_code == 400
        assert "Rang twice" in page and 'href="#resolve-outcome"' in page

    def test_an_open_board_gets_the_row_as_it_is_then(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY)
        client = page_as(sue)
        where = f"{BOARD}tickets/{late.number}/resolve/"
        said = client.post(where, {"outcome": "Settled", "version": late.version}, headers=SCRIPT).json()
        assert said["said"] == f"{late.number}: Resolved: Settled."
        assert "is-done" in said["row"] and "Resolved by you" in said["row"]

    def test_who_comes_second_is_told_who_did_what_and_sees_the_row(
        self, page_as: Any, sue: User, ana: User, ticket: Callable[..., Ticket]
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY)
        actions.act(late, "start", by=ana, at=datetime.now(UTC))
        where = f"{BOARD}tickets/{late.number}/wait/"
        answer = page_as(sue).post(where, {"reason": "patient", "version": 1}, headers=SCRIPT)
        assert answer.status_code == 409
        assert f"Started, by {ana}" in answer.json()["said"] and late.number in answer.json()["row"]

    def test_what_is_not_done_from_the_board_is_not_there(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        late, client = ticket(), page_as(sue)
        for act in ("merge", "file", "x"):
            assert client.post(f"{BOARD}tickets/{late.number}/{act}/").status_code == 404
        assert client.get(f"{BOARD}tickets/{late.number}/take/").url == f"/escalations/{late.number}/"

    def test_the_pane_says_promise_why_note_and_the_last_three_lines(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY, note="Asked for a supervisor")
        for number in range(4):
            actions.act(late, "comment", by=sue, at=datetime.now(UTC), facts={"note": f"Line {number}"})
        client = page_as(sue)
        page = client.get(f"{BOARD}tickets/{late.number}/", headers=SCRIPT).content.decode()
        assert "2 business days from" in page and "Asked for a supervisor" in page
        assert "Line 3" in page and "Line 1" in page and "Line 0" not in page
        assert 'data-ask="assign"' in page and 'data-ask="resolve"' in page
        assert client.get(f"{BOARD}tickets/{late.number}/").url == f"/escalations/{late.number}/"


class TestLive:
    def test_rows_that_left_say_who_did_what_and_new_ones_come(
        self, page_as: Any, sue: User, ana: User, ticket: Callable[..., Ticket]
    ) -> None:
        gone, stays = (ticket(due_at=datetime.now(UTC) - DAY) for _ in range(2))
        client = page_as(sue)
        actions.act(gone, "resolve", by=ana, at=datetime.now(UTC), facts={"outcome": "Settled"})
        fresh = ticket(due_at=datetime.now(UTC) - DAY)
        seen = f"{gone.number},{stays.number},E-0,'; --"
        said = client.post(f"{BOARD}live/", {"shown": seen}, headers={"Holdline-Background": "1"}).json()
        assert said["gone"] == {gone.number: f"Resolved by {ana}"}
        assert fresh.number in said["bands"] and gone.number not in said["bands"]
        assert "Breached" in said["readouts"]


class TestBulk:
    def test_ticked_tickets_are_acted_on_and_the_others_named(
        self, page_as: Any, sue: User, ana: User, ticket: Callable[..., Ticket]
    ) -> None:
        one, two = ticket(), ticket()
        picks = [f"{made.pk}:{made.version}" for made in (one, two)]
        actions.act(two, "start", by=ana, at=datetime.now(UTC))
        sent = {"act": "start", "pick": picks, "back": BOARD}
        page = page_as(sue).post(f"{BOARD}bulk/", sent, follow=True)
        words = page.content.decode()
        assert page.redirect_chain == [(BOARD, 302)]
        assert "1 ticket started." in words
        assert f"{two.number}: It was changed meanwhile: Started, by {ana}" in words

    def test_what_they_must_be_told_is_asked_once(
        self, page_as: Any, sue: User, ana: User, ticket: Callable[..., Ticket]
    ) -> None:
        picks = [f"{made.pk}:{made.version}" for made in (ticket(assignee=None), ticket(assignee=None))]
        client = page_as(sue)
        asked = client.post(f"{BOARD}bulk/", {"act": "assign", "pick": picks, "back": "/escalations/"})
        assert asked.status_code == 200 and "Assign 2 tickets" in asked.content.decode()
        assert not Ticket.objects.filter(assignee=ana).exists(), "asking does nothing yet"
        told = {"act": "assign", "asked": "yes", "pick": picks, "back": "/escalations/"}
        wrong = client.post(f"{BOARD}bulk/", {**told, "user": "nobody", "note": "Please"})
        assert wrong.status_code == 400 and "Please" in wrong.content.decode()
        done = client.post(f"{BOARD}bulk/", {**told, "user": "ana"})
        assert done.url == "/escalations/"
        assert Ticket.objects.filter(assignee=ana).count() == 2
        assert Notification.objects.get(recipient=ana).words == f"2 tickets were assigned to you by {sue}."

    def test_all_that_match_are_the_ones_that_were_counted(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        late = [ticket(due_at=datetime.now(UTC) - DAY) for _ in range(2)]
        calm, client = ticket(), page_as(sue)
        page = client.get("/escalations/?standing=breached").content.decode()
        assert 'name="expected" value="2"' in page
        sent = {"act": "start", "all": "yes", "standing": "breached", "back": "/escalations/"}
        stale = client.post(f"{BOARD}bulk/", {**sent, "expected": "3"})
        assert stale.status_code == 409 and "2 tickets match now, not 3" in stale.content.decode()
        client.post(f"{BOARD}bulk/", {**sent, "expected": "2"})
        started = set(Ticket.objects.filter(status="started").values_list("pk", flat=True))
        assert started == {one.pk for one in late} and calm.pk not in started

    def test_a_search_that_is_gone_or_a_filter_that_is_none_never_means_everything(
        self, page_as: Any, sue: User, ticket: Callable[..., Ticket]
    ) -> None:
        made, client = ticket(), page_as(sue)
        ticket()
        for part in ({"s": "gone"}, {"q": "Nowak"}, {"standing": "blue"}, {"team": "99"}):
            answer = client.post(f"{BOARD}bulk/", {"act": "start", "all": "yes", **part})
            assert answer.status_code == 409, part
        assert not Ticket.objects.filter(status="started").exists()
        client.post(f"{BOARD}bulk/", {"act": "start", "all": "yes", "q": made.number})
        assert Ticket.objects.get(status="started") == made

    @pytest.mark.parametrize("sent", [{"act": "take", "pick": "x"}, {"act": "take", "pick": "9:9"}])
    def test_what_is_no_ticket_is_not_there(self, page_as: Any, sue: User, sent: dict[str, str]) -> None:
        assert page_as(sue).post(f"{BOARD}bulk/", sent).status_code == 404

    @pytest.mark.parametrize("sent", [{}, {"act": "merge"}, {"act": "nothing of the kind"}])
    def test_what_is_not_done_to_many_is_refused_with_what_is(
        self, page_as: Any, sue: User, sent: dict[str, str]
    ) -> None:
        answer = page_as(sue).post(f"{BOARD}bulk/", sent)
        assert answer.status_code == 400 and "take, assign" in answer.content.decode()

    def test_nothing_ticked_does_nothing_and_says_so(self, page_as: Any, sue: User) -> None:
        answer = page_as(sue).post(f"{BOARD}bulk/", {"act": "take", "back": "//evil.example"})
        assert answer.status_code == 409 and "Nothing was ticked" in answer.content.decode()
        assert "evil" not in answer.content.decode()

    def test_a_biller_reads_the_list_without_boxes(
        self, page_as: Any, ben: User, ana: User, ticket: Callable[..., Ticket]
    ) -> None:
        ticket()
        assert 'name="pick"' not in page_as(ben).get("/escalations/").content.decode()
        page = page_as(ana).get("/escalations/").content.decode()
        assert 'name="pick"' in page and 'value="assign"' not in page, "only a supervisor assigns"


class TestLoad:
    """A Wednesday at ten in Chicago; Friday's and Saturday's due moments count until Friday's close."""

    NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)

    @pytest.fixture
    def calendar(self, acme: Company) -> BusinessCalendar:
        return BusinessCalendar.from_json(first_calendar(acme, self.NOW.date()))

    def test_what_falls_due_is_counted_by_business_day(
        self, sue: User, ticket: Callable[..., Ticket], calendar: BusinessCalendar
    ) -> None:
        for days in (0.1, 2, 3, 60):
            ticket(due_at=self.NOW + days * DAY)
        ticket(due_at=self.NOW - HOUR)
        ticket(due_at=self.NOW + DAY, paused_at=self.NOW - HOUR)
        load = load_of(sue, {}, calendar, self.NOW)
        assert len(load.bars) == 10
        assert [(bar.on.day, bar.count) for bar in load.bars[:3]] == [(20, 1), (21, 0), (22, 2)]
        assert [bar.on.day for bar in load.bars[3:5]] == [26, 27], "Monday 25 May is a holiday"

    def test_what_is_above_the_pace_of_the_last_ten_business_days_is_told(
        self, sue: User, ana: User, ticket: Callable[..., Ticket], calendar: BusinessCalendar
    ) -> None:
        for days in (1, 2, 6, 7, 9, 12, 13, 13, 13, 13, 16):
            one = ticket()
            Ticket.objects.filter(pk=one.pk).update(status="resolved", resolved_at=self.NOW - days * DAY)
        for _ in range(3):
            ticket(due_at=self.NOW + HOUR)
        load = load_of(sue, {}, calendar, self.NOW)
        assert load.pace == 1.0, "the sixteenth day before is outside, and so is today"
        assert load.bars[0].over > 0 and load.short_today == 2
        assert "On 1 of them more falls due than is closed a day (1)." in load.said
        assert load_of(sue, {"assignee": sue.pk}, calendar, self.NOW).bars[0].count == 0
        assert load_of(sue, {"assignee": ana.pk}, calendar, self.NOW).bars[0].count == 3

    def test_the_chart_has_a_title_a_description_and_a_table(self, page_as: Any, sue: User) -> None:
        page = page_as(sue).get(BOARD).content.decode()
        assert 'aria-labelledby="load-svg-title load-desc"' in page
        assert "Due load as a table" in page and json.dumps(0) in page
