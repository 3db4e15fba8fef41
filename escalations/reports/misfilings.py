"""Misfilings: tickets whose type was changed after they were filed, from which type to which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db import connection

from escalations.domain import charts
from escalations.domain.reports import plural, share
from escalations.reports.asked import Asked
from escalations.reports.life import params
from escalations.reports.shape import Cell, Head, Readout, Report, Section, count, part, words
from escalations.reports.waivers import filed_in

_CHANGES = """
WITH touched AS MATERIALIZED (
  SELECT DISTINCT e.ticket_id FROM escalations_ticketevent e
  WHERE e.company_id = %(company)s AND e.act = 'retype' AND e.at >= %(start)s AND e.at < %(end)s
), changes AS (
  SELECT h.pgh_obj_id AS ticket_id, h.pgh_id, h.type, x.metadata ->> 'act' AS act,
         lag(h.type) OVER (PARTITION BY h.pgh_obj_id ORDER BY h.pgh_id) AS before,
         row_number() OVER (PARTITION BY h.pgh_obj_id, x.metadata ->> 'act' ORDER BY h.pgh_id) AS nth
  FROM touched
  JOIN escalations_tickethistory h ON h.pgh_obj_id = touched.ticket_id
  LEFT JOIN pghistory_context x ON x.id = h.pgh_context_id
), lines AS (
  SELECT e.ticket_id, e.at, row_number() OVER (PARTITION BY e.ticket_id ORDER BY e.id) AS nth
  FROM touched JOIN escalations_ticketevent e ON e.ticket_id = touched.ticket_id AND e.act = 'retype'
)
SELECT c.before, c.type, t.filed_by_id, count(*)
FROM changes c
JOIN lines l ON l.ticket_id = c.ticket_id AND l.nth = c.nth
JOIN escalations_ticket t ON t.id = c.ticket_id AND t.company_id = %(company)s
WHERE c.act = 'retype' AND c.before <> c.type AND l.at >= %(start)s AND l.at < %(end)s
  AND (%(type)s::text IS NULL OR %(type)s IN (c.before, c.type))
  AND (%(channel)s::text IS NULL OR t.channel = %(channel)s)
  AND (%(person)s::bigint IS NULL OR t.filed_by_id = %(person)s)
  AND (%(team)s::bigint IS NULL OR t.filed_by_id IN (
    SELECT id FROM accounts_user WHERE company_id = %(company)s AND team_id = %(team)s))
GROUP BY 1, 2, 3"""


@dataclass(frozen=True)
class Change:
    """So many tickets of one person that were filed as one type and became another."""

    before: str
    after: str
    filed_by: int
    number: int


def changes(asked: Asked) -> list[Change]:
    """The changes of type in the period: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, params(asked))
        return [Change(*row) for row in cursor.fetchall()]


def misfilings(asked: Asked) -> Report:
    """The whole page."""
    rows, filed = changes(asked), filed_in(asked)
    whole = sum(one.number for one in rows)
    return Report(
        finding=_finding(asked, rows, whole),
        readouts=[
            Readout(f"{whole:,}", "changes of type"),
            Readout(
                f"{filed:,}", "tickets filed", f"{share(whole, filed)} changed" if filed >= whole else ""
            ),
            Readout(f"{len({(one.before, one.after) for one in rows}):,}", "pairs of types"),
        ],
        sections=[_pairs(asked, rows, whole), _matrix(asked, rows), _by_person(asked, rows, whole)],
        notes=[
            "A change of channel or of answers alone is no misfiling. A ticket whose type was changed twice "
            "counts twice. The person is who filed it.",
        ],
    )


def _finding(asked: Asked, rows: list[Change], whole: int) -> str:
    if not rows:
        return "No ticket changed its type in this period."
    pairs: Counter[tuple[str, str]] = Counter()
    for one in rows:
        pairs[one.before, one.after] += one.number
    (before, after), number = max(pairs.items(), key=lambda row: (row[1], row[0]))
    said = f"{plural(whole, 'ticket')} changed type" if whole != 1 else "One ticket changed its type"
    times = plural(number, "time")
    return f"{said}; most often {asked.typed(before)} became {asked.typed(after)}, {times}."


def _pairs(asked: Asked, rows: list[Change], whole: int) -> Section:
    pairs: Counter[tuple[str, str]] = Counter()
    for one in rows:
        pairs[asked.typed(one.before), asked.typed(one.after)] += one.number
    ordered = sorted(pairs.items(), key=lambda row: (-row[1], row[0]))
    bars = [
        (f"{before} → {after}", [charts.Part(number, "bar")], f"{number:,}")
        for (before, after), number in ordered[:12]
    ]
    said = "No pair of types was confused."
    if ordered:
        (before, after), number = ordered[0]
        said = f"{before} became {after} {plural(number, 'time')}, of {plural(whole, 'change')}."
    table = [
        [words(before), words(after), count(number), part(number, whole)]
        for (before, after), number in ordered
    ]
    heads = [Head("Filed as", num=False), Head("Became", num=False), Head("Times"), Head("Share")]
    chart = charts.bars("Changes of type, the most frequent first", said, bars, labels=350) if bars else None
    notes = ["Drawn are the twelve most frequent pairs."] if len(ordered) > len(bars) else []
    return Section("pairs", "From which to which", said, heads, table, chart, notes=notes)


def _matrix(asked: Asked, rows: list[Change]) -> Section:
    """One row for each type that was filed, one column for each that it became."""
    cells: Counter[tuple[str, str]] = Counter()
    for one in rows:
        cells[one.before, one.after] += one.number
    filed = sorted({before for before, _ in cells}, key=asked.typed)
    became = sorted({after for _, after in cells}, key=asked.typed)
    table = []
    for before in filed:
        line = [_square(cells[before, after], before == after) for after in became]
        whole = count(sum(cells[before, after] for after in became))
        table.append([words(asked.typed(before)), *line, whole])
    foot = [words("All"), *(count(sum(cells[before, after] for before in filed)) for after in became)]
    foot.append(count(sum(cells.values())))
    heads = [Head("Filed as", num=False), *(Head(asked.typed(after)) for after in became), Head("All")]
    said = f"{plural(len(filed), 'type')} became {plural(len(became), 'other', 'others')}."
    return Section(
        "matrix",
        "The same as a matrix",
        said,
        heads,
        table if rows else [],
        foot=foot if rows else [],
        wide=True,
    )


def _square(number: int, same: bool) -> Cell:
    return Cell("" if same else "·", "0") if number == 0 else count(number)


def _by_person(asked: Asked, rows: list[Change], whole: int) -> Section:
    found: Counter[int] = Counter()
    for one in rows:
        found[one.filed_by] += one.number
    ordered = sorted(found.items(), key=lambda row: (-row[1], asked.named(row[0])))
    bars = [(asked.named(key), [charts.Part(number, "bar")], f"{number:,}") for key, number in ordered]
    said = "Nobody’s ticket changed its type."
    if ordered:
        most = asked.named(ordered[0][0])
        said = f"{most} filed {ordered[0][1]:,} of the {plural(whole, 'ticket')} that changed."
    table = [[words(asked.named(key)), count(number), part(number, whole)] for key, number in ordered]
    heads = [Head("Filed by", num=False), Head("Changed"), Head("Share")]
    chart = charts.bars("Changes of type, by who filed", said, bars) if bars else None
    return Section("by-person", "By who filed", said, heads, table, chart)
