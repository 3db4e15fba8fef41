"""Filing a ticket, keeping one as a draft, and turning a caller away.

Each write commits the ticket, its cycle, its timeline line, what comes with it and its audit in one
transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can
from escalations.actions.moving import apply
from escalations.actions.notices import sound_alarm
from escalations.actions.timeline import tell
from escalations.clock import dates
from escalations.domain import turnaround as engine
from escalations.domain.intake import Intake
from escalations.filing import Filing, Promise, promise_of
from escalations.models import (
    Attachment,
    Deflection,
    FilingDraft,
    LinkKind,
    Ticket,
    TicketLink,
    Waiver,
)
from escalations.step_work import open_cycle
from patients.actions import refuse_contact

log = structlog.get_logger(__name__)

FIRST_NUMBER = 1001
KEYWORDS = "R-EXEC-1"
DISMISSED, LINKED = "dismissed", "linked"
_CHANNEL_WORDS = {"phone": "by phone", "email": "by email"}
ALARM = "alarm"
"""The mark of a ticket that supervisors are told of at once (R-SOS-3)."""
_PRESSED_TWICE = timedelta(minutes=1)
_MARKS = ("do_not_say", "compassionate_care", ALARM)


def file_ticket(
    filing: Filing, *, by: User, at: datetime, draft: Ticket | None = None, form_key: str = ""
) -> Ticket:
    """File what :func:`escalations.filing.read_filing` found nothing against (R-ALL-1 to R-ALL-3).

    ``draft`` is the ticket in status draft that becomes the filed one. ``form_key`` names the form it is
    filed from: what that kept while it was typed goes, and sent a second time it gives the ticket it filed.
    Raises ``ValueError`` for a filing something stands against (show its findings instead) and Refused for
    a draft that somebody filed or called off meanwhile.
    """
    promise = promise_of(filing)
    if not filing.may_be_filed or filing.type is None or promise is None:
        raise ValueError("This filing has findings that refuse it.")
    clock = engine.Cycle(promise.turnaround, filing.received_at, ())
    moments = dates(clock, filing.calendar, filing.policy, urgent=filing.type.urgency == "urgent")
    columns = {**said_columns(filing), **moments, "promise": promise.sentence}
    columns["form_key"] = form_key or None
    try:
        return _file(filing, promise, clock, moments, columns, by, at, draft)
    except IntegrityError as error:
        if (twice := filed_from(form_key, by)) is None:
            raise
        log.info("filed_twice", ticket=twice.pk, error=type(error).__name__)
        return twice


def filed_from(form_key: str, by: User) -> Ticket | None:
    """The ticket this person filed from this form already."""
    return Ticket.objects.filter(filed_by=by, form_key=form_key).first() if form_key else None


def _file(
    filing: Filing,
    promise: Promise,
    clock: engine.Cycle,
    moments: dict[str, Any],
    columns: dict[str, Any],
    by: User,
    at: datetime,
    draft: Ticket | None,
) -> Ticket:
    with transaction.atomic(), acting(by, "file"):
        ticket = _moved_draft(draft, "open", columns) if draft else _create(filing, columns, by, at)
        open_cycle(ticket, 1, clock, moments, at)
        tell(
            ticket,
            "file",
            f"Filed {_CHANNEL_WORDS[ticket.channel]}",
            _filed_words(filing, promise, at),
            by,
            at,
        )
        add_what_comes_with_it(ticket, filing, by, at)
        if ALARM in ticket.marks:
            sound_alarm(ticket, by=by, at=at)
        if columns["form_key"] or draft:
            forget_draft(by, columns["form_key"] or "", ticket if draft else None)
    return ticket


def keep_draft(
    filing: Filing, said: dict[str, Any], *, by: User, at: datetime, key: str, draft: Ticket | None = None
) -> Ticket:
    """Keep an incomplete filing as a ticket in status draft, with what was typed; ``draft`` is kept anew.

    Raises ``ValueError`` without a type: a draft is one of some type.
    """
    if filing.type is None:
        raise ValueError("A draft needs its type.")
    columns = {**said_columns(filing), "unit": "none", "due_order": at, "promise": ""}
    with transaction.atomic(), acting(by, "keep draft"):
        if draft is None:
            ticket = _create(filing, columns, by, at, status="draft")
            tell(ticket, "draft", "Kept as a draft", "", by, at)
        else:
            ticket = _moved_draft(draft, "draft", columns)
        FilingDraft.objects.filter(user=by, key=key).delete()
        FilingDraft.objects.update_or_create(
            company_id=by.company_id,
            ticket=ticket,
            defaults={"user": by, "key": key, "said": said, "updated_at": at},
            create_defaults={"user": by, "key": key, "said": said, "created_at": at, "updated_at": at},
        )
        attach(ticket, filing.intake)
    return ticket


def log_deflection(filing: Filing, *, by: User, at: datetime) -> Deflection:
    """Log a caller who was told where to write, and for whom no ticket is filed (R-ITEM-3).

    The same person who turns the same patient's caller away by the same rule within a minute has pressed the
    button twice: the first row is given back.
    """
    finding = filing.intake.deflection
    if finding is None or filing.type is None:
        raise ValueError("Nothing in this filing turns the caller away.")
    same = {"by": by, "rule": finding.rule, "patient": filing.patient, "type": filing.type.key}
    with transaction.atomic(), acting(by, "deflect"):
        User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
        lately = Deflection.objects.filter(**same, at__gt=at - _PRESSED_TWICE, at__lte=at)
        if (twice := lately.order_by("-id").first()) is not None:
            return twice
        return Deflection.objects.create(
            company=by.company,
            rule=finding.rule,
            type=filing.type.key,
            channel=filing.channel,
            caller=filing.caller,
            patient=filing.patient,
            told=finding.instead,
            by=by,
            at=at,
            policy_version=filing.policy_version,
        )


def forget_draft(by: User, key: str, ticket: Ticket | None = None) -> None:
    """Drop what a form kept while it was typed: it was filed, or is not wanted any more."""
    ones = Q(user=by, key=key, ticket=None) if key else Q(pk=None)
    if ticket is not None:
        ones |= Q(ticket=ticket)
    FilingDraft.objects.filter(ones)._raw_delete(FilingDraft.objects.db)


def keywords_of(filing: Filing) -> list[dict[str, Any]]:
    """The keywords heard and what was decided about each (R-EXEC-1): nothing yet, or dismissed with a
    reason."""
    reasons = {one.word.casefold(): one.reason for one in filing.dismissals}
    return [
        {
            "word": one.word,
            "found": one.found,
            "negated": one.negated,
            "decision": DISMISSED if one.word.casefold() in reasons else "",
            "reason": reasons.get(one.word.casefold(), ""),
        }
        for one in filing.intake.heard
    ]


def said_columns(filing: Filing) -> dict[str, Any]:
    """The columns of a ticket that say what was filed."""
    assert filing.type is not None
    return {
        "type": filing.type.key,
        "type_name": filing.type.name,
        "urgency": filing.type.urgency,
        "channel": filing.channel,
        "caller": filing.caller,
        "patient": filing.patient,
        "answers": filing.intake.answers,
        "note": filing.note,
        "acknowledged": filing.acknowledged,
        "marks": marks_of(filing.intake),
        "keywords": keywords_of(filing),
        "received_at": filing.received_at,
        "policy_version": filing.policy_version,
        "calendar_version": filing.calendar_version,
    }


def marks_of(intake: Intake) -> list[str]:
    """What the ticket makes visible while it runs, by the effects of its rules."""
    effects = {rule.effect for rule in intake.effects}
    return [mark for mark in _MARKS if mark in effects]


def _create(
    filing: Filing, columns: dict[str, Any], by: User, at: datetime, *, status: str = "open"
) -> Ticket:
    return Ticket.objects.create(
        company=by.company,
        number=f"E-{allot(by.company, 1)}",
        status=status,
        filed_by=by,
        created_at=at,
        **columns,
    )


def _moved_draft(draft: Ticket, status: str, columns: dict[str, Any]) -> Ticket:
    """Write a draft; of two people who file it at once, the second is told."""
    apply(draft, status, columns)
    draft.refresh_from_db()
    return draft


def add_what_comes_with_it(ticket: Ticket, filing: Filing, by: User, at: datetime) -> None:
    """Files, linked tickets, waived rails and the wish not to be contacted: only what there is costs a
    query."""
    attach(ticket, filing.intake)
    links = [TicketLink(other=one, kind=LinkKind.NAMES) for one in filing.links.values()]
    if filing.follows is not None and filing.follows.pk not in {link.other_id for link in links}:
        links.append(TicketLink(other=filing.follows, kind=LinkKind.FOLLOWS))
    for link in links:
        link.company_id, link.ticket, link.at, link.by = ticket.company_id, ticket, at, by
    if links:
        TicketLink.objects.bulk_create(links, ignore_conflicts=True)
    if filing.follows is not None:
        _note_linked(filing.follows, ticket, by, at)
    write_waivers(ticket, filing, by, at)
    _refuse_contact(filing, by, at)


def _note_linked(origin: Ticket, ticket: Ticket, by: User, at: datetime) -> None:
    """Write on the ticket that this one came out of: its undecided keywords are answered by the link."""
    tell(origin, "link", f"Followed by {ticket.number}", ticket.type_name, by, at)
    undecided = [one for one in origin.keywords if not one.get("decision")]
    if undecided and ticket.type == "executive-keywords":
        decided = [{**one, "decision": one.get("decision") or LINKED} for one in origin.keywords]
        Ticket.objects.filter(pk=origin.pk).update(keywords=decided)


def attach(ticket: Ticket, intake: Intake) -> None:
    """Let the files that answers name belong to the ticket."""
    names = [name for one in intake.asked if one.kind == "file" for name in intake.answers.get(one.key, [])]
    if names:
        rows = Attachment.objects.filter(company_id=ticket.company_id, name__in=names, ticket=None)
        rows.update(ticket=ticket, draft="")


def write_waivers(ticket: Ticket, filing: Filing, by: User, at: datetime) -> None:
    """Keep what was overridden and which keywords were dismissed, each with its reason."""
    lifted = {finding.rule for finding in filing.intake.overridden}
    heard = {one.word.casefold(): one.word for one in filing.intake.heard}
    rows = [
        Waiver(kind=Waiver.Kind.OVERRIDE, rule=one.rule, reason=one.reason)
        for one in filing.overrides
        if one.rule in lifted
    ]
    rows += [
        Waiver(
            kind=Waiver.Kind.DISMISSAL, rule=KEYWORDS, subject=heard[one.word.casefold()], reason=one.reason
        )
        for one in filing.dismissals
        if one.word.casefold() in heard
    ]
    for row in rows:
        row.company_id, row.ticket, row.by, row.at = ticket.company_id, ticket, by, at
    if rows:
        Waiver.objects.bulk_create(rows)


def _refuse_contact(filing: Filing, by: User, at: datetime) -> None:
    """The wish takes effect at once on the patient (R-DNC-2)."""
    for rule in filing.intake.effects:
        channels = filing.intake.answers.get(rule.field, [])
        if rule.effect == "refuse_contact" and filing.patient is not None and channels:
            refuse_contact(filing.patient, channels, reason=_wish(filing), by=by, at=at)


def _wish(filing: Filing) -> str:
    said = " ".join(filing.note.split())[:280]
    return said or "The patient asked for it on the phone."


def allot(company: Company, count: int) -> int:
    """Allot so many of the company's numbers and give the first; the counter's row lock puts concurrent
    filings in line."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO escalations_ticketcounter (company_id, last) VALUES (%s, %s) "
            "ON CONFLICT (company_id) DO UPDATE SET last = escalations_ticketcounter.last + %s "
            "RETURNING last",
            [company.pk, FIRST_NUMBER + count - 1, count],
        )
        last: int = cursor.fetchone()[0]
        return last - count + 1


def _filed_words(filing: Filing, promise: Promise, at: datetime) -> str:
    """What the timeline keeps of a filing; a request received earlier is logged with its moment (K18)."""
    told = f"Promised: {promise.sentence}."
    for one in filing.intake.overridden:
        told += f" {one.rule} was overridden."
    if filing.received_at >= at:
        return told
    received = filing.received_at.astimezone(filing.calendar.tz)
    return f"{told} Received earlier: {received:%A} {received.day} {received:%B %Y, %H:%M}."


def may_continue(draft: Ticket, user: User) -> bool:
    """Whether this person may go on with a kept draft: whoever works on tickets."""
    return draft.status == "draft" and user.may(Can.WORK_TICKETS)
