"""The middle of the nightly check: ask AR Boost about who is due, weigh what comes back, write it down.

First one question goes to each payer that was in trouble, then everybody is asked whose payer is not left
alone, in batches of up to 500 and several at a time. Each batch of answers is written in one transaction,
beside its neighbour and the weighing of the next (``writing``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import structlog
from django.db import DatabaseError
from django.db.models import Q

from deductibles import due, questions, writing
from deductibles.actions import moves, night_answers, nightwork, payer_troubles
from deductibles.actions.night_answers import Weighed
from deductibles.domain import evidence, hold, payer_trouble
from deductibles.domain.payer_trouble import Breakers, Heard
from deductibles.due import Due
from deductibles.gateways import arboost
from deductibles.models import DeductibleSettings, Question
from deductibles.nights import Night
from patients.models import Payer

log = structlog.get_logger(__name__)
BATCH = 500
PAGE = 4 * BATCH
"""Questions that are read at one time, by five statements whose beginning costs the same for a few."""
GIVE_UP_AFTER = 8
"""Batches in a row that settled nothing after which AR Boost is left alone for the night."""
LEFT_ALONE = f"AR Boost settled nothing in {GIVE_UP_AFTER} batches in a row and was left alone tonight."

MOST_REASONS = 40
OTHER_REASON = "The answers could not be read for other reasons."
"""Garbage may read otherwise for each claim; the run tells so many reasons and counts the rest."""


@dataclass(frozen=True)
class Batch:
    """Answers that came together, with what follows from each, and what they change about their payers."""

    weighed: Sequence[Weighed]
    heard: Heard


@dataclass
class Asking:
    """What one night knows while it asks; read once, so that settings changed meanwhile wait for the next."""

    night: Night
    settings: DeductibleSettings
    payers: due.Payers
    breakers: Breakers
    thresholds: dict[int | None, Decimal] = field(default_factory=dict)
    silent: int = 0
    refused: str = ""
    """Why AR Boost answers nothing until somebody here mends something: address, token or agency."""
    passed_over: set[int] = field(default_factory=set)
    writer: writing.AtOnce[Batch] | writing.Beside[Batch] = field(init=False)

    def __post_init__(self) -> None:
        self.writer = writing.AtOnce(partial(_write_down, self.night))

    @classmethod
    def of(cls, night: Night, settings: DeductibleSettings) -> Asking:
        """At the beginning, or when a night goes on that was broken off."""
        company = night.company.pk
        return cls(night, settings, due.Payers(company), Breakers(payer_troubles.in_trouble(company)))

    @property
    def today(self) -> date:
        """The company's date now, or the night's when that is later."""
        return max(self.night.run.target_date, moves.local_date(self.night.company, self.night.at))

    @property
    def given_up(self) -> bool:
        """Whether AR Boost is left alone for the night."""
        return bool(self.refused) or self.silent >= GIVE_UP_AFTER

    def threshold(self, row: Any) -> Decimal:
        """The dollar threshold of a hold: its payer's own, else the company's."""
        if row.payer_id not in self.thresholds:
            self.thresholds[row.payer_id] = threshold(self.settings, row.payer)
        return self.thresholds[row.payer_id]


def threshold(settings: DeductibleSettings, payer: Payer | None) -> Decimal:
    """The payer's own dollar threshold, else the company's."""
    return hold.rules_for(settings, payer).dollar_threshold


def ask_who_is_due(night: Night, settings: DeductibleSettings) -> None:
    """Write every due question down, then ask in batches and take in each answer as it comes."""
    with night.writing("plan nightly check"):
        nightwork.plan(night.run)
        nightwork.show_progress(night.run)
    conn = questions.connection(night.company)
    if conn is None:
        _unanswered(night, questions.NOT_CONNECTED, nightwork.waiting(night.run).count())
        return
    asking = Asking.of(night, settings)
    with writing.beside(partial(_write_down, night), night.keep) as asking.writer:
        if asking.breakers.alone:
            _ask(asking, conn, _probes(asking))
        _ask(asking, conn, _due(asking, Q()))
        if asking.passed_over - asking.breakers.alone:
            # A payer that was left alone answered what was under way: its other claims are asked after all.
            wanted = nightwork.not_asked(since=night.at) & Q(hold__payer__in=asking.passed_over)
            _ask(asking, conn, _due(asking, wanted))
    _tell_unasked(asking)


def _probes(asking: Asking) -> list[Due]:
    """One question for each payer in trouble."""
    found = due.probes(asking.night.run, asking.payers, asking.breakers.alone)
    return sorted(found, key=lambda row: row.pk)


def _due(asking: Asking, wanted: Q) -> Iterator[Due]:
    """The open questions in order of id, without those of payers that are left alone by then."""
    last = 0
    while page := _page(asking, last, wanted):
        last = page[-1].pk
        for first in range(0, len(page), BATCH):
            # Asked about before the answers to earlier ones are written: who lost the night asks no more.
            asking.night.keep()
            alone = frozenset(asking.breakers.alone)
            asking.passed_over |= alone
            yield from (row for row in page[first : first + BATCH] if row.hold.payer_id not in alone)


def _page(asking: Asking, after: int, wanted: Q) -> list[Due]:
    alone = frozenset(asking.breakers.alone)
    asking.passed_over |= alone
    return due.page(asking.night.run, asking.payers, after=after, size=PAGE, without=alone, wanted=wanted)


def _ask(asking: Asking, conn: arboost.Connection, rows: Iterable[Due]) -> None:
    """Ask all these questions, unless AR Boost settles nothing for long or was given up already.

    At its end all their answers are written down: whoever asks next finds only what is still open.
    """
    night, waiting = asking.night, dict[str, Due]()
    if asking.given_up:
        return
    built = _questions(night, rows, waiting)
    coming = arboost.ask_many(conn, night.run.target_date, built, batch=BATCH, while_waiting=night.keep)
    for batch, answers in coming:
        asked = [waiting.pop(question.trace) for question in batch]
        if isinstance(answers, arboost.Unavailable):
            _unanswered(night, str(answers), len(asked))
            night.keep()
            asking.refused = str(answers) if answers.ours else ""
            settled = 0
        else:
            settled = _take_in(asking, asked, answers)
        asking.silent = 0 if settled else asking.silent + 1
        if asking.given_up:
            break
    asking.writer.settle()


def _questions(night: Night, rows: Iterable[Due], waiting: dict[str, Due]) -> Iterator[arboost.Question]:
    """The questions to ask, built as they are asked; ``waiting`` keeps the rows."""
    for row in rows:
        built = _question(night, row)
        if built is not None:
            waiting[row.trace] = row
            yield built


def _question(night: Night, row: Due) -> arboost.Question | None:
    try:
        return _question_of(row, night.run.target_date)
    except Exception as error:
        # One claim whose data cannot be asked with must not stop the others (D-CHK-9).
        _failed(night, row, error)
        return None


def _question_of(row: Due, target: date) -> arboost.Question:
    held: Any = row.hold
    return questions.question(held.reference, row.trace, held.claim, held.asked_coverage, target)


def _unanswered(night: Night, why: str, count: int) -> None:
    if not count:
        return
    if why not in night.outages and len(night.outages) >= MOST_REASONS:
        why = OTHER_REASON
    night.outages[why] += count


def _tell_unasked(asking: Asking) -> None:
    """Say of whom nobody was asked, and why: a payer was left alone, or AR Boost as a whole."""
    night = asking.night
    for payer_id, count in nightwork.not_asked_of(night.run, asking.breakers.alone, since=night.at):
        payer = asking.payers[payer_id]
        _unanswered(night, f"{payer} was left alone: it is down, or refuses our questions.", count)
    if asking.given_up:
        # What was asked in vain is told already, with why.
        left = nightwork.waiting(night.run).count() - night.outages.total()
        _unanswered(night, asking.refused or LEFT_ALONE, max(left, 0))


def take_in(
    night: Night, settings: DeductibleSettings, asked: Sequence[Question | Due], answers: Sequence[Any]
) -> int:
    """Weigh answers and record them, outside a night's own asking; give the number of settled questions."""
    return _take_in(Asking.of(night, settings), asked, answers)


def _take_in(asking: Asking, asked: Sequence[Question | Due], answers: Sequence[Any]) -> int:
    """Weigh a batch and have it written down; one claim that fails is set aside (D-CHK-9).

    Give the number of questions that are settled.
    """
    night, weighed = asking.night, list[Weighed]()
    for question, answer in zip(asked, answers, strict=True):
        try:
            weighed.append(_weigh(asking, question, answer))
        except Exception as error:
            _failed(night, question, error)
    heard = asking.breakers.hear(_words(weighed))
    # What a payer said last must be what stays written.
    asking.writer.hand_over(Batch(weighed, heard), behind=heard.says_something)
    return sum(item.evidence.settled for item in weighed)


def _words(weighed: Sequence[Weighed]) -> Iterator[tuple[int | None, payer_trouble.Word | None]]:
    for item in weighed:
        found = item.evidence
        yield item.question.hold.payer_id, payer_trouble.word_of(found.outcome, found.settled, found.reading)


def _write_down(night: Night, batch: Batch) -> None:
    """All of it at once; when that fails claim by claim."""
    try:
        _record(night, batch)
    except DatabaseError:
        _record_in_turn(night, batch)


def _record(night: Night, batch: Batch) -> None:
    with night.writing("nightly check", beside=True):
        night_answers.record(night.run, batch.weighed, at=night.at)
        payer_troubles.write(night.company.pk, batch.heard, at=night.at)


def _record_in_turn(night: Night, batch: Batch) -> None:
    """Each by itself, and last what they say about their payers."""
    nothing = Heard({}, frozenset())
    for item in batch.weighed:
        try:
            _record(night, Batch([item], nothing))
        except DatabaseError as error:
            _failed(night, item.question, error)
    _record(night, Batch([], batch.heard))


def _weigh(asking: Asking, question: Question | Due, answer: Any) -> Weighed:
    night, row = asking.night, question.hold
    claim: Any = row.claim
    coverage: Any = row.asked_coverage
    target = night.run.target_date
    about = questions.asked(question.trace, claim, coverage, night.company, target, trail_later=True)
    found = evidence.weigh(answer, about)
    if not found.settled:
        _unanswered(night, found.detail or "No answer that can be read.", 1)
    if found.proven_until is not None and found.proven_until < asking.today:
        # An earlier night that is run late: what was proven for last year's plan is proof no more (I7).
        found = replace(found, may_release=False, reason_code="")
    answered = hold.Answered(
        may_release=found.may_release,
        remaining=found.remaining,
        reason_code=found.reason_code,
        amounts_came=found.amounts_came,
        sound=found.sound,
    )
    verdict = hold.judge(answered, asking.threshold(row), first_nightly=row.nightly_answers == 0)
    return Weighed(question, found, verdict)


def _failed(night: Night, question: Question | Due, error: Exception) -> None:
    log.warning("claim_set_aside", run=night.run.pk, hold=question.hold_id, error=type(error).__name__)
    why = f"It could not be checked ({type(error).__name__}). It stays held and is asked about again."
    night.set_aside(question.hold.claim.number, why)
