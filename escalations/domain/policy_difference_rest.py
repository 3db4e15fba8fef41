"""What the lists and the rest of a policy say otherwise, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from escalations.domain.explain import quoted
from escalations.domain.ladder import ASSIGNEE, LEAD, SHIPPED, SUPERVISOR
from escalations.domain.policy_difference_ways import fork_changes
from escalations.domain.policy_difference_words import arrow, said_lists
from escalations.domain.turnaround import Turnaround, TurnaroundError, describe

Data = Mapping[str, Any]
_LIMITS = {
    "immediate_grace_minutes": "Minutes in which an immediate ticket may still be taken in time",
    "backdating_days": "Days a request may lie back",
    "backdating_days_supervisor": "Days a request may lie back when a supervisor files it",
    "waiting_days": "Days after which a ticket waits too long",
}
_NAMES = {
    "ladder": "Who is told of a late ticket",
    "articles": "The articles of the guide",
    "glossary": "The glossary",
    "wait_reasons": "The reasons a ticket may wait for",
}
_KEYED = {"articles": ("key", "title"), "glossary": ("term", "term"), "wait_reasons": ("key", "label")}


def list_changes(key: str, old: Data, new: Data) -> Iterator[str]:
    """What a list has now and no longer has."""
    was, now = old.get("lists", {}).get(key), new.get("lists", {}).get(key)
    if was is None or now is None:
        yield f"The list {quoted((was or now)['label'])} is {'new' if was is None else 'taken out'}"
        return
    name = quoted(now["label"])
    before, after = ({one["key"]: one for one in row["items"]} for row in (was, now))
    told = False
    for entry in {**after, **before}:
        old_one, new_one = before.get(entry), after.get(entry)
        if old_one == new_one:
            continue
        told = True
        if old_one is None and new_one is not None:
            yield f"{name} has {quoted(new_one['label'])} too"
        elif new_one is None and old_one is not None:
            yield f"{name} no longer has {quoted(old_one['label'])}"
        elif old_one is not None and new_one is not None:
            yield from _entry(name, old_one, new_one)
    if list(before) != list(after) and sorted(before) == sorted(after):
        told = True
        yield f"{name} is in another order"
    if was["label"] != now["label"]:
        told = True
        yield f"The list {quoted(was['label'])} is called {name} now"
    if not told and {k: v for k, v in was.items() if k not in _MARKS} != {
        k: v for k, v in now.items() if k not in _MARKS
    }:
        yield f"{name} is described otherwise"
    elif not told:
        yield f"{name} was saved again and says the same"


_MARKS = ("own", "changed")


def _entry(name: str, old: Data, new: Data) -> Iterator[str]:
    if old["label"] != new["label"]:
        yield f"{name}: {quoted(old['label'])} is now {quoted(new['label'])}"
    if old.get("also", []) != new.get("also", []):
        yield from said_lists(
            f"{name}, other words for {quoted(new['label'])}", old.get("also", []), new.get("also", [])
        )
    if old.get("value", "") != new.get("value", ""):
        yield f"{name}, {quoted(new['label'])}: {arrow(old.get('value'), new.get('value'))}"


def general_changes(key: str, old: Data, new: Data) -> Iterator[str]:
    """What one of the other parts says otherwise."""
    was, now = old.get(key), new.get(key)
    if key == "limits" and isinstance(was, dict) and isinstance(now, dict):
        for name in {**was, **now}:
            if was.get(name) != now.get(name):
                yield f"{_LIMITS.get(name, name.replace('_', ' '))}: {arrow(was.get(name), now.get(name))}"
    elif key == "reopen":
        yield f"A reopened ticket that was late is due again after: {_time(was)} → {_time(now)}"
    elif key == "warn_before" and isinstance(was, dict) and isinstance(now, dict):
        for unit in [one for one in {**was, **now} if was.get(one) != now.get(one)]:
            counted = f"Tickets counted in {unit.replace('_', ' ')}s are warned about before they are due"
            yield f"{counted}: {was.get(unit) or 'not at all'} → {now.get(unit) or 'not at all'}"
    elif key == "ladder":
        yield f"{_NAMES[key]}: {_ladder(was)} → {_ladder(now)}"
    elif key == "which_ticket":
        yield from fork_changes(old, new)
    elif key in _KEYED and isinstance(was, list) and isinstance(now, list):
        yield from _rows(key, was, now)
    else:
        yield f"{_NAMES.get(key, key.replace('_', ' ').capitalize())}: written otherwise"


_WHO = {ASSIGNEE: "whoever has the ticket", LEAD: "the lead of the team", SUPERVISOR: "the supervisors"}


def _ladder(rows: Any) -> str:
    """As in "whoever has the ticket, then the lead of the team after 1 staffed hour"."""
    said = []
    for row in rows if isinstance(rows, list) else [vars(one) for one in SHIPPED]:
        hours = row.get("after_staffed_hours", 0)
        after = f" after {hours} staffed hour{'' if hours == 1 else 's'}" if hours else ""
        said.append(f"{_WHO.get(row.get('who', ''), row.get('who', ''))}{after}")
    return ", then ".join(said) or "nobody"


def _time(row: Any) -> str:
    try:
        return describe(Turnaround(row["min"], row["max"], row["unit"]))
    except (TurnaroundError, KeyError, TypeError):
        return "not said"


def _rows(key: str, was: list[Data], now: list[Data]) -> Iterator[str]:
    ident, label = _KEYED[key]
    before, after = ({row[ident]: row for row in rows} for rows in (was, now))
    for name in {**after, **before}:
        if name not in before:
            yield f"{_NAMES[key]}: {quoted(after[name][label])} is new"
        elif name not in after:
            yield f"{_NAMES[key]}: {quoted(before[name][label])} is taken out"
        elif before[name] != after[name]:
            yield f"{_NAMES[key]}: {quoted(after[name][label])} is written otherwise"
    if list(before) != list(after) and sorted(before) == sorted(after):
        yield f"{_NAMES[key]}: in another order"
