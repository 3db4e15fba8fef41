"""The supervisors' board: which ticket stands where, what is done from it, with script and without."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Company, Team, User
from escalations import actions
from escalations.clock import standing_of
from escalations.models import Alert, Breach, Pause, Proposal, Ticket
from escalations.triage.axis import NOW, place
from escalations.triage.bands import BANDS, band_is, bounds_of
from patients.models import Patient
from tables.models import SavedView
from tests.web.board import BOARD, DAY, HOUR, MakeTicket, shown, ticket_maker, tonight

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def ticket(ana: User, patient: Patient) -> MakeTicket:
    return ticket_maker(ana, patient)


class TestBands:
    def test_a_ticket_stands_in_the_first_band_that_fits(
        self, page_as: Any, sue: User, acme: Company, ticket: MakeTicket
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
        self, page_as: Any, sue: User, ticket: MakeTicket
    ) -> None:
        urgent = ticket(unit="none", urgency="urgent", due_at=None)
        ticket(unit="none", due_at=None)
        assert shown(page_as(sue)) == {"immediate": [urgent.number]}

    def test_no_ticket_stands_twice_and_each_late_one_is_breached(
        self, sue: User, acme: Company, ticket: MakeTicket
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
        self, page_as: Any, sue: User, ticket: MakeTicket
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
        self, page_as: Any, sue: User, ana: User, acme: Company, ticket: MakeTicket
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
        self, page_as: Any, other: Company, ticket: MakeTicket
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
        self, page_as: Any, sue: User, ana: User, ticket: MakeTicket
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
        self, page_as: Any, sue: User, acme: Company, ticket: MakeTicket
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
        self, page_as: Any, sue: User, ticket: MakeTicket
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
        self, page_as: Any, sue: User, ticket: MakeTicket
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
        self, page_as: Any, sue: User, ticket: MakeTicket
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY)
        where = f"{BOARD}tickets/{late.number}/resolve/"
        answer = page_as(sue).post(where, {"outcome": "", "note": "Rang twice"})
        page = answer.content.decode()
        assert answer.status_code == 400
        assert "Rang twice" in page and 'href="#resolve-outcome"' in page

    def test_who_comes_second_without_script_finds_what_they_typed_about_the_ticket_as_it_is_now(
        self, page_as: Any, sue: User, ana: User, ticket: MakeTicket
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY)
        seen = late.version
        actions.act(late, "start", by=ana, at=datetime.now(UTC))
        client, where = page_as(sue), f"{BOARD}tickets/{late.number}/resolve/"
        answer = client.post(where, {"outcome": "Paid in full", "note": "Rang twice", "version": seen})
        page = answer.content.decode()
        assert answer.status_code == 409 and f"Started, by {ana}" in page
        assert "Paid in full" in page and "Rang twice" in page
        late.refresh_from_db()
        assert f'name="version" value="{late.version}"' in page
        again = client.post(where, {"outcome": "Paid in full", "note": "", "version": late.version})
        assert again.status_code == 302

    def test_an_open_board_gets_the_row_as_it_is_then(
        self, page_as: Any, sue: User, ticket: MakeTicket
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY)
        client = page_as(sue)
        where = f"{BOARD}tickets/{late.number}/resolve/"
        said = client.post(where, {"outcome": "Settled", "version": late.version}, headers=SCRIPT).json()
        assert said["said"] == f"{late.number}: Resolved: Settled."
        assert "is-done" in said["row"] and "Resolved by you" in said["row"]

    def test_who_comes_second_is_told_who_did_what_and_sees_the_row(
        self, page_as: Any, sue: User, ana: User, ticket: MakeTicket
    ) -> None:
        late = ticket(due_at=datetime.now(UTC) - DAY)
        actions.act(late, "start", by=ana, at=datetime.now(UTC))
        where = f"{BOARD}tickets/{late.number}/wait/"
        answer = page_as(sue).post(where, {"reason": "patient", "version": 1}, headers=SCRIPT)
        assert answer.status_code == 409
        assert f"Started, by {ana}" in answer.json()["said"] and late.number in answer.json()["row"]

    def test_what_is_not_done_from_the_board_is_not_there(
        self, page_as: Any, sue: User, ticket: MakeTicket
    ) -> None:
        late, client = ticket(), page_as(sue)
        for act in ("merge", "file", "x"):
            assert client.post(f"{BOARD}tickets/{late.number}/{act}/").status_code == 404
        assert client.get(f"{BOARD}tickets/{late.number}/take/").url == f"/escalations/{late.number}/"

    def test_the_pane_says_promise_why_note_and_the_last_three_lines(
        self, page_as: Any, sue: User, ticket: MakeTicket
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
        self, page_as: Any, sue: User, ana: User, ticket: MakeTicket
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

    def test_what_is_pushed_past_the_first_rows_of_its_band_is_not_gone(
        self, page_as: Any, sue: User, ticket: MakeTicket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("escalations.triage.rows.CAP", 1)
        made = [ticket(due_at=datetime.now(UTC) - DAY * late) for late in (3, 2, 1)]
        client = page_as(sue)
        assert shown(client) == {"breached": [made[0].number]}
        sent = {"shown": ",".join(one.number for one in made), "assignee": "ana"}
        assert client.post(f"{BOARD}live/", sent).json()["gone"] == {}
        actions.act(made[2], "assign", by=sue, at=datetime.now(UTC), facts={"user": "sue"})
        gone = client.post(f"{BOARD}live/", sent).json()["gone"]
        assert gone == {made[2].number: f"Assigned to {sue} by {sue}"}, "it left the board of these filters"
