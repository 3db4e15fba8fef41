"""How tickets, types and dates look in the API's answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from accounts.models import User
from escalations.advice import Advice, Suggestion, Word
from escalations.clock import standing_of
from escalations.contacts import Repeat
from escalations.domain.ages import Age
from escalations.domain.intake import Finding
from escalations.domain.policy import Question, Rule, TicketType, turnaround_rows
from escalations.domain.turnaround import BusinessCalendar, Due, LedgerLine
from escalations.models import Alert, Attachment, Breach, Proposal, Ticket, TicketLink, Waiver, Watcher
from escalations.policies import calendar_of
from escalations.queries import steps_of

_TOLD = ("overrides", "links", "linked_from", "files")


def moment_json(moment: datetime | None, calendar: BusinessCalendar) -> str | None:
    """ISO 8601 with the offset of the calendar's zone."""
    return moment.astimezone(calendar.tz).isoformat() if moment else None


def told(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Tickets with what the answers tell of each besides its own columns, in the same query."""
    waived = Waiver.objects.filter(ticket=OuterRef("pk"), kind=Waiver.Kind.OVERRIDE).order_by("id")
    links = TicketLink.objects.filter(ticket=OuterRef("pk")).order_by("id")
    back = TicketLink.objects.filter(other=OuterRef("pk")).order_by("id")
    files = Attachment.objects.filter(ticket=OuterRef("pk")).order_by("id")
    breaches = Breach.objects.filter(ticket=OuterRef("pk")).order_by("cycle")
    late = JSONObject(cycle="cycle", due_at="due_at", reason="reason")
    alerts = Alert.objects.filter(ticket=OuterRef("pk"), cycle=OuterRef("cycle"), acknowledged_at=None)
    proposals = Proposal.objects.filter(ticket=OuterRef("pk"), decision="")
    watchers = Watcher.objects.filter(ticket=OuterRef("pk")).order_by().values("ticket")
    watching = Subquery(watchers.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return rows.annotate(
        told_breaches=ArraySubquery(breaches.values(row=late)),
        told_merged_into=F("merged_into__number"),
        told_watchers=Coalesce(watching, 0),
        told_alert=Exists(alerts),
        told_proposal=Exists(proposals),
        told_overrides=ArraySubquery(waived.values(row=JSONObject(rule="rule", reason="reason"))),
        told_links=ArraySubquery(links.values(row=JSONObject(kind="kind", number="other__number"))),
        told_linked_from=ArraySubquery(back.values(row=JSONObject(kind="kind", number="ticket__number"))),
        told_files=ArraySubquery(files.values("name")),
    )


def ticket_json(ticket: Ticket, user: User, now: datetime) -> dict[str, Any]:
    """The one shape of a ticket; ``steps`` are those this person may take now.

    Overrides, links, files, breaches, watchers and the ticket it was merged into are told of tickets that
    were read by :func:`told`; others have none.
    """
    calendar = calendar_of(ticket.calendar_version)
    names = ["received_at", "created_at", "expected_from", "due_at", "resolved_at"]
    return {
        "id": str(ticket.pk),
        "number": ticket.number,
        "type": ticket.type,
        "type_name": ticket.type_name,
        "status": ticket.status,
        "standing": standing_of(ticket, now),
        "urgency": ticket.urgency,
        "channel": ticket.channel,
        "caller": ticket.caller,
        **{name: moment_json(getattr(ticket, name), calendar) for name in names},
        "promise": ticket.promise,
        "assignee": ticket.assignee.username if ticket.assignee else None,
        "filed_by": ticket.filed_by.username,
        "patient": str(ticket.patient_id) if ticket.patient_id else None,
        "answers": ticket.answers,
        "note": ticket.note,
        "acknowledged": ticket.acknowledged,
        "keywords": ticket.keywords,
        **{name: getattr(ticket, f"told_{name}", []) for name in _TOLD},
        "policy_version": ticket.policy_version.number,
        "cycle": ticket.cycle,
        "breaches": _breaches(ticket, calendar),
        "merged_into": getattr(ticket, "told_merged_into", None),
        "watchers": getattr(ticket, "told_watchers", 0),
        "version": ticket.version,
        "steps": [step.act for step in steps_of(ticket, user) if _asked_for(step.act, ticket)],
    }


def _breaches(ticket: Ticket, calendar: BusinessCalendar) -> list[dict[str, Any]]:
    return [
        {**one, "due_at": moment_json(datetime.fromisoformat(one["due_at"]), calendar)}
        for one in getattr(ticket, "told_breaches", [])
    ]


def _asked_for(act: str, ticket: Ticket) -> bool:
    """Whether there is something to answer: an alert, a breach nobody explained, a proposal."""
    if act == "acknowledge":
        return getattr(ticket, "told_alert", False)
    if act == "decline":
        return getattr(ticket, "told_proposal", False)
    if act == "explain":
        return any(not one["reason"] for one in getattr(ticket, "told_breaches", [])[-1:])
    return True


def ledger_json(lines: Iterable[LedgerLine]) -> list[dict[str, str]]:
    """The ledger, a line a date (K19)."""
    return [{"date": line.date.isoformat(), "counted": line.counted, "why": line.why} for line in lines]


def preview_json(
    due: Due, promise: str, lines: Iterable[LedgerLine], calendar: BusinessCalendar
) -> dict[str, Any]:
    """A due window with its sentence and its ledger."""
    return {
        "expected_from": moment_json(due.expected_from, calendar),
        "due_at": moment_json(due.due_at, calendar),
        "promise": promise,
        "ledger": ledger_json(lines),
    }


def type_json(ticket_type: TicketType, version: int) -> dict[str, Any]:
    """One escalation type: everything a program needs to file it."""
    needed = ticket_type.needed()
    return {
        "key": ticket_type.key,
        "name": ticket_type.name,
        "purpose": ticket_type.purpose,
        "urgency": ticket_type.urgency,
        "turnarounds": turnaround_rows(ticket_type),
        "questions": [_question_json(one, one.key in needed) for one in ticket_type.questions],
        "rules": [_rule_json(one) for one in ticket_type.rules],
        "wait_reasons": [
            {"key": reason.key, "label": reason.label, "stops_clock": reason.stops_clock}
            for reason in ticket_type.waits
        ],
        "outcomes": list(ticket_type.outcomes),
        "version": version,
    }


def _question_json(question: Question, required: bool) -> dict[str, Any]:
    """A question; ``required`` when every ticket of the type needs its answer."""
    return {
        "key": question.key,
        "label": question.label,
        "kind": question.kind,
        "required": required,
        "choices": [{"key": key, "label": label} for key, label in question.choices],
        "hint": question.hint,
        "default": question.default,
        "suffix": question.suffix,
        "of_type": question.of_type or None,
    }


def _rule_json(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "part": rule.part,
        "strength": rule.strength,
        "message": rule.message,
        "suggest": rule.suggest or None,
        "override": rule.override,
    }


def problem_json(finding: Finding) -> dict[str, Any]:
    """What a rule says of a filing.

    ``missing``: an answer is not given yet; ``override``: a supervisor may file all the same, with a reason.
    """
    return {**finding.as_problem(), "missing": finding.missing, "override": finding.override}


def advice_json(advice: Advice, now: datetime) -> dict[str, Any]:
    """The advice on a filing that was not filed yet."""
    promise, calendar = advice.promise, advice.filing.calendar
    due = promise.due if promise else Due(None, None)
    return {
        "promise": promise.sentence if promise else None,
        "expected_from": moment_json(due.expected_from, calendar),
        "due_at": moment_json(due.due_at, calendar),
        "keywords": [_word_json(one) for one in advice.heard],
        "problems": [problem_json(one) for one in advice.problems],
        "guides": [{"rule": one.rule, "message": one.message, "field": one.field} for one in advice.guides],
        "suggestions": [_suggestion_json(one) for one in advice.suggestions],
        "open_tickets": [_repeat_json(one, now) for one in advice.running],
        "calculators": [_age_json(one) for one in advice.ages],
    }


def _word_json(word: Word) -> dict[str, Any]:
    heard = word.heard
    return {
        "word": heard.word,
        "found": heard.found,
        "negated": heard.negated,
        "field": word.field,
        "dismissed": word.dismissed,
    }


def _suggestion_json(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "type": suggestion.type,
        "rule": suggestion.rule,
        "why": suggestion.why,
        "instead": suggestion.instead,
        "prefill": dict(suggestion.prefill),
        "ticket": suggestion.ticket or None,
        "beside": suggestion.beside,
    }


def _repeat_json(repeat: Repeat, now: datetime) -> dict[str, Any]:
    ticket = repeat.ticket
    return {
        "id": str(ticket.pk),
        "number": ticket.number,
        "type": ticket.type,
        "type_name": ticket.type_name,
        "status": ticket.status,
        "standing": standing_of(ticket, now),
        "due_at": moment_json(ticket.due_at, calendar_of(ticket.calendar_version)),
        "patient": str(ticket.patient_id),
        "contacts": 1 + getattr(ticket, "calls", 0),
        "by": repeat.by,
    }


def _age_json(age: Age) -> dict[str, Any]:
    """A date's age against a limit of the rules."""
    return {
        "question": age.question,
        "date": age.since.isoformat(),
        "unit": age.unit,
        "limit": age.limit,
        "passed": age.passed,
        "over": age.over,
        "ends_on": age.ends_on.isoformat() if age.ends_on else None,
        "words": age.words,
    }
