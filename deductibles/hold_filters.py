"""Reading the filters of the Hold for Deductible page: one home for its address, the API and bulk acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet

from deductibles import keyset, queries
from deductibles.domain import hold
from deductibles.models import Claim, Hold
from patients.domain.intake import Wrong, day, one_of, text

NAMES = ("claim", "kind", "queued", "queueable", "clearable", "reason", "payer", "q", "release_before")

MET, ELAPSED, BY_HAND, UNKNOWN = "Deductible met", "Time elapsed", "Manually queued", "Unknown"
CODES = tuple(sorted({*hold.REASONS, hold.BY_HAND}))
REASONS = (MET, ELAPSED, BY_HAND, UNKNOWN)
"""What ``reason`` may be: a queued reason as the page words it (D-RSN-1…4), or one of the codes."""


def read_filters(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Wrong]]:
    """Read the filters that were given: what :func:`matching` takes, and what is wrong by name."""
    clean: dict[str, Any] = {}
    wrong: dict[str, Wrong] = {}
    for name in NAMES:
        if given.get(name) in (None, ""):
            continue
        try:
            clean[name] = _READERS[name](given[name])
        except Wrong as problem:
            wrong[name] = problem
    return clean, wrong


def _flag(label: str) -> Callable[[Any], bool]:
    def read(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        plain = value.strip().lower() if isinstance(value, str) else ""
        if plain not in ("true", "false", "yes", "no", "1", "0"):
            raise Wrong("choice", f"{label} must be true or false.")
        return plain in ("true", "yes", "1")

    return read


def _id(label: str) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        plain = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not re.fullmatch(r"[0-9]{1,18}", plain, re.ASCII):
            raise Wrong("unknown", f"{label} must be the id of one.")
        return int(plain)

    return read


def _claim(value: Any) -> int | str:
    """A claim by its id, or by its number as the page shows it."""
    if isinstance(value, int) and not isinstance(value, bool) or isinstance(value, str) and value.isdigit():
        return _id("Claim")(value)
    return str(text("Claim", 20, required=True)(value))


_READERS: dict[str, Callable[[Any], Any]] = {
    "claim": _claim,
    "kind": one_of("Kind", tuple(Hold.Kind.values)),
    "queued": _flag("Queued"),
    "queueable": _flag("Queueable"),
    "clearable": _flag("Clearable"),
    "reason": one_of("Reason", (*REASONS, *CODES)),
    "payer": _id("Payer"),
    "q": text("The search", 100),
    "release_before": day("Release before"),
}

_COLUMNS: dict[str, tuple[str, Any]] = {
    "release_on": ("release_on", keyset.read_date),
    "days_remaining": ("release_on", keyset.read_date),
    "started_on": ("started_on", keyset.read_date),
    "next_check_on": ("next_check_on", keyset.read_date),
    "annual": ("annual", keyset.read_amount),
    "remaining": ("remaining", keyset.read_amount),
    "claim_number": ("claim_id", keyset.read_id),
    "patient": ("claim__patient__last_name", str),
    "payer": ("payer__name", str),
    "id": ("id", keyset.read_id),
}
ORDERINGS: dict[str, keyset.Order] = {
    f"{sign}{name}": keyset.Order(column, read, bool(sign))
    for name, (column, read) in _COLUMNS.items()
    for sign in ("", "-")
}
"""What the lines may be ordered by; claim numbers are given out in the order of their ids."""
RELEASE_FIRST = "release_on"


def matching(user: Any, wanted: Mapping[str, Any]) -> QuerySet[Hold]:
    """The lines of the person's company that the filters ask for; the values have been read already."""
    plain = dict(wanted)
    number = plain.pop("claim") if isinstance(plain.get("claim"), str) else None
    code = plain.pop("reason") if plain.get("reason") in CODES else None
    rows = queries.find_holds(user, plain)
    if number is not None:
        # The claim first, by its own index: of a million lines one is looked for.
        found = Claim.objects.visible_to(user).filter(number=number.upper()).values_list("pk", flat=True)
        rows = rows.filter(claim=found.first() or 0)
    return rows.filter(queued_at__isnull=False, reason_code=code) if code else rows
