"""“Which ticket?”: where somebody stands on the way to a type, and how they came there (R-X-9).

An address carries keys and numbers of the policy alone: ``at`` is the question one stands at, ``by`` the
answers that led there, counted from 0 and joined by full stops, and ``way`` the answer that ends the walk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from escalations.domain.intake import filled
from escalations.domain.policy import Fork, Policy, TicketType, Way
from escalations.domain.turnaround import describe
from escalations.forms import ANSWER

DIGITS = 9
DEFAULT_RULE = "R-X-9"
_DEEPEST = 12


@dataclass(frozen=True)
class Step:
    """A question that was answered, and where one steps back to it."""

    ask: str
    said: str
    url: str


@dataclass(frozen=True)
class Choice:
    """An answer one may give: its digit, its words, and where it leads."""

    digit: str
    label: str
    url: str


class WhichScreen:
    """One place of the walk. ``lost`` says that the address named a place there is not."""

    def __init__(self, policy: Policy, values: Mapping[str, str], data: QueryDict) -> None:
        self.policy, self.values = policy, values
        at = data.get("at", "")
        self.fork: Fork | None = policy.fork(at)
        self.lost = bool(at) and self.fork is None
        if self.fork is None:
            self.fork = policy.fork("")
        self._by = self._led_by(data.get("by", "")) if at and not self.lost else ()
        self.way: Way | None = self._way(data.get("way", ""))
        self._number = data.get("way", "") if self.way else ""

    def _way(self, said: str) -> Way | None:
        """The answer that ends the walk here; one that leads on is none."""
        found = _answer(self.fork, said)
        if said and (found is None or found.ask):
            self.lost = True
        return found if found and not found.ask else None

    def _led_by(self, said: str) -> tuple[int, ...]:
        """The answers that led here, or nothing when they lead elsewhere."""
        pieces = said.split(".")[:_DEEPEST] if said else []
        fork, passed = self.policy.fork(""), []
        for piece in pieces:
            way = _answer(fork, piece)
            if way is None or not way.ask:
                return ()
            passed.append(int(piece))
            fork = self.policy.fork(way.ask)
        return tuple(passed) if fork == self.fork else ()

    @cached_property
    def trail(self) -> list[Step]:
        """What was answered so far, each with the way back to its question."""
        fork, steps = self.policy.fork(""), []
        for index, number in enumerate(self._by):
            if fork is None:
                break
            way = fork.ways[number]
            steps.append(Step(fork.label, way.label, _url(fork.key, self._by[:index])))
            fork = self.policy.fork(way.ask)
        if self.way and self.fork:
            steps.append(Step(self.fork.label, self.way.label, _url(self.fork.key, self._by)))
        return steps

    @property
    def choices(self) -> list[Choice]:
        """The answers of this question, the first nine with their digit."""
        if self.fork is None:
            return []
        return [
            Choice(str(index + 1) if index < DIGITS else "", way.label, self._leads_to(way, index))
            for index, way in enumerate(self.fork.ways)
        ]

    def _leads_to(self, way: Way, number: int) -> str:
        assert self.fork is not None
        if way.ask:
            return _url(way.ask, (*self._by, number))
        return _url(self.fork.key, self._by, way=str(number))

    @property
    def back(self) -> str:
        """The question before; empty at the first one."""
        return self.trail[-1].url if self.trail else ""

    @property
    def start(self) -> str:
        """The first question."""
        return reverse("escalations:which")

    @property
    def here(self) -> dict[str, str]:
        """This place as fields of a form."""
        return {"at": self.fork.key if self.fork else "", "by": _joined(self._by), "way": self._number}

    @property
    def type(self) -> TicketType | None:
        """The type the walk has ended in."""
        return self.policy.type(self.way.type) if self.way and self.way.type else None

    @property
    def times(self) -> list[tuple[str, str]]:
        """The turnaround of the type by phone and by email, once where they are the same."""
        if self.type is None:
            return []
        phone, email = (describe(self.type.turnaround(channel)) for channel in ("phone", "email"))
        return [("By phone", phone), ("By email", email)] if phone != email else [("Turnaround", phone)]

    @property
    def neighbours(self) -> list[tuple[TicketType, str]]:
        """The types easily taken for this one, each with when it is the right one."""
        found = [(self.policy.type(one.type), one.say) for one in (self.type.neighbours if self.type else ())]
        return [(kind, self._said(say)) for kind, say in found if kind is not None]

    @property
    def why(self) -> str:
        """Why the type is the right one."""
        return self._said(self.way.why) if self.way else ""

    @property
    def told(self) -> str:
        """What to do instead where the walk ends in no ticket."""
        return self._said(self.way.none) if self.way else ""

    @property
    def rule(self) -> str:
        """The rule by which no ticket is filed."""
        return (self.way.rule if self.way else "") or DEFAULT_RULE

    @property
    def file_url(self) -> str:
        """The filing page with the type chosen and filled with what the way has told already."""
        if self.way is None or not self.way.type:
            return ""
        answers = {ANSWER + key: value for key, value in self.way.prefill.items()}
        return f"{reverse('escalations:new')}?{urlencode({'type': self.way.type, **answers}, doseq=True)}"

    def _said(self, words: str) -> str:
        return filled(words, self.values)


def _answer(fork: Fork | None, said: str) -> Way | None:
    """The answer of this number."""
    plain = said.isascii() and said.isdigit() and len(said) <= 2
    if fork is None or not plain or int(said) >= len(fork.ways):
        return None
    return fork.ways[int(said)]


def _joined(by: tuple[int, ...]) -> str:
    return ".".join(map(str, by))


def _url(at: str, by: tuple[int, ...], **more: str) -> str:
    asked = {"at": at, **({"by": _joined(by)} if by else {}), **more}
    return f"{reverse('escalations:which')}?{urlencode(asked)}"
