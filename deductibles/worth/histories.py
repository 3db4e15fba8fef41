"""The stored past of many claims, read a page at a time for a back-test: five statements a page.

Part of it are claims whose first hold was automatic, and claims that were never held of which some answer is
stored: by the day of that first hold, or of the answer they were decided on. Left out are drafts, void claims
and claims that were first held by hand: no threshold decides about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from deductibles.actions.columns import array
from deductibles.domain import gain, hold, replay
from deductibles.domain.back_sums import Paid
from deductibles.domain.replay import Answer, Episode, Fate, History
from deductibles.models import BackTest
from deductibles.x12.remittance import REVERSAL

PAGE = 2000

_CLAIMS = """
    SELECT c.id, c.number, c.payer_id, c.date_of_service, c.total FROM deductibles_claim c
    WHERE c.company_id = %(company)s AND c.id > %(after)s {of_payer} AND c.status <> 'void'
    ORDER BY c.id LIMIT %(size)s"""
_HOLDS = """
    SELECT h.claim_id, h.coverage_id, h.payer_id, h.kind = 'automatic', h.started_on, h.active,
        (h.ended_at AT TIME ZONE %(zone)s)::date, h.queued_at IS NOT NULL, h.reason_code, h.remaining
    FROM deductibles_hold h WHERE h.claim_id = ANY(%(claims)s::bigint[]) AND h.company_id = %(company)s
    ORDER BY h.claim_id, h.id"""
_SETTLED = """(s.outcome = 'answered' OR s.outcome = 'rejected'
        AND NOT s.reading @? '$.rejects[*] ? (@.class == "payer_down" || @.class == "setup")')
    AND NOT s.flags @> '["answer_too_old"]'"""
"""Answers that a hold goes by: not an outage, and no old one that was filed (D-CHK-7, D-X12-2)."""
_COLUMNS = """s.as_of,
        (s.source = 'nightly')::int + 2 * s.usable::int
            + 4 * (s.may_release AND (s.proven_until >= s.as_of OR s.proven_until IS NULL))::int
            + 8 * (s.says_met AND (s.proven_until >= s.as_of OR s.proven_until IS NULL))::int
            + 16 * s.may_hold::int,
        s.remaining, CASE WHEN s.source <> 'nightly' THEN s.annual END, NULLIF(s.reason_code, '')"""
_ANSWERS = f"""
    SELECT s.claim_id, s.coverage_id, {_COLUMNS} FROM deductibles_snapshot s
    WHERE s.claim_id = ANY(%(claims)s::bigint[]) AND s.company_id = %(company)s AND {_SETTLED}
    ORDER BY s.claim_id, s.as_of, s.id"""  # noqa: S608  made of the constants above
_DECIDED = f"""
    SELECT DISTINCT ON (s.claim_id) s.claim_id, s.coverage_id, {_COLUMNS}
    FROM deductibles_snapshot s
    JOIN deductibles_claim c ON c.id = s.claim_id AND c.status <> 'draft'
    LEFT JOIN (SELECT i.claim_id, MIN(f.written_at) AS sent_at
               FROM deductibles_submissionitem i JOIN deductibles_submission f ON f.id = i.submission_id
               WHERE i.claim_id = ANY(%(claims)s::bigint[]) GROUP BY i.claim_id) sent
        ON sent.claim_id = s.claim_id
    WHERE s.claim_id = ANY(%(claims)s::bigint[]) AND s.company_id = %(company)s AND s.source <> 'nightly'
      AND (sent.sent_at IS NULL OR s.asked_at <= sent.sent_at) AND {_SETTLED}
    ORDER BY s.claim_id, s.id DESC"""  # noqa: S608
"""Of a claim that was never held, the last answer before it was sent: what its decision rested on."""
_PAID = """
    SELECT DISTINCT ON (p.claim_id) p.claim_id, p.posted_at IS NOT NULL, p.id < q.reversed,
        p.paid, p.patient_owes, p.allowed, p.deductible,
        CASE WHEN p.posted_at IS NOT NULL AND p.paid <> 0 THEN p.filed_too_late ELSE q.late END,
        COALESCE((SELECT SUM((a->>'amount')::numeric) FROM jsonb_array_elements(p.adjustments) a
                  WHERE a->>'group' = 'PR' AND a->>'reason' = '2'),
                 CASE WHEN p.arrival_id IS NOT NULL THEN 0 END)
    FROM deductibles_payment p
    JOIN (SELECT claim_id, MAX(id) FILTER (WHERE status = %(reversal)s) AS reversed,
              BOOL_OR(filed_too_late) AS late
          FROM deductibles_payment WHERE claim_id = ANY(%(claims)s::bigint[]) GROUP BY claim_id) q
        ON q.claim_id = p.claim_id
    WHERE p.claim_id = ANY(%(claims)s::bigint[]) AND p.company_id = %(company)s
    ORDER BY p.claim_id, (p.posted_at IS NULL), p.id DESC"""
"""What was posted last, unless the payer took it back; of what was not posted, or closed with nothing, that
it was filed too late."""


@dataclass(frozen=True, slots=True)
class Past:
    """One claim: what is stored of it, what became of it in truth, and what was paid."""

    id: int
    number: str
    payer: int | None
    total: Decimal
    decided_on: date
    history: History
    happened: Fate
    paid: Paid | None


class Page(NamedTuple):
    """Claims that were looked at together: those that belong, the id of the last one and how many they were.

    ``left_out`` belong by their day, but the answer they were held on is not stored.
    """

    pasts: list[Past]
    last: int
    looked_at: int
    left_out: int


def pages(test: BackTest, *, after: int = 0) -> Iterator[Page]:
    """Claims behind the id ``after``, page by page."""
    zone = test.company.time_zone
    values: dict[str, Any] = {"company": test.company_id, "size": PAGE, "zone": zone, "payer": test.payer_id}
    sql = _CLAIMS.format(of_payer="AND c.payer_id = %(payer)s" if test.payer_id else "")
    while claims := _rows(sql, {**values, "after": after}):
        after = claims[-1][0]
        found = list(_pasts(test, claims, values))
        pasts = [one for one in found if one is not None]
        yield Page(pasts, after, len(claims), len(found) - len(pasts))


def _pasts(test: BackTest, claims: Sequence[Any], values: dict[str, Any]) -> Iterator[Past | None]:
    holds = _by_claim(_rows(_HOLDS, {**values, "claims": array([row[0] for row in claims])}))
    held = [row[0] for row in claims if (of := holds.get(row[0])) and of[0][3] and _within(test, of[0][4])]
    free = [row[0] for row in claims if row[0] not in holds]
    answers = _by_claim(_rows(_ANSWERS, {**values, "claims": array(held)}) if held else [])
    decided = _by_claim(_rows(_DECIDED, {**values, "claims": array(free)}) if free else [])
    found = {*held, *(claim for claim, rows in decided.items() if _within(test, rows[0][2]))}
    paid = {
        row[0]: _paid(*row[3:])
        for row in _rows(_PAID, {**values, "claims": array(sorted(found)), "reversal": REVERSAL})
        if row[7] or (row[1] and not row[2])
    }
    for row in claims:
        if row[0] not in found:
            continue
        if row[0] in decided:
            yield _of_free(test, row, decided[row[0]][0], paid.get(row[0]))
        else:
            yield _of_held(test, row, holds[row[0]], answers.get(row[0], ()), paid.get(row[0]))


def _paid(
    paid: Decimal,
    owes: Decimal | None,
    allowed: Decimal | None,
    deductible: Decimal | None,
    late: bool,
    co_insurance: Decimal | None,
) -> Paid:
    share = None if co_insurance is None else gain.co_insurance_of(co_insurance, paid)
    return Paid(paid, owes, allowed, deductible, late, share)


def _within(test: BackTest, on: date) -> bool:
    return bool(test.from_on <= on <= test.until_on)


def _by_claim(rows: Iterable[Any]) -> dict[int, list[Any]]:
    return {claim: list(of) for claim, of in groupby(rows, key=itemgetter(0))}


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _answer(row: Any) -> Answer:
    _, _, on, marks, remaining, annual, code = row
    return Answer(
        on,
        bool(marks & 1),
        bool(marks & 2),
        bool(marks & 4),
        remaining,
        code or "",
        bool(marks & 8),
        bool(marks & 16),
        annual,
    )


def _of_free(test: BackTest, claim: Any, decided: Any, paid: Paid | None) -> Past:
    """A claim that was decided and not held."""
    key, number, payer, served_on, total = claim
    answer = _answer(decided)
    history = History(served_on, (Episode(payer, answer.on, (answer,)),), answer.on, test.seen_until)
    happened = Fate(replay.NOT_HELD, "", answer.on, 0, answer.remaining, answer.remaining)
    return Past(key, number, payer, total, answer.on, history, happened, paid)


def _of_held(
    test: BackTest, claim: Any, holds: Sequence[Any], answers: Sequence[Any], paid: Paid | None
) -> Past | None:
    """A claim that was held by itself; None where the answer it was held on is not stored."""
    key, number, payer, served_on, total = claim
    chain = list(_chain(holds))
    episodes = tuple(Episode(each[2], each[4], _from_the_first(each, answers)) for each in chain)
    if not all(one.answers for one in episodes):
        return None
    last, start = chain[-1], chain[0][4]
    _, _, _, _, _, active, ended_on, queued, code, left = last
    by_person = not active and (not queued or code == hold.BY_HAND)
    history = History(
        served_on,
        episodes,
        test.seen_until if active else ended_on,
        test.seen_until,
        taken_on=ended_on if by_person else None,
        taken_as=hold.BY_HAND if queued else replay.ENDED,
    )
    happened = _happened(test, start, episodes[0].answers[0].remaining, last)
    return Past(key, number, payer, total, start, history, happened, paid)


def _chain(holds: Sequence[Any]) -> Iterator[Any]:
    """The first hold, and those that followed it without a release between: its payer was changed."""
    for place, row in enumerate(holds):
        if not row[3]:
            return
        yield row
        if row[5] or row[7] or place + 1 == len(holds) or holds[place + 1][4] != row[6]:
            return


def _from_the_first(row: Any, answers: Sequence[Any]) -> tuple[Answer, ...]:
    """The answers about a hold's coverage, from the one it was held on: the first of its day to hold on."""
    mine = [_answer(one) for one in answers if one[1] == row[1] and one[2] >= row[4]]
    for place, one in enumerate(mine):
        if one.on != row[4]:
            break
        if one.usable and one.may_hold and one.remaining is not None and one.annual is not None:
            return tuple(mine[place:])
    return ()


def _happened(test: BackTest, start: date, at_hold: Decimal | None, last: Any) -> Fate:
    """What became of a claim that was held, as it is stored."""
    _, _, _, _, _, active, ended_on, queued, code, left = last
    if active:
        on = max(test.seen_until, start)
        return Fate(replay.WAITING, "", on, (on - start).days, at_hold, left)
    days = (ended_on - start).days
    if not queued or code == hold.BY_HAND:
        reason = hold.BY_HAND if queued else replay.ENDED
        return Fate(replay.BY_HAND, reason, ended_on, days, at_hold, left)
    kind = replay.MET if code in hold.MET_CODES else replay.ELAPSED
    return Fate(kind, code, ended_on, days, at_hold, left)
