"""What the pages of the audit show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from config.audit import kept, words
from config.audit.forms import TABS, AuditForm, write_before
from config.audit.histories import CLAIM, PATIENT, TICKET, changes_of, histories, rows_of
from config.audit.search import EVERYBODY, Act, Found, all_of, find, numbers_of

MOST_CHANGES = 200
HEADS = ("When", "Who", "What", "Why", "Run", "About", "Rows")


@dataclass(frozen=True)
class Line:
    """One line of the list; ``things`` are numbers with the search that each opens, if it has one."""

    when: str
    who: str
    title: str
    said: str
    url: str = ""
    run: int | None = None
    things: tuple[tuple[str, str], ...] = ()
    more_things: bool = False
    counts: tuple[str, ...] = ()


class AuditScreen:
    """The list: of acts, or of one of the kinds that are written down once."""

    def __init__(self, user: User, form: AuditForm, *, before: str = "") -> None:
        self.user, self.form, self.zone = user, form, user.company.zone
        self.show = form.show
        self.good = form.is_valid()
        self.before = before
        self.of_acts = self.show not in kept.KEPT

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The lists, each with the days and the person that are looked for."""
        same = {name: self.form.data.get(name, "") for name in ("since", "until", "person")}
        return [
            {"label": label, "url": _link({"show": key, **same}), "current": key == self.show}
            for key, label in TABS.items()
        ]

    @property
    def also_holdline(self) -> bool:
        """Whether a search by number shows everybody's acts, people's and Holdline's."""
        return self.good and self.form.sought("").by == EVERYBODY

    @cached_property
    def _found(self) -> Found:
        return find(self.user, self.form.sought(self.before))

    @cached_property
    def _kept(self) -> tuple[list[kept.Line], bool]:
        return kept.lines_of(self.user, self.show, self.form.sought(self.before))

    @cached_property
    def lines(self) -> list[Line]:
        """A page of them."""
        if not self.good:
            return []
        if self.of_acts:
            names = numbers_of(self.user, chain.from_iterable(act.things for act in self._found.acts))
            return [self._line(act, names) for act in self._found.acts]
        return [Line(words.moment(one.at, self.zone), one.who, one.title, one.said) for one in self._kept[0]]

    def _line(self, act: Act, names: dict[tuple[str, int], str]) -> Line:
        seen: dict[str, str] = {}
        more = False
        for _, about, _, _, things in act.touched:
            more = more or len(things) > 3
            for key in things[:3]:
                if name := names.get((about, key)):
                    seen[name] = _link({**self._days, "about": name.replace(" ", "-")})
        return Line(
            when=words.moment(act.at, self.zone),
            who=act.who,
            title=words.title_of(str(act.facts.get("act") or "")),
            said=str(act.facts.get("reason") or ""),
            url=reverse("audit:act", args=[act.key]),
            run=act.facts.get("run"),
            things=tuple(seen.items()),
            more_things=more,
            counts=tuple(act.counts),
        )

    @property
    def _days(self) -> dict[str, str]:
        return {name: self.form.query[name] for name in ("since", "until")}

    @property
    def older(self) -> str:
        """The address of the page behind this one."""
        if not self.good:
            return ""
        if self.of_acts:
            last: Any = self._found.last
            return _link({**self.form.query, "before": write_before(last.at, last.key)}) if last else ""
        lines, more = self._kept
        return _link({**self.form.query, "before": write_before(lines[-1].at, lines[-1].key)}) if more else ""

    @property
    def newest(self) -> str:
        """The address of the first page, from any further one."""
        return _link(self.form.query) if self.good and self.before else ""

    @property
    def looked_to(self) -> str:
        """How far back a word was looked for, if not to the first day."""
        at = self._found.looked_to if self.good and self.of_acts else None
        return words.moment(at, self.zone) if at else ""


def _link(named: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in named.items() if value})


def rows_of_file(user: User, form: AuditForm, most: int) -> Iterator[list[str]]:
    """The list as rows of a file, a page at a time."""
    zone, sought = user.company.zone, form.sought("")
    if form.show in kept.KEPT:
        one = kept.KEPT[form.show]
        for row in one.rows(user, sought)[:most].iterator(chunk_size=1_000):
            line = one.line(row)
            yield [line.at.astimezone(zone).isoformat(), line.who, line.title, line.said, "", "", ""]
        return
    batch: list[Act] = []
    for act in all_of(user, sought, most):
        batch.append(act)
        if len(batch) == 200:
            yield from _cells(user, batch)
            batch = []
    yield from _cells(user, batch)


def _cells(user: User, acts: list[Act]) -> Iterator[list[str]]:
    names = numbers_of(user, chain.from_iterable(act.things for act in acts))
    for act in acts:
        about = {names.get((kind, key), "") for _, kind, _, _, things in act.touched for key in things[:3]}
        yield [
            act.at.astimezone(user.company.zone).isoformat(),
            act.who,
            words.title_of(str(act.facts.get("act") or "")),
            str(act.facts.get("reason") or ""),
            str(act.facts.get("run") or ""),
            ", ".join(sorted(about - {""})),
            "; ".join(act.counts),
        ]


@dataclass(frozen=True)
class Changed:
    """One row that an act changed."""

    what: str
    how: str
    about: str
    columns: list[words.Change]


class ActScreen:
    """One act with every row it changed, up to :data:`MOST_CHANGES`."""

    def __init__(self, user: User, act: Act) -> None:
        self.user, self.act, self.zone = user, act, user.company.zone
        self.title = words.title_of(str(act.facts.get("act") or ""))
        self.when = words.moment(act.at, self.zone)
        self.reason = str(act.facts.get("reason") or "")
        self.run = act.facts.get("run")

    @cached_property
    def rows(self) -> list[Changed]:
        """What changed, table by table."""
        rows = rows_of(changes_of(self.act.key, self.user.company_id, MOST_CHANGES))[:MOST_CHANGES]
        names = numbers_of(self.user, [(histories()[number].about, thing) for number, _, thing, _, _ in rows])
        found = []
        for number, how, thing, after, before in rows:
            one = histories()[number]
            columns = words.changes(one, how, _row(after), _row(before), self.zone)
            name = names.get((one.about, thing), "") or _plain(one.about, thing)
            found.append(Changed(one.what, words.HOW.get(how, how), name, columns))
        return found

    @property
    def cut(self) -> bool:
        """Whether there are more rows than are shown."""
        return sum(count for *_, count, _ in self.act.touched) > MOST_CHANGES


def _plain(about: str, thing: int) -> str:
    return f"{about} {thing}" if about in (CLAIM, TICKET, PATIENT) else f"number {thing}"


def _row(given: Any) -> Any:
    return json.loads(given) if isinstance(given, str) else given
