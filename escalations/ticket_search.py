"""Finding tickets by what was typed: number, patient, or words written in them.

One statement asks every way, each capped and on an index of its own: the ticket's number; the patient's name
(begun, in any order, or nearly right), account, telephone number and date of birth; the stemmed words of
note, answers and timeline. What was found is then filtered and ordered like any list. A way that has more
than :data:`MOST` is not taken as a list of ids: it becomes a condition, and nothing that matches is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from escalations.domain.sought import read_sought
from escalations.models import TicketWords
from patients.queries import FEW, Ways, ways_of

MOST = 500
"""Tickets that one way gives as ids; with more, the condition itself is asked."""
MOST_PEOPLE = 200
_NEAR_CANDIDATES, _MOST_NEAR = 3000, 20
_QUERY = "websearch_to_tsquery('english', %s)"
_WORDED = f"""
worded AS MATERIALIZED (
    SELECT ticket_id AS id FROM escalations_ticketwords WHERE company_id = %s AND words @@ {_QUERY} LIMIT %s
)"""  # noqa: S608  no value stands in it
_NEAR = """
near AS MATERIALIZED (
    SELECT id FROM patients_nearly(%s, %s, %s, %s) AS id
    WHERE (SELECT count(*) FROM people) < %s AND NOT EXISTS (SELECT FROM worded)
)"""
_ANSWER = """
SELECT 'number', id FROM escalations_ticket WHERE company_id = %s AND number = ANY(%s)
UNION ALL SELECT 'words', id FROM worded
UNION ALL SELECT 'people', count(*) FROM people
UNION ALL (
    SELECT 'patient', id FROM escalations_ticket
    WHERE company_id = %s AND patient_id IN (SELECT id FROM people UNION ALL SELECT id FROM near) LIMIT %s
)"""


class TicketSearch:
    """One search of one person; the database is asked once, when it is first needed."""

    def __init__(self, user: Any, text: str) -> None:
        self.user, self.text = user, text
        self.sought = read_sought(text)

    def __str__(self) -> str:
        return self.text

    @cached_property
    def condition(self) -> Q:
        """What a ticket must fulfil to be found."""
        ids, full = self._asked
        found = Q(pk__in=ids)
        if "words" in full:
            found |= self._has_words
        if "patient" in full:
            for way in self._ways.sure:
                found |= Q(patient_id__in=way.values("pk"))
        return found

    @property
    def by_words(self) -> bool:
        """Whether some ticket was found by what is written in it."""
        return self._worded

    @property
    def _has_words(self) -> Q:
        query = SearchQuery(self.text, config="english", search_type="websearch")
        rows = TicketWords.objects.visible_to(self.user).filter(ticket=OuterRef("pk"), words=query)
        return Q(Exists(rows))

    @cached_property
    def _ways(self) -> Ways:
        return ways_of(self.user, self.text) if self.sought.is_plain else Ways([], [])

    @cached_property
    def _asked(self) -> tuple[list[int], set[str]]:
        """The ids found by each way that is not full, and the ways that are."""
        statement, values = self._statement()
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            rows = cursor.fetchall()
        found: dict[str, list[int]] = {"number": [], "words": [], "patient": [], "people": []}
        for way, key in rows:
            found[way].append(key)
        people = found.pop("people")[0]
        self._worded = bool(found["words"])
        full = {way for way, keys in found.items() if len(keys) > MOST}
        full |= {"patient"} if people >= MOST_PEOPLE else set()
        near = found["patient"] if people < FEW else []
        kept = {*near, *(key for way, keys in found.items() for key in keys if way not in full)}
        return sorted(kept), full

    def _statement(self) -> tuple[str, list[Any]]:
        company, ways = self.user.company_id, self._ways
        asked: list[str] = []
        values: list[Any] = []
        for way in ways.sure:
            sql, params = way.order_by().values("pk")[:MOST_PEOPLE].query.sql_with_params()
            asked.append(f"({sql})")
            values += params
        people = " UNION ALL ".join(asked) or "SELECT 0::bigint WHERE false"
        near, near_values = _NEAR, [company, ways.nearly, _NEAR_CANDIDATES, _MOST_NEAR, FEW]
        if not ways.nearly:
            near, near_values = "near AS (SELECT 0::bigint AS id WHERE false)", []
        statement = (
            f"WITH people AS MATERIALIZED (SELECT DISTINCT id FROM ({people}) AS each (id)),"  # noqa: S608
            f"{_WORDED}, {near} {_ANSWER}"
        )
        values += [company, self._words_asked, MOST + 1, *near_values]
        values += [company, self._numbers, company, MOST + 1]
        return statement, values

    @property
    def _words_asked(self) -> str:
        """The search for words; one that only says what must not stand there finds nothing."""
        return "" if self.sought.only_without else self.text

    @property
    def _numbers(self) -> list[str]:
        """The ticket numbers it may be: with its letter or without."""
        whole = self.text.strip().upper()
        return [whole, f"E-{whole}"] if self.sought.is_plain and " " not in whole else []


@dataclass(frozen=True)
class Snippet:
    """Where in a ticket the words stand: ``place`` names it, ``parts`` are its text, some of it marked."""

    place: str
    key: str
    parts: tuple[tuple[str, bool], ...]


_BEGIN, _END = "\x02", "\x03"
_HEADLINE = (
    f'StartSel="{_BEGIN}", StopSel="{_END}", MaxFragments=2, MaxWords=16, MinWords=6, FragmentDelimiter=" … "'
)
_SNIPPETS = f"""
WITH asked AS (SELECT {_QUERY} AS words),
texts (ticket_id, place, key, rank, body) AS (
    SELECT id, 'note', '', 0, note FROM escalations_ticket WHERE company_id = %s AND id = ANY(%s)
    UNION ALL
    SELECT ticket.id, 'answer', answer.key, 1, answer.value #>> '{{}}'
    FROM escalations_ticket AS ticket, jsonb_each(ticket.answers) AS answer
    WHERE ticket.company_id = %s AND ticket.id = ANY(%s) AND jsonb_typeof(answer.value) = 'string'
        AND answer.key = ANY(escalations_free_questions(ticket.policy_version_id, ticket.type))
    UNION ALL
    SELECT ticket_id, act, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI'), 2,
        escalations_words_told(act, text)
    FROM escalations_ticketevent WHERE company_id = %s AND ticket_id = ANY(%s) AND text <> ''
),
best AS (
    SELECT DISTINCT ON (ticket_id) ticket_id, place, key, left(body, 20000) AS body
    FROM texts, asked WHERE to_tsvector('english', left(body, 20000)) @@ asked.words
    ORDER BY ticket_id, ts_rank(to_tsvector('english', left(body, 20000)), asked.words) DESC, rank, key DESC
)
SELECT ticket_id, place, key, ts_headline('english', body, asked.words, %s) FROM best, asked
"""  # noqa: S608  no value stands in it


def snippets(search: TicketSearch, ids: list[int]) -> dict[int, Snippet]:
    """Where the words stand in each of these tickets, by its id; tickets found otherwise have none."""
    if not ids or not search.sought.marked:
        return {}
    company = search.user.company_id
    values = [search.sought.marked, *[company, ids] * 3, _HEADLINE]
    with connection.cursor() as cursor:
        cursor.execute(_SNIPPETS, values)
        return {key: Snippet(place, where, _parts(text)) for key, place, where, text in cursor.fetchall()}


def _parts(text: str) -> tuple[tuple[str, bool], ...]:
    """The text in pieces, each with whether it is one of the words."""
    found: list[tuple[str, bool]] = []
    for index, piece in enumerate(text.split(_BEGIN)):
        marked, _, rest = piece.partition(_END) if index else ("", "", piece)
        found += [(part, is_marked) for part, is_marked in ((marked, True), (rest, False)) if part]
    return tuple(found)
