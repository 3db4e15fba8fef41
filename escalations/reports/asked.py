"""What a report is asked for: a period and filters, all of them in the address and shown as chips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import Team, User
from accounts.roles import Can, may
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.policy import Policy
from escalations.domain.reports import LONGEST, PRESETS, USUAL, Period
from escalations.models import PolicyVersion, Ticket
from escalations.models.tickets import CHANNELS
from escalations.policies import calendar_beside, calendar_of, policy_in_force, policy_of
from patients.domain.intake import Wrong
from tables.face import Chip, Menu, Option, address_with

NOBODY = "Nobody"
NAMES = ("period", "from", "to", "type", "channel", "team", "person")
LABELS = {"type": "Type", "channel": "Channel", "team": "Team", "person": "Person"}


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
class Asked:
    """A report's question by one person at one moment. What was not understood is in ``wrong``, by field."""

    user: User
    now: datetime
    page: str
    given: dict[str, str]
    wrong: dict[str, Wrong] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.today = self.now.astimezone(self.user.company.zone).date()
        self.preset, self.period = self._period()
        self.type = self._known("type", self._type)
        self.channel = self._known("channel", self._channel)
        self.team = self._known("team", self._team)
        self.person = self._known("person", self._person)

    # --- what was said ---------------------------------------------------------------------------------

    def _period(self) -> tuple[str, Period]:
        """The period by its name, or by two dates; a wrong one is said, and the usual one shown."""
        named = self.given.get("period", "")
        if named in PRESETS:
            return named, PRESETS[named][1](self.today)
        usual = USUAL, PRESETS[USUAL][1](self.today)
        if named:
            self.wrong["period"] = Wrong("choice", f"A period is one of: {', '.join(PRESETS)}.")
            return usual
        if not (self.given.get("from") or self.given.get("to")):
            return usual
        first, last = self._date("from"), self._date("to")
        if first is None or last is None:
            return usual
        if last < first:
            self.wrong["to"] = Wrong("range", "The period ends before it begins. Choose a later last day.")
            return usual
        if (last - first).days >= LONGEST:
            self.wrong["to"] = Wrong("range", "A report covers two years at most. Choose a shorter period.")
            return usual
        return "", Period(first, last)

    def _date(self, name: str) -> date | None:
        """A date as it was typed; a last day that is left out is today."""
        said = self.given.get(name, "")
        if not said and name == "to":
            return self.today
        try:
            found = date.fromisoformat(said) if len(said) == 10 and said.isascii() else None
        except ValueError:
            found = None
        if found is None or not 2000 <= found.year <= 2099:
            field = "first" if name == "from" else "last"
            self.wrong[name] = Wrong("date", f"The {field} day is a date such as 2026-05-20.")
            return None
        return found

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
    def state(self) -> dict[str, str]:
        """What the address says that was understood."""
        kept = {name: self.given[name] for name in ("type", "channel", "team", "person")}
        dates = {"period": self.preset if self.preset != USUAL else ""}
        if not self.preset:
            dates = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return {name: value for name, value in {**dates, **kept}.items() if value and name not in self.wrong}

    def address(self, page: str = "", **changes: str) -> str:
        """A report with some filters changed."""
        return address_with(page or self.page, self.state, changes)

    def tickets(self, **wanted: str) -> str:
        """The list of the tickets that a number counts, with the filters in force."""
        person = self.people[self.person].username if self.person else ""
        team = str(self.team) if self.team else ""
        mine = {"type": self.type or "", "channel": self.channel or "", "assignee": person, "team": team}
        return address_with(reverse("escalations:list"), {}, {**mine, **wanted})

    # --- chips and menus -----------------------------------------------------------------------------

    @property
    def periods(self) -> list[Option]:
        """The periods that have a name."""
        return [
            Option(words, self.address(**{"period": key, "from": "", "to": ""}), key == self.preset)
            for key, (words, _) in PRESETS.items()
        ]

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
    def about(self) -> str:
        """The filters in force in words, for the line above the heading and for paper."""
        return "".join(f" · {chip.value}" for chip in self.chips)

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
            Menu(
                name,
                LABELS[name],
                [Option(words, self.address(**{name: value})) for value, words in options[name]],
            )
            for name in LABELS
            if options[name] and getattr(self, name) is None
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The filters as fields of a form."""
        return list(self.state.items())

    @property
    def kept_undated(self) -> list[tuple[str, str]]:
        """The same without the period, for the form that chooses one."""
        return [(name, value) for name, value in self.state.items() if name not in ("period", "from", "to")]


def read_asked(user: User, data: Mapping[str, str], *, page: str, now: datetime) -> Asked:
    """Read a report's question from an address or a form."""
    given = {name: _plain(data.get(name, "")) for name in NAMES}
    return Asked(user, now, page, given)


def _plain(value: str) -> str:
    """A filter as an address may repeat it."""
    return value.replace("\x00", "").encode(errors="ignore").decode().strip()[:100]
