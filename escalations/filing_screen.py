"""What the filing page shows: what was typed, what the rules say of it, and the promise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from escalations.domain import turnaround as engine
from escalations.domain.intake import Finding
from escalations.due_picture import small_picture
from escalations.filing import Filing, promise_of, read_filing
from escalations.forms import ANSWER, FilingForm, said_in
from escalations.policies import holiday_name, policy_in_force, policy_of
from escalations.queries import open_tickets_of
from escalations.screens import Row, moment_words, row_of, said_parts, short_words
from patients.queries import find_patients

MOST_MATCHES = 8
SHORTEST_SEARCH = 2
_OF_CHOICES = ("choice", "choices", "yes_no")
"""Answers that are keys of the policy and name nobody: they may stand in an address (I8)."""
_GUARDS = {"BLOCK": "stop", "REQUIRE": "stop", "ACK": "warn", "SUGGEST": "warn"}


@dataclass(frozen=True)
class Guard:
    """A guard rail as it is drawn; ``acknowledge`` asks for a tick."""

    strength: str
    rule: str
    title: str
    message: str
    instead: str
    acknowledge: bool = False


def _guard(finding: Finding) -> Guard:
    strength = "warn" if finding.missing else _GUARDS.get(finding.strength, "guide")
    title = "Not filed here." if finding.deflect else ""
    message, instead = finding.message, finding.instead
    return Guard(strength, finding.rule, title, message, instead, finding.strength == "ACK")


class FilingScreen:
    """The page on which a ticket is filed: what was typed, what the rules say of it, the promise.

    ``judged`` after a press of *File ticket*: then what is missing is told too.
    """

    def __init__(self, user: User, data: QueryDict, *, at: datetime, judged: bool) -> None:
        version = policy_in_force(user.company, at=at)
        policy = policy_of(version)
        self.user, self.typed, self.at, self.judged = user, data, at, judged
        self.filing: Filing = read_filing(user, said_in(data, policy, user), at=at, policy_version=version)
        self.form = FilingForm(policy, self.filing.type, data)
        self.form.show_wrong(self.filing.all_wrong if judged else self._readable_wrong())
        self.ticked = data.getlist("acknowledged")
        self.sought = data.get("patient_q", "").replace("\x00", "").strip()[:100]

    def _readable_wrong(self) -> dict[str, Any]:
        """While nothing was sent off, only what was typed wrongly is told, not what is missing."""
        return {name: one for name, one in self.filing.all_wrong.items() if one.code != "required"}

    @property
    def patient(self) -> Any:
        """The chosen patient."""
        return self.filing.patient

    @cached_property
    def matches(self) -> list[Any]:
        """Patients found by what was typed; the chosen one stays among them, so that arrow keys can go on."""
        if len(self.sought) < SHORTEST_SEARCH:
            return []
        return list(find_patients(self.user, self.sought)[:MOST_MATCHES])

    @property
    def chosen_is_listed(self) -> bool:
        """Whether the chosen patient is marked in the list of matches and needs no line of its own."""
        return self.patient in self.matches

    @property
    def searched(self) -> bool:
        """Whether enough was typed to look for."""
        return len(self.sought) >= SHORTEST_SEARCH

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The fields of the questions asked, each with the guard rails that stand beside it."""
        return [
            {"field": self.form[ANSWER + question.key], "guards": self.guards_at(question.key)}
            for question in self.filing.intake.asked
        ]

    def guards_at(self, name: str) -> list[Guard]:
        """What the rules say beside one field."""
        return [_guard(finding) for finding in self._told() if finding.field == name]

    @property
    def caller_guards(self) -> list[Guard]:
        """Beside the caller (R-ITEM-3)."""
        return self.guards_at("caller") if self.filing.caller or self.judged else []

    @property
    def channel_guards(self) -> list[Guard]:
        """Beside the channel."""
        return self.guards_at("channel")

    @property
    def patient_guards(self) -> list[Guard]:
        """Beside the patient."""
        return self.guards_at("patient")

    @property
    def promise_guards(self) -> list[Guard]:
        """Beside the promise (R-ALL-2)."""
        return self.guards_at("promise")

    def _told(self) -> Iterable[Finding]:
        refusing = self.filing.intake.refusals
        guiding = tuple(f for f in self.filing.intake.findings if not f.refuses and f.strength != "ACTION")
        return [f for f in (*refusing, *guiding) if self.judged or not f.missing]

    @property
    def problems(self) -> list[dict[str, str]]:
        """Everything that refuses, for the list above the form, each with the place that mends it."""
        if not self.judged:
            return []
        return [
            {**finding.as_problem(), "href": self._place_of(finding.field)}
            for finding in self.filing.intake.refusals
        ]

    def _place_of(self, name: str) -> str:
        """Where on the page a question, or a fact of the request, is answered."""
        if name == "promise":
            return "#filing-promise"
        field = {"patient": "patient_q"}.get(name, name)
        for found in (field, ANSWER + field):
            if found in self.form.fields:
                return f"#{self.form[found].id_for_label or f'id_{found}_0'}"
        return ""

    @property
    def acknowledged(self) -> list[str]:
        """The rules ticked off already; their guard rails are gone, so the page carries them on."""
        given = set(self.ticked)
        rules = self.filing.type.rules if self.filing.type else ()
        return [rule.id for rule in rules if rule.strength == "ACK" and rule.id in given]

    @property
    def to_settle(self) -> int:
        """How many things still stand against filing."""
        return len(self.filing.intake.refusals) + len(self.filing.all_wrong)

    @property
    def turned_away(self) -> bool:
        """Whether the caller is told where to write instead of a ticket (R-ITEM-3)."""
        return self.filing.intake.deflection is not None

    @property
    def promise(self) -> dict[str, Any] | None:
        """The sentence to say, its window, and the words under it (R-ALL-2)."""
        found = promise_of(self.filing)
        if found is None or self.turned_away:
            return None
        calendar = self.filing.calendar
        due_at = found.due.due_at
        return {
            "sentence": found.sentence,
            "parts": said_parts(found.sentence),
            "turnaround": engine.describe(found.turnaround),
            "due_words": moment_words(due_at, calendar) if due_at else "",
            "zone": engine.zone_words(calendar, self.at),
            "legend": self._legend(due_at),
            "picture": small_picture(self.filing.received_at, found.due, self.at),
        }

    def _legend(self, due_at: datetime | None) -> tuple[str, str, str]:
        """The words under the window: where it starts, a holiday on the way, where it ends."""
        if due_at is None:
            return "", "", ""
        calendar, since = self.filing.calendar, self.filing.received_at
        start = "now" if since == self.at else short_words(since, calendar)
        first, last = (moment.astimezone(calendar.tz).date() for moment in (since, due_at))
        free = next((day for day in sorted(calendar.holidays) if first < day <= last), None)
        name = f"{free:%a} {free.day} is {holiday_name(free) or 'a holiday'}" if free else ""
        return start, name, short_words(due_at, calendar)

    @property
    def open_tickets(self) -> list[Row]:
        """What still runs for the chosen patient."""
        if not self.patient:
            return []
        return [row_of(ticket, self.user, self.at) for ticket in open_tickets_of(self.patient, self.user)[:5]]

    @property
    def back_here(self) -> str:
        """This page with what was chosen, for the way back from adding a patient; it names no patient."""
        chosen = QueryDict(mutable=True)
        asked = [ANSWER + one.key for one in self.filing.intake.asked if one.kind in _OF_CHOICES]
        for name in ("type", "channel", "caller", *asked):
            said = [one[:40] for one in self.typed.getlist(name)[:20] if one and one.isascii()]
            if said:
                chosen.setlist(name, said)
        return f"{reverse('escalations:new')}?{chosen.urlencode()}" if chosen else reverse("escalations:new")
