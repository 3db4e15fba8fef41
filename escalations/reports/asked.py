"""What a report is asked for: a period and filters, all of them in the address and shown as chips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import Team, User
from accounts.roles import Can, may
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.policy import Policy
from escalations.domain.reports import PERIODS
from escalations.models import PolicyVersion, Ticket
from escalations.models.tickets import CHANNELS
from escalations.policies import calendar_beside, calendar_of, policy_in_force, policy_of
from patients.domain.intake import Wrong
from tables.asked import OverAPeriod, given_of
from tables.face import Chip, Menu, address_with

NOBODY = "Nobody"
LABELS = {"type": "Type", "channel": "Channel", "team": "Team", "person": "Person"}
NAMES = ("period", "from", "to", *LABELS)


@dataclass(frozen=True)
class Person:
    """Somebody of the company, as a report names them."""

    key: int
    name: str
    username: str
    team: int | None
    team_name: str
    works: bool


@dataclass
class Asked(OverAPeriod):
    """A report's question by one person at one moment. What was not understood is in ``wrong``, by field."""

    periods_offered = PERIODS
    user: User
    now: datetime
    page: str
    given: dict[str, str]
    wrong: dict[str, Wrong] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.today = self.now.astimezone(self.user.company.zone).date()
        self.wrong |= {name: Wrong(*fault) for name, fault in self.chosen_period.wrong.items()}
        self.type = self._known("type", self._type)
        self.channel = self._known("channel", self._channel)
        self.team = self._known("team", self._team)
        self.person = self._known("person", self._person)

    # --- what was said ---------------------------------------------------------------------------------

    def _known(self, name: str, reader: Any) -> Any:
        said = self.given.get(name, "")
        if not said:
            return None
        try:
            return reader(said)
        except Wrong as problem:
            self.wrong[name] = problem
            return None

    def _type(self, said: str) -> str:
        if said in self.types or Ticket.objects.visible_to(self.user).filter(type=said[:40]).exists():
            return said
        raise Wrong("choice", "There is no such type of ticket.")

    def _channel(self, said: str) -> str:
        if said in dict(CHANNELS):
            return said
        raise Wrong("choice", "The channel is phone or email.")

    def _team(self, said: str) -> int:
        key = int(said) if said.isascii() and said.isdigit() and len(said) <= 18 else 0
        if key not in self.teams and not Team.objects.visible_to(self.user).filter(pk=key).exists():
            raise Wrong("not_found", "There is no such team here.")
        return key

    def _person(self, said: str) -> int:
        found = next((one.key for one in self.people.values() if said in (one.username, str(one.key))), None)
        if found is None:
            raise Wrong("not_found", "There is no such person here.")
        return found

    # --- what is known of the company ----------------------------------------------------------------

    @cached_property
    def _version(self) -> PolicyVersion:
        return policy_in_force(self.user.company, at=self.now)

    @cached_property
    def policy(self) -> Policy:
        """The policy in force."""
        return policy_of(self._version)

    @cached_property
    def calendar(self) -> BusinessCalendar:
        """The business calendar in force."""
        return calendar_of(calendar_beside(self._version, at=self.now))

    @cached_property
    def types(self) -> dict[str, str]:
        """The types of the policy in force: key and name."""
        return {one.key: one.name for one in self.policy.types}

    @cached_property
    def people(self) -> dict[int, Person]:
        """Everybody of the company, also those who left: their tickets stay."""
        rows = User.objects.filter(company_id=self.user.company_id).select_related("team")
        return {
            one.pk: Person(
                one.pk,
                str(one),
                one.username,
                one.team_id,
                str(one.team or ""),
                one.is_active and may(one.role, Can.WORK_TICKETS),
            )
            for one in rows.order_by("first_name", "last_name", "username")
        }

    @cached_property
    def teams(self) -> dict[int, str]:
        """The company's teams that have people."""
        found = {one.team: one.team_name for one in self.people.values() if one.team}
        return dict(sorted(found.items(), key=lambda team: team[1]))

    def named(self, key: int | None) -> str:
        """A person's name, or Nobody."""
        found = self.people.get(key) if key is not None else None
        return found.name if found else NOBODY

    def typed(self, key: str) -> str:
        """A type's name; one that the policy has no more is called by its key."""
        return self.types.get(key) or key.replace("-", " ").capitalize() or "No type"

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The stretch ``[start, end)`` that the period covers."""
        return self.period.moments(self.user.company.zone)

    def of(self, ticket: str = "", person: str = "assignee") -> Q:
        """The filters as a condition on rows: ``ticket`` leads to the ticket, ``person`` to who counts."""
        wanted = Q()
        if self.type:
            wanted &= Q(**{f"{ticket}type": self.type})
        if self.channel:
            wanted &= Q(**{f"{ticket}channel": self.channel})
        if self.person:
            wanted &= Q(**{f"{person}_id": self.person})
        if self.team:
            wanted &= Q(**{f"{person}__team_id": self.team})
        return wanted

    # --- addresses -----------------------------------------------------------------------------------

    @property
    def filters(self) -> dict[str, str]:
        """The filters that were understood, as an address has them."""
        return {name: self.given[name] for name in LABELS if name not in self.wrong}

    def tickets(self, **wanted: str) -> str:
        """The list of the tickets that a number counts, with the filters in force."""
        person = self.people[self.person].username if self.person else ""
        team = str(self.team) if self.team else ""
        mine = {"type": self.type or "", "channel": self.channel or "", "assignee": person, "team": team}
        return address_with(reverse("escalations:list"), {}, {**mine, **wanted})

    # --- chips and menus -----------------------------------------------------------------------------

    @property
    def chips(self) -> list[Chip]:
        """The filters in force, each with the address without it."""
        said = {
            "type": self.typed(self.type) if self.type else "",
            "channel": dict(CHANNELS).get(self.channel or "", ""),
            "team": self.teams.get(self.team, "Without people") if self.team else "",
            "person": self.named(self.person) if self.person else "",
        }
        return [Chip(LABELS[name], said[name], self.address(**{name: ""})) for name in LABELS if said[name]]

    @property
    def menus(self) -> list[Menu]:
        """The filters that are not in force, as choices."""
        options: dict[str, list[tuple[str, str]]] = {
            "type": list(self.types.items()),
            "channel": CHANNELS,
            "team": [(str(key), name) for key, name in self.teams.items()],
            "person": [(one.username, one.name) for one in self.people.values() if one.works],
        }
        return [
            self.menu(name, label, options[name])
            for name, label in LABELS.items()
            if options[name] and getattr(self, name) is None
        ]


def read_asked(user: User, data: Mapping[str, str], *, page: str, now: datetime) -> Asked:
    """Read a report's question from an address or a form."""
    return Asked(user, now, page, given_of(data, NAMES))
