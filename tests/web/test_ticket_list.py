"""The list of all tickets: every filter, every column, its orders, its counts, its file and its printed page."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company, Team, User
from escalations import actions
from escalations.list_table import TICKETS
from escalations.models import Breach, Proposal, Ticket, Waiver, Watcher
from escalations.queries import standing_is, standing_parts, tickets_of
from patients.models import Patient
from tables.actions import choose_columns
from tables.models import SavedView
from tests.factories import PatientFactory
from tests.tickets import filed

pytestmark = pytest.mark.django_db
PageAs = Callable[[User], Client]
LIST = "/escalations/"


def ago(**gap: int) -> datetime:
    return datetime.now(UTC) - timedelta(**gap)


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak")


def step(ticket: Ticket, act: str, by: User, **facts: Any) -> Ticket:
    row = tickets_of(by).get(pk=ticket.pk)
    return actions.act(row, act, by=by, at=datetime.now(UTC), facts=facts)


@pytest.fixture
def desk(ana: User, sue: User, patient: Patient, acme: Company) -> dict[str, Ticket]:
    """Five tickets that differ in all that can be filtered by."""
    team = Team.objects.create(company=acme, name="Early birds", lead=sue)
    User.objects.filter(pk=ana.pk).update(team=team)
    found = {
        "refund": filed("refund", ana, patient, ago(days=3)),
        "late": filed("itemized-bill", ana, PatientFactory(company=acme), ago(days=25), channel="email"),
        "waiting": filed(
            "requisition-form", ana, PatientFactory(company=acme), ago(days=1), caller="provider"
        ),
        "done": filed("itemized-bill", sue, PatientFactory(company=acme), ago(days=2)),
        "urgent": filed("patient-sos", ana, PatientFactory(company=acme), ago(hours=1)),
    }
    step(found["waiting"], "wait", ana, reason="patient")
    step(found["done"], "resolve", sue, outcome="Bill sent", note="By post.")
    step(found["refund"], "assign", sue, user="ana")
    late = found["late"]
    Breach.objects.create(
        company=acme, ticket=late, cycle=1, due_at=late.due_at, seen_at=ago(days=1), reason="volume"
    )
    Waiver.objects.create(
        company=acme, ticket=late, kind="override", rule="R-PTP-1", reason="Rang off", at=ago(days=1), by=sue
    )
    Proposal.objects.create(
        company=acme, ticket=found["refund"], rule="R-SUP-4", type="supervisor", raised_at=ago(days=1)
    )
    Watcher.objects.create(company=acme, ticket=found["done"], user=sue, since=ago(days=1))
    return found


def shown(client: Client, asked: str) -> set[str]:
    answer = client.get(LIST + "?" + asked)
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return {line.ticket.number for line in answer.context["screen"].rows}


def date(**gap: int) -> str:
    return f"{ago(**gap):%Y-%m-%d}"


FILTERS: list[tuple[str, set[str]]] = [
    ("type=refund", {"refund"}),
    ("type=refund,patient-sos", {"refund", "urgent"}),
    ("type=refund&type=patient-sos", {"refund", "urgent"}),
    ("status=resolved", {"done"}),
    ("status=resolved,waiting", {"done", "waiting"}),
    ("standing=breached", {"late", "urgent"}),
    ("standing=breached,closed", {"late", "urgent", "done"}),
    ("channel=email", {"late"}),
    ("caller=provider", {"waiting"}),
    ("urgency=urgent", {"urgent"}),
    ("assignee=ana", {"refund"}),
    ("assignee=none", {"late", "waiting", "done", "urgent"}),
    ("team=Early birds", {"refund"}),
    ("filed_by=me", {"done"}),
    ("filed_by=ana", {"refund", "late", "waiting", "urgent"}),
    (f"received_before={date(days=10)}", {"late"}),
    (f"received_after={date(days=10)}", {"refund", "waiting", "done", "urgent"}),
    (f"received_after={date(days=30)}&received_before={date(days=10)}", {"late"}),
    (f"due_before={date(days=5)}", {"late"}),
    (f"resolved_after={date(days=2)}", {"done"}),
    (f"resolved_before={date(days=2)}", set()),
    ("breached=yes", {"late"}),
    ("breached=no", {"refund", "waiting", "done", "urgent"}),
    ("late_reason=volume", {"late"}),
    ("late_reason=none", set()),
    ("overridden=R-PTP-1", {"late"}),
    ("overridden=any", {"late"}),
    ("waiting_for=patient", {"waiting"}),
    ("waiting_for=any", {"waiting"}),
    ("proposal=yes", {"refund"}),
    ("watched=me", {"done"}),
    ("type=itemized-bill&status=resolved&watched=me", {"done"}),
    ("type=itemized-bill&breached=yes&channel=email", {"late"}),
    ("type=refund&breached=yes", set()),
]


@pytest.mark.parametrize(("asked", "names"), FILTERS, ids=[asked.split("=20")[0] for asked, _ in FILTERS])
def test_each_filter_shows_what_it_names_alone_and_with_others(
    page_as: PageAs, sue: User, desk: dict[str, Ticket], asked: str, names: set[str]
) -> None:
    client = page_as(sue)
    address = LIST + "?" + asked
    answer = client.get(address)
    asked = answer.url.split("?")[1] if answer.status_code == 302 else asked
    assert shown(client, asked) == {desk[name].number for name in names}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("type=nothing", "Type must be one of:"),
        ("type=refund,nothing", "Type must be one of:"),
        ("status=resolved,gone", "Status must be one of:"),
        ("standing=late", "Standing must be one of:"),
        ("channel=fax", "Channel must be one of:"),
        ("caller=nobody", "Caller must be one of:"),
        ("urgency=high", "Urgency must be one of:"),
        ("assignee=nobody-here", "There is no such person."),
        ("filed_by=none", "There is no such person."),
        ("team=999999", "There is no such team."),
        ("patient=999999", "There is no such patient."),
        ("received_after=soon", "is not a date that exists"),
        ("received_after=2026-05-20&received_before=2026-05-20", "Received before must be later"),
        ("due_after=2026-05-20&due_before=2026-05-01", "Due before must be later"),
        ("breached=maybe", "Ever late must be yes or no."),
        ("late_reason=laziness", "Late because must be one of:"),
        ("overridden=nothing", "Rule overridden must be any, or a rule"),
        ("overridden=R-NO-1", "Rule overridden must be one of:"),
        ("waiting_for=godot", "Waiting for must be one of:"),
        ("proposal=no", "Proposal must be yes"),
        ("watched=ana", "Watched must be me"),
        ("ordering=colour", "Ordering must be one of:"),
    ],
)
def test_a_value_that_is_none_is_left_out_and_said_in_a_sentence(
    page_as: PageAs, sue: User, desk: dict[str, Ticket], asked: str, sentence: str
) -> None:
    answer = page_as(sue).get(LIST + "?" + asked)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "This filter was left out." in page and sentence in page
    assert desk["refund"].number in page, "the list is there all the same"


def test_other_peoples_rows_are_no_values(page_as: PageAs, otto: User, desk: dict[str, Ticket]) -> None:
    team, ticket = Team.objects.get(), desk["refund"]
    for asked in (f"team={team.pk}", "team=Early birds", f"patient={ticket.patient_id}", "assignee=ana"):
        answer = page_as(otto).get(LIST + "?" + asked)
        assert answer.status_code == 400 and "There is no such" in answer.content.decode()


def test_a_part_of_the_address_that_no_filter_has_is_named_and_left_out(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    answer = page_as(sue).get(LIST + "?colour=green&type=refund&%3Cb%3E=1")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "There is no filter of this name: colour, …." in page
    assert {line.ticket.number for line in answer.context["screen"].rows} == {desk["refund"].number}


def test_the_panel_of_filters_leaves_no_empty_fields_in_the_address(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    client = page_as(sue)
    sent = {"type": ["refund", "patient-sos"], "status": "", "channel": "phone", "received_after": ""}
    answer = client.get(LIST, sent)
    assert answer.status_code == 302
    assert answer.url == "/escalations/?type=refund%2Cpatient-sos&channel=phone"
    page = client.get(answer.url).content.decode()
    assert "Remove Type Refund Request, Patient SOS" in page and "Remove Channel Phone" in page
    boxes = page.split('name="type" value="refund"')[1][:20]
    assert "checked" in boxes, "the panel shows what is chosen"
    assert client.get(LIST, {"type": "", "status": ""}).url == LIST


def test_every_filter_has_a_field_in_the_panel(page_as: PageAs, sue: User, desk: dict[str, Ticket]) -> None:
    page = page_as(sue).get(LIST).content.decode()
    panel = page.split('class="chip-panel filter-panel"')[1].split("</form>")[0]
    screen = page_as(sue).get(LIST).context["screen"]
    missing = [name for name in screen.names if name != "patient" and f'name="{name}"' not in panel]
    assert missing == []
    assert all(name in screen.labels for name in screen.names)


def test_a_patient_is_filtered_by_without_being_named_in_the_chip(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    page = page_as(sue).get(f"{LIST}?patient={desk['refund'].patient_id}").content.decode()
    assert "Remove Patient this one" in page


ALL_COLUMNS = [column.key for column in TICKETS.columns]


def _text(client: Client, key: str, number: str) -> str:
    rows = client.get(LIST).context["screen"].rows
    cells = next(line.cells for line in rows if line.ticket.number == number)
    return next(cell.text for cell in cells if cell.column.key == key)


def test_every_column_shows_what_it_says(
    page_as: PageAs, sue: User, ana: User, desk: dict[str, Ticket]
) -> None:
    choose_columns(TICKETS, ALL_COLUMNS, [], by=sue, at=datetime.now(UTC))
    step(desk["refund"], "comment", ana, note="Rang the bank.")
    client, number = page_as(sue), {name: ticket.number for name, ticket in desk.items()}
    assert _text(client, "outcome", number["done"]) == "Bill sent"
    assert _text(client, "outcome", number["refund"]) == ""
    assert _text(client, "closed_in", number["done"]).endswith(("business day", "business days"))
    assert _text(client, "closed_in", number["refund"]) == ""
    assert _text(client, "resolved", number["done"]) and not _text(client, "resolved", number["refund"])
    assert _text(client, "late", number["late"]) == "Too many tickets at once"
    assert _text(client, "late", number["refund"]) == ""
    assert _text(client, "team", number["refund"]) == "Early birds"
    assert _text(client, "cycle", number["refund"]) == "1"
    assert _text(client, "watchers", number["done"]) == "1"
    assert _text(client, "watchers", number["refund"]) == "0"
    assert _text(client, "noted", number["refund"]) and not _text(client, "noted", number["late"])
    assert _text(client, "updated", number["late"])
    Breach.objects.update(reason="")
    assert _text(client, "late", number["late"]) == "Not said yet"


@pytest.mark.parametrize(
    ("ordering", "first", "last"),
    [
        ("received_at", "late", "urgent"),
        ("-received_at", "urgent", "late"),
        ("-resolved_at", "done", None),
        ("-updated_at", "waiting", None),
        ("number", "refund", "urgent"),
        ("due_at", "late", None),
    ],
)
def test_the_list_is_ordered_as_asked_for(
    page_as: PageAs,
    sue: User,
    ana: User,
    desk: dict[str, Ticket],
    ordering: str,
    first: str,
    last: str | None,
) -> None:
    step(desk["waiting"], "comment", ana, note="Still waiting.")
    rows = page_as(sue).get(f"{LIST}?ordering={ordering}").context["screen"].rows
    numbers = [line.ticket.number for line in rows]
    assert numbers[0] == desk[first].number and len(numbers) == len(desk)
    assert last is None or numbers[-1] == desk[last].number


@pytest.mark.parametrize("ordering", ["due_at", "-resolved_at", "resolved_at", "-updated_at", "-number"])
def test_pages_follow_each_other_without_gap_or_repetition_and_back_again(
    page_as: PageAs, sue: User, desk: dict[str, Ticket], ordering: str
) -> None:
    client = page_as(sue)
    address: str = f"{LIST}?ordering={ordering}&page_size=2"
    seen: list[str] = []
    pages = []
    while address:
        screen = client.get(address).context["screen"]
        pages.append([line.ticket.number for line in screen.rows])
        seen += pages[-1]
        address = screen.next
    assert sorted(seen) == sorted(ticket.number for ticket in desk.values())
    assert all(pages), "no page is empty"
    back = client.get(screen.previous).context["screen"]
    assert [line.ticket.number for line in back.rows] == pages[-2]


def test_the_readouts_count_exactly_what_their_lists_show(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    client = page_as(sue)
    for readout in client.get(LIST).context["screen"].readouts:
        screen = client.get(readout["href"]).context["screen"]
        running = [line for line in screen.rows if line.ticket.status in ("open", "started", "waiting")]
        assert int(readout["value"]) == len(running), readout["what"]


def test_the_readouts_are_there_when_nothing_matches(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    screen = page_as(sue).get(f"{LIST}?caller=other").context["screen"]
    assert screen.rows == [] and screen.counts["running"] == "4"


def test_the_counted_parts_are_the_standings_at_every_hour(
    ana: User, sue: User, desk: dict[str, Ticket]
) -> None:
    immediate = desk["urgent"]
    filed("itemized-bill", ana, desk["refund"].patient, ago(hours=2))
    taken = Ticket.objects.get(pk=filed("patient-sos", ana, desk["refund"].patient, ago(days=1)).pk)
    Ticket.objects.filter(pk=taken.pk).update(taken_at=taken.late_from + timedelta(minutes=1))
    Ticket.objects.filter(pk=desk["refund"].pk).update(warn_at=None, expected_from=ago(days=1))
    Ticket.objects.filter(pk=desk["waiting"].pk).update(late_from=ago(days=2), due_at=ago(days=2))
    assert immediate.unit == "immediate"
    seen: set[str] = set()
    for hours in range(-24 * 30, 24 * 60, 11):
        now = datetime.now(UTC) + timedelta(hours=hours)
        counted: dict[str, list[int]] = {}
        for part, rows in standing_parts(sue, now).items():
            counted.setdefault(part.split("_by_")[0], []).extend(rows.values_list("pk", flat=True))
        for word in ("immediate", "breached", "due_soon", "in_window", "paused"):
            if hours < 0:
                continue  # what was taken, or waited, later than the moment asked about is no case of the page
            expected = set(tickets_of(sue).filter(standing_is(word, now)).values_list("pk", flat=True))
            assert sorted(counted[word]) == sorted(expected), (word, now)
            seen |= {word} if expected else set()
    assert {"breached", "due_soon", "in_window"} <= seen


def _export(client: Client, **fields: str) -> list[list[str]]:
    answer = client.post("/tables/tickets/export/", fields)
    return list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def test_the_file_has_every_column_shown_and_only_the_rows_that_match(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    choose_columns(TICKETS, ALL_COLUMNS, [], by=sue, at=datetime.now(UTC))
    lines = _export(page_as(sue), type="itemized-bill", status="resolved,open", ordering="number")
    heads = [column.label for column in TICKETS.columns if column.exported]
    assert lines[0] == heads and len(lines) == 3
    row = dict(zip(heads, lines[2], strict=True))
    assert (row["Number"], row["Outcome"], row["Watchers"]) == (desk["done"].number, "Bill sent", "1")
    assert row["Closed in"].endswith(("business day", "business days"))
    assert dict(zip(heads, lines[1], strict=True))["Late because"] == "Too many tickets at once"


def test_a_cell_that_a_spreadsheet_would_run_is_escaped(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    choose_columns(TICKETS, ALL_COLUMNS, [], by=sue, at=datetime.now(UTC))
    Team.objects.update(name="=1+1")
    lines = _export(page_as(sue), type="refund")
    assert dict(zip(*lines, strict=True))["Team"] == "'=1+1"


def test_a_file_of_many_types_at_once_leaves_none_of_them_out(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    screen = page_as(sue).get(LIST).context["screen"]
    every = ",".join(value for value, _ in screen.panel.by_name["type"].pairs)
    assert len(every) > 200
    assert len(_export(page_as(sue), type=every)) == len(desk) + 1


def test_a_saved_view_keeps_the_new_filters_and_several_values(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    client = page_as(sue)
    client.post(
        "/tables/tickets/views/save/",
        {"name": "Late ones", "type": "refund,itemized-bill", "breached": "yes"},
    )
    view = SavedView.objects.get()
    assert view.query == "type=refund%2Citemized-bill&breached=yes"
    assert shown(client, f"view={view.pk}&{view.query}") == {desk["late"].number}


def test_the_printed_list_says_its_filters_and_who_took_it(
    page_as: PageAs, sue: User, desk: dict[str, Ticket]
) -> None:
    page = page_as(sue).get(f"{LIST}?type=itemized-bill&status=resolved").content.decode()
    said = page.split('class="list-printed">')[1].split("</p>")[0]
    assert "Type: Itemized Bill" in said and "Status: Resolved" in said
    assert "1 of 5 match" in said and f"printed by {sue}" in said


def test_the_list_costs_the_same_with_every_column_and_a_search_however_many_rows(
    page_as: PageAs, sue: User, ana: User, desk: dict[str, Ticket], django_assert_max_num_queries: Any
) -> None:
    choose_columns(TICKETS, ALL_COLUMNS, [], by=sue, at=datetime.now(UTC))
    client = page_as(sue)
    counts = []
    for more in (1, 40):
        for number in range(more):
            filed("refund", ana, desk["refund"].patient, ago(hours=number + 1), note="Her attorney wrote.")
        address = client.post(LIST, {"q": "attorney", "type": "refund", "assignee": "none"}).url
        client.get(address)
        with django_assert_max_num_queries(8) as asked:
            page = client.get(address)
        assert len(page.context["screen"].rows) >= more
        counts.append(len(asked))
    assert counts[0] == counts[1]
