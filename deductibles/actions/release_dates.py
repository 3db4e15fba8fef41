"""The date a hold ends by time as SQL, for all who look at many: the night, the previews, a payer's page.

What it says is what :func:`deductibles.actions.holding.release_date_of` says of one hold; the tests hold the
two side by side.
"""

from __future__ import annotations

from typing import Any

from deductibles.models import DeductibleSettings

_GUARD = "CASE WHEN NOT h.guard_waived THEN c.date_of_service + {limit} - %({s}guard_days)s::int END"
_RELEASE_ON = """CASE
    WHEN h.kind = 'automatic' AND %({s}automatic)s AND COALESCE({own_days}, %({s}max_days)s::int) IS NOT NULL
        THEN LEAST({anchor} + COALESCE({own_days}, %({s}max_days)s::int), {guard})
    WHEN h.kind = 'manual' AND %({s}manual)s AND %({s}manual_days)s::int IS NOT NULL
        THEN LEAST({start} + %({s}manual_days)s::int, {guard})
    WHEN h.release_on IS NOT NULL THEN LEAST(h.release_on, {guard}) END"""


def release_on_sql(
    s: str = "", *, own_days: str = "p.max_days", limit: str = "p.filing_limit_days", since: str = ""
) -> str:
    """The release date of hold ``h`` of claim ``c`` under the settings of :func:`values` (D-CHK-4, D-CONF-3).

    ``own_days`` and ``limit`` are where the payer's own days and its filing limit stand; null for none.
    ``since`` is where the date stands that its days are counted from, if not in the hold. A kind that is
    switched off keeps its date, unless the filing guard comes first.
    """
    guard = _GUARD.format(s=s, limit=limit)
    anchor, start = since or "h.anchor_on", since or "h.started_on"
    return _RELEASE_ON.format(s=s, own_days=own_days, guard=guard, anchor=anchor, start=start)


def values(settings: DeductibleSettings, s: str = "") -> dict[str, Any]:
    """The numbers that :func:`release_on_sql` names, after ``s``."""
    names = ("automatic", "max_days", "manual", "manual_days", "guard_days")
    return {f"{s}{name}": getattr(settings, name) for name in names}
