"""What a policy is: types, turnarounds, questions, rules, lists, the way to the right type. Pure.

:meth:`Policy.from_json` reads a stored version, see :mod:`escalations.domain.policy_reading`. Everything here
is frozen, so one parsed policy serves all threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

from escalations.domain.conditions import Condition
from escalations.domain.keywords import Watched
from escalations.domain.ladder import SHIPPED, Rung
from escalations.domain.turnaround import Turnaround, describe

STRENGTHS = ("BLOCK", "REQUIRE", "ACK", "GUIDE", "SUGGEST", "FIELD", "ACTION")
REFUSING = frozenset({"BLOCK", "REQUIRE", "ACK"})
"""The strengths that keep a ticket from being filed."""
CHANNELS = ("phone", "email")
CALLERS = ("patient", "provider", "insurance_representative", "other")
FACTS = {
    "type": "choice",
    "channel": "choice",
    "caller": "choice",
    "patient": "choice",
    "note": "text",
    "said": "text",
    "refused": "choices",
    "compassionate_care": "yes_no",
    "unresolved": "number",
    "open_types": "choices",
    "due_when_closed": "yes_no",
}
"""What every filing has besides its answers, and may be named in conditions and needs.

``said`` is all that was written in free text. Of the patient: ``refused`` are the ways of contact refused
(R-DNC-2), ``compassionate_care`` whether an application is marked, ``unresolved`` how many contacts are still
without an answer, ``open_types`` the types of the tickets that run. ``due_when_closed``: the ticket falls due
outside opening hours.
"""
LINKED = {"late": "yes_no", "business_days": "number", "type": "choice"}
"""What is known of a linked ticket, as ``linked_update.late``: whether it is past its date, and how many
business days ago it was sent (its answer ``sent_on``, else the day it was received)."""
BESIDE = ("", "promise")
"""Where a rule may stand that is beside no question: nowhere in particular, or at the promise."""
EFFECTS = ("refuse_contact", "do_not_say", "compassionate_care", "alarm")
"""What a rule of strength ACTION may make the system do: keep the refused ways of contact that the answer
named in ``field`` lists, show what must not be said until the ticket is over, mark an application for
Compassionate Care, sound the supervisors' alarm."""
PREFILLS = ("heard", "unresolved", "patient_phone", "patient_email", "today", "now", "open_tickets")
"""What a question may be filled with when it is shown: the keywords heard, the number of unresolved
contacts, …"""


class PolicyError(ValueError):
    """Policy data that cannot be worked with; the text names the place and says what is wrong."""


@dataclass(frozen=True)
class Item:
    """One entry of a list: ``also`` are other ways to say it, ``value`` what an address list holds."""

    key: str
    label: str
    also: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True)
class Listing:
    """A list of the admin's: keywords, portal errors, tests, codes, queues, addresses (R-X-8).

    ``own`` tells that an admin changed it, so that a newer shipped policy leaves it as it is.
    """

    key: str
    label: str
    about: str
    items: tuple[Item, ...]
    own: bool = False

    @property
    def watched(self) -> tuple[Watched, ...]:
        """The entries as words to listen for."""
        return tuple(Watched(one.label, one.also) for one in self.items)


@dataclass(frozen=True)
class Question:
    """One question of a type. ``choices`` are (key, label); ``when`` says if it is asked at all.

    ``default`` is the answer where none is given, on every path; ``prefill`` is only offered on the page.
    ``of_type`` is the type a linked ticket must have.
    """

    key: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()
    when: Condition | None = None
    hint: str = ""
    default: Any = None
    prefill: str = ""
    of_type: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Rule:
    """One guard rail. ``needs`` must be answered; ``refuse`` refuses when it holds.

    ``part`` tells several clauses of one rule apart. ``field`` is the question or fact it stands beside.
    ``deflect`` marks a rule that turns the caller away without a ticket, which is logged (R-ITEM-3).
    ``instead_unset`` is said while a value that ``instead`` names in braces has not been set. ``override``:
    a supervisor may file all the same, with a reason. ``suggest`` is the type offered instead, its answers
    filled from ``carry``: a literal, or an answer of here as ``=name``. ``beside``: it comes beside
    this ticket, once that is filed, not in its place. ``watch`` listens for a list's words
    in everything written. ``effect`` is what an ACTION does. ``after_business_days``: the suggestion is
    made on a ticket that runs, once it was sent more business days ago than this (R-INS-3).
    """

    id: str
    strength: str
    message: str
    part: str = ""
    instead: str = ""
    field: str = ""
    needs: tuple[str, ...] = ()
    when: Condition | None = None
    refuse: Condition | None = None
    deflect: bool = False
    instead_unset: str = ""
    override: bool = False
    suggest: str = ""
    carry: Mapping[str, Any] = made(default_factory=dict, hash=False)
    beside: bool = False
    watch: tuple[Watched, ...] = ()
    effect: str = ""
    after_business_days: int = 0

    @property
    def anchor(self) -> str:
        """Where the guide explains it."""
        return self.id


@dataclass(frozen=True)
class WaitReason:
    """Why a ticket may wait; ``words`` are those by which a reason typed in words is recognised.

    ``stops_clock`` is the type's answer to K9; waiting for an insurer never stops it for the types of K10.
    """

    key: str
    label: str
    words: tuple[str, ...]
    stops_clock: bool


@dataclass(frozen=True)
class Neighbour:
    """A type that is easily taken for this one, and when it is the right one instead (R-X-9)."""

    type: str
    say: str


@dataclass(frozen=True)
class TicketType:
    """One escalation type with everything that is particular to it.

    ``also`` are other words by which an agent looks for it. ``guide`` are the paragraphs of the guide,
    ``article`` the key of a knowledge article it names. ``off``: no new ticket of it can be filed.
    """

    key: str
    name: str
    urgency: str
    purpose: str
    turnarounds: tuple[tuple[str, Turnaround], ...]
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    waits: tuple[WaitReason, ...]
    outcomes: tuple[str, ...]
    also: tuple[str, ...] = ()
    guide: tuple[str, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    article: str = ""
    off: bool = False

    def turnaround(self, channel: str) -> Turnaround:
        """The turnaround by this channel, else the one for any; the first one while no channel is known."""
        rows = dict(self.turnarounds)
        return rows.get(channel) or rows.get("any") or self.turnarounds[0][1]

    def needed(self) -> frozenset[str]:
        """The questions some rule always insists on."""
        return frozenset(
            key
            for rule in self.rules
            if rule.when is None and rule.strength in REFUSING
            for key in rule.needs
        )

    def question(self, key: str) -> Question | None:
        """The question of this key."""
        return next((one for one in self.questions if one.key == key), None)

    def label(self, key: str) -> str:
        """The words of a question or fact."""
        return next((q.label for q in self.questions if q.key == key), key.capitalize())

    def wait_reason(self, said: str) -> WaitReason | None:
        """The reason by its key, its label, or the first whose words are in what was said (K9)."""
        plain = said.strip().casefold()
        exact = (w for w in self.waits if plain in (w.key.casefold(), w.label.casefold()))
        spoken = (w for w in self.waits if any(word in plain for word in w.words))
        return next(exact, None) or next(spoken, None)


@dataclass(frozen=True)
class Way:
    """One answer on the way to a type: on to the next question, to a type, or to no ticket at all (R-X-9).

    Exactly one of ``ask``, ``type`` and ``none`` is said. ``why`` says why the type is right; ``none`` is
    what to do instead, ``rule`` the rule that says so.
    """

    label: str
    ask: str = ""
    type: str = ""
    none: str = ""
    why: str = ""
    rule: str = ""
    prefill: Mapping[str, Any] = made(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Fork:
    """A question of "Which ticket?" with the ways on from it."""

    key: str
    label: str
    hint: str
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Article:
    """A knowledge article that the guide names; without ``text`` it is a placeholder that says so."""

    key: str
    title: str
    text: str = ""


@dataclass(frozen=True)
class Term:
    """A line of the glossary; without ``means`` the admin has not explained it yet (R-DOC-2)."""

    term: str
    means: str = ""


@dataclass(frozen=True)
class Policy:
    """A whole version of the policy."""

    types: tuple[TicketType, ...]
    reopen: Turnaround
    warnings: Mapping[str, Turnaround] = made(hash=False)
    grace_minutes: int = 15
    backdating_days: int = 30
    backdating_days_supervisor: int = 365
    waiting_days: int = 7
    ladder: tuple[Rung, ...] = SHIPPED
    lists: Mapping[str, Listing] = made(default_factory=dict, hash=False)
    which: tuple[Fork, ...] = ()
    articles: tuple[Article, ...] = ()
    glossary: tuple[Term, ...] = ()

    def type(self, key: str) -> TicketType | None:
        """The type of this key."""
        return next((one for one in self.types if one.key == key), None)

    @property
    def offered(self) -> tuple[TicketType, ...]:
        """The types of which a ticket can be filed: those that are not switched off."""
        return tuple(one for one in self.types if not one.off)

    def fork(self, key: str) -> Fork | None:
        """A question of "Which ticket?"; the first one without a key."""
        return next((one for one in self.which if one.key == key or not key), None)

    def article(self, key: str) -> Article | None:
        """The article of this key."""
        return next((one for one in self.articles if one.key == key), None)

    @property
    def late_reasons(self) -> tuple[Item, ...]:
        """Why a ticket may have been late, as the admin lists it (R-X-8)."""
        found = self.lists.get("breach_reasons")
        return found.items if found else ()

    def late_words(self, key: str) -> str:
        """A reason of lateness as it is said; one that the list has lost is said by its key."""
        return next((one.label for one in self.late_reasons if one.key == key), key)

    @property
    def addresses(self) -> dict[str, str]:
        """Every address the admin has set, by key; empty where none is set."""
        found = self.lists.get("addresses")
        return {one.key: one.value for one in found.items} if found else {}

    @classmethod
    def from_json(cls, data: Any) -> Policy:
        """Read the policy data; raises :class:`PolicyError`."""
        from escalations.domain.policy_reading import read_policy

        return read_policy(data)


def turnaround_rows(found: TicketType) -> list[dict[str, Any]]:
    """The turnarounds of a type as the API writes them, with the label in words (K4)."""
    return [
        {"channel": channel, "min": t.min, "max": t.max, "unit": t.unit, "label": describe(t)}
        for channel, t in found.turnarounds
    ]
