"""The list of all tickets as shown: every column, its orders, its counts, its file and its printed page."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Team, User
from escalations.list_table import TICKETS
from escalations.models import Breach, Ticket
from escalations.queries import standing_is, standing_parts, tickets_of
from patients.models import Patient
from tables.actions import choose_columns
from tests.desk_tickets import LIST, PageAs, five_tickets
from tests.tickets import ago, filed, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(ana: User, sue: User, patient: Patient) -> dict[str, Ticket]:
    return five_tickets(ana, sue, patient)


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
    moments = {ago(hours=hours) for hours in range(-24 * 60, 24 * 30, 11)}
    warned = Ticket.objects.filter(warn_at__gt=datetime.now(UTC)).values_list("warn_at", flat=True)
    for now in sorted(moments | {at + timedelta(seconds=1) for at in warned}):
        counted: dict[str, list[int]] = {}
        for part, rows in standing_parts(sue, now).items():
            counted.setdefault(part.split("_by_")[0], []).extend(rows.values_list("pk", flat=True))
        for word in ("immediate", "breached", "due_soon", "in_window", "paused"):
            if now < datetime.now(UTC):
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
