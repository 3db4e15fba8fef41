"""What the page of one ticket shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from accounts.models import User
from accounts.roles import Can
from escalations.answering import Answer, answer_for
from escalations.clock import standing_of
from escalations.domain import turnaround as engine
from escalations.domain.states import OVER, RUNNING
from escalations.due_picture import Picture, large_picture
from escalations.files_shown import TicketFiles
from escalations.follow_ups import FollowUp, follow_ups
from escalations.models import CALLERS, CHANNELS, TicketEvent
from escalations.policies import calendar_for, calendar_in_force, calendar_of, named_calendar_of, policy_of
from escalations.queries import people_with_load, steps_of
from escalations.screens import moment_words, said_parts, short_words, standing_words
from escalations.ticket_page import companions, linked, timeline, why
from escalations.ticket_page import steps as asked
from escalations.ticket_page.attention import Attention, attention_of, seen_to_by
from escalations.ticket_page.dates import Dates, received_words
from escalations.ticket_page.reading import Detail, moment, person
from patients.banners import Banner, banners_of
from patients.domain.intake import Wrong


class TicketScreen:
    """The page of one ticket.

    ``typed`` and ``wrong`` belong to the step ``failed_act`` that was not taken. ``since`` is what happened
    to the ticket since the version somebody saw who came second.
    """

    def __init__(self, detail: Detail, user: User, *, now: datetime) -> None:
        self.detail, self.ticket, self.user, self.now = detail, detail.ticket, user, now
        self.calendar = calendar_of(calendar_for(detail.ticket))
        self.standing = standing_of(detail.ticket, now)
        self.dates = Dates(detail, self.standing, now)
        self.typed: Mapping[str, Any] = {}
        self.wrong: Mapping[str, Wrong] = {}
        self.failed_act = ""
        self.since: Sequence[TicketEvent] = ()

    def failed(
        self,
        act: str,
        typed: Mapping[str, Any],
        wrong: Mapping[str, Wrong] = {},
        since: Sequence[TicketEvent] = (),
    ) -> None:
        """Keep what was typed for a step that was not taken, with what is wrong or who was first."""
        self.failed_act, self.typed, self.wrong, self.since = act, typed, wrong, since

    # What the ticket is

    @property
    def over(self) -> bool:
        """Whether the ticket has come to its end."""
        return self.ticket.status in OVER

    @property
    def type(self) -> Any:
        """The type as the ticket's version of the policy has it."""
        return policy_of(self.ticket.policy_version).type(self.ticket.type)

    @property
    def standing_words(self) -> str:
        """The dial's words."""
        return standing_words(self.ticket, self.standing, self.now)

    @property
    def received_words(self) -> str:
        """How and when it came in."""
        return received_words(self.ticket, self.calendar, self.now)

    @property
    def caller_words(self) -> str:
        """Who asked."""
        return dict(CALLERS).get(self.ticket.caller, "")

    @property
    def channel_words(self) -> str:
        """How the request came in."""
        return dict(CHANNELS).get(self.ticket.channel, "")

    @property
    def now_words(self) -> str:
        """The moment the page speaks of, for paper."""
        return f"{moment_words(self.now, self.calendar, self.now)}, {self.zone_words}"

    @property
    def zone_words(self) -> str:
        """The zone all times of this page are in."""
        return engine.zone_words(self.calendar, self.now)

    @property
    def promise_parts(self) -> list[tuple[str, bool]]:
        """The sentence the patient was told, with its dates marked."""
        return said_parts(self.ticket.promise)

    @cached_property
    def answer(self) -> Answer | None:
        """What to tell the patient now; nothing of a draft, or without a patient."""
        if self.ticket.patient is None or self.ticket.status == "draft":
            return None
        return answer_for(self.ticket, self.now)

    @cached_property
    def banners(self) -> list[Banner]:
        """What must be seen of the patient before anything is said."""
        patient = self.ticket.patient
        return banners_of([patient]).get(patient.pk, []) if patient else []

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The questions and what was answered, in words; files stand in a place of their own."""
        return [
            (question.label, self._answer_words(question, self.ticket.answers[question.key]))
            for question in self.type.questions
            if question.key in self.ticket.answers and question.kind != "file"
        ]

    def _answer_words(self, question: Any, answer: Any) -> str:
        """An answer as it is read."""
        if question.kind == "moment":
            return short_words(datetime.fromisoformat(answer), self.calendar, self.now)
        labels: dict[Any, str] = dict(question.choices)
        if isinstance(answer, bool):
            return "Yes" if answer else "No"
        if isinstance(answer, list):
            return ", ".join(str(labels.get(one, one)) for one in answer)
        return f"${answer}" if question.kind == "money" else str(labels.get(answer, answer))

    @cached_property
    def files(self) -> TicketFiles:
        """The files of the ticket, and whether this person may add some."""
        return TicketFiles(self.ticket, self.user, self.calendar, self.now, self.type.questions)

    @property
    def waivers(self) -> list[dict[str, str]]:
        """Rules that were overridden and keywords that were set aside, with who and why."""
        return [
            {
                "what": f"“{one['subject']}” {_WAIVED[one['kind']]}"
                if one["subject"]
                else f"{one['rule']} overridden",
                "why": one["reason"],
                "who": f"{person(one, 'by')}, {short_words(at, self.calendar, self.now)}",
            }
            for one in self.detail.waivers
            if (at := moment(one, "at")) is not None
        ]

    # When it is due, and why then

    @property
    def picture(self) -> Picture:
        """The due window with its days."""
        clock, pauses = self.detail.clock, self.detail.pauses
        due = self.dates.due
        return large_picture(clock.received_at, due, self.now, self.calendar, pauses, ended=self.over)

    @property
    def turnaround_words(self) -> str:
        """The current cycle's turnaround with the unit in words (K4)."""
        return engine.describe(self.detail.clock.turnaround)

    @property
    def counts_words(self) -> str:
        """How that clock counts."""
        return why.counts_words(self.detail.clock.turnaround.unit)

    @property
    def ledger(self) -> list[why.Line]:
        """Why this date: runs of dates that do not count for one reason share a line (K19)."""
        marks = why.marks_of(self.dates.due, self.detail.clock.turnaround, self.calendar)
        named = named_calendar_of(calendar_for(self.ticket))
        return why.lines_of(self.detail.ledger, named, self.now, marks)

    @property
    def ledger_ends(self) -> str:
        """What the last line of the ledger rests on while the clock stands still (K9)."""
        return "The wait is counted as if it ended now." if self.detail.if_resumed else ""

    @cached_property
    def earlier_cycles(self) -> list[why.Ended]:
        """Cycles that ended, with what was frozen then (K11)."""
        return why.ended_cycles(self.detail)

    @property
    def breaches(self) -> list[why.Late]:
        """The breaches on record."""
        return why.breaches_of(self.detail)

    @property
    def may_explain(self) -> bool:
        """Whether this person may say why it was late."""
        return "explain" in self.acts

    # The timeline, and what came meanwhile

    @property
    def events(self) -> list[timeline.Event]:
        """The timeline, newest first."""
        return timeline.lines_of(self.detail.events, self.ticket, self.now)

    @property
    def news(self) -> list[timeline.Event]:
        """What others did since the version that was seen, oldest first."""
        return timeline.lines_of(self.since, self.ticket, self.now)

    @property
    def news_title(self) -> str:
        """Who changed it while somebody looked at it."""
        return timeline.who_changed(self.news, self.ticket)

    @property
    def news_lead(self) -> str:
        """What became of what somebody typed who came second."""
        done = "Nothing of yours was done. The ticket stands here as it is now"
        if self.again is not None:
            return f"{done}, and what you typed is below: send it again, or leave it."
        kept = "; what you typed is kept as a note, in case it still matters" if self.kept_words else ""
        return f"{done}{kept}."

    # What belongs to it

    @property
    def links(self) -> list[linked.Linked]:
        """The tickets that belong to this one, said from here."""
        return linked.linked_of(self.detail.links, self.ticket, self.user)

    @property
    def link_kinds(self) -> list[tuple[str, str]]:
        """How a person may link another ticket."""
        return linked.KINDS

    @property
    def may_link(self) -> bool:
        """Whether this person may link tickets to this one."""
        return self.user.may(Can.WORK_TICKETS) and self.ticket.status != "draft"

    @cached_property
    def _beside(self) -> list[Any]:
        """What runs for the patient, this ticket among it; one query for follow-ups and merging together."""
        return companions.running_beside(self.ticket, self.user) if self.ticket.patient_id else []

    @cached_property
    def follow_ups(self) -> list[FollowUp]:
        """What the rules propose beside this ticket, for those who file."""
        if not self.user.may(Can.WORK_TICKETS) or not self._may_propose:
            return []
        decided = [one["rule"] for one in self.detail.proposals if one["decision"]]
        contacts = companions.contacts_in(self._beside)
        return follow_ups(self.ticket, self.user, now=self.now, contacts=contacts, decided=decided)

    @property
    def _may_propose(self) -> bool:
        """Whether anything could be proposed here at all: what runs for the patient is only read then."""
        rules = self.type.rules if self.type else ()
        return self.ticket.status in RUNNING and (bool(self.undecided) or any(rule.beside for rule in rules))

    @property
    def undecided(self) -> list[dict[str, Any]]:
        """The keywords heard of which nobody has said yet what to make of them (R-EXEC-1)."""
        return [one for one in self.ticket.keywords if not one.get("decision")]

    # The steps

    @cached_property
    def acts(self) -> dict[str, str]:
        """The steps this person may take now, with their labels."""
        return {step.act: step.label for step in steps_of(self.ticket, self.user)}

    @cached_property
    def _buttons(self) -> tuple[list[asked.Button], list[asked.Button]]:
        return asked.buttons(self.acts)

    @property
    def steps(self) -> list[asked.Button]:
        """The steps beside the title, the chief one last."""
        return self._buttons[0]

    @property
    def menu(self) -> list[asked.Button]:
        """The steps in the menu."""
        return self._buttons[1]

    @cached_property
    def forms(self) -> list[asked.Form]:
        """The forms that open in dialogs: all that ask, but the one that is shown again."""
        return [
            asked.form_of(one, self.acts[one], self._known)
            for one in (*asked.HEAD, *asked.MENU, *asked.BESIDE)
            if one in self.acts and one != self.failed_act and self._opens(one)
        ]

    def _opens(self, act: str) -> bool:
        if act == "explain":
            return any(one.asks for one in self.breaches)
        return act not in (*asked.SIMPLE, "retype")

    @property
    def again(self) -> asked.Form | None:
        """The form of the step that was not taken, with what was typed; none where it cannot be taken now."""
        if self.failed_act not in self.acts or self.failed_act in _INLINE or not self._opens(self.failed_act):
            return None
        return asked.form_of(self.failed_act, self.acts[self.failed_act], self._known, self.typed, self.wrong)

    @property
    def _known(self) -> asked.Known:
        beside = self._beside if "merge" in self.acts else []
        return asked.Known(
            ticket=self.ticket,
            type=self.type,
            people=self._people,
            companions=companions.companions_of(self.ticket, beside, self.now),
            says={
                "reopen": self._if_reopened,
                "resolve": self.dates.if_resolved,
                "merge": "This one ends, its clock stops, and its files go over. The other keeps the earlier "
                "filing of the two.",
                "cancel": "The clock stops, and nothing was met or missed.",
            },
        )

    @property
    def _if_reopened(self) -> str:
        """A clock that starts anew goes by the calendar of today (K14)."""
        if "reopen" not in self.acts:
            return ""
        return self.dates.if_reopened(calendar_of(calendar_in_force(self.user.company, at=self.now)))

    @cached_property
    def _people(self) -> list[Any]:
        """Whom it may be assigned to, each with how many running tickets they have."""
        return people_with_load(self.user) if "assign" in self.acts else []

    @property
    def kept_words(self) -> str:
        """What was typed for a step that cannot be taken any more: offered as a note, not lost."""
        if not self.failed_act or self.failed_act in ("comment", "contact"):
            return str(self.typed.get("note") or "") if self.failed_act else ""
        if self.again is not None or self.failed_act in self.acts:
            return ""
        names = ("outcome", "reason", "into", "note")
        return ". ".join(str(self.typed[name]).strip(" .") for name in names if self.typed.get(name))

    @property
    def problems(self) -> list[dict[str, str]]:
        """What kept a step from being taken, each with the field that mends it."""
        return [
            {"message": problem.sentence, "href": f"#{self._place(name)}"}
            for name, problem in self.wrong.items()
        ]

    def _place(self, name: str) -> str:
        if self.failed_act == "decline":
            return f"decline-{self.typed.get('rule', '')}"
        if self.failed_act == "dismiss":
            words = [one["word"] for one in self.undecided]
            word = self.typed.get("word", "")
            return f"why-not-{words.index(word) + 1 if word in words else 1}"
        return f"{self.failed_act}-{name}"

    @property
    def may_comment(self) -> bool:
        """Whether this person may add a note."""
        return "comment" in self.acts

    @property
    def may_note_call(self) -> bool:
        """Whether a further call about this can be noted on it (R-X-7)."""
        return "contact" in self.acts

    @property
    def attention(self) -> Attention | None:
        """An alert that nobody answered (K15)."""
        return attention_of(self.detail)

    @property
    def may_acknowledge(self) -> bool:
        """Whether this person may say that they see to it."""
        return "acknowledge" in self.acts

    @property
    def seen_to_by(self) -> str:
        """Who sees to it."""
        return seen_to_by(self.detail)


_WAIVED = {"override": "overridden", "dismissal": "dismissed"}
_INLINE = ("comment", "contact", "dismiss", "decline", "call")
"""Steps whose form stands in the page itself."""
