"""Linking tickets: once, in one direction, written on both and in the audit; ended by whom it may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from accounts.models import Company, User
from accounts.steps import Refused
from escalations import actions
from escalations.filing import read_filing
from escalations.models import Ticket, TicketEvent, TicketHistory, TicketLink
from tests.factories import PatientFactory
from tests.tickets import filed
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 11, 15, tzinfo=UTC)


@pytest.fixture
def pair(ana: User, acme: Company) -> tuple[Ticket, Ticket]:
    """Two tickets of two patients."""
    made = [file_ticket(ana, patient=PatientFactory(company=acme).pk, at=NOW) for _ in range(2)]
    return made[0], made[1]


def link(pair: tuple[Ticket, Ticket], by: User, kind: str = "follows") -> TicketLink:
    return actions.link_tickets(pair[0], kind, pair[1].number, by=by, at=NOW)


def lines(ticket: Ticket, act: str) -> list[str]:
    return list(TicketEvent.objects.filter(ticket=ticket, act=act).values_list("title", flat=True))


@pytest.mark.parametrize(
    ("kind", "here", "there"),
    [
        ("caused_by", "Caused by {}", "Caused {}"),
        ("duplicate_of", "Duplicate of {}", "{} is a duplicate of this"),
        ("follows", "Follows {}", "Followed by {}"),
    ],
)
def test_each_kind_is_written_on_both_timelines(
    pair: tuple[Ticket, Ticket], ana: User, kind: str, here: str, there: str
) -> None:
    link(pair, ana, kind)
    assert lines(pair[0], "link") == [here.format(pair[1].number)]
    assert lines(pair[1], "link") == [there.format(pair[0].number)]


def test_the_number_may_be_said_without_its_letter(pair: tuple[Ticket, Ticket], ana: User) -> None:
    plain = pair[1].number.removeprefix("E-")
    assert actions.link_tickets(pair[0], "follows", f" {plain} ", by=ana, at=NOW).other == pair[1]


@pytest.mark.parametrize("kind", ["names", "", None, 3, ["follows"], "FOLLOWS"])
def test_only_what_a_person_may_say_is_linked(pair: tuple[Ticket, Ticket], ana: User, kind: object) -> None:
    with pytest.raises(actions.Invalid) as invalid:
        actions.link_tickets(pair[0], kind, pair[1].number, by=ana, at=NOW)
    assert list(invalid.value.wrong) == ["kind"] and not TicketLink.objects.exists()


@pytest.mark.parametrize("number", [None, 7, "", "E-1 000", "x" * 25, "٣", ["E-1001"]])
def test_a_number_that_is_none_is_refused_by_field(
    pair: tuple[Ticket, Ticket], ana: User, number: object
) -> None:
    with pytest.raises(actions.Invalid) as invalid:
        actions.link_tickets(pair[0], "follows", number, by=ana, at=NOW)
    assert list(invalid.value.wrong) == ["ticket"]


def test_a_draft_is_linked_neither_from_nor_to(pair: tuple[Ticket, Ticket], ana: User) -> None:
    kept = read_filing(ana, {"type": "refund"}, at=NOW)
    draft = actions.keep_draft(kept, {"type": ["refund"]}, by=ana, at=NOW, key="one-of-the-drafts")
    for one in ((pair[0], draft), (draft, pair[0])):
        with pytest.raises(actions.Invalid, match="ticket"):
            link(one, ana)


def test_who_only_reads_tickets_links_none(pair: tuple[Ticket, Ticket], ben: User) -> None:
    with pytest.raises(Refused) as refused:
        link(pair, ben)
    assert refused.value.code == "role"


def test_linking_twice_says_so_and_writes_nothing(pair: tuple[Ticket, Ticket], ana: User) -> None:
    link(pair, ana)
    with pytest.raises(Refused, match="linked like this already"):
        link(pair, ana)
    with pytest.raises(Refused, match="Both cannot be"):
        link((pair[1], pair[0]), ana)
    assert TicketLink.objects.count() == 1 and len(lines(pair[0], "link")) == 1


def test_a_link_leaves_the_ticket_itself_as_it_is(pair: tuple[Ticket, Ticket], ana: User) -> None:
    """So that nobody who is at work on it is told that it was changed."""
    link(pair, ana)
    assert [one.version for one in Ticket.objects.order_by("pk")] == [1, 1]


def test_who_linked_and_who_ended_it_is_in_the_audit(
    pair: tuple[Ticket, Ticket], ana: User, sue: User
) -> None:
    made = link(pair, ana)
    actions.unlink(pair[1], made.pk, by=sue, at=NOW + timedelta(hours=1))
    assert not TicketLink.objects.exists()
    kept = TicketLink.pgh_event_models["insert"].objects.filter(pgh_obj_id=made.pk).order_by("pgh_id")
    told = [(row.pgh_label, row.pgh_context.metadata["who"], row.pgh_context.metadata["act"]) for row in kept]
    assert told == [("insert", "ana", "link"), ("delete", "sue", "unlink")]
    assert lines(pair[0], "unlink") == [f"No longer: Follows {pair[1].number}"]
    assert lines(pair[1], "unlink") == [f"No longer: Followed by {pair[0].number}"]


def test_an_agent_ends_only_the_links_they_made(pair: tuple[Ticket, Ticket], ana: User, sue: User) -> None:
    made = link(pair, sue)
    with pytest.raises(Refused) as refused:
        actions.unlink(pair[0], made.pk, by=ana, at=NOW)
    assert refused.value.code == "role" and "Sue Example made this link" in refused.value.sentence
    mine = link(pair, ana, "caused_by")
    actions.unlink(pair[0], mine.pk, by=ana, at=NOW)
    assert TicketLink.objects.get() == made


def test_a_link_that_an_answer_or_a_merge_made_stays(ana: User, sue: User, acme: Company) -> None:
    patient = PatientFactory(company=acme)
    first, second = (filed("itemized-bill", ana, patient, NOW) for _ in range(2))
    actions.act(second, "merge", by=sue, at=NOW, facts={"into": first.number})
    merged = TicketLink.objects.get()
    with pytest.raises(Refused, match="was merged into"):
        actions.unlink(first, merged.pk, by=sue, at=NOW)
    TicketLink.objects.update(kind="names")
    with pytest.raises(Refused, match="Change the answer"):
        actions.unlink(first, merged.pk, by=sue, at=NOW)
    assert TicketLink.objects.count() == 1


def test_a_link_of_other_tickets_is_not_ended_from_here(
    pair: tuple[Ticket, Ticket], ana: User, otto: User
) -> None:
    made = link(pair, ana)
    third = file_ticket(ana, patient=pair[0].patient_id or 0, at=NOW)
    theirs = file_ticket(otto, patient=PatientFactory(company=otto.company).pk, at=NOW)
    for ticket, by in ((third, ana), (theirs, otto)):
        with pytest.raises(Refused, match="not there any more"):
            actions.unlink(ticket, made.pk, by=by, at=NOW)
    assert TicketLink.objects.exists()


def test_every_line_of_a_timeline_knows_the_version_it_was_written_at(
    pair: tuple[Ticket, Ticket], ana: User
) -> None:
    ticket = pair[0]
    ticket = actions.act(ticket, "take", by=ana, at=NOW)
    ticket = actions.act(ticket, "comment", by=ana, at=NOW, facts={"note": "Rang back."})
    ticket = actions.act(ticket, "start", by=ana, at=NOW)
    with transaction.atomic():
        TicketEvent.objects.bulk_create(
            [TicketEvent(company=ticket.company, ticket=ticket, act="comment", at=NOW, title="By a sweep")]
        )
    known = TicketEvent.objects.filter(ticket=ticket).order_by("pk").values_list("act", "version")
    assert list(known) == [("file", 1), ("take", 2), ("comment", 2), ("start", 3), ("comment", 3)]
    assert TicketHistory.objects.filter(pgh_obj_id=ticket.pk).exists()
