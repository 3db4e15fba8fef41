"""The list of all tickets by its filters: alone and with others, refused in a sentence, kept as a view."""

from __future__ import annotations

import pytest

from accounts.models import Team, User
from escalations.models import Ticket
from patients.models import Patient
from tables.models import SavedView
from tests.desk_tickets import LIST, PageAs, five_tickets, shown
from tests.tickets import ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(ana: User, sue: User, patient: Patient) -> dict[str, Ticket]:
    return five_tickets(ana, sue, patient)


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
