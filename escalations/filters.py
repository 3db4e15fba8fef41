"""Reading the filters of a ticket list: one home for the page's address, the API's query and bulk acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, Value

from accounts.models import Team, User
from accounts.roles import CAPABILITIES, Can
from escalations.domain.policy import CALLERS, CHANNELS, Policy
from escalations.domain.states import STATUSES
from escalations.domain.turnaround import STANDINGS
from escalations.models import Breach, Pause, Ticket, Waiver
from escalations.moments import read_moment
from escalations.policies import policy_in_force, policy_of
from escalations.queries import ANY, NOT_SAID, ORDERINGS
from escalations.ticket_search import TicketSearch
from escalations.triage.bands import BANDS, band_of
from patients.domain.intake import Wrong, day, one_of, text
from patients.models import Patient

SEVERAL = ("type", "status", "standing")
"""The filters that take several values, with commas between them."""
MOMENTS = (
    "received_after",
    "received_before",
    "due_after",
    "due_before",
    "resolved_after",
    "resolved_before",
)
NAMES = (
    *SEVERAL,
    "band",
    "channel",
    "caller",
    "urgency",
    "assignee",
    "team",
    "filed_by",
    "patient",
    "q",
    *MOMENTS,
    "breached",
    "late_reason",
    "overridden",
    "waiting_for",
    "proposal",
    "watched",
    "ordering",
)
URGENCIES = ("normal", "urgent")
NEWEST_FIRST = "-number"
ME, NOBODY = "me", "none"
_RANGES = (("received", "Received"), ("due", "Due"), ("resolved", "Resolved"))
_RULE = re.compile(r"R-[A-Z0-9]{1,12}(-[A-Z0-9]{1,6})?")


@dataclass(frozen=True)
class Person:
    """Somebody of the company as filters name them."""

    key: int
    username: str
    name: str
    works: bool
    team: tuple[int, str] | None


class FilterReader:
    """Reads the filters of one request; people, teams and policy are asked for once, when they are needed."""

    def __init__(self, user: User, given: Mapping[str, Any], *, now: datetime) -> None:
        self.user, self.given, self.now = user, given, now

    def read(self, ordering: str = NEWEST_FIRST) -> tuple[dict[str, Any], dict[str, Wrong]]:
        """What :func:`escalations.queries.filtered` takes, and what is wrong by name."""
        clean: dict[str, Any] = {"ordering": ordering}
        wrong: dict[str, Wrong] = {}
        for name in NAMES:
            value = str(self.given.get(name, "") or "").strip()
            if not value:
                continue
            try:
                _refuse_unprintable(value)
                clean[name] = self._readers[name](value)
            except Wrong as problem:
                wrong[name] = problem
        if clean.get("assignee") == NOBODY:
            del clean["assignee"]
            clean["unassigned"] = True
        empty = _empty_ranges(clean)
        for name in empty:
            del clean[name]
        return clean, wrong | empty

    @cached_property
    def policy(self) -> Policy:
        """The policy in force."""
        return policy_of(policy_in_force(self.user.company, at=self.now))

    @cached_property
    def people(self) -> list[Person]:
        """Everybody of the company, by name."""
        return [_person(row) for row in self._company]

    @property
    def teams(self) -> list[tuple[int, str]]:
        """The teams that somebody is in, by name."""
        return sorted({one.team for one in self.people if one.team}, key=lambda team: team[1].casefold())

    @cached_property
    def _company(self) -> list[Any]:
        """People with their teams, and whether the patient who is filtered by is there, in one query."""
        patient = _id(self.given.get("patient", ""))
        there = Exists(Patient.objects.visible_to(self.user).filter(pk=patient)) if patient else Value(False)
        rows = User.objects.filter(company_id=self.user.company_id).annotate(patient_there=there)
        columns = ("pk", "username", "first_name", "last_name", "role", "is_active", "team_id", "team__name")
        named = rows.order_by("first_name", "last_name", "username")
        return list(named.values_list(*columns, "patient_there"))

    @cached_property
    def reasons(self) -> list[tuple[str, str]]:
        """Why a ticket may have been late, by key and label."""
        return [(one.key, one.label) for one in self.policy.late_reasons]

    @cached_property
    def waits(self) -> list[tuple[str, str]]:
        """What a ticket may wait for, by key and label, each once."""
        found = {one.key: one.label for kind in self.policy.types for one in kind.waits}
        return sorted(found.items(), key=lambda wait: wait[1].casefold())

    @cached_property
    def rules(self) -> list[str]:
        """The rules that may be overridden with a reason."""
        return sorted({rule.id for kind in self.policy.types for rule in kind.rules if rule.override})

    @cached_property
    def _readers(self) -> dict[str, Callable[[str], Any]]:
        return {
            "type": self._types,
            "status": _several("Status", STATUSES),
            "standing": _several("Standing", STANDINGS),
            "band": self._band,
            "channel": one_of("Channel", CHANNELS),
            "caller": one_of("Caller", CALLERS),
            "urgency": one_of("Urgency", URGENCIES),
            "assignee": lambda value: NOBODY if value == NOBODY else self._one_of_us(value),
            "team": self._team,
            "filed_by": self._one_of_us,
            "patient": self._patient,
            "q": self._search,
            **dict.fromkeys(MOMENTS, self._moment),
            "breached": _yes_no("Ever late"),
            "late_reason": self._reason,
            "overridden": self._rule,
            "waiting_for": self._wait,
            "proposal": _yes("Proposal"),
            "watched": self._watched,
            "ordering": one_of("Ordering", tuple(ORDERINGS)),
        }

    def _types(self, value: str) -> tuple[str, ...]:
        """Types of the policy in force, or ones that a ticket was filed under earlier."""
        keys = {one.key for one in self.policy.types}
        asked = _split(value)
        unknown = [key for key in asked if key not in keys]
        if unknown:
            rows = Ticket.objects.visible_to(self.user).filter(type__in=unknown)
            known = set(rows.order_by().values_list("type", flat=True).distinct()[:50])
            if not set(unknown) <= known:
                raise Wrong("choice", f"Type must be one of: {', '.join(sorted(keys))}.")
        return asked

    def _band(self, value: str) -> Any:
        key = one_of("The band of the board", tuple(band.key for band in BANDS))(value)
        return band_of(key, self.user, self.now)

    def _one_of_us(self, value: str) -> int:
        if value == ME:
            return self.user.pk
        found = next((one.key for one in self.people if value in (one.username, str(one.key))), None)
        if found is None:
            raise Wrong("not_found", "There is no such person.")
        return found

    def _team(self, value: str) -> int:
        """A team by its id or its name; one that is still empty is asked for."""
        key = _id(value)
        found = next((team[0] for team in self.teams if team[0] == key or team[1] == value), None)
        rows = Team.objects.filter(company_id=self.user.company_id)
        if found is None:
            named = rows.filter(pk=key) if key else rows.filter(name=value)
            found = named.values_list("pk", flat=True).first()
        if found is None:
            raise Wrong("not_found", "There is no such team.")
        return found

    def _patient(self, value: str) -> int:
        key = _id(value)
        if key is None or not any(row[-1] for row in self._company):
            raise Wrong("not_found", "There is no such patient.")
        return key

    def _search(self, value: str) -> TicketSearch:
        search = TicketSearch(self.user, text("The search", 100)(value))
        if search.sought.only_without:
            raise Wrong("nothing", "Name something to look for; a minus only says what must not stand there.")
        return search

    def _moment(self, value: str) -> datetime:
        """A moment, or a date: its first moment in the company's zone."""
        zone = self.user.company.zone
        if "T" in value:
            return read_moment(value, zone)
        on = day("This", required=True)(value)
        return read_moment(f"{on.isoformat()}T00:00:00", zone)

    def _reason(self, value: str) -> str:
        rows = Breach.objects.visible_to(self.user).filter(reason=value)
        known = [NOT_SAID, *(key for key, _ in self.reasons)]
        return _known("Late because", value, known, rows)

    def _rule(self, value: str) -> str:
        if value == ANY or _RULE.fullmatch(value):
            rows = Waiver.objects.visible_to(self.user).filter(rule=value)
            return _known("Rule overridden", value, [ANY, *self.rules], rows)
        raise Wrong("choice", f"Rule overridden must be any, or a rule's id such as {_example(self.rules)}.")

    def _wait(self, value: str) -> str:
        rows = Pause.objects.visible_to(self.user).filter(reason=value)
        return _known("Waiting for", value, [ANY, *(key for key, _ in self.waits)], rows)

    def _watched(self, value: str) -> int:
        if value not in (ME, "yes", "true"):
            raise Wrong("choice", "Watched must be me: only one's own watching is shown.")
        return self.user.pk


def read_filters(
    user: User, given: Mapping[str, Any], *, now: datetime, ordering: str = NEWEST_FIRST
) -> tuple[dict[str, Any], dict[str, Wrong]]:
    """Read the filters that were given: what :func:`escalations.queries.filtered` takes, and what is wrong.

    ``type``, ``status`` and ``standing`` take several values with commas between them. ``assignee`` is a
    username, an id, ``me`` or ``none``; moments may be plain dates of the company's zone.
    """
    return FilterReader(user, given, now=now).read(ordering)


def _person(row: Any) -> Person:
    key, username, first, last, role, active, team, team_name, _ = row
    works = active and Can.WORK_TICKETS in CAPABILITIES.get(role, ())
    return Person(
        key, username, f"{first} {last}".strip() or username, works, (team, team_name) if team else None
    )


def _empty_ranges(clean: Mapping[str, Any]) -> dict[str, Wrong]:
    """Ranges that no moment can lie in: the second end stands before the first."""
    found = {}
    for key, label in _RANGES:
        since, until = clean.get(f"{key}_after"), clean.get(f"{key}_before")
        if since and until and until <= since:
            sentence = f"{label} before must be later than {label.lower()} from: nothing lies between them."
            found[f"{key}_before"] = Wrong("range", sentence)
    return found


def _split(value: str) -> tuple[str, ...]:
    """Values with commas between them, each once."""
    return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


def _several(label: str, allowed: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    read = one_of(label, allowed)
    return lambda value: tuple(read(part) for part in _split(value) or ("",))


def _yes_no(label: str) -> Callable[[str], bool]:
    def read(value: str) -> bool:
        if value.lower() not in ("yes", "no", "true", "false"):
            raise Wrong("choice", f"{label} must be yes or no.")
        return value.lower() in ("yes", "true")

    return read


def _yes(label: str) -> Callable[[str], bool]:
    def read(value: str) -> bool:
        if value.lower() not in ("yes", "true"):
            raise Wrong("choice", f"{label} must be yes, or left out.")
        return True

    return read


def _known(label: str, value: str, known: list[str], rows: Any) -> str:
    """A word of the policy in force, or one that a row still has from an earlier one."""
    if value not in known and not rows.exists():
        raise Wrong("choice", f"{label} must be one of: {', '.join(known)}.")
    return value


def _example(rules: list[str]) -> str:
    return rules[0] if rules else "R-PTP-1"


def _id(value: Any) -> int | None:
    plain = str(value)
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 18 else None


def _refuse_unprintable(value: str) -> None:
    """Refuse what the database cannot look for: a NUL, or half of a character."""
    if value.replace("\x00", "").encode(errors="ignore").decode() != value:
        raise Wrong("characters", "This filter holds a character that cannot be printed: choose it again.")
