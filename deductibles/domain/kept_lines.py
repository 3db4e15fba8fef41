"""The lines of a kept answer: told when somebody looks, from the text that was kept with it. Pure.

A night keeps of each answer its text, what the decision rests on, and how it was read. The sentences about
every line of a plan would be several times as long, written for everybody who waits, and read for few.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deductibles.x12 import eligibility
from deductibles.x12.eligibility import Described, Pin, Reading

READ_BY, USED = "read_by", "used"
FOR_THE_TRAIL = frozenset({READ_BY, USED})
"""What is kept for telling the trail, and told nobody."""
OTHER_RULES = {
    True: "Used when the answer came; the rules by which lines are chosen are others now.",
    False: "Not used when the answer came; the rules by which lines are chosen are others now.",
}


def in_short(reading: Reading, asked: Any) -> dict[str, Any]:
    """The reading without its trail, with what :func:`trail_of` needs to tell it; ``asked`` by attribute."""
    by: dict[str, Any] = {"ambulance": asked.ambulance, "out_of_network": asked.out_of_network}
    if asked.pin is not None:
        by["pin"] = {"line": asked.pin.line.as_json(), "said": asked.pin.said}
    return {**reading.in_short(), USED: reading.used, READ_BY: by}


def trail_of(kept: Any) -> list[dict[str, Any]]:
    """Every deductible line of a kept answer, with why it was or was not used (D-X12-11, D-CLM-4).

    ``kept`` is a snapshot, read by attribute. Where today's rules would use other lines than were used, the
    lines are those of then, and their sentence says only that: no reason is made up afterwards.
    """
    stored: Mapping[str, Any] = kept.reading
    by = stored.get(READ_BY)
    if by is None:
        return list(stored.get("trail") or ())
    found = eligibility.read(
        kept.x12_271,
        trace=kept.trace,
        as_of=kept.as_of,
        ambulance=by["ambulance"],
        out_of_network=by["out_of_network"],
        pin=_pin(by.get("pin")),
    )
    then: dict[int, str] = dict(stored[USED])
    lines = [line.as_json() for line in found.trail]
    return lines if dict(found.used) == then else [_of_then(line, then) for line in lines]


def _of_then(line: dict[str, Any], then: Mapping[int, str]) -> dict[str, Any]:
    used = line["number"] in then
    return {**line, "used": used, "role": then.get(line["number"], line["role"]), "why": OTHER_RULES[used]}


def pinned_line(reading: Mapping[str, Any]) -> Described | None:
    """The marks of the pinned line that a reading rests on; None when the rules chose."""
    by = reading.get(READ_BY)
    if by is not None:
        pin = _pin(by.get("pin"))
        return pin.line if pin and reading.get(USED) else None
    lines = reading.get("trail") or ()
    found = next((line for line in lines if line.get("pinned") and line.get("used")), None)
    return Described.from_json(found) if found is not None and "service" in found else None


def _pin(stored: Mapping[str, Any] | None) -> Pin | None:
    return Pin(Described.from_json(stored["line"]), stored["said"]) if stored else None
