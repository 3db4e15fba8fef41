"""Reading the filters of a ticket list: one home for the page's address and the API's query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import Team, User
from escalations.domain.states import STATUSES
from escalations.domain.turnaround import STANDINGS
from escalations.models import CHANNELS, Ticket
from escalations.moments import read_moment
from escalations.policies import policy_in_force, policy_of
from escalations.queries import ORDERINGS
from escalations.triage.bands import BANDS, band_of
from patients.domain.intake import Wrong, day, one_of, text
from patients.models import Patient

NAMES = (
    "type",
    "status",
    "standing",
    "band",
    "channel",
    "assignee",
    "team",
    "patient",
    "q",
    "received_after",
    "due_before",
    "ordering",
)
CHANNEL_KEYS = tuple(key for key, _ in CHANNELS)
NEWEST_FIRST = "-number"
_MINE, _NOBODY = "me", "none"


def read_filters(
    user: User, given: Mapping[str, str], *, now: datetime, ordering: str = NEWEST_FIRST
) -> tuple[dict[str, Any], dict[str, Wrong]]:
    """Read the filters that were given: what :func:`escalations.queries.filtered` takes, and what is wrong.

    ``assignee`` is a username, an id, ``me`` or ``none``; moments may be plain dates of the company's zone.
    """
    clean: dict[str, Any] = {"ordering": ordering}
    wrong: dict[str, Wrong] = {}
    readers = _readers(user, now)
    for name in NAMES:
        value = given.get(name, "").strip()
        if not value:
            continue
        try:
            clean[name] = readers[name](value)
        except Wrong as problem:
            wrong[name] = problem
    if "band" in clean:
        clean["band"] = band_of(clean["band"], user, now)
    if clean.get("assignee") == _NOBODY:
        del clean["assignee"]
        clean["unassigned"] = True
    return clean, wrong


def _readers(user: User, now: datetime) -> dict[str, Callable[[str], Any]]:
    moment = _moment(user)
    return {
        "type": lambda value: _type(user, value, now),
        "status": one_of("Status", STATUSES),
        "standing": one_of("Standing", STANDINGS),
        "band": one_of("The band of the board", tuple(band.key for band in BANDS)),
        "channel": one_of("Channel", CHANNEL_KEYS),
        "assignee": lambda value: _assignee(user, value),
        "team": lambda value: _row_id(Team.objects.filter(company_id=user.company_id), value, "team"),
        "patient": lambda value: _row_id(Patient.objects.visible_to(user), value, "patient"),
        "q": text("The search", 100),
        "received_after": moment,
        "due_before": moment,
        "ordering": one_of("Ordering", tuple(ORDERINGS)),
    }


def _type(user: User, value: str, now: datetime) -> str:
    """A type of the policy in force, or one that a ticket was filed under earlier."""
    keys = {one.key for one in policy_of(policy_in_force(user.company, at=now)).types}
    known = value in keys or Ticket.objects.visible_to(user).filter(type=_plain(value)).exists()
    if not known:
        raise Wrong("choice", f"Type must be one of: {', '.join(sorted(keys))}.")
    return value


def _assignee(user: User, value: str) -> Any:
    if value in (_MINE, _NOBODY):
        return user.pk if value == _MINE else _NOBODY
    people = User.objects.filter(company_id=user.company_id)
    found = people.filter(username=_plain(value)).values_list("pk", flat=True).first()
    return found if found is not None else _row_id(people, value, "person")


def _row_id(rows: Any, value: str, thing: str) -> int:
    if value.isascii() and value.isdigit() and len(value) <= 18 and rows.filter(pk=int(value)).exists():
        return int(value)
    raise Wrong("not_found", f"There is no such {thing}.")


def _moment(user: User) -> Callable[[str], datetime]:
    """A reader of a moment, or of a date: its first moment in the company's zone."""

    def read(value: str) -> datetime:
        if "T" in value:
            return read_moment(value, user.company.zone)
        on = day("This", required=True)(value)
        return read_moment(f"{on.isoformat()}T00:00:00", user.company.zone)

    return read


def _plain(value: str) -> str:
    """Text the database can look for: a NUL is in no name."""
    return value.replace("\x00", "")[:150]
