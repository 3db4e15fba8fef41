"""Protections taken away, each inside one worker: the fault must then be seen, or the scenario sees nothing.

Nothing here touches product code on disk; a worker that was forked for a control is changed in its memory and
gone afterwards. A name that is not there any more is an error, so that no control wears out unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

_CONTROLS: dict[str, Callable[[], None]] = {}


def take_away(name: str) -> None:
    """Take this protection away from the process that asks."""
    _CONTROLS[name]()


def names() -> list[str]:
    """Every protection that can be taken away."""
    return list(_CONTROLS)


def _named(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def known(control: Callable[[], None]) -> Callable[[], None]:
        _CONTROLS[name] = control
        return control

    return known


def _put(place: Any, name: str, instead: Any) -> Any:
    """Put something else in the place of a name; give what was there."""
    before = getattr(place, name)
    setattr(place, name, instead)
    return before


@_named("an answered question is closed")
def _leave_questions_open() -> None:
    from deductibles.actions import night_answers

    _put(night_answers, "_close_questions", lambda weighed, at: None)


@_named("what belongs together is one transaction")
def _commit_every_statement() -> None:
    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        mine = context["connection"]
        inside = mine.savepoint_ids or sql.startswith("SAVEPOINT")
        if mine.in_atomic_block and not inside and mine.connection:
            mine.connection.commit()
        return found

    on_every_statement(run)


@_named("who lost the lease writes nothing")
def _write_without_lease() -> None:
    from work import leases

    _put(leases, "keep", lambda name, fence, **_: None)
    _put(leases, "pin", lambda name, fence: None)


@_named("one worker at a time")
def _let_everyone_in() -> None:
    from work import leases

    _put(leases, "take", lambda name, **_: 1)
    _put(leases, "keep", lambda name, fence, **_: None)
    _put(leases, "pin", lambda name, fence: None)
    _put(leases, "give_back", lambda name, fence: None)


@_named("a night knows what it has done")
def _forget_the_night() -> None:
    from deductibles.models import Question
    from work.models import Run

    Question.objects.filter(run__isnull=False).delete()
    Run.objects.filter(kind="check", due__gt=0).update(state="running")


@_named("missed nights are asked for")
def _ask_for_tonight_alone() -> None:
    from deductibles.actions import nightwork

    _put(nightwork, "missed_nights", lambda company, target: [target])


@_named("what was not answered is asked again")
def _use_the_date_up() -> None:
    from deductibles import nightly
    from deductibles.models import Question

    def close(night: Any) -> None:
        Question.objects.filter(run=night.run).update(open=False)
        before(night)

    before = _put(nightly, "close_check", close)


@_named("unknown is not zero")
def _take_nothing_for_zero() -> None:
    from deductibles.domain import evidence

    def weigh(answer: Any, asked: Any) -> Any:
        found = before(answer, asked)
        if found.remaining is not None and found.may_release:
            return found
        return replace(
            found, outcome="answered", settled=True, sound=True, usable=True, may_release=True,
            remaining=Decimal(0), proven_until=asked.as_of.replace(month=12, day=31),
        )  # fmt: skip

    before = _put(evidence, "weigh", weigh)


@_named("answers are matched by reference and trace")
def _match_by_order() -> None:
    from deductibles.gateways import arboost
    from deductibles.gateways.arboost_answers import Answers, answer_of

    def matched(questions: Any, raw: Any) -> Any:
        answers = Answers()
        for question, result in zip(questions, raw.get("results", []), strict=False):
            result = {**result, "reference": question.reference, "trace": question.trace, "x12_271": None}
            answers.append(answer_of(question, result))
        return answers

    _put(arboost, "matched", matched)


@_named("an answer names the patient it is about")
def _believe_any_name() -> None:
    from deductibles import questions

    def asked(*given: Any, **more: Any) -> Any:
        return replace(before(*given, **more), identity=None)

    before = _put(questions, "asked", asked)


@_named("nobody waits for ever")
def _wait_for_ever() -> None:
    from deductibles.gateways import wire

    limit_time(3600)
    assert wire.Limits().total < 3600


@_named("settings are those the night began with")
def _read_settings_for_every_claim() -> None:
    from deductibles.asking import Asking
    from deductibles.domain import hold
    from deductibles.models import settings_in_force

    def threshold(asking: Any, row: Any) -> Any:
        return hold.rules_for(settings_in_force(asking.settings.company_id), row.payer).dollar_threshold

    _put(Asking, "threshold", threshold)


@_named("what was read before the lock is read anew")
def _act_on_what_was_read() -> None:
    from deductibles.actions import night_answers, nightwork

    def record(run: Any, weighed: Any, *, at: Any) -> int:
        keys = night_answers._keys_of_answers(weighed)
        night_answers._update_holds(weighed, keys, run, at)
        kept = [item for item in weighed if item.question.hold_id in keys]
        night_answers._keep_answers(kept, keys, run, at)
        night_answers._close_questions(weighed, at)
        pairs = [(item.question.hold, item.verdict) for item in weighed if item.verdict.release]
        return nightwork.let_go(pairs, at).released

    _put(night_answers, "record", record)
    _put(night_answers, "_ANSWERED", night_answers._ANSWERED.replace("AND h.active", ""))


@_named("an unclear hand-over is not sent again")
def _send_again() -> None:
    from deductibles import submitting

    def record(night: Any, row: Any, handed: Any) -> None:
        if handed.state == "accepted":
            before(night, row, handed)
        else:
            submitting._refused(night, row, "nobody heard")

    before = _put(submitting, "record_handed", record)


@_named("what may have left is not sent again")
def _send_what_was_tried() -> None:
    from deductibles import submitting

    def about_to_try(*given: Any) -> bool:
        before(*given)
        return True

    before: Any = _put(submitting, "_about_to_try", about_to_try)


@_named("a folder's notes say what was put into it")
def _take_no_notes() -> None:
    from deductibles.gateways import outbox

    _put(outbox, "_noted", lambda note: ("", ""))


@_named("two never send one file")
def _let_two_send() -> None:
    _let_everyone_in()
    _send_what_was_tried()


@_named("an answer that comes early waits")
def _note_what_comes_early() -> None:
    from deductibles.domain import acknowledging

    def act_for(word: str, status: str, *, current: bool, in_file: bool) -> tuple[str, str]:
        return before(word, status, current=current, in_file=False)

    before = _put(acknowledging, "act_for", act_for)


def on_every_statement(run: Callable[..., Any]) -> None:
    """Have this called for every statement of this process, in whichever thread and session."""
    from django.db import connection as mine
    from django.db.backends.signals import connection_created

    def begin(connection: Any, **_: Any) -> None:
        if run not in connection.execute_wrappers:
            connection.execute_wrappers.append(run)

    begin(mine)
    connection_created.connect(begin, weak=False)


NEXT = "-next"
"""What the key of a company ends with that gets the answers of the one before it."""


@_named("an answer counts in its own company alone")
def _take_in_for_anybody() -> None:
    from accounts.models import Company
    from deductibles.actions import acknowledging

    def take_in(company: Any, *given: Any, **named: Any) -> Any:
        return before(Company.objects.get(key=company.key.removesuffix(NEXT)), *given, **named)

    before = _put(acknowledging, "take_in", take_in)


@_named("a copy of the database sends nothing")
def _send_from_copies() -> None:
    from deductibles.actions import sending

    _put(sending, "place", lambda: "anywhere")


@_named("a doorbell is rung for a second at most")
def _ring_for_ever() -> None:
    from redis.connection import UnixDomainSocketConnection

    def patient(self: Any, *given: Any, **named: Any) -> None:
        before(self, *given, **named)
        self.socket_timeout = self.socket_connect_timeout = None

    before = _put(UnixDomainSocketConnection, "__init__", patient)


def limit_time(seconds: float) -> None:
    """Have AR Boost waited for so long and no longer."""
    from deductibles import questions
    from deductibles.gateways.wire import Limits

    def connection(company: Any) -> Any:
        found = before(company)
        return replace(found, limits=Limits(total=seconds)) if found else None

    before = _put(questions, "connection", connection)


@_named("who sleeps gives its locks back")
def _keep_locks_asleep() -> None:
    from deductibles import nights

    _put(nights, "_end_sleepers", lambda: None)
