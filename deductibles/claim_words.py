"""The words of the Claim page: sentences, flags, lines of a 271, events. No queries of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from deductibles.domain import hold, states
from deductibles.domain.money import dollars
from deductibles.models import Hold, Snapshot


@dataclass(frozen=True)
class Said:
    """The sentence at the top in three parts: words, the date that matters, words."""

    before: str
    day: str = ""
    after: str = ""


@dataclass(frozen=True)
class Read:
    """One line of a 271 as it was read (D-CLM-4): ``say`` in short, ``why`` in full."""

    number: int
    raw: str
    used: bool
    say: str
    why: str

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The segment cut at its elements, each with whether it decides what the line means."""
        elements = re.split(r"(\*)", self.raw)
        decides = {2 * place for place in _DECIDING} if elements[0] == "EB" else set()
        return [(text, at in decides and bool(text)) for at, text in enumerate(elements)]


_DECIDING = (1, 2, 3, 6, 7, 12)
"""EB01 what, EB02 whose, EB03 which service, EB06 over which time, EB07 how much, EB12 which network."""

SAID = {
    states.SUBMITTED: Said("Submitted."),
    states.AMBIGUOUS: Said("Handed over, and nobody can say whether it arrived."),
    states.VOID: Said("Void. It is never sent."),
}

STATUS_CHOICES = (
    (
        "hold",
        "Suspended - Hold for Deductible",
        "Held by hand: you watch the deductible, AR Boost is not asked.",
    ),
    ("void", "Void", "The claim is never sent. This cannot be taken back."),
)
FLAGS = {
    "ambiguous": "Two different amounts stood in one place: the larger counts and releases nothing.",
    "inconsistent": "More remains than the annual amount: nothing is released on it.",
    "other_payer_primary": "The payer says that another payer is primary: not held automatically.",
    "low_confidence": "A line without coverage level was counted as the individual’s.",
    "answer_too_old": "This filed answer is older than seven days: shown, not acted on.",
    "amounts_unread": "AR Boost sent amounts that cannot be read: nothing is released on them.",
    "amounts_disagree": "AR Boost’s amounts and the 271 differ: the larger counts and releases nothing.",
    "reason_code_contradicted": "AR Boost said “met”, and the amounts beside it say otherwise: kept on hold.",
    "envelope_invalid": "The 271 was cut or damaged: no amount of it counts.",
    "identity_mismatch": "The answer was about somebody else: no amount of it counts.",
    "trace_not_found": "The answer did not carry our trace: no amount of it counts.",
    "several_transactions": "The file answers several questions and does not say which is ours.",
    "coverage_unclear": "The answer does not make clear whether coverage is active.",
}


def said_of_hold(row: Hold) -> Said:
    if row.release_on is None:
        return Said("Held by hand, until somebody queues it.")
    day = f"{row.release_on:%A %-d %B}"
    if row.kind == Hold.Kind.MANUAL:
        return Said("Held by hand until ", day, ".")
    return Said("Held until ", day, ", or sooner if the deductible is met.")


def said_of_submitted(handed_over_at: datetime | None, zone: tzinfo) -> Said:
    """The day the newest file went out, by the company's own clock."""
    if handed_over_at is None:
        return SAID[states.SUBMITTED]
    return Said("Handed over on ", f"{handed_over_at.astimezone(zone):%A %-d %B}", ".")


def why_automatic(row: Hold, rules: hold.Rules) -> list[tuple[str, str]]:
    if row.kind == Hold.Kind.MANUAL:
        return []
    return [
        (f"Remaining over threshold {dollars(rules.dollar_threshold)}", amount(row.remaining)),
        (f"Annual {dollars(rules.monitor_above)} or more", amount(row.annual)),
    ]


def amount(value: Any) -> str:
    return "unknown" if value is None else dollars(value)


def deductible_type(answer: Snapshot | None) -> str:
    """Whose deductible an answer's amounts are (D-X12-10)."""
    reading = answer.reading if answer else {}
    individual = (reading.get("individual") or {}).get("annual")
    family = (reading.get("family") or {}).get("annual")
    if individual and family:
        return "Individual and family, annual"
    return "Family, annual" if family else "Individual, annual"


def read_line(line: dict[str, Any]) -> Read:
    why = _AMOUNT.sub(_with_commas, str(line.get("why", "")))
    said = why.removeprefix("Not used: ").removeprefix("Used as the ")
    head, colon, rest = said.partition(": ")
    used = bool(line.get("used"))
    if used and colon:
        return Read(
            line["number"], line["raw"], used, f"{head.capitalize()}.", f"{rest[:1].upper()}{rest[1:]}"
        )
    return Read(line["number"], line["raw"], used, f"{said[:1].upper()}{said[1:]}", "")


_AMOUNT = re.compile(r"(?<![\d$.,])\d+\.\d{2}(?![\d.])")


def _with_commas(found: re.Match[str]) -> str:
    return dollars(Decimal(found[0]))


_MENDED_ELSEWHERE = {"patient": "patient", "provider": "provider"}


def where_to_mend(field: str) -> str:
    """Which page mends a missing field: ``patient``, ``provider``, or the claim's own form."""
    return _MENDED_ELSEWHERE.get(field.split(".")[0], "claim")


_ICONS = {
    "eligibility check": "radar",
    "complete": "circle-check",
    "void": "ban",
    "create claim": "file-plus",
}


def event_of(event: dict[str, Any]) -> dict[str, Any]:
    changes = [_changed(name, pair) for name, pair in event["changes"].items() if name not in _TOLD_ELSEWHERE]
    amounts = []
    if event.get("annual") or event.get("remaining"):
        amounts = [f"Annual {_amount_text(event['annual'])}, remaining {_amount_text(event['remaining'])}"]
    run = f"run {event['run']}" if event["run"] else ""
    return {
        "title": (event["act"] or event["what"]).capitalize(),
        "what": event["what"],
        "at": event["at"],
        "who": ", ".join(part for part in (event["who"], run) if part),
        "icon": _ICONS.get(event["act"], "circle-dot"),
        "lines": [*amounts, *(line for line in [event["reason"]] if line), *changes],
    }


_TOLD_ELSEWHERE = frozenset(
    (
        "snapshot_id",
        "last_asked_at",
        "last_answered_at",
        "nightly_answers",
        "ended_at",
        "queued_at",
        "cleared_at",
    )
)
"""Columns that an event's own moment, or the check beside it, says already."""


_MONEY = frozenset(("annual", "remaining", "dollar_threshold", "monitor_above"))
"""Columns of an event that hold dollars."""


def _changed(name: str, pair: dict[str, Any]) -> str:
    after = _value(name, pair["to"])
    if pair["from"] in (None, "", []):
        return f"{_name(name)}: {after}"
    return f"{_name(name)}: {_value(name, pair['from'])} → {after}"


def _amount_text(value: str | None) -> str:
    return dollars(Decimal(value)) if value else "unknown"


def _name(column: str) -> str:
    return column.removesuffix("_id").replace("_", " ").capitalize()


def _value(name: str, value: Any) -> str:
    if value in (None, "", []):
        return "none"
    if name in _MONEY:
        return dollars(Decimal(str(value)))
    if name.endswith("_on") and isinstance(value, str):
        return f"{date.fromisoformat(value):%-d %B %Y}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return states.STATUS_LABELS.get(str(value), str(value))


def anchor_of(field: str) -> str:
    """The place on the claim's form where a field that is missing is typed."""
    parts = field.split(".")
    if parts[0] == "coverages":
        return "coverages-primary-payer"
    if parts[0] == "charges":
        row = parts[1] if len(parts) > 1 else "0"
        name = parts[2] if len(parts) > 2 else "code"
        return f"charges-{row}-{name}"
    if parts[0] == "ambulance":
        return "-".join(parts) if len(parts) > 1 else "ambulance-reason"
    return parts[0]
