"""How long a ticket may take, as data: `(min, max, unit)` (escalations.md §1)."""

from dataclasses import dataclass
from typing import Any

from escalations.domain.refusals import TurnaroundError

UNITS = ("business_day", "business_hour", "staffed_hour", "clock_hour", "week", "immediate", "none")
HOURS = ("business_hour", "staffed_hour", "clock_hour")
UNCOUNTED = ("immediate", "none")
LONGEST = 1_000_000

_WORDS = {
    "business_day": ("business day", "business days"),
    "business_hour": ("business hour", "business hours"),
    "staffed_hour": ("staffed hour", "staffed hours"),
    "clock_hour": ("clock hour", "clock hours"),
    "week": ("week", "weeks"),
}


@dataclass(frozen=True, slots=True)
class Turnaround:
    """A turnaround time: from `min` (optional) to `max`, counted in `unit`.

    `min` None means no lower end ("up to 60"); equal to `max` means exact. For `week` the numbers are
    weeks (K6). `immediate` and `none` take no numbers (K7, K8). Raises TurnaroundError naming the field.
    """

    min: int | None
    max: int | None
    unit: str

    def __post_init__(self) -> None:
        if not isinstance(self.unit, str) or self.unit not in UNITS:
            raise TurnaroundError("unit", f"The unit must be one of {', '.join(UNITS)}.")
        if self.unit in UNCOUNTED:
            self._refuse_numbers()
            return
        if self.max is None:
            raise TurnaroundError("max", f"Say how many {_WORDS[self.unit][1]} it may take at most.")
        _whole("max", self.max)
        if self.min is not None:
            _whole("min", self.min)
            if self.min > self.max:
                raise TurnaroundError("min", "The shortest time cannot be longer than the longest.")

    def _refuse_numbers(self) -> None:
        for name in ("min", "max"):
            if getattr(self, name) is not None:
                raise TurnaroundError(name, f"A turnaround of “{self.unit}” takes no number.")

    def __str__(self) -> str:
        return describe(self)


def _whole(name: str, number: Any) -> None:
    if type(number) is not int:
        raise TurnaroundError(name, "Give a whole number.")
    if number < 1:
        raise TurnaroundError(name, "Give a number of 1 or more.")
    if number > LONGEST:
        raise TurnaroundError(name, f"Give a number of {LONGEST:,} or less.")


def unit_words(unit: str, number: int) -> str:
    """The unit as it is said after a number: "business day", "business days" (K4: always in words)."""
    one, many = _WORDS[unit]
    return one if number == 1 else many


def describe(turnaround: Turnaround) -> str:
    """The turnaround as a label: "5–7 business days", "48 business hours", "up to 60 business days"."""
    low, high, unit = turnaround.min, turnaround.max, turnaround.unit
    if high is None:
        return "immediate" if unit == "immediate" else "no time stated"
    words = unit_words(unit, high)
    if unit == "week" and low in (None, high):
        return "within a week" if high == 1 else f"within {high} weeks"
    if low is None:
        return f"{'within' if unit in HOURS else 'up to'} {high} {words}"
    return f"{high} {words}" if low == high else f"{low}–{high} {words}"
