"""What the page of one ticket shows."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from accounts.models import User
from accounts.roles import Can
from escalations.clock import standing_of
from escalations.domain import turnaround as engine
from escalations.domain.states import OVER
from escalations.due_picture import Picture, large_picture
from escalations.files_shown import TicketFiles
from escalations.follow_ups import FollowUp, follow_ups
from escalations.models import CALLERS, CHANNELS
from escalations.policies import calendar_of, named_calendar_of, policy_of
from escalations.queries import Detail, people_for_tickets, steps_of
from escalations.screens import moment_words, reason_words, said_parts, short_words, standing_words
from patients.banners import Banner, banners_of

_EVENT_ICONS = {
    "file": "phone",
    "take": "user",
    "start": "play",
    "wait": "circle-pause",
    "resume": "play",
    "resolve": "circle-check",
    "reopen": "rotate-ccw",
    "assign": "user-check",
    "cancel": "ban",
    "comment": "message-square",
    "contact": "phone-incoming",
    "call": "phone-outgoing",
    "retype": "shuffle",
    "dismiss": "flag-off",
    "link": "link",
    "draft": "file-pen",
    "attach": "paperclip",
    "breach": "clock-alert",
    "merge": "merge",
    "acknowledge": "eye",
    "explain": "message-square-warning",
    "decline": "x",
    "reclock": "calendar-clock",
}
_SIMPLE = ("take", "start", "resume")
_IN_THEIR_OWN_PLACE = (
    "comment", "contact", "call", "dismiss", "retype", "file", "merge", "acknowledge", "explain", "decline",
)  # fmt: skip
"""Steps that stand elsewhere on the page, or on a page of their own, and not among the buttons."""
_KEYS = {"take": "t", "start": "s", "wait": "w", "resume": "w", "resolve": "r", "reopen": "o", "assign": "a"}
_TAKES_BACK = "cancel"


_SAID_FROM_THERE = {
    "caused_by": "Caused",
    "duplicate_of": "Has the duplicate",
    "follows": "Followed by",
    "names": "Named by",
}


class TicketScreen:
    """The page of one ticket. ``typed`` and ``wrong`` belong to a step that was not taken."""

    def __init__(self, detail: Detail, user: User, *, now: datetime) -> None:
        self.detail, self.ticket, self.user, self.now = detail, detail.ticket, user, now
        self.calendar = calendar_of(detail.ticket.calendar_version)
        self.standing = standing_of(detail.ticket, now)
        self.typed: dict[str, Any] = {}
        self.wrong: dict[str, Any] = {}
        self.failed_act = ""

    @property
    def over(self) -> bool:
        """Whether the ticket has come to its end."""
        return self.ticket.status in OVER

    @property
    def type(self) -> Any:
        """The type as the ticket's version of the policy has it."""
        return policy_of(self.ticket.policy_version).type(self.ticket.type)

    @property
    def turnaround_words(self) -> str:
        """The current cycle's turnaround with the unit in words (K4)."""
        return engine.describe(self.detail.clock.turnaround)

    @property
    def standing_words(self) -> str:
        """The dial's words."""
        return standing_words(self.ticket, self.standing, self.now)

    @property
    def due_words(self) -> str:
        """When it is due, as it is said; what it would be "if resumed now" while paused (K9)."""
        due_at = self._due().due_at
        if due_at is None:
            return "no date is stated"
        said = moment_words(due_at, self.calendar)
        if self.detail.if_resumed is not None:
            return f"due {said}, if resumed now"
        return f"was due {said}" if self.over or self.standing == "breached" else f"due {said}"

    def _due(self) -> engine.Due:
        return self.detail.if_resumed or engine.Due(self.ticket.expected_from, self.ticket.due_at)

    @property
    def zone_words(self) -> str:
        """The zone all times of this page are in."""
        return engine.zone_words(self.calendar, self.now)

    @property
    def promise_parts(self) -> list[tuple[str, bool]]:
        """The sentence the patient was told, with its dates marked."""
        return said_parts(self.ticket.promise)

    @property
    def picture(self) -> Picture:
        """The due window with its days."""
        clock, pauses = self.detail.clock, self.detail.pauses
        return large_picture(clock.received_at, self._due(), self.now, self.calendar, pauses, ended=self.over)

    @property
    def picture_words(self) -> str:
        """The due window in words, for those who do not see it."""
        due = self._due()
        since = (
            f"expected from {moment_words(due.expected_from, self.calendar)}, " if due.expected_from else ""
        )
        received = moment_words(self.ticket.received_at, self.calendar)
        return f"Received {received}, {since}{self.due_words}"

    @property
    def picture_legend(self) -> tuple[str, str]:
        """The two ends of the small window in words: when it came in, when it is due."""
        due_at = self._due().due_at
        received = short_words(self.detail.clock.received_at, self.calendar)
        return received, short_words(due_at, self.calendar) if due_at else ""

    @property
    def now_words(self) -> str:
        """The moment the page speaks of, for paper."""
        return f"{moment_words(self.now, self.calendar)}, {self.zone_words}"

    @property
    def ledger(self) -> list[dict[str, Any]]:
        """Why this date: runs of dates that do not count for one reason share a line."""
        marks = {
            moment.astimezone(self.calendar.tz).date()
            for moment in self._due()
            if moment is not None and self.detail.clock.turnaround.unit == "business_day"
        }
        named = named_calendar_of(self.ticket.calendar_version)
        lines: list[dict[str, Any]] = []
        for line in self.detail.ledger:
            words = f"{line.date:%a} {line.date.day} {line.date:%b}"
            last = lines[-1] if lines else None
            closed = line.counted == "no" and line.why.startswith("Closed on")
            if last and closed and last["closed"]:
                last["until"], last["why"] = words, "Closed at weekends"
                continue
            lines.append(
                {
                    "date": words,
                    "until": "",
                    "counted": line.counted,
                    "why": reason_words(line, named),
                    "closed": closed,
                    "off": line.counted in ("no", "day 0"),
                    "mark": line.date in marks,
                }
            )
        return lines

    @property
    def events(self) -> list[dict[str, Any]]:
        """The timeline, newest first."""
        return [
            {
                "icon": "mail"
                if event.act == "file" and self.ticket.channel == "email"
                else _EVENT_ICONS[event.act],
                "title": event.title,
                "text": event.text,
                "when": short_words(event.at, self.calendar),
                "who": str(event.by or "Holdline"),
            }
            for event in self.detail.events
        ]

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The questions and what was answered, in words; files stand in a place of their own."""
        return [
            (question.label, self._answer_words(question, self.ticket.answers[question.key]))
            for question in self.type.questions
            if question.key in self.ticket.answers and question.kind != "file"
        ]

    def _answer_words(self, question: Any, answer: Any) -> str:
        if question.kind == "moment":
            return short_words(datetime.fromisoformat(answer), self.calendar)
        return _answer_words(question, answer)

    @cached_property
    def files(self) -> TicketFiles:
        """The files of the ticket, and whether this person may add some."""
        return TicketFiles(self.ticket, self.user, self.calendar, self.type.questions)

    @property
    def undecided(self) -> list[dict[str, Any]]:
        """The keywords heard of which nobody has said yet what to make of them (R-EXEC-1)."""
        return [one for one in self.ticket.keywords if not one.get("decision")]

    @cached_property
    def follow_ups(self) -> list[FollowUp]:
        """What the rules propose beside this ticket, for those who file."""
        if not self.user.may(Can.WORK_TICKETS):
            return []
        return follow_ups(self.ticket, self.user, now=self.now)

    @property
    def links(self) -> list[dict[str, str]]:
        """The tickets that belong to this one, said from here."""
        here = [
            (one.get_kind_display(), one.other)
            for one in self.detail.links
            if one.ticket_id == self.ticket.pk
        ]
        there = [
            (_SAID_FROM_THERE[one.kind], one.ticket)
            for one in self.detail.links
            if one.other_id == self.ticket.pk
        ]
        return [
            {"how": how, "number": one.number, "name": one.type_name, "status": one.get_status_display()}
            for how, one in (*here, *there)
        ]

    @property
    def waivers(self) -> list[dict[str, str]]:
        """Rules that were overridden and keywords that were set aside, with who and why."""
        return [
            {
                "what": f"“{one.subject}” {one.get_kind_display().lower()}"
                if one.subject
                else f"{one.rule} overridden",
                "why": one.reason,
                "who": f"{one.by}, {short_words(one.at, self.calendar)}",
            }
            for one in self.detail.waivers
        ]

    @property
    def received_words(self) -> str:
        """How and when it came in."""
        return f"by {self.ticket.channel}, {short_words(self.ticket.received_at, self.calendar)}"

    @property
    def caller_words(self) -> str:
        """Who asked."""
        return dict(CALLERS).get(self.ticket.caller, "")

    @property
    def channel_words(self) -> str:
        """How the request came in."""
        return dict(CHANNELS).get(self.ticket.channel, "")

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """The steps this person may take, apart from a comment: plain ones are buttons, others ask first.

        What takes the ticket back stands first and quietly, the chief step last.
        """
        steps = [s for s in steps_of(self.ticket, self.user) if s.act not in _IN_THEIR_OWN_PLACE]
        chief = "resolve" if any(s.act == "resolve" for s in steps) else (steps[0].act if steps else "")
        steps.sort(key=lambda s: (s.act == chief) - (s.act == _TAKES_BACK))
        return [
            {
                "act": s.act,
                "label": s.label,
                "asks": s.act not in _SIMPLE,
                "key": _KEYS.get(s.act, ""),
                "variant": "primary" if s.act == chief else "quiet" if s.act == _TAKES_BACK else "plain",
            }
            for s in steps
        ]

    @property
    def problems(self) -> list[dict[str, str]]:
        """What kept a step from being taken, each with the field that mends it."""
        return [
            {"message": problem.sentence, "href": f"#{self.failed_act}-{name}"}
            for name, problem in self.wrong.items()
        ]

    @property
    def may_comment(self) -> bool:
        """Whether this person may add a note."""
        return self.user.may(Can.WORK_TICKETS)

    @property
    def may_note_call(self) -> bool:
        """Whether a further call about this can be noted on it (R-X-7)."""
        return any(step.act == "contact" for step in steps_of(self.ticket, self.user))

    @cached_property
    def banners(self) -> list[Banner]:
        """What must be seen of the patient before anything is said."""
        patient = self.ticket.patient
        return banners_of([patient]).get(patient.pk, []) if patient else []

    @property
    def people(self) -> list[User]:
        """Whom the ticket may be assigned to, for those who may assign."""
        return list(people_for_tickets(self.user)) if self.user.may(Can.DIRECT_TICKETS) else []

    @property
    def earlier_cycles(self) -> list[dict[str, Any]]:
        """Cycles that ended, with what was frozen then (K11)."""
        judged = {True: "in time", False: "late", None: "no date"}
        return [
            {
                "number": cycle.number,
                "outcome": cycle.outcome,
                "judged": judged[cycle.met],
                "met": cycle.met,
                "ended": short_words(cycle.ended_at, self.calendar),
            }
            for cycle in self.detail.cycles
            if cycle.ended_at is not None
        ]


def _answer_words(question: Any, answer: Any) -> str:
    labels: dict[Any, str] = dict(question.choices)
    if isinstance(answer, bool):
        return "Yes" if answer else "No"
    if isinstance(answer, list):
        return ", ".join(str(labels.get(one, one)) for one in answer)
    return f"${answer}" if question.kind == "money" else str(labels.get(answer, answer))
