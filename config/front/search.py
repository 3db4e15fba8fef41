"""One box for everything: patients, tickets, claims and places, as far as this person may see them.

What was sought is posted and never stands in an address: it is a patient's name as often as not (I8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Case, DateTimeField, F, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.roles import Can
from config.front.context import Goal, goals_of
from deductibles.domain.money import dollars
from deductibles.models import Claim
from deductibles.queries import find_claims
from escalations.answering import Answer, answer_of, answerable
from escalations.clock import standing_of
from escalations.domain.states import OVER
from escalations.models import Ticket
from escalations.queries import of_name_or_number, tickets_of
from escalations.screens import standing_words
from patients.banners import Banner, with_banners
from patients.models import Patient
from patients.queries import find_patients

MOST = 6
"""Rows of each kind: more than a person reads; the lists have the rest."""
MOST_ANSWERED = 20
"""Tickets read for the answer card: what runs first, then what ended last."""
LONGEST = 100
_NUMBER = re.compile(r"(?:[EC]-)?\d{1,18}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """One row: enough to tell it from its neighbours, and where it leads.

    ``state`` is a ticket's standing or a claim's status, ``words`` what it is called.
    """

    title: SafeString
    detail: SafeString
    url: str
    icon: str
    state: str = ""
    words: str = ""
    is_claim: bool = False
    signs: tuple[Banner, ...] = ()


@dataclass(frozen=True)
class Card:
    """What to tell the one patient who is meant, above the rows (interface: a caller rings back)."""

    patient: Patient
    answer: Answer
    banners: list[Banner]
    may_work: bool


@dataclass(frozen=True)
class Group:
    """The rows of one kind under their name."""

    key: str
    label: str
    rows: list[Found]


def read_sought(typed: str) -> str:
    """What was typed, cut to what a name or number can be, without what no database can hold."""
    plain = "".join(sign for sign in typed[: 4 * LONGEST] if sign.isprintable() or sign.isspace())
    return " ".join(plain.encode("utf-8", "ignore").decode().split())[:LONGEST]


class Search:
    """What one person finds for one text; the number of queries does not depend on how much that is."""

    def __init__(self, user: Any, typed: str, *, now: datetime) -> None:
        self.user, self.now = user, now
        self.sought = read_sought(typed)
        self.words = self.sought.split()
        self._patients: list[Any] = []
        self._tickets: list[Ticket] = []
        self._numbered: list[str] = []

    def groups(self) -> list[Group]:
        """The kinds in which something was found, in a fixed order."""
        if not self.sought:
            return []
        found = [
            Group("patients", "Patients", self._find_patients()),
            Group("tickets", "Tickets", self._find_tickets()),
            Group("claims", "Claims", self._find_claims()),
            Group("acts", "Begin", [self._place(goal) for goal in self._begin()]),
            Group("places", "Go to", [self._place(goal) for goal in self._goals()]),
        ]
        return [group for group in found if group.rows]

    @property
    def patients_shown(self) -> int:
        """How many patients the rows name as such, for the record of searches."""
        return len(self._patients)

    @property
    def only_address(self) -> str:
        """Where a whole ticket or claim number leads, when one row alone has it; else empty."""
        accounts = [one for one in self._patients if one.account_number.lower() == self.sought.lower()]
        return self._numbered[0] if len(self._numbered) == 1 and not accounts else ""

    @cached_property
    def card(self) -> Card | None:
        """The answer for the patient who is meant, when it is clear who; asked for after the groups."""
        numbered = next((one for one in self._tickets if self._is_typed(one.number)), None)
        patient = self._meant(numbered)
        if patient is None or not self.user.may(Can.READ_TICKETS):
            return None
        theirs = self._tickets_for(patient)
        answer = answer_of(theirs, self.now, chosen=numbered, or_more=len(theirs) == MOST_ANSWERED)
        return Card(patient, answer, patient.banners, self.user.may(Can.WORK_TICKETS))

    def _tickets_for(self, patient: Patient) -> list[Ticket]:
        """The patient's tickets among the rows; read anew only where others may have crowded them out."""
        theirs = [one for one in self._tickets if one.patient_id == patient.pk]
        if len(theirs) == len(self._tickets) or len(self._tickets) < MOST_ANSWERED:
            return theirs
        rows = answerable(tickets_of(self.user).filter(patient=patient))
        return list(rows.order_by(*_RUNNING_FIRST)[:MOST_ANSWERED])

    def _meant(self, numbered: Ticket | None) -> Any:
        """The patient of the ticket whose number was typed, of the account, or the only one found."""
        if numbered is not None:
            return next((one for one in self._patients if one.pk == numbered.patient_id), None)
        sure = [one for one in self._patients if not one.near]
        whole = [one for one in sure if one.account_number.lower() == self.sought.lower()]
        found = whole or sure
        return found[0] if len(found) == 1 else None

    def _find_patients(self) -> list[Found]:
        if not self.user.may(Can.READ_PATIENTS):
            return []
        self._patients = with_banners(find_patients(self.user, self.sought)[:MOST])
        return [self._patient(one) for one in self._patients]

    def _find_tickets(self) -> list[Found]:
        if not self.user.may(Can.READ_TICKETS):
            return []
        everything = tickets_of(self.user)
        named = everything.filter(of_name_or_number(self.sought))
        rows = answerable(_widened(everything, named, self._patients))
        self._tickets = list(rows.order_by(self._typed_first(), *_RUNNING_FIRST)[:MOST_ANSWERED])
        return [self._ticket(one) for one in self._tickets[:MOST]]

    def _typed_first(self) -> Case:
        """The ticket whose number was typed stands before all others."""
        typed = self.sought.upper()
        return Case(When(number__in=[typed, f"E-{typed}"], then=Value(0)), default=Value(1))

    def _find_claims(self) -> list[Found]:
        if not self.user.may(Can.READ_CLAIMS):
            return []
        named = find_claims(self.user, q=self.sought)
        rows = _widened(find_claims(self.user), named, self._patients)
        return [self._claim(one) for one in rows.order_by("-id")[:MOST]]

    def _goals(self) -> list[Goal]:
        words = [word.lower() for word in self.words]
        return [goal for goal in goals_of(self.user) if _has(f"{goal.label} {goal.detail}", words)][:MOST]

    def _begin(self) -> list[Goal]:
        """Another call about the ticket spoken of, and a ticket for the patient who is meant; the addresses
        name rows, not the person."""
        if not self.user.may(Can.WORK_TICKETS):
            return []
        found, card = [], self.card
        if card and card.answer.may_be_added_to and card.answer.ticket:
            label = f"Called again about {card.answer.ticket.number}"
            found.append(Goal(label, "", f"{card.answer.url}#comment-note", "phone-incoming"))
        if patient := (card.patient if card else self._only_patient()):
            url = f"{reverse('escalations:new')}?patient={patient.pk}"
            found.append(Goal(f"New ticket for {patient}", "", url, "plus"))
        return found

    def _only_patient(self) -> Any:
        return self._patients[0] if len(self._patients) == 1 else None

    def _patient(self, one: Patient) -> Found:
        facts = [f"born {one.date_of_birth.day} {one.date_of_birth:%b %Y}", one.account_number, one.city]
        if getattr(one, "near", False):
            facts.append("a similar name")
        title = self._marked(f"{one.last_name}, {one.first_name}")
        url, signs = reverse("patients:patient", args=[one.pk]), tuple(getattr(one, "banners", ()))
        return Found(title, self._said(facts), url, "user-round", signs=signs)

    def _ticket(self, one: Ticket) -> Found:
        standing = standing_of(one, self.now)
        url = reverse("escalations:ticket", args=[one.number])
        self._note_number(one.number, url)
        facts = [str(one.patient or "no patient yet"), str(one.assignee or "unassigned")]
        title = self._marked(f"{one.number} {one.type_name}")
        words = standing_words(one, standing, self.now)
        return Found(title, self._said(facts), url, "inbox", standing, words)

    def _claim(self, one: Claim) -> Found:
        url = reverse("deductibles:claim", args=[one.number])
        self._note_number(one.number, url)
        served = f"{one.date_of_service.day} {one.date_of_service:%b %Y}"
        facts = [str(one.patient), f"service {served}", dollars(one.total)]
        state = "held" if one.status == "hold" else one.status
        title = self._marked(f"Claim {one.number}")
        return Found(title, self._said(facts), url, "receipt-text", state, one.status_label, is_claim=True)

    def _place(self, goal: Goal) -> Found:
        return Found(self._marked(goal.label), self._said([goal.detail]), goal.url, goal.icon)

    def _note_number(self, number: str, url: str) -> None:
        """Remember a row whose number was typed whole."""
        if self._is_typed(number):
            self._numbered.append(url)

    def _is_typed(self, number: str) -> bool:
        """Whether this number was typed whole, with or without its letter."""
        typed, whole = self.sought.upper(), number.upper()
        return bool(_NUMBER.fullmatch(typed)) and typed in (whole, whole.partition("-")[2])

    def _said(self, facts: Iterable[str]) -> SafeString:
        return self._marked(" · ".join(fact for fact in facts if fact))

    def _marked(self, text: str) -> SafeString:
        return marked(text, self.words)


def marked(text: str, words: list[str]) -> SafeString:
    """The text, escaped, with ``<mark>`` around what each word finds at the start of a word."""
    sought = sorted((re.escape(word) for word in words), key=len, reverse=True)
    if not sought:
        return escape(text)
    pieces = re.split(rf"((?<!\w)(?:{'|'.join(sought)}))", text, flags=re.IGNORECASE)
    safe = (f"<mark>{escape(piece)}</mark>" if odd % 2 else escape(piece) for odd, piece in enumerate(pieces))
    return mark_safe("".join(safe))  # noqa: S308  every piece is escaped above


_RUNNING_FIRST = (
    Case(When(status__in=OVER, then=Value(1)), default=Value(0), output_field=IntegerField()),
    Case(When(status__in=OVER, then=None), default=F("due_order"), output_field=DateTimeField()),
    "-id",
)
"""What runs, soonest due first; then what is over, newest first."""


def _widened(everything: QuerySet, named: QuerySet, patients: list[Patient]) -> QuerySet:
    """What was named, and what belongs to the patients who were found."""
    if not patients:
        return named
    ids = [one.pk for one in patients]
    return everything.filter(Q(pk__in=named.order_by().values("pk")) | Q(patient_id__in=ids))


def _has(text: str, words: list[str]) -> bool:
    """Whether every word begins a word of the text."""
    begun = text.lower().split()
    return all(any(one.startswith(word) for one in begun) for word in words)
