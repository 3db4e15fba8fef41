"""What a back-test compares: the numbers somebody typed and those in force, as one document. Pure.

The document is kept with the back-test, so that it comes out the same whatever is saved meanwhile. Amounts in
it are text with two places, days are whole numbers, null where a payer goes by the company's number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from deductibles.domain import hold, intake
from deductibles.domain.gain import Rates
from deductibles.domain.hold import Rules
from deductibles.domain.replay import Terms
from patients.domain import intake as words
from patients.domain.intake import Reader, Wrong

NUMBERS = ("max_days", "dollar_threshold", "monitor_above")
OWN = tuple(f"own_{name}" for name in NUMBERS)
FIELDS = ("from_on", "until_on", "payer", *NUMBERS, "own_payer", *OWN)
"""What a person types of a back-test, in the order of the form."""
_LABELS = {
    "max_days": "Maximum days",
    "dollar_threshold": "Dollar threshold",
    "monitor_above": "Annual amounts from",
}
_OWN_LABELS = {name: f"{label} of this payer" for name, label in _LABELS.items()}


@dataclass(frozen=True)
class Asked:
    """A back-test as it was read; ``own`` is tried for ``own_payer`` alone, null in it as the company's."""

    from_on: date
    until_on: date
    payer: int | None
    numbers: Mapping[str, Any]
    own_payer: int | None
    own: Mapping[str, Any]


def read(data: Mapping[str, Any], *, today: date) -> tuple[Asked | None, dict[str, Wrong]]:
    """Read what was typed: a back-test, or none and everything that is wrong by field."""
    readers: dict[str, Reader] = {
        "from_on": words.day("First day"),
        "until_on": words.day("Last day"),
        "payer": intake.identity("Payer", required=False),
        "max_days": _days(_LABELS["max_days"], required=True),
        "dollar_threshold": _dollars(_LABELS["dollar_threshold"], required=True),
        "monitor_above": _dollars(_LABELS["monitor_above"], required=True),
        "own_payer": intake.identity("Payer with numbers of its own", required=False),
        "own_max_days": _days(_OWN_LABELS["max_days"]),
        "own_dollar_threshold": _dollars(_OWN_LABELS["dollar_threshold"]),
        "own_monitor_above": _dollars(_OWN_LABELS["monitor_above"]),
    }
    clean, wrong = words.read_all(readers, dict(data))
    for name, problem in (*_period(clean, today), *_payers(clean)):
        wrong.setdefault(name, problem)
    if wrong:
        return None, wrong
    own = {name: clean[f"own_{name}"] for name in NUMBERS}
    numbers = {name: clean[name] for name in NUMBERS}
    return Asked(clean["from_on"], clean["until_on"], clean["payer"], numbers, clean["own_payer"], own), {}


def _days(label: str, *, required: bool = False) -> Reader:
    plain = words.whole(label, 1, 365)

    def read_days(value: Any) -> int | None:
        if required and value in (None, ""):
            raise Wrong("required", f"{label} is missing. Type a number from 1 to 365.")
        found: int | None = plain(value.strip() if isinstance(value, str) else value)
        return found

    return read_days


def _dollars(label: str, *, required: bool = False) -> Reader:
    """Dollars, or nothing where that means the company's number; what is empty is not zero."""
    plain = intake.dollars(label)

    def read_dollars(value: Any) -> Decimal | None:
        empty = value is None or (isinstance(value, str) and not value.strip())
        if empty and required:
            raise Wrong("required", f"{label} is missing. Type an amount, 0 for none.")
        if empty:
            return None
        found: Decimal = plain(value)
        return found

    return read_dollars


def _period(clean: Mapping[str, Any], today: date) -> Iterable[tuple[str, Wrong]]:
    for name, label in (("from_on", "First day"), ("until_on", "Last day")):
        found = clean.get(name)
        if found is not None and found > today:
            yield name, Wrong("future", f"{label} is in the future, of which there are no claims. Check it.")
    first, last = clean.get("from_on"), clean.get("until_on")
    if first is not None and last is not None and first > last:
        yield "until_on", Wrong("order", "The last day is before the first. Change one of them.")


def _payers(clean: Mapping[str, Any]) -> Iterable[tuple[str, Wrong]]:
    own = clean.get("own_payer")
    if own is None and any(clean.get(name) is not None for name in OWN):
        said = "Say whose numbers these are: choose the payer, or leave its numbers empty."
        yield "own_payer", Wrong("required", said)
    if own is not None and clean.get("payer") not in (None, own):
        said = "These are numbers of one payer, on the claims of another: nothing would change. Choose one."
        yield "own_payer", Wrong("conflict", said)


def document(asked: Asked, settings: Any, payers: Iterable[Any], rates: Rates) -> dict[str, Any]:
    """All that a back-test rests on beside the claims; settings and payers are read by attribute."""
    return {
        "proposed": _as_text(asked.numbers),
        "own": _as_text(asked.own) if asked.own_payer is not None else None,
        "own_payer": asked.own_payer,
        "in_force": {
            "version": settings.version,
            "automatic": settings.automatic,
            "guard_days": settings.guard_days,
            **_as_text({name: getattr(settings, name) for name in NUMBERS}),
        },
        "payers": {
            str(payer.pk): {
                "name": payer.name,
                "limit_days": payer.filing_limit_days,
                "never_hold": payer.is_never_held,
                **_as_text({name: getattr(payer, name) for name in NUMBERS}),
            }
            for payer in payers
        },
        "rates": {one.name: f"{getattr(rates, one.name)}" for one in fields(rates)},
    }


def _as_text(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if value is None or name == "max_days" else f"{Decimal(value):.2f}"
        for name, value in numbers.items()
    }


@dataclass(frozen=True)
class _Numbers:
    """Numbers of a company or payer, as :func:`hold.rules_for` reads them."""

    max_days: int | None
    dollar_threshold: Decimal | None
    monitor_above: Decimal | None
    automatic: bool = True
    guard_days: int = 14
    version: int = 0
    name: str = ""


def _numbers(kept: Mapping[str, Any]) -> _Numbers:
    days, threshold, above = (kept[name] for name in NUMBERS)
    return _Numbers(days, _amount(threshold), _amount(above), name=kept.get("name", ""))


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def rates_of(kept: Mapping[str, Any]) -> Rates:
    """The rates by which the worth of holding is estimated."""
    return Rates(**{name: Decimal(value) for name, value in kept["rates"].items()})


class Book(dict[int | None, Terms]):
    """The terms of each payer's claims; a payer that came later goes by the company's numbers."""

    def __missing__(self, key: int | None) -> Terms:
        return self[None]


def books(kept: Mapping[str, Any]) -> tuple[Book, Book]:
    """The terms of every payer's claims: with the numbers in force, and with those proposed.

    Both by the guard in force, and both without the sentences of where a number comes from.
    """
    force = kept["in_force"]
    shared = {"guard_days": force["guard_days"], "version": force["version"]}
    now = replace(_numbers(force), automatic=force["automatic"], **shared)
    new = replace(_numbers(kept["proposed"]), **shared)
    own = None if kept["own"] is None else _numbers(kept["own"])
    nobody = _Numbers(None, None, None)
    book_now = Book({None: Terms(_rules(now, nobody), name="no payer")})
    book_new = Book({None: Terms(_rules(new, nobody), name="no payer")})
    for key, payer in kept["payers"].items():
        theirs = _numbers(payer)
        facts = payer["limit_days"], payer["never_hold"], payer["name"]
        proposed = own if own is not None and int(key) == kept["own_payer"] else theirs
        book_now[int(key)] = Terms(_rules(now, theirs), *facts)
        book_new[int(key)] = Terms(_rules(new, proposed), *facts)
    return book_now, book_new


def as_settings(kept: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    """The numbers that are tried as settings and payers, for :func:`conflicts.of`; both read by attribute."""
    force = kept["in_force"]
    tried = replace(_numbers(kept["proposed"]), guard_days=force["guard_days"])
    payers = [
        Tried(payer["name"], payer["limit_days"], *(_own_or_theirs(kept, key, payer)))
        for key, payer in kept["payers"].items()
        if not payer["never_hold"]
    ]
    return TriedSettings(
        tried.max_days, tried.dollar_threshold, tried.monitor_above, tried.guard_days
    ), payers


@dataclass(frozen=True)
class TriedSettings:
    """The company's settings with the numbers that are tried; nothing manual is."""

    max_days: int | None
    dollar_threshold: Decimal | None
    monitor_above: Decimal | None
    guard_days: int
    automatic: bool = True
    manual: bool = True
    manual_days: int | None = None


@dataclass(frozen=True)
class Tried:
    """A payer with the numbers that are tried for it."""

    name: str
    filing_limit_days: int | None
    max_days: int | None
    dollar_threshold: Decimal | None
    monitor_above: Decimal | None


def _own_or_theirs(kept: Mapping[str, Any], key: str, payer: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    own = kept["own"] is not None and int(key) == kept["own_payer"]
    found = _numbers(kept["own"] if own else payer)
    return found.max_days, found.dollar_threshold, found.monitor_above


def differing(one: Book, other: Book) -> frozenset[int | None]:
    """The payers whose claims the two sets of terms may treat otherwise."""
    return frozenset(key for key in one if one[key] != other[key])


def _rules(company: _Numbers, payer: _Numbers) -> Rules:
    return replace(hold.rules_for(company, payer), origins={})
