"""What each role sees first: its own work, what presses, and where to go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Sum, Value, When
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from accounts.roles import Role
from config.front.house import checks_of, counted, people_by_role
from config.setup.standing import SetUp
from deductibles.domain.money import dollars
from deductibles.domain.states import AMBIGUOUS, DRAFT, HOLD, QUEUED, REJECTED
from deductibles.models import Claim
from deductibles.night_screen import nights_of, said_of
from deductibles.queries import claims, runs
from deductibles.queries_holds import HoldOverview, overview_of
from deductibles.worklists.screen import cards_of
from escalations.domain.states import RUNNING
from escalations.models import Deflection, Ticket
from escalations.queries import alarms_of, ordered, standing_counts, standing_is, tickets_of
from escalations.screens import row_of, said_parts
from work.models import Run

MINE, UNASSIGNED, URGENT, IN_NEED, ALARMS = 20, 8, 12, 12, 5
"""Rows of each list: what fits on a screen; the lists behind the links have all."""


def home_of(user: User, now: datetime) -> tuple[str, dict[str, Any]]:
    """The template and the context of this person's first page."""
    role = Role(user.role)
    today = now.astimezone(user.company.zone)
    said = {"date_words": f"{today:%A} {today.day} {today:%B}"}
    return f"homes/{role}.html", {**said, **_BY_ROLE[role](user, now)}


def _midnight(user: User, now: datetime, days: int = 0) -> datetime:
    """The start of the company's today, or of a day after it."""
    on = now.astimezone(user.company.zone).date() + timedelta(days=days)
    return datetime.combine(on, time(0), user.company.zone)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


# --- the agent's desk -----------------------------------------------------------------------------


def agent(user: User, now: datetime) -> dict[str, Any]:
    """My open tickets soonest due first, today's that nobody has, and what I did today."""
    running = tickets_of(user).filter(status__in=RUNNING)
    mine = [row_of(one, user, now) for one in ordered(running.filter(assignee=user), "due_at")[:MINE]]
    free = running.filter(assignee=None, received_at__gte=_midnight(user, now))
    unassigned = [row_of(one, user, now) for one in ordered(free, "due_at")[: UNASSIGNED + 1]]
    upcoming = next((row for row in mine if row.ticket.promise), None)
    return {
        "lead": _desk_lead(_my_counts(user, now)),
        "mine": mine,
        "unassigned": unassigned[:UNASSIGNED],
        "more_unassigned": len(unassigned) > UNASSIGNED,
        "done_today": _done_today(user, now),
        "upcoming": upcoming,
        "promise_parts": said_parts(upcoming.ticket.promise) if upcoming else [],
    }


def _my_counts(user: User, now: datetime) -> dict[str, int]:
    words = ("immediate", "breached", "due_soon")
    counts = {word: Count("pk", filter=standing_is(word, now)) for word in words}
    rows = Ticket.objects.visible_to(user).filter(assignee=user, status__in=RUNNING)
    return rows.aggregate(open=Count("pk"), **counts)


def _desk_lead(counts: dict[str, int]) -> str:
    if not counts["open"]:
        return "Nothing of yours is open."
    said = {
        "immediate": f"{counts['immediate']:,} at once",
        "breached": f"{counts['breached']:,} late",
        "due_soon": f"{counts['due_soon']:,} due soon",
    }
    pressing = [words for name, words in said.items() if counts[name]]
    rest = f": {_listed(pressing)}." if pressing else ", none of them pressing."
    return f"{counted(counts['open'], 'ticket')} of yours {_are(counts['open'])} open{rest}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _done_today(user: User, now: datetime) -> str:
    """What was filed, and who was told where to write instead (R-ITEM-3), since the company's midnight."""
    since = _midnight(user, now)
    filed = Ticket.objects.visible_to(user).filter(filed_by=user, created_at__gte=since).count()
    turned = Deflection.objects.visible_to(user).filter(by=user, at__gte=since).count()
    told = f" and told {counted(turned, 'caller')} where to write instead" if turned else ""
    return f"Today you filed {counted(filed, 'ticket')}{told}." if filed or turned else ""


# --- the supervisor's day -------------------------------------------------------------------------


def supervisor(user: User, now: datetime) -> dict[str, Any]:
    """How the running tickets stand, and the most urgent ones with their next step."""
    counts = standing_counts(user, now)
    running = tickets_of(user).filter(status__in=RUNNING)
    rows = [row_of(one, user, now) for one in ordered(running, "due_at")[:URGENT]]
    return {
        "lead": _day_lead(counts),
        "readouts": _readouts(counts, _due_today(user, now)),
        "rows": rows,
        "counts": counts,
        "alarms": [row_of(one, user, now) for one in alarms_of(user)[:ALARMS]],
    }


def _due_today(user: User, now: datetime) -> int:
    """How many that are not late yet come due before the company's midnight."""
    rows = Ticket.objects.visible_to(user).filter(status__in=RUNNING, paused_at=None)
    return rows.filter(due_at__gte=now, due_at__lt=_midnight(user, now, 1)).exclude(unit="immediate").count()


def _day_lead(counts: dict[str, int]) -> str:
    if not counts["running"]:
        return "Nothing is running."
    late = counts["breached"] + counts["immediate"]
    pressing = f"{counted(late, 'ticket')} {_are(late)} late or immediate" if late else "No ticket is late"
    return f"{pressing}; {counts['running']:,} running in all."


def _readouts(counts: dict[str, int], today: int) -> list[dict[str, Any]]:
    shown = [
        ("immediate", "Immediate", "standing", "immediate", ""),
        ("breached", "Breached", "standing", "breached", ""),
        ("due_soon", "Due soon", "standing", "due_soon", f"{today:,} due today"),
        ("in_window", "In window", "standing", "in_window", ""),
        ("unassigned", "Unassigned", "assignee", "none", ""),
        ("paused", "Waiting", "standing", "paused", ""),
    ]
    return [
        {
            "value": f"{counts[name]:,}",
            "what": words,
            "detail": detail,
            "state": "none_stated" if name == "unassigned" else name,
            "href": f"{reverse('escalations:list')}?{urlencode({key: value})}",
        }
        for name, words, key, value, detail in shown
    ]


# --- the biller's claims --------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """A claim that waits for a person: why, and what to do."""

    claim: Claim
    why: str
    next: str


_WHY = {
    REJECTED: ("The clearinghouse or the payer rejected it.", "See why"),
    AMBIGUOUS: ("It was handed over, and no answer came. It is not sent twice.", "Look into it"),
    DRAFT: ("A draft that is not complete.", "Complete"),
}


def biller(user: User, now: datetime) -> dict[str, Any]:
    """What is held and what it is worth, what leaves tonight, and the claims that need a person."""
    today = now.astimezone(user.company.zone).date()
    holds, statuses = overview_of(user, today), _by_status(user)
    return {
        "nights": nights_of(user.company, now),
        "readouts": [*_hold_readouts(holds, today + timedelta(days=1)), *_claim_readouts(statuses)],
        "work": [card for card in cards_of(user, today) if card.count.count],
        "needs": _needs(user),
        "anything": bool(statuses) or bool(holds.all.lines),
    }


def _hold_readouts(holds: HoldOverview, tomorrow: Any) -> list[dict[str, str]]:
    page = reverse("deductibles:holds")
    leaving = urlencode({"queueable": "yes", "release_before": tomorrow.isoformat()})
    return [
        _readout(f"{total.lines:,}", what, _worth(total.dollars), address)
        for total, what, address in (
            (holds.held, "held", f"{page}?queued=no"),
            (holds.tonight, "leave tonight by date", f"{page}?{leaving}"),
            (holds.released, "released, not cleared", f"{page}?queued=yes"),
        )
    ]


def _claim_readouts(statuses: dict[str, tuple[int, Any]]) -> list[dict[str, str]]:
    page = reverse("deductibles:claims")
    labels = {DRAFT: "drafts not complete", REJECTED: "rejected", AMBIGUOUS: "hand-over unclear"}
    found = {status: statuses.get(status, (0, 0)) for status in labels}
    return [
        _readout(f"{count:,}", labels[status], _worth(total), f"{page}?status={status}")
        for status, (count, total) in found.items()
    ]


def _worth(amount: Any) -> str:
    return dollars(amount) if amount else ""


def _readout(value: str, what: str, detail: str, href: str) -> dict[str, str]:
    return {"value": value, "what": what, "detail": detail, "href": href}


def _by_status(user: User) -> dict[str, tuple[int, Any]]:
    rows = Claim.objects.visible_to(user).filter(status__in=_WHY)
    summed = rows.order_by().values("status").annotate(count=Count("pk"), dollars=Sum("total"))
    return {row["status"]: (row["count"], row["dollars"]) for row in summed}


def _needs(user: User) -> list[Need]:
    """Rejected and unclear claims first, then what the last nights set aside, then drafts, oldest first."""
    aside = _set_aside(user)
    waiting = Q(number__in=aside, status__in=(QUEUED, HOLD))
    urgency = Case(
        When(status=REJECTED, then=Value(0)),
        When(status=AMBIGUOUS, then=Value(1)),
        When(status=DRAFT, then=Value(3)),
        default=Value(2),
        output_field=IntegerField(),
    )
    rows = claims(user).filter(Q(status__in=_WHY) | waiting).order_by(urgency, "id")[:IN_NEED]
    return [Need(one, *_WHY.get(one.status, (aside.get(one.number, ""), "Put right"))) for one in rows]


def _set_aside(user: User) -> dict[str, str]:
    """The claims the newest run of each kind set aside, with why; at most a screenful of each."""
    newest: dict[str, Run] = {}
    for run in runs(user).order_by("-target_date", "-id")[:4]:
        newest.setdefault(run.kind, run)
    told = [row for run in newest.values() for row in run.failures if row.get("claim")]
    return {str(row["claim"]): str(row["why"]) for row in told[:IN_NEED]}


# --- the administrator's house --------------------------------------------------------------------


def admin(user: User, now: datetime) -> dict[str, Any]:
    """Whether the house is in order: what is missing and where to mend it, the last nights, the people."""
    checks = checks_of(user, now)
    missing = sum(not check.done for check in checks)
    lead = "Everything is in order." if not missing else f"{counted(missing, 'thing')} to see to."
    nights = [(run, said_of(run)) for run in runs(user).order_by("-target_date", "-id")[:6]]
    setup = SetUp(user, now)
    return {
        "lead": lead,
        "setting_up": setup if setup.is_unfinished else None,
        "checks": sorted(checks, key=lambda check: check.done),
        "nights": nights,
        "people": people_by_role(user),
    }


_BY_ROLE: dict[Role, Callable[[User, datetime], dict[str, Any]]] = {
    Role.AGENT: agent,
    Role.SUPERVISOR: supervisor,
    Role.BILLER: biller,
    Role.ADMIN: admin,
}
