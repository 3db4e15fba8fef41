"""Writing down which payers cannot be asked, and that they answer again. Inside the night's transactions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from deductibles.domain import payer_trouble
from deductibles.domain.payer_trouble import Heard
from deductibles.models import PayerTrouble, Snapshot

_TOLD = """
    INSERT INTO deductibles_payertrouble (company_id, payer_id, kind, code, began_at, last_at, count)
    SELECT %(company)s, v.payer, v.kind, v.code, %(at)s, %(at)s, v.count
    FROM unnest(%(payers)s::bigint[], %(kinds)s::text[], %(codes)s::text[], %(counts)s::int[])
         AS v(payer, kind, code, count)
    ORDER BY v.payer, v.code
    ON CONFLICT (company_id, payer_id, code) WHERE ended_at IS NULL
    DO UPDATE SET last_at = EXCLUDED.last_at, count = deductibles_payertrouble.count + EXCLUDED.count"""


def write(company_id: int, heard: Heard, *, at: datetime) -> None:
    """Open or count the troubles of a batch, and end those of payers that answer again."""
    if heard.troubles:
        rows = [(payer, word.kind, word.code, count) for (payer, word), count in heard.troubles.items()]
        payers, kinds, codes, counts = (list(column) for column in zip(*rows, strict=True))
        values = {"payers": payers, "kinds": kinds, "codes": codes, "counts": counts}
        with connection.cursor() as cursor:
            cursor.execute(_TOLD, {"company": company_id, "at": at, **values})
    end(company_id, heard.answering, at=at)


def end(company_id: int, payers: Collection[int], *, at: datetime) -> None:
    """These payers answer again."""
    if payers:
        open_now(company_id).filter(payer__in=payers).update(ended_at=at)


def hear_one(answer: Snapshot, *, at: datetime) -> None:
    """What a person's question says about the payer: a wrong set-up is told, an answer ends what was told."""
    word = payer_trouble.word_of_kept(answer.outcome, answer.reading)
    if word is None or word.kind == payer_trouble.DOWN:
        return
    payer = answer.coverage.payer_id
    troubles = {(payer, word): 1} if word.kind else {}
    write(answer.company_id, Heard(troubles, frozenset() if word.kind else frozenset([payer])), at=at)


def open_now(company_id: int) -> QuerySet[PayerTrouble]:
    """The troubles that are not over."""
    return PayerTrouble.objects.filter(company=company_id, ended_at=None)


def in_trouble(company_id: int) -> set[int]:
    """The payers that a night asks one question first."""
    return set(open_now(company_id).values_list("payer_id", flat=True))
