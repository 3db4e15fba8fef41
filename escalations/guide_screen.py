"""The guide: every type, rule, turnaround and term of the policy in force, as a page reads them (R-DOC-1).

Nothing here is written for the page alone: what an admin changes in the policy is what everybody reads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from accounts.models import Company
from escalations.domain.explain import Names, condition_words, kind_words, strength_words
from escalations.domain.intake import filled
from escalations.domain.policy import REFUSING, Article, Policy, Question, Rule, Term, TicketType
from escalations.domain.turnaround import Turnaround, describe
from escalations.filing import values_of
from escalations.guide_search import Search
from escalations.models import PolicyVersion
from escalations.policies import policy_of

EVERY, TIMES, TERMS, ARTICLES, WHOLE = "every-ticket", "turnaround-times", "glossary", "articles", "guide"
"""The sections besides those of the types; ``WHOLE`` is the guide itself, for what stands nowhere in it."""
LONGEST_PLACE = 60
WORDS_A_MINUTE = 200
_MAIN_ARTICLE = "turnaround-times-2024"
_UNIT_NOTES = {
    "business_hour": "Hours run through whole business days, 24 to a day.",
    "staffed_hour": "Only opening hours count.",
    "clock_hour": "Nights, weekends and holidays count too.",
    "week": "Calendar days, due on a business day.",
}


@dataclass(frozen=True)
class Line:
    """One rule as it is read: how strong it is, what it says, when, and where it stands on the page."""

    anchor: str
    name: str
    strength: str
    words: str
    suggests: str
    message: str
    instead: str
    when: str
    notes: tuple[str, ...]

    def texts(self) -> tuple[str, ...]:
        """Everything in it that can be looked for."""
        return (self.name, self.words, self.message, self.instead, self.when, *self.notes)


@dataclass(frozen=True)
class Asked:
    """One question: what it asks, for what kind of answer, and when it is asked at all."""

    label: str
    kind: str
    hint: str
    needed: bool
    when: str

    def texts(self) -> tuple[str, ...]:
        """Everything in it that can be looked for."""
        return (self.label, self.kind, self.hint, self.when)


@dataclass(frozen=True)
class Section:
    """A type with everything about it; of *Every ticket* only the rules."""

    key: str
    name: str
    purpose: str
    urgent: bool = False
    off: bool = False
    by_phone: str = ""
    by_email: str = ""
    time_notes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    guide: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    rules: tuple[Line, ...] = ()
    neighbours: tuple[tuple[str, str, str], ...] = ()
    waits: tuple[tuple[str, str], ...] = ()
    outcomes: tuple[str, ...] = ()
    article: Article | None = None

    def texts(self) -> Iterator[str]:
        """Everything in it that can be looked for, as it is printed."""
        yield from (self.name, self.purpose, *self.also, *self.guide, *self.outcomes)
        yield from (self.by_phone, self.by_email, *self.time_notes)
        for one in self.asked:
            yield from one.texts()
        for line in self.rules:
            yield from line.texts()
        for _, name, say in self.neighbours:
            yield from (name, say)
        for pair in self.waits:
            yield from pair
        if self.article:
            yield self.article.title


class GuideScreen:
    """The guide of a company under a version of its policy, whole or as far as a search finds it."""

    def __init__(self, version: PolicyVersion, company: Company, typed: str = "") -> None:
        self.version, self.company, self.search = version, company, Search(typed)
        self.policy: Policy = policy_of(version)
        self.values = values_of(self.policy, company)

    @cached_property
    def sections(self) -> list[Section]:
        """All sections: a type each, then what holds for every ticket."""
        data, anchors = self.version.data, Anchors()
        shared = len(data["every_type"]["rules"])
        rows = zip(self.policy.types, data["types"], strict=True)
        found = [self._section(kind, row, shared, anchors) for kind, row in rows]
        return [*found, self._every(data["every_type"]["rules"], anchors)]

    @cached_property
    def shown(self) -> list[Section]:
        """The sections the search finds; of *Every ticket* only the rules it finds."""
        kept = [one for one in self.sections if self.search.fits(one.texts())]
        return [self._only_fitting(one) if one.key == EVERY else one for one in kept]

    def _only_fitting(self, every: Section) -> Section:
        lines = tuple(line for line in every.rules if self.search.fits(line.texts()))
        return replace(every, rules=lines or every.rules)

    @property
    def types(self) -> list[Section]:
        """Of the sections shown, those of types: the rows of the one table."""
        return [one for one in self.shown if one.key != EVERY]

    @cached_property
    def terms(self) -> list[Term]:
        """The glossary, as far as the search finds it."""
        return [one for one in self.policy.glossary if self.search.fits((one.term, one.means))]

    @cached_property
    def articles(self) -> list[Article]:
        """The articles the guide names, the one about turnaround times first."""
        ordered = sorted(self.policy.articles, key=lambda one: one.key != _MAIN_ARTICLE)
        return [one for one in ordered if self.search.fits((one.title, one.text))]

    @property
    def related(self) -> list[Article]:
        """All related articles, searched or not."""
        return sorted(self.policy.articles, key=lambda one: one.key != _MAIN_ARTICLE)

    @property
    def found(self) -> int:
        """How many sections the search leaves."""
        return len(self.shown) + bool(self.terms) + bool(self.articles)

    @property
    def places(self) -> int:
        """At how many places of what is left the words stand."""
        texts = [text for one in self.shown for text in one.texts()]
        texts += [text for one in self.terms for text in (one.term, one.means)]
        texts += [text for one in self.articles for text in (one.title, one.text)]
        return self.search.places(texts)

    @property
    def minutes(self) -> int:
        """How long the whole guide takes to read."""
        words = sum(len(text.split()) for text in self._all_texts())
        return max(1, math.ceil(words / WORDS_A_MINUTE))

    def _all_texts(self) -> Iterator[str]:
        for section in self.sections:
            yield from section.texts()
        for term in self.policy.glossary:
            yield from (term.term, term.means)
        for article in self.policy.articles:
            yield from (article.title, article.text)

    @property
    def updated(self) -> str:
        """By whom, when, and as which version the guide was changed last."""
        at = self.version.created_at.astimezone(self.company.zone)
        by = self.version.created_by or "Holdline"
        return f"{at.day} {at:%B %Y} by {by}, version {self.version.number}"

    def places_named(self) -> dict[str, str]:
        """Every place of the guide somebody may find unclear, by its anchor, with its name in words."""
        named = {WHOLE: "The whole guide", TIMES: "Turnaround times", TERMS: "Glossary", ARTICLES: "Articles"}
        for section in self.sections:
            named[section.key] = section.name
            named |= {line.anchor: f"{section.name}, {line.name}" for line in section.rules}
        return named

    def _section(self, kind: TicketType, row: Mapping[str, Any], shared: int, anchors: Anchors) -> Section:
        names = Names(self.policy, kind)
        needed = {key for rule in kind.rules if rule.strength in REFUSING for key in rule.needs}
        questions = zip(kind.questions, row["questions"], strict=True)
        rules = zip(kind.rules[shared:], row["rules"], strict=True)
        return Section(
            key=anchors.take(kind.key),
            name=kind.name,
            purpose=self._said(kind.purpose),
            urgent=kind.urgency == "urgent",
            off=kind.off,
            by_phone=describe(kind.turnaround("phone")),
            by_email=describe(kind.turnaround("email")),
            time_notes=tuple(self._time_notes(kind)),
            also=kind.also,
            guide=tuple(map(self._said, kind.guide)),
            asked=tuple(_asked(one, raw, needed, names) for one, raw in questions),
            rules=tuple(self._line(rule, raw, kind.key, names, anchors) for rule, raw in rules),
            neighbours=tuple(self._neighbour(one.type, one.say) for one in kind.neighbours),
            waits=tuple((one.label, "stands still" if one.stops_clock else "runs on") for one in kind.waits),
            outcomes=kind.outcomes,
            article=self.policy.article(kind.article) if kind.article else None,
        )

    def _every(self, rows: list[dict[str, Any]], anchors: Anchors) -> Section:
        names, anchor = Names(self.policy), anchors.take(EVERY)
        rules = self.policy.types[0].rules[: len(rows)] if self.policy.types else ()
        lines = tuple(
            self._line(rule, raw, EVERY, names, anchors) for rule, raw in zip(rules, rows, strict=False)
        )
        return Section(key=anchor, name="Every ticket", purpose="What holds whatever the type", rules=lines)

    def _line(self, rule: Rule, row: Mapping[str, Any], where: str, names: Names, anchors: Anchors) -> Line:
        return Line(
            anchor=anchors.of_rule(where, rule),
            name=f"{rule.id}, {rule.part}" if rule.part else rule.id,
            strength=rule.strength.lower(),
            words=strength_words(rule, self.policy),
            suggests=rule.suggest,
            **self._says(rule, names),
            when=condition_words(row.get("when"), names),
            notes=tuple(_notes(rule, row, names)),
        )

    def _says(self, rule: Rule, names: Names) -> dict[str, str]:
        """What a rule says; one that only wants answers names them, and says what one reads without them."""
        message, instead = self._said(rule.message), self._instead(rule)
        if rule.strength != "REQUIRE" or not rule.needs or rule.refuse:
            return {"message": message, "instead": instead}
        wanted = ", ".join(names.subject(key) for key in rule.needs)
        verb = "needs" if len(rule.needs) == 1 else "need"
        said = f"{wanted[:1].upper()}{wanted[1:]} {verb} an answer."
        return {"message": said, "instead": f"Otherwise you read: {message} {instead}".strip()}

    def _neighbour(self, key: str, say: str) -> tuple[str, str, str]:
        found = self.policy.type(key)
        return key, found.name if found else key, self._said(say)

    def _said(self, text: str) -> str:
        return filled(text, self.values)

    def _instead(self, rule: Rule) -> str:
        unset = any(f"{{{name}}}" in rule.instead for name, value in self.values.items() if not value)
        return self._said(rule.instead_unset if unset and rule.instead_unset else rule.instead)

    def _time_notes(self, kind: TicketType) -> Iterator[str]:
        times = [turnaround for _, turnaround in kind.turnarounds]
        if kind.urgency == "urgent":
            yield "Urgent: comes first on the board."
        yield from dict.fromkeys(note for one in times if (note := self._unit_note(one)))
        if any(one.key == "insurer" and not one.stops_clock for one in kind.waits):
            yield "Runs on while the insurer answers."

    def _unit_note(self, turnaround: Turnaround) -> str:
        if turnaround.unit == "immediate":
            return f"Late once nobody has taken it for {self.policy.grace_minutes} minutes."
        if turnaround.unit == "none":
            return "No date is promised."
        return _UNIT_NOTES.get(turnaround.unit, "")


class Anchors:
    """Names of places on the page, each given once: a rule has its id where it comes first."""

    def __init__(self) -> None:
        self._given: set[str] = {WHOLE, TIMES, TERMS, ARTICLES}

    def take(self, wanted: str) -> str:
        """The name, with a number behind it where it is taken already."""
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted)[: LONGEST_PLACE - 4]
        found, count = plain, 1
        while found in self._given:
            count += 1
            found = f"{plain}-{count}"
        self._given.add(found)
        return found

    def of_rule(self, where: str, rule: Rule) -> str:
        """``R-ITEM-2``; of another section ``<type>-R-ITEM-2``; of another clause there with its part."""
        tried = (rule.id, f"{where}-{rule.id}", f"{where}-{rule.id}-{rule.part}")
        return self.take(next((one for one in tried if one not in self._given), tried[-1]))


def _asked(question: Question, row: Mapping[str, Any], needed: Iterable[str], names: Names) -> Asked:
    return Asked(
        label=question.label,
        kind=kind_words(question),
        hint=question.hint,
        needed=question.key in needed,
        when=condition_words(row.get("when"), names),
    )


def _notes(rule: Rule, row: Mapping[str, Any], names: Names) -> Iterator[str]:
    """What else there is to know of a rule."""
    if rule.needs and rule.refuse and rule.strength in REFUSING:
        yield f"Asks for {', '.join(names.subject(key) for key in rule.needs)}."
    if rule.watch:
        yield f"Listens for {', '.join(one.word for one in rule.watch)}."
    if rule.after_business_days:
        yield f"Comes on a ticket that runs, after more than {rule.after_business_days} business days."
    if rule.override:
        yield "A supervisor may file all the same, with a reason."
