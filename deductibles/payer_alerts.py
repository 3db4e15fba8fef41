"""Payers that cannot be asked, as the Runs page tells them: what is wrong, since when, where to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse

from accounts.models import User
from accounts.roles import Can
from deductibles.domain import payer_trouble
from deductibles.models import PayerTrouble

MOST = 50
ONE_FIRST = "A night asks it one question first, and the rest only when that is answered."
_WHERE = {
    payer_trouble.PAYER: ("payers:edit", Can.WRITE_PAYERS, "Open the payer"),
    payer_trouble.PROVIDER: ("deductibles:provider", Can.SETTINGS, "Open Billing provider"),
    payer_trouble.CONNECTION: ("deductibles:connections", Can.SETTINGS, "Open Connections"),
}


@dataclass(frozen=True)
class Alert:
    """One open trouble with one payer; ``url`` only where this person may mend it."""

    tone: str
    payer: str
    sentence: str
    asked: str
    how: str
    since: datetime
    last: datetime
    count: int
    url: str
    action: str


def alerts_for(user: User) -> list[Alert]:
    """The open troubles of the person's company, a wrong set-up before a payer that is down."""
    rows = PayerTrouble.objects.visible_to(user).filter(ended_at=None).select_related("payer")
    return [_alert(row, user) for row in rows.order_by("-kind", "payer__name", "code")[:MOST]]


def _alert(row: PayerTrouble, user: User) -> Alert:
    mend, setup = row.mend, row.kind == payer_trouble.SETUP
    name, needed, action = _WHERE.get(mend.where, ("", Can.SETTINGS, ""))
    url = _address(name, row.payer_id) if name and user.may(needed) else ""
    return Alert(
        tone="breach" if setup else "soon",
        payer=row.payer.name,
        sentence=f"{row.payer.name} {mend.means} (code {row.code}).",
        asked=ONE_FIRST,
        how=mend.how,
        since=row.began_at,
        last=row.last_at,
        count=row.count,
        url=url,
        action=action if url else "",
    )


def _address(name: str, payer: int) -> str:
    try:
        return reverse(name, args=[payer] if name == "payers:edit" else [])
    except NoReverseMatch:
        return ""
