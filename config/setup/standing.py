"""How the set-up of a company stands: whether each step is done, worked out of what is set, never stored.

Stored is only what no fact tells: that an admin found something well as it stands, or left it for later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.db.models import Count
from django.urls import reverse

from accounts.models import SetUpMark, User
from accounts.roles import Role
from config.front.house import counted, monitoring_check, people_by_role, provider_check
from config.setup.steps import BY_KEY, GROUPS, STEPS, Step
from deductibles.connections.rows import ARBOOST, CLEARINGHOUSE
from deductibles.connections.screen import ConnectionScreen, screens_of
from deductibles.models import DeductibleSettings, settings_in_force
from escalations.calendars.choosing import week_words
from escalations.domain.calendar_edit import NamedCalendar, hours_words
from escalations.models import CalendarVersion, PolicyVersion
from escalations.policies import calendar_in_force, named_calendar_of, policy_in_force
from patients.models import Payer

State = SetUpMark.State
DONE, SKIPPED, OPEN = "done", "skipped", "open"
WORDS = {DONE: "Done", SKIPPED: "Left for later", OPEN: "To do"}
DIALS = {DONE: "closed", SKIPPED: "paused", OPEN: "none_stated"}
"""As which standing the dial of a step is drawn."""


@dataclass(frozen=True)
class StepNow:
    """A step as it stands: ``state`` is one of :data:`WORDS`, ``note`` what is set, in words.

    ``keep`` is the button by which it is said to be well, empty where there is nothing to say that of.
    """

    step: Step
    state: str
    note: str
    number: int
    keep: str

    @property
    def url(self) -> str:
        """Where it is done."""
        return reverse(self.step.url_name)

    @property
    def words(self) -> str:
        """Its state in words."""
        return WORDS[self.state]

    @property
    def dial(self) -> str:
        """Its state as a dial."""
        return DIALS[self.state]

    @property
    def is_open(self) -> bool:
        """Whether nobody did it or left it yet."""
        return self.state == OPEN


class SetUp:
    """The set-up of a person's company, read when it is asked for."""

    def __init__(self, user: User, now: datetime) -> None:
        self.user, self.company, self.now = user, user.company, now

    @cached_property
    def marks(self) -> dict[str, SetUpMark]:
        """What admins said, by step."""
        return {mark.step: mark for mark in SetUpMark.objects.filter(company=self.company)}

    @property
    def is_unfinished(self) -> bool:
        """Whether the company was opened and nobody has said yet that its set-up is over."""
        return "" in self.marks and self.marks[""].state != State.FINISHED

    @cached_property
    def steps(self) -> list[StepNow]:
        """Every step as it stands."""
        return [self._now(step, number) for number, step in enumerate(STEPS, 1)]

    @property
    def groups(self) -> list[tuple[str, list[StepNow]]]:
        """The same in their groups."""
        by_key = {one.step.key: one for one in self.steps}
        return [(title, [by_key[step.key] for step in steps]) for title, steps in GROUPS]

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(STEPS)

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(one.state == DONE for one in self.steps)

    @property
    def open(self) -> list[StepNow]:
        """Those that nobody did or left."""
        return [one for one in self.steps if one.is_open]

    @property
    def lead(self) -> str:
        """How far it is, in a sentence."""
        left = len(self.open)
        later = self.total - self.done - left
        rest = f", {counted(later, 'step')} left for later" if later else ""
        return f"{self.done} of {self.total} steps done{rest}."

    def of_page(self, view_name: str) -> StepNow | None:
        """The step that the page of this name belongs to."""
        return next((one for one in self.steps if one.step.has(view_name)), None)

    def by_key(self, key: str) -> StepNow:
        """The step of this key."""
        return next(one for one in self.steps if one.step.key == key)

    def after(self, key: str) -> StepNow | None:
        """The next step that is open, looked for from behind this one on and then from the beginning."""
        place = STEPS.index(BY_KEY[key]) + 1 if key in BY_KEY else 0
        waiting = [one for one in (*self.steps[place:], *self.steps[:place]) if one.is_open]
        return next((one for one in waiting if one.step.key != key), None)

    def kept(self, key: str) -> bool:
        """Whether an admin said that a step is well as it stands."""
        return key in self.marks and self.marks[key].state == State.KEPT

    def _now(self, step: Step, number: int) -> StepNow:
        fact, note = _FACTS[step.key](self)
        skipped = step.key in self.marks and self.marks[step.key].state == State.SKIPPED
        keep = "" if step.key == "mail" and not self.has_mail_server else step.keep
        done = fact or bool(keep and self.kept(step.key))
        return StepNow(step, DONE if done else SKIPPED if skipped else OPEN, note, number, keep)

    # What is set

    @cached_property
    def calendar_version(self) -> CalendarVersion:
        """The calendar in force."""
        return calendar_in_force(self.company, at=self.now)

    @property
    def calendar(self) -> NamedCalendar:
        """What it says."""
        return named_calendar_of(self.calendar_version)

    @property
    def year(self) -> int:
        """The calendar's present year."""
        return self.now.astimezone(self.calendar.rules.tz).year

    @cached_property
    def policy(self) -> PolicyVersion:
        """The rules in force."""
        return policy_in_force(self.company, at=self.now)

    @cached_property
    def connections(self) -> dict[str, ConnectionScreen]:
        """Both connections, by kind."""
        return {screen.kind: screen for screen in screens_of(self.company, self.now)}

    @cached_property
    def monitoring(self) -> DeductibleSettings:
        """The settings of holding in force."""
        return settings_in_force(self.company.pk)

    @cached_property
    def payers(self) -> tuple[int, int]:
        """How many payers there are, and of how many the filing limit is known."""
        rows = Payer.objects.filter(company=self.company)
        counts = rows.aggregate(all=Count("pk"), limited=Count("filing_limit_days"))
        return counts["all"], counts["limited"]

    @cached_property
    def people(self) -> dict[str, int]:
        """How many active people the company has, by role."""
        return dict(people_by_role(self.user))

    @property
    def has_mail_server(self) -> bool:
        """Whether mails go anywhere but into the log."""
        return "smtp" in settings.EMAIL_BACKEND


def hours_said(calendar: NamedCalendar) -> str:
    """The week of a calendar in words."""
    return week_words([hours_words(day, closed="") for day in calendar.rules.hours])


def _company(setup: SetUp) -> tuple[bool, str]:
    where = setup.company.itemized_bill_address
    insurers = f"Insurers write to {where}." if where else "No address for insurers yet."
    return False, f"{setup.company.name}, {setup.company.time_zone}. {insurers}"


def _hours(setup: SetUp) -> tuple[bool, str]:
    return False, f"{hours_said(setup.calendar)}, {setup.calendar.rules.zone}."


def _holidays(setup: SetUp) -> tuple[bool, str]:
    closed, year = setup.calendar.rules.holidays, setup.year
    if not any(on.year >= year for on in closed):
        return False, "None: every weekday that is open counts."
    counts = [f"{sum(on.year == shown for on in closed)} in {shown}" for shown in (year, year + 1)]
    return False, f"{counts[0]}, {counts[1]}."


def _rules(setup: SetUp) -> tuple[bool, str]:
    who = setup.policy.created_by
    return bool(who), f"Version {setup.policy.number}, {f'published by {who}' if who else 'as shipped'}."


def _provider(setup: SetUp) -> tuple[bool, str]:
    check = provider_check(setup.company)
    return check.done, check.note


def _connection(kind: str) -> Callable[[SetUp], tuple[bool, str]]:
    def found(setup: SetUp) -> tuple[bool, str]:
        screen = setup.connections[kind]
        state, words = screen.standing
        if screen.found.address and state == "none_stated":
            words = "Named by this server" if screen.found.source == "server" else "Entered"
            words += ", not tested yet"
        return state == "closed", f"{words}."

    return found


def _monitoring(setup: SetUp) -> tuple[bool, str]:
    return bool(setup.monitoring.version), monitoring_check(setup.monitoring).note


def _payers(setup: SetUp) -> tuple[bool, str]:
    count, limited = setup.payers
    return bool(
        count
    ), f"{counted(count, 'payer')}, {limited:,} with a filing limit." if count else "None yet."


def _mail(setup: SetUp) -> tuple[bool, str]:
    if not setup.has_mail_server:
        return False, "This server sends no mail: links are shown and handed over."
    return False, f"Mails go to {settings.EMAIL_HOST}."


def _people(setup: SetUp) -> tuple[bool, str]:
    said = [counted(count, role.lower()) for role, count in setup.people.items() if count]
    workers = sum(count for role, count in setup.people.items() if role.lower() != Role.ADMIN)
    return bool(workers), f"{', '.join(said)}." if sum(setup.people.values()) > 1 else "You alone."


_FACTS: dict[str, Callable[[SetUp], tuple[bool, str]]] = {
    "company": _company,
    "hours": _hours,
    "holidays": _holidays,
    "rules": _rules,
    "provider": _provider,
    "clearinghouse": _connection(CLEARINGHOUSE),
    "arboost": _connection(ARBOOST),
    "monitoring": _monitoring,
    "payers": _payers,
    "mail": _mail,
    "people": _people,
}
