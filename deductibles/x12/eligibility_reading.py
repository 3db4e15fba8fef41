"""What comes out of reading an eligibility answer: amounts, rejects, flags and the rule trail.

The words here are those of the interface `POST benefit-readings/`. Money is `Decimal` with two places,
in United States dollars; `None` means unknown and never zero (D-X12-8).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from deductibles.x12.eligibility_described import Described

SEVERAL_TRANSACTIONS = "several_transactions"
"""More than one patient could be meant and nothing says which (D-X12-2). Not usable."""
TRACE_NOT_FOUND = "trace_not_found"
"""No transaction echoes the trace that was asked with (D-X12-2). Not usable."""
IDENTITY_MISMATCH = "identity_mismatch"
"""The answer is about another person than the one named (D-X12-2). Not usable, no amounts shown."""
NOT_ELIGIBILITY = "not_eligibility"
"""A sound X12 file without any 271 in it. Not usable."""
COVERAGE_UNCLEAR = "coverage_unclear"
"""Active and inactive at once, or coverage dates nobody can read (D-X12-4). Not usable."""
LOW_CONFIDENCE = "low_confidence"
"""A line without coverage level (EB02) was counted as the individual's (D-X12-5)."""
AMBULANCE_LINE = "ambulance_line"
"""A line for service type 59 was used in place of service type 30 (D-X12-7)."""
AMBIGUOUS = "ambiguous"
"""One cell held two different amounts; the larger is given. Never released on (D-X12-9)."""
INCONSISTENT = "inconsistent"
"""More remains than the annual amount. Never released on (D-X12-8)."""
OTHER_PAYER_PRIMARY = "other_payer_primary"
"""The payer says another payer is primary. Not held automatically (D-X12-9)."""
PIN_NOT_FOUND = "pin_not_found"
"""No line of the answer is the one a person pinned (D-CLM-4). Not usable: the rules do not step in."""

FLAGS = (
    SEVERAL_TRANSACTIONS,
    TRACE_NOT_FOUND,
    IDENTITY_MISMATCH,
    NOT_ELIGIBILITY,
    COVERAGE_UNCLEAR,
    LOW_CONFIDENCE,
    AMBULANCE_LINE,
    AMBIGUOUS,
    INCONSISTENT,
    OTHER_PAYER_PRIMARY,
    PIN_NOT_FOUND,
)

BASIS_REPORTED = "remaining_reported"
BASIS_COMPUTED = "computed_{annual}_minus_24"
BASIS_ZERO = "zero_deductible"
BASIS_FAMILY = "family_aggregate"
BASIS_SMALLER = "min_individual_family"
BASIS_UNKNOWN = "unknown"
BASIS_REJECTED = "rejected"
BASIS_INVALID = "invalid"
BASIS_SEVERAL = "per_transaction"

PAYER_DOWN, SETUP, PATIENT, DATES, OTHER = "payer_down", "setup", "patient", "dates", "other"

_KINDS = (
    {"42": PAYER_DOWN, "80": PAYER_DOWN}
    | dict.fromkeys(("41", *map(str, range(43, 52)), "79", "97"), SETUP)
    | dict.fromkeys(("58", *map(str, range(64, 69)), *map(str, range(71, 79))), PATIENT)
    | dict.fromkeys(("56", "57", *map(str, range(60, 64))), DATES)
)


def kind_of_reject(code: str) -> str:
    """The class of an AAA03 code: payer_down, setup, patient, dates or other (D-X12-3)."""
    return _KINDS.get(code, OTHER)


@dataclass(frozen=True)
class Amounts:
    """A deductible in dollars: for the whole plan year, and what of it remains. `None` is unknown."""

    annual: Decimal | None = None
    remaining: Decimal | None = None

    def as_json(self) -> dict[str, str | None]:
        """Both amounts as strings with two decimals."""
        return {"annual": money_text(self.annual), "remaining": money_text(self.remaining)}


NO_AMOUNTS = Amounts()


@dataclass(frozen=True)
class Reject:
    """One AAA of the answer: its loop (`2100C`), AAA03 code, AAA04 follow-up and class (D-X12-3)."""

    loop: str
    code: str
    follow_up: str
    kind: str

    def as_json(self) -> dict[str, str]:
        """The reject under its interface names, where `kind` is called `class`."""
        return {"loop": self.loop, "code": self.code, "follow_up": self.follow_up, "class": self.kind}


NO_MARKS = Described()


@dataclass(frozen=True)
class Line:
    """One deductible line of the answer and what became of it (D-X12-11, D-CLM-4).

    `number` is the segment's place in the file, counted from 1. `used` says that an amount the decision
    rests on comes from it. `role` is annual, remaining, met, or "" when the line says none of these.
    `marks` tell service types, level, network, time, insurance type and plan as the line writes them,
    `amount` is EB07 as written, `period` the days of its own dates. `pinnable` says that a person may have
    it followed, `pinned` that it is the one.
    """

    number: int
    raw: str
    used: bool
    role: str
    why: str
    marks: Described = NO_MARKS
    amount: str = ""
    period: tuple[date | None, date | None] = (None, None)
    pinnable: bool = False
    pinned: bool = False

    def as_json(self) -> dict[str, object]:
        """The line as plain values."""
        return {
            "number": self.number,
            "raw": self.raw,
            "used": self.used,
            "role": self.role,
            "why": self.why,
            **self.marks.as_json(),
            "amount": self.amount,
            "period": [end.isoformat() if end else None for end in self.period],
            "pinnable": self.pinnable,
            "pinned": self.pinned,
        }


@dataclass(frozen=True)
class Identity:
    """The person an answer must be about when it carries no trace of ours (D-X12-2)."""

    member_id: str
    birth_date: date
    first_name: str
    last_name: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one 271 says about one patient's deductible on one day.

    `usable` means: the envelope is valid, coverage is active and an effective remaining is known.
    `active` is `None` when the answer does not say. `individual` and `family` are the amounts that count
    (in network, unless out of network was asked for); `out_of_network` is the individual's there.
    `used` are the lines the decision rests on: the number of the segment, and what it was used as.
    `annual` is the individual's, else the family's. `period` holds the first and last day of the chosen
    amounts, open ends `None`. `pin_followed` is `None` when no line is pinned.
    `problem` is a sentence for a person when no amount could be read.
    """

    usable: bool = False
    envelope_valid: bool = True
    active: bool | None = None
    individual: Amounts = NO_AMOUNTS
    family: Amounts = NO_AMOUNTS
    out_of_network: Amounts = NO_AMOUNTS
    effective_remaining: Decimal | None = None
    annual: Decimal | None = None
    pin_followed: bool | None = None
    remaining_basis: str = BASIS_UNKNOWN
    flags: tuple[str, ...] = ()
    rejects: tuple[Reject, ...] = ()
    answered_on: date | None = None
    trace: str | None = None
    period: tuple[date | None, date | None] = (None, None)
    identity_matches: bool | None = None
    problem: str = ""
    used: tuple[tuple[int, str], ...] = ()
    explain: Callable[[], tuple[Line, ...]] = field(default=tuple, repr=False, compare=False)

    @cached_property
    def trail(self) -> tuple[Line, ...]:
        """Every deductible line with the reason it was or was not used (D-X12-11, D-CLM-4).

        The sentences are written on first use: the nightly run reads thousands of answers, people few.
        """
        return self.explain()

    @property
    def may_release(self) -> bool:
        """Whether "deductible met" may rest on this: usable, neither ambiguous nor inconsistent."""
        return self.usable and AMBIGUOUS not in self.flags and INCONSISTENT not in self.flags

    @property
    def may_hold(self) -> bool:
        """Whether a claim may be held on this; `annual` can still be unknown, the caller decides."""
        return self.usable and OTHER_PAYER_PRIMARY not in self.flags

    def as_json(self) -> dict[str, object]:
        """The reading in the shape of `POST benefit-readings/`, money as strings with two decimals."""
        return {**self._found(), "trail": [line.as_json() for line in self.trail], **self._known_by()}

    def in_short(self) -> dict[str, object]:
        """The same without the trail, which whoever has the text can have written again."""
        return {**self._found(), **self._known_by()}

    def _found(self) -> dict[str, object]:
        return {
            "usable": self.usable,
            "envelope_valid": self.envelope_valid,
            "active": self.active,
            "individual": self.individual.as_json(),
            "family": self.family.as_json(),
            "out_of_network": self.out_of_network.as_json(),
            "effective_remaining": money_text(self.effective_remaining),
            "flags": list(self.flags),
            "rejects": [reject.as_json() for reject in self.rejects],
        }

    def _known_by(self) -> dict[str, object]:
        return {
            "remaining_basis": self.remaining_basis,
            "pin_followed": self.pin_followed,
            "trace": self.trace,
            "answered_on": self.answered_on.isoformat() if self.answered_on else None,
        }


def money_text(amount: Decimal | None) -> str | None:
    """Dollars with two decimals as text, `None` for unknown."""
    return None if amount is None else f"{amount:.2f}"
