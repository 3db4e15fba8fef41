"""What the page of a change of type shows: what the new type asks, and which dates result (K12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict

from accounts.models import User
from escalations.actions.retyping import new_dates, read_change, turnaround_after
from escalations.domain import turnaround as engine
from escalations.filing_rails import Guard
from escalations.forms import ANSWER, FilingForm, said_in
from escalations.models import TicketEvent
from escalations.policies import calendar_of, policy_of
from escalations.screens import moment_words, said_parts
from escalations.starting import as_typed, offered
from escalations.ticket_page import timeline
from escalations.ticket_page.dates import Dates
from escalations.ticket_page.reading import Detail
from escalations.type_questions import Question, TypeQuestions
from patients.banners import Banner, banners_of
from patients.domain.intake import Wrong

_SHOWN = ("type", "channel", "note")
_ASKED = ("type", "channel", "answers", "acknowledged", "overrides")


@dataclass(frozen=True)
class Window:
    """One of the two windows that are compared: type, channel, turnaround and dates in words."""

    type: str
    channel: str
    turnaround: str
    opens: str
    due: str


class RetypeScreen(TypeQuestions):
    """The page of a change of type.

    ``judged`` after a press of *Change*: then what is missing is told too. ``since`` is what somebody else
    did meanwhile. ``unkept`` says why files were not taken, by question.
    """

    def __init__(
        self,
        detail: Detail,
        user: User,
        data: QueryDict,
        *,
        at: datetime,
        key: str,
        judged: bool = False,
        unkept: Mapping[str, Wrong] | None = None,
        since: Sequence[TicketEvent] = (),
    ) -> None:
        self.detail, self.ticket, self.user, self.at, self.key = detail, detail.ticket, user, at, key
        self.judged, self.unkept, self.since = judged, unkept or {}, since
        self.files_of_ticket = self.ticket
        self.policy = policy_of(self.ticket.policy_version)
        self.calendar = calendar_of(self.ticket.calendar_version)
        self.facts = facts_in(data, self)
        asked = {name: self.facts[name] for name in _ASKED}
        prefill = None if judged else offered(user, at)
        self.filing = read_change(self.ticket, asked, by=user, at=at, prefill=prefill)
        self.typed = self.with_offers(data)
        self.form = FilingForm(self.policy, self.filing.type, self.typed, first="type")
        self.form.show_wrong(self.told_wrong())

    # What is asked

    @cached_property
    def banners(self) -> list[Banner]:
        """What must be seen of the patient."""
        patient = self.ticket.patient
        return banners_of([patient]).get(patient.pk, []) if patient else []

    @property
    def questions(self) -> list[Question]:
        """The questions of the new type, each with the guard rails beside it."""
        return [self.question_of(one) for one in self.filing.intake.asked]

    @property
    def other_guards(self) -> list[Guard]:
        """What stands against it in the call as it was filed, beside no question; advice for it is past."""
        asked = {one.key for one in self.filing.intake.asked}
        return [guard for field, guard in self.guards if field not in asked and _stands(guard)]

    def place_of(self, name: str) -> str:
        """Where it is answered; what was said in the call is not asked again here."""
        shown = name in _SHOWN or ANSWER + name in self.form.fields
        return super().place_of(name) if shown else "#retype-guards"

    # Which dates result

    @property
    def zone_words(self) -> str:
        """The zone all times of this page are in."""
        return engine.zone_words(self.calendar, self.at)

    @property
    def before(self) -> Window:
        """The window as it is; of a waiting ticket as if it were resumed now."""
        ticket, due = self.ticket, Dates(self.detail, "", self.at).due
        turnaround = self.detail.clock.turnaround
        return self._window(ticket.type_name, ticket.channel, turnaround, due)

    @cached_property
    def _due(self) -> engine.Due | None:
        if self.filing.type is None or not self.filing.channel or not self.detail.cycles:
            return None
        now = self.at if self.ticket.paused_at is not None else None
        found = new_dates(self.ticket, self.filing, self.detail.cycle, self.detail.pauses, now)
        return engine.Due(found["expected_from"], found["due_at"])

    @property
    def after(self) -> Window | None:
        """The window as it will be."""
        if self._due is None or self.filing.type is None:
            return None
        turnaround = turnaround_after(self.ticket, self.filing, self.detail.cycle)
        return self._window(self.filing.type.name, self.filing.channel, turnaround, self._due)

    def _window(self, name: str, channel: str, turnaround: engine.Turnaround, due: engine.Due) -> Window:
        opens, due_at = due
        return Window(
            type=name,
            channel=channel,
            turnaround=engine.describe(turnaround),
            opens=moment_words(opens, self.calendar, self.at) if opens else "",
            due=moment_words(due_at, self.calendar, self.at) if due_at else "no date is stated",
        )

    @property
    def late_at_once(self) -> bool:
        """Whether the change alone would make it late."""
        due_at, before = (self._due.due_at if self._due else None), self.ticket.due_at
        was_late = before is not None and before < self.at
        return due_at is not None and due_at < self.at and not was_late and self.ticket.paused_at is None

    @property
    def keeps_breach(self) -> bool:
        """Whether a breach is on record, which no change of type takes back (K12)."""
        return bool(self.detail.breaches)

    @property
    def promise_parts(self) -> list[tuple[str, bool]]:
        """What to tell the patient once it is changed, with its dates marked; empty where nothing changes."""
        if self._due is None or self.filing.type is None or self.before == self.after:
            return []
        turnaround = turnaround_after(self.ticket, self.filing, self.detail.cycle)
        return said_parts(engine.promise(self._due, turnaround, self.calendar, self.detail.clock.received_at))

    # Who was first

    @property
    def news(self) -> list[timeline.Event]:
        """What others did since the version that was seen."""
        return timeline.lines_of(self.since, self.ticket, self.at)

    @property
    def news_title(self) -> str:
        """Who changed it while somebody looked at it."""
        return timeline.who_changed(self.news, self.ticket)


def _stands(guard: Guard) -> bool:
    """Whether a guard rail refuses, is to be ticked off or is overridden, and not only suggests."""
    return guard.strength == "stop" or guard.acknowledge or bool(guard.override)


def facts_in(data: QueryDict, screen: RetypeScreen) -> dict[str, Any]:
    """What the form sent, in the names of the step ``retype``."""
    said = said_in(data, screen.policy, screen.user)
    found = {name: said[name] for name in _ASKED}
    return {**found, "note": data.get("note", "")}


def start_of(detail: Detail, asked: Mapping[str, str], *, by: User, at: datetime) -> QueryDict:
    """How the form begins: the ticket as it is, or the type and channel that the address names."""
    ticket = detail.ticket
    data = QueryDict(mutable=True)
    data["type"] = asked.get("type", "")[:40] or ticket.type
    data["channel"] = asked.get("channel", "")[:8] or ticket.channel
    for key, value in ticket.answers.items():
        data.setlist(ANSWER + key, [as_typed(one) for one in (value if isinstance(value, list) else [value])])
    data.setlist("acknowledged", list(ticket.acknowledged))
    return brought(detail, data, by=by, at=at)


def brought(detail: Detail, data: QueryDict, *, by: User, at: datetime) -> QueryDict:
    """The form with what a rule of the old type carries over to the chosen one, where nothing was typed."""
    if data.get("type") in ("", detail.ticket.type, data.get("type_was")):
        return data
    filing = read_change(detail.ticket, {}, by=by, at=at)
    found = next((one for one in filing.intake.suggestions if one.suggest == data["type"]), None)
    fresh = data.copy()
    for key, value in (found.prefill if found else {}).items():
        if not any(fresh.getlist(ANSWER + key)):
            rows = value if isinstance(value, list) else [value]
            fresh.setlist(ANSWER + key, [as_typed(one) for one in rows])
    return fresh
