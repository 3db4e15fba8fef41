"""One box for everything: patients, tickets, claims and places, as far as this person may see them.

What was sought is posted and never stands in an address: it is a patient's name as often as not (I8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.roles import Can
from config.front.context import Goal, goals_of
from deductibles.domain.money import dollars
from deductibles.models import Claim
from deductibles.queries import find_claims
from escalations.clock import standing_of
from escalations.domain.states import OVER
from escalations.models import Ticket
from escalations.queries import filtered, tickets_of
from escalations.screens import standing_words
from patients.models import Patient
from patients.queries import find_patients

MOST = 6
"""Rows of each kind: more than a person reads; the lists have the rest."""
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
        self._patients: list[Patient] = []
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

    def _find_patients(self) -> list[Found]:
        if not self.user.may(Can.READ_PATIENTS):
            return []
        self._patients = list(find_patients(self.user, self.sought)[:MOST])
        return [self._patient(one) for one in self._patients]

    def _find_tickets(self) -> list[Found]:
        if not self.user.may(Can.READ_TICKETS):
            return []
        everything = tickets_of(self.user)
        named = filtered(everything, {"q": self.sought}, now=self.now)
        rows = _widened(everything, named, self._patients)
        return [self._ticket(one) for one in rows.order_by(*_RUNNING_FIRST)[:MOST]]

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
        """A ticket for the only patient found; the address names the row, not the person."""
        if not self.user.may(Can.WORK_TICKETS) or len(self._patients) != 1:
            return []
        patient = self._patients[0]
        url = f"{reverse('escalations:new')}?patient={patient.pk}"
        return [Goal(f"New ticket for {patient}", "", url, "plus")]

    def _patient(self, one: Patient) -> Found:
        facts = [f"born {one.date_of_birth.day} {one.date_of_birth:%b %Y}", one.account_number, one.city]
        if getattr(one, "near", False):
            facts.append("a similar name")
        title = self._marked(f"{one.last_name}, {one.first_name}")
        return Found(title, self._said(facts), reverse("patients:patient", args=[one.pk]), "user-round")

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
        """Remember a row whose number was typed whole, with or without its letter."""
        typed = self.sought.upper()
        if _NUMBER.fullmatch(typed) and typed in (number.upper(), number.upper().partition("-")[2]):
            self._numbered.append(url)

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
    "due_order",
    "-id",
)


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
