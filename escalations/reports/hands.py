"""Time in hands: how long tickets stood with whom, with nobody, and waiting for whom."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from escalations.domain import charts
from escalations.domain.reports import length_words, plural, share
from escalations.reports.asked import NOBODY, Asked
from escalations.reports.life import MOVES, params
from escalations.reports.shape import Cell, Head, Readout, Report, Section, count, lasting, part, words

PERSON, NOBODYS, WAITING = "person", "nobody", "waiting"
_HELD = (
    MOVES  # noqa: S608  our own SQL
    + """
, stretches AS (
  SELECT moves.*, lead(at) OVER (PARTITION BY ticket_id ORDER BY pgh_id) AS until FROM moves
), held AS (
  SELECT ticket_id, type, status, assignee_id, at,
         extract(epoch FROM least(coalesce(until, %(now)s), %(now)s, %(end)s) - greatest(at, %(start)s))
           AS seconds
  FROM stretches
  WHERE status IN ('open', 'started', 'waiting')
), told AS (
  SELECT h.ticket_id, h.type, h.seconds,
         CASE WHEN h.status = 'waiting' THEN 'waiting' WHEN h.assignee_id IS NULL THEN 'nobody'
           ELSE 'person' END AS kind,
         CASE WHEN h.status <> 'waiting' THEN h.assignee_id END AS who,
         CASE WHEN h.status = 'waiting' THEN coalesce(p.words, '') END AS waits_for
  FROM held h
  LEFT JOIN LATERAL (
    SELECT words FROM escalations_pause
    WHERE h.status = 'waiting' AND ticket_id = h.ticket_id AND reason <> 'closed'
      AND started_at <= h.at AND (ended_at IS NULL OR ended_at > h.at)
    ORDER BY started_at DESC LIMIT 1
  ) p ON TRUE
  WHERE h.seconds > 0
    AND (%(person)s::bigint IS NULL OR h.assignee_id = %(person)s)
    AND (%(team)s::bigint IS NULL OR h.assignee_id IN (
      SELECT id FROM accounts_user WHERE company_id = %(company)s AND team_id = %(team)s))
)
SELECT grouping(type) = 1 AND grouping(who) = 0 AS by_who, grouping(type) = 0 AS by_type,
       kind, who, waits_for, type, sum(seconds)::float8, count(DISTINCT ticket_id)
FROM told
GROUP BY GROUPING SETS ((kind, who, waits_for), (kind, type), (kind))"""
)


@dataclass(frozen=True)
class Held:
    """How long tickets stood somewhere within the period, in seconds, and how many tickets that were."""

    kind: str
    who: int | None
    waits_for: str
    type: str
    seconds: float
    tickets: int


@dataclass
class Hands:
    """The same time three times: by whom and what for, by type, and in all."""

    by_who: list[Held]
    by_type: list[Held]
    whole: dict[str, Held]

    @property
    def seconds(self) -> float:
        """All of it."""
        return sum(one.seconds for one in self.whole.values())


def held(asked: Asked) -> Hands:
    """How long tickets stood where, from their history: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, params(asked))
        rows = cursor.fetchall()
    found = Hands([], [], {})
    for by_who, by_type, kind, who, waits_for, type_, seconds, tickets in rows:
        one = Held(kind, who, waits_for or "", type_ or "", seconds, tickets)
        if by_who:
            found.by_who.append(one)
        elif by_type:
            found.by_type.append(one)
        else:
            found.whole[kind] = one
    return found


def hands(asked: Asked) -> Report:
    """The whole page."""
    found = held(asked)
    whole = found.seconds
    in_hands, nobodys, waiting = (_seconds(found, kind) for kind in (PERSON, NOBODYS, WAITING))
    return Report(
        finding=_finding(found),
        readouts=[
            Readout(_percent(in_hands, whole), "with somebody", _long(in_hands)),
            Readout(_percent(nobodys, whole), "with nobody", _long(nobodys)),
            Readout(_percent(waiting, whole), "waiting", _long(waiting)),
        ],
        sections=[_by_person(asked, found), _by_wait(found), _by_type(asked, found)],
        notes=[
            "Only the time within the period counts, every hour of the clock: nights and weekends too. A "
            "ticket that is still running counts up to now.",
            "What waits is counted with whom it waits for and not with who has it. A ticket that changed "
            "hands is counted in each of them, so the tickets of the rows add up to more than there are.",
        ],
    )


def _seconds(found: Hands, kind: str) -> float:
    return found.whole[kind].seconds if kind in found.whole else 0


def _percent(seconds: float, whole: float) -> str:
    """A part of the time, which is no count of cases."""
    return share(round(seconds), round(whole)) if whole >= 1 else "–"


def _long(seconds: float) -> str:
    return length_words(timedelta(seconds=seconds))


def _finding(found: Hands) -> str:
    if not found.seconds:
        return "No ticket was running in this period."
    nobodys, waiting = (_percent(_seconds(found, kind), found.seconds) for kind in (NOBODYS, WAITING))
    return f"Of the time tickets were running, they stood {nobodys} with nobody and {waiting} waiting."


def _heads(first: str) -> list[Head]:
    return [Head(first, num=False), Head("Time"), Head("Of all time"), Head("Tickets"), Head("Per ticket")]


def _row(label: str, one: Held, whole: float) -> list[Cell]:
    each = lasting(one.seconds / one.tickets)
    return [
        words(label),
        lasting(one.seconds),
        part(round(one.seconds), round(whole)),
        count(one.tickets),
        each,
    ]


def _by_person(asked: Asked, found: Hands) -> Section:
    rows = [(asked.named(one.who), one) for one in found.by_who if one.kind in (PERSON, NOBODYS)]
    rows.sort(key=lambda row: (row[0] == NOBODY, -row[1].seconds))
    bars = [
        (name, [charts.Part(one.seconds, "bar-none" if name == NOBODY else "bar")], _long(one.seconds))
        for name, one in rows
    ]
    said = "Nobody had a ticket in this period."
    if rows:
        name, one = max(rows, key=lambda row: row[1].seconds)
        said = f"Most of the time that was not spent waiting was {_with(name)}: {_long(one.seconds)}."
    table = [_row(name, one, found.seconds) for name, one in rows]
    chart = charts.bars("Time with whom", said, bars) if bars else None
    return Section("by-person", "With whom", said, _heads("Person"), table, chart)


def _with(name: str) -> str:
    return "with nobody" if name == NOBODY else f"with {name}"


def _by_wait(found: Hands) -> Section:
    rows = [(one.waits_for or "No reason given", one) for one in found.by_who if one.kind == WAITING]
    rows.sort(key=lambda row: -row[1].seconds)
    bars = [(name, [charts.Part(one.seconds, "bar-paused")], _long(one.seconds)) for name, one in rows]
    said = "No ticket waited in this period."
    if rows:
        name, one = rows[0]
        said = f"Longest was “{name}”: {_long(one.seconds)} over {plural(one.tickets, 'ticket')}."
    table = [_row(name, one, found.seconds) for name, one in rows]
    chart = charts.bars("Time spent waiting, by reason", said, bars) if bars else None
    return Section("by-wait", "Waiting for whom", said, _heads("Reason"), table, chart)


def _by_type(asked: Asked, found: Hands) -> Section:
    groups: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in found.by_type:
        groups[one.type][one.kind] += one.seconds
    rows = sorted(groups.items(), key=lambda row: -sum(row[1].values()))
    looks = ((PERSON, "bar"), (NOBODYS, "bar-none"), (WAITING, "bar-paused"))
    bars = [
        (
            asked.typed(key),
            [charts.Part(kinds[kind], look) for kind, look in looks],
            _long(sum(kinds.values())),
        )
        for key, kinds in rows
    ]
    table = [
        [
            words(asked.typed(key)),
            *(lasting(kinds[kind]) for kind in (PERSON, NOBODYS, WAITING)),
            part(round(kinds[NOBODYS]), round(sum(kinds.values()))),
        ]
        for key, kinds in rows
    ]
    said = "Nothing was running."
    if rows:
        key, kinds = max(rows, key=lambda row: row[1][NOBODYS])
        said = f"Longest with nobody were tickets of the type {asked.typed(key)}: {_long(kinds[NOBODYS])}."
    chart = charts.bars("Where the time went, by type", said, bars) if bars else None
    if chart:
        chart.keys = [("key", "with somebody"), ("key-none", "with nobody"), ("key-paused", "waiting")]
    heads = [Head("Type", num=False), Head("With somebody"), Head("With nobody"), Head("Waiting")]
    return Section("by-type", "By type", said, [*heads, Head("With nobody, share")], table, chart)
