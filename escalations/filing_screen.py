"""What the filing page shows: what was typed, what the rules say of it, and the promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict

from accounts.models import User
from escalations.advice import Advice, Suggestion, advice_of
from escalations.contacts import Repeat, same_type
from escalations.domain import turnaround as engine
from escalations.domain.keywords import Heard
from escalations.domain.promise import short_day
from escalations.due_picture import small_picture
from escalations.filing import Filing, promise_of, read_filing
from escalations.filing_rails import KEYWORDS, MARK_REASON, Guard
from escalations.forms import DISMISS, FilingForm, NewPatientForm, said_in
from escalations.models import FilingDraft, Ticket
from escalations.policies import date_name, named_calendar_of, policy_in_force, policy_of
from escalations.screens import Row, moment_words, row_of, said_parts, short_words
from escalations.starting import offered
from escalations.type_questions import Question, TypeQuestions
from patients.banners import Banner, banners_of
from patients.domain.intake import Wrong
from patients.queries import find_patients

MOST_MATCHES = 8
SHORTEST_SEARCH = 2
MOST_DRAFTS = 5
_OF_TRANSFER = ("transfer_at", "waited")


@dataclass(frozen=True)
class Word:
    """A keyword that was heard (R-EXEC-1), the field for why it is not meant, and what was said there."""

    heard: Heard
    field: str
    reason: str


class FilingScreen(TypeQuestions):
    """The page on which a ticket is filed.

    ``judged`` after a press of *File ticket*: then what is missing is told too. ``key`` names the form,
    ``draft`` is the ticket in status draft that it goes on with. ``unkept`` says why files were not taken,
    by question.
    """

    def __init__(
        self,
        user: User,
        data: QueryDict,
        *,
        at: datetime,
        judged: bool,
        key: str = "",
        draft: Ticket | None = None,
        unkept: Mapping[str, Wrong] | None = None,
    ) -> None:
        version = policy_in_force(user.company, at=at)
        self.policy = policy_of(version)
        self.user, self.at, self.judged, self.key, self.draft = user, at, judged, key, draft
        self.unkept, self.files_of_ticket = unkept or {}, draft
        said = said_in(data, self.policy, user)
        self.answers = said["answers"]
        self.filing: Filing = read_filing(
            user,
            said,
            at=at,
            policy_version=version,
            ticket=draft,
            prefill=None if judged else offered(user, at),
        )
        self.typed = self.with_offers(data)
        self.form = FilingForm(self.policy, self.filing.type, self.typed, first=self._first())
        self.form.show_wrong(self.told_wrong())
        self.sought = data.get("patient_q", "").replace("\x00", "").strip()[:100]
        self.new_patient = NewPatientForm()
        self.twins: list[Any] = []
        self.adding_patient = False
        self.mark_wrong = ""

    def _first(self) -> str:
        """Where the cursor begins: at the first of the three that is not said yet (R-X-1)."""
        known = [(name, getattr(self.filing, name)) for name in ("caller", "channel", "type")]
        first = next((name for name, value in known if not value), "")
        return first or ("note" if self.patient else "patient_q")

    # The patient

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

    @cached_property
    def banners(self) -> list[Banner]:
        """What must be seen of the patient before anything is said (R-DNC-2, R-WO-3, R-STOP-2)."""
        return banners_of([self.patient]).get(self.patient.pk, []) if self.patient else []

    @cached_property
    def advice(self) -> Advice:
        """What the desk says beside the rules: earlier contacts, and how old the dates are."""
        return advice_of(self.filing, self.user, self.answers, at=self.at, ticket=self.draft)

    @property
    def repeats(self) -> list[Repeat]:
        """Earlier contacts: by the patient's id and account, and by the phone number."""
        return list(self.advice.repeats)

    @property
    def shared(self) -> list[Suggestion]:
        """What is suggested because somebody with the same phone was in touch too (R-X-7)."""
        known = {one.suggest for one in self.filing.intake.suggestions}
        return [one for one in self.advice.suggestions if not one.ticket and one.type not in known]

    @property
    def earlier(self) -> list[tuple[Repeat, Row]]:
        """Earlier contacts as rows."""
        return [(one, row_of(one.ticket, self.user, self.at)) for one in self.repeats[:6]]

    @property
    def duplicate(self) -> Repeat | None:
        """A running ticket of the same type: probably the same request once more (R-X-7)."""
        found = same_type(self.repeats, self.filing.type.key) if self.filing.type else []
        return found[0] if found else None

    # What the rules say

    @property
    def mark_said(self) -> tuple[str, str]:
        """Why the patient is to be marked, as far as it was typed, and what is wrong with it (R-STOP-2)."""
        return self.typed.get(MARK_REASON, ""), self.mark_wrong

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
    def note_guards(self) -> list[Guard]:
        """Beside the note: what was heard and where it belongs."""
        return self.guards_at("note")

    @property
    def promise_guards(self) -> list[Guard]:
        """Beside the promise (R-ALL-2), and what stands beside nothing in particular."""
        return self.guards_at("promise") + self.guards_at("")

    @property
    def questions(self) -> list[Question]:
        """The fields of the questions asked, each with the guard rails that stand beside it."""
        ages = self.ages
        return [self.question_of(one, ages.get(one.key, "")) for one in self.filing.intake.asked]

    @property
    def ages(self) -> dict[str, str]:
        """What the dates answered come to, in words, by question (R-INS-4, R-SUP-4, R-SUP-8, R-SUP-9)."""
        return {one.question: one.words for one in self.advice.ages}

    @property
    def words(self) -> list[Word]:
        """The keywords heard, in the order in which they were said (R-EXEC-1)."""
        return [
            Word(one, DISMISS + one.word, self.typed.get(DISMISS + one.word, ""))
            for one in self.filing.intake.heard
        ]

    @property
    def undecided(self) -> list[Word]:
        """Keywords of which nobody has said yet what to make of them."""
        return [one for one in self.words if not one.reason.strip()]

    @property
    def keyword_use(self) -> str:
        """What the button sends that makes this an Executive Escalation."""
        found = next((one for one in self.filing.intake.suggestions if one.rule == KEYWORDS), None)
        return f"use:{KEYWORDS}:{found.suggest}" if found else ""

    def place_of(self, name: str) -> str:
        """Where on the page it is answered; the promise and the patient have places of their own."""
        if name == "promise":
            return "#filing-promise"
        return super().place_of({"patient": "patient_q"}.get(name, name))

    @property
    def to_settle(self) -> int:
        """How many things still stand against filing."""
        return len(self.filing.intake.refusals) + len(self.filing.all_wrong)

    @property
    def turned_away(self) -> bool:
        """Whether the caller is told where to write instead of a ticket (R-ITEM-3)."""
        return self.filing.intake.deflection is not None

    @property
    def neighbours(self) -> list[dict[str, str]]:
        """Types that are easily taken for this one, and when they are right (R-X-9)."""
        near = self.filing.type.neighbours if self.filing.type else ()
        names = {one.key: one.name for one in self.policy.types}
        return [{"name": names[one.type], "say": one.say} for one in near]

    @property
    def asks_transfer(self) -> bool:
        """Whether the type asks for a live transfer, or for how long the caller waited."""
        return any(one.key in _OF_TRANSFER for one in self.filing.intake.asked)

    @property
    def clock_words(self) -> str:
        """The time on the company's clock: "10:02"."""
        return f"{self.at.astimezone(self.user.company.zone):%H:%M}"

    # The promise

    @cached_property
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
            "due_words": moment_words(due_at, calendar, self.at) if due_at else "",
            "zone": engine.zone_words(calendar, self.at),
            "legend": self._legend(due_at),
            "picture": small_picture(self.filing.received_at, found.due, self.at),
        }

    def _legend(self, due_at: datetime | None) -> tuple[str, str, str]:
        """The words under the window: where it starts, a holiday on the way, where it ends."""
        if due_at is None:
            return "", "", ""
        calendar, since = self.filing.calendar, self.filing.received_at
        start = "now" if since == self.at else short_words(since, calendar, self.at)
        first, last = (moment.astimezone(calendar.tz).date() for moment in (since, due_at))
        free = next((day for day in sorted(calendar.holidays) if first < day <= last), None)
        named = named_calendar_of(self.filing.calendar_version)
        name = f"{free:%a} {free.day} is {date_name(named, free) or 'a holiday'}" if free else ""
        return start, name, short_words(due_at, calendar, self.at)

    # Beside the form

    @property
    def drafts(self) -> list[dict[str, str]]:
        """What this person began and did not file, newest first; not what is on this page."""
        rows = FilingDraft.objects.filter(user=self.user, ticket=None).exclude(key=self.key)
        zone = self.user.company.zone
        year = self.at.astimezone(zone).year
        return [
            {
                "key": row.key,
                "name": self._type_name((row.said.get("type") or [""])[0]),
                "when": _kept_words(row.updated_at.astimezone(zone), year),
            }
            for row in rows.order_by("-updated_at")[:MOST_DRAFTS]
        ]

    def _type_name(self, key: str) -> str:
        found = self.policy.type(key)
        return found.name if found else "No type yet"

    def show_new_patient(self, form: NewPatientForm, wrong: dict[str, Wrong], twins: list[Any]) -> None:
        """Keep what was typed of a new patient, with what is wrong with it, or who it may be already."""
        form.show_wrong(wrong)
        self.new_patient, self.twins, self.adding_patient = form, twins, True


def _kept_words(local: datetime, year: int) -> str:
    """When a draft was kept: "14:05, Mon 1 Jun", of another year with it."""
    return f"{local:%H:%M}, {short_day(local.date(), year)}"
