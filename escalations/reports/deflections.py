"""Turned away: calls that ended in no ticket, and what became of the executive keywords that were heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from escalations.domain import charts
from escalations.domain.reports import plural, share
from escalations.models import Deflection
from escalations.reports.asked import Asked
from escalations.reports.life import params
from escalations.reports.shape import Head, Readout, Report, Section, count, part, words
from escalations.reports.waivers import filed_in

EXECUTIVE = "executive-keywords"
WHICH = "Led to no type"
"""What stands for a type where “Which ticket?” ended in none (R-X-9)."""
_HEARD = """
SELECT k ->> 'word',
       CASE WHEN t.type = %(executive)s THEN 'converted'
            WHEN k ->> 'decision' IN ('dismissed', 'linked') THEN k ->> 'decision' ELSE 'open' END,
       count(*)
FROM escalations_ticket t CROSS JOIN LATERAL jsonb_array_elements(t.keywords) k
WHERE t.company_id = %(company)s AND t.status <> 'draft' AND t.keywords <> '[]'
  AND t.created_at >= %(start)s AND t.created_at < %(end)s
  AND (%(type)s::text IS NULL OR t.type = %(type)s)
  AND (%(channel)s::text IS NULL OR t.channel = %(channel)s)
  AND (%(person)s::bigint IS NULL OR t.filed_by_id = %(person)s)
  AND (%(team)s::bigint IS NULL OR t.filed_by_id IN (
    SELECT id FROM accounts_user WHERE company_id = %(company)s AND team_id = %(team)s))
GROUP BY 1, 2"""
DECISIONS = (
    ("converted", "Converted", "bar-now"),
    ("linked", "Linked", "bar-soft"),
    ("dismissed", "Set aside", "bar"),
    ("open", "Not decided", "bar-over"),
)


@dataclass(frozen=True)
class Deflected:
    """So many callers whom one person turned away by one rule."""

    rule: str
    type: str
    person: int
    number: int


def deflected(asked: Asked) -> list[Deflected]:
    """The calls of the period that ended in no ticket: one query."""
    start, end = asked.moments
    rows = (
        Deflection.objects.visible_to(asked.user)
        .filter(asked.of("", "by"), at__gte=start, at__lt=end)
        .values_list("rule", "type", "by")
        .annotate(found=Count("pk"))
        .order_by()
    )
    return [Deflected(*row) for row in rows]


def heard(asked: Asked) -> list[tuple[str, str, int]]:
    """The keywords heard in the tickets filed in the period, by word and what became of it: one query
    (R-EXEC-1)."""
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, {**params(asked), "executive": EXECUTIVE})
        return [(word, decision, number) for word, decision, number in cursor.fetchall()]


def deflections(asked: Asked) -> Report:
    """The whole page."""
    rows, spoken, filed = deflected(asked), heard(asked), filed_in(asked)
    whole = sum(one.number for one in rows)
    found: Counter[str] = Counter()
    for _, decision, number in spoken:
        found[decision] += number
    raised = found["converted"] + found["linked"]
    return Report(
        finding=f"{plural(whole, 'call')} ended in no ticket beside {filed:,} that did; of "
        f"{plural(found.total(), 'word')} heard, {raised:,} led to an executive escalation and "
        f"{found['dismissed']:,} {'was' if found['dismissed'] == 1 else 'were'} set aside.",
        readouts=[
            Readout(
                f"{whole:,}", "calls ended in no ticket", f"{share(whole, whole + filed)} of calls logged"
            ),
            Readout(f"{found.total():,}", "words heard"),
            Readout(f"{raised:,}", "led to an executive escalation", "converted or linked"),
            Readout(
                f"{found['dismissed']:,}", "set aside", "each with a reason" if found["dismissed"] else ""
            ),
            Readout(f"{found['open']:,}", "not decided"),
        ],
        sections=[
            _counted("by-rule", "By rule", "Rule", rows, lambda one: one.rule),
            _counted(
                "by-type",
                "By type",
                "Type",
                rows,
                lambda one: asked.typed(one.type) if one.type else WHICH,
            ),
            _counted("by-person", "By person", "Person", rows, lambda one: asked.named(one.person)),
            _words(spoken),
        ],
        notes=[
            "A word counts once for each ticket it was heard in. Converted: the ticket is an executive "
            "escalation itself. Linked: one was filed beside it.",
        ],
    )


def _counted(
    key: str, title: str, first: str, rows: list[Deflected], by: Callable[[Deflected], str]
) -> Section:
    found: Counter[str] = Counter()
    for one in rows:
        found[by(one)] += one.number
    whole = found.total()
    ordered = sorted(found.items(), key=lambda row: (-row[1], row[0]))
    bars = [(name, [charts.Part(number, "bar")], f"{number:,}") for name, number in ordered]
    said = "No call ended without a ticket."
    if ordered:
        said = f"{ordered[0][0]}: {ordered[0][1]:,} of {whole:,}."
    table = [[words(name), count(number), part(number, whole)] for name, number in ordered]
    chart = charts.bars(f"Calls that ended in no ticket, {title.lower()}", said, bars) if bars else None
    heads = [Head(first, num=False), Head("Calls"), Head("Share")]
    return Section(key, title, said, heads, table, chart)


def _words(spoken: list[tuple[str, str, int]]) -> Section:
    found: dict[str, Counter[str]] = {}
    for word, decision, number in spoken:
        found.setdefault(word, Counter())[decision] += number
    ordered = sorted(found.items(), key=lambda row: (-row[1].total(), row[0]))
    bars = [
        (word, [charts.Part(mine[decision], look) for decision, _, look in DECISIONS], f"{mine.total():,}")
        for word, mine in ordered
    ]
    said = "None of the words was heard in a ticket of this period."
    if ordered:
        word, mine = ordered[0]
        said = f"“{word}” was heard most: in {plural(mine.total(), 'ticket')}."
    chart = charts.bars("Words heard, and what became of them", said, bars) if bars else None
    if chart:
        looks = ("key-now", "key-soft", "key", "key-over")
        chart.keys = [
            (look, label.lower()) for look, (_, label, _) in zip(looks, DECISIONS, strict=True)
        ]  # fmt: skip
    table = [
        [words(word), *(count(mine[decision]) for decision, _, _ in DECISIONS), count(mine.total())]
        for word, mine in ordered
    ]
    heads = [Head("Word", num=False), *(Head(label) for _, label, _ in DECISIONS), Head("Heard")]
    return Section("words", "Words heard", said, heads, table, chart)
