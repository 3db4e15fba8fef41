"""What was paid: the 835 (005010X221A1), claim by claim, and what the deductible took (D-SUB-4).

Pure: text in, payments out, `Decimal` throughout. A claim whose figures do not add up is read with
``balances`` false, so that nobody posts it unseen. PLB segments move money between provider and payer and
belong to no claim; their sum is kept for the balance of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from deductibles.x12.claim_parts import split_control_number
from deductibles.x12.envelope import EnvelopeError, Interchange, Segment, Transaction, parse

ZERO = Decimal("0.00")
DEDUCTIBLE = ("PR", "1")
CO_INSURANCE = ("PR", "2")
CO_PAYMENT = ("PR", "3")
TOO_LATE = ("CO", "29")
"""The time limit for filing has passed."""
DENIED, REVERSAL, NOT_OURS, PREDETERMINED = "4", "22", "23", "25"
_MOST = Decimal("9999999999.99")
_MOST_DIGITS = 18


@dataclass(frozen=True)
class Adjustment:
    """One CAS amount in dollars: ``group`` CO, PR, OA or PI; ``reason`` a claim adjustment reason code."""

    group: str
    reason: str
    amount: Decimal


@dataclass(frozen=True)
class Payment:
    """One CLP: what the payer made of one claim, in dollars.

    ``number`` and ``sequence`` are those of CLM01 as sent; ``status`` is CLP02 (1 to 3 processed, 4 denied,
    22 reversed). ``adjustments`` are those of the claim and of its lines together. ``balances`` says that
    charge less adjustments is what was paid.
    """

    number: str
    sequence: int
    status: str
    charged: Decimal
    paid: Decimal
    patient_owes: Decimal
    payer_reference: str
    adjustments: tuple[Adjustment, ...]
    balances: bool

    def adjusted(self, *which: tuple[str, str]) -> Decimal:
        """The sum of the adjustments of these groups and reasons."""
        return sum((one.amount for one in self.adjustments if (one.group, one.reason) in which), ZERO)

    @property
    def deductible(self) -> Decimal:
        """What was applied to the patient's deductible (CAS PR 1)."""
        return self.adjusted(DEDUCTIBLE)

    @property
    def allowed(self) -> Decimal:
        """The charge less what the contract takes off: what payer and patient pay together."""
        patients = sum((one.amount for one in self.adjustments if one.group == "PR"), ZERO)
        return self.paid + patients

    @property
    def fits(self) -> bool:
        """Whether its sums are amounts at all; a file may add up what no claim ever was."""
        return all(abs(amount) <= _MOST for amount in (self.deductible, self.allowed))

    @property
    def filed_too_late(self) -> bool:
        """Whether it was denied because the time limit for filing had passed (CO 29)."""
        return any((one.group, one.reason) == TOO_LATE for one in self.adjustments)


@dataclass(frozen=True)
class Remittance:
    """One 835 transaction: who paid, by which trace and when, and for which claims.

    ``balances`` says that the claims' payments less ``moved`` (PLB) are the ``total`` of the payment.
    """

    control: str
    payer: str
    trace: str
    paid_on: date | None
    total: Decimal
    moved: Decimal
    payments: tuple[Payment, ...]
    left_out: int

    @property
    def balances(self) -> bool:
        return not self.left_out and sum((one.paid for one in self.payments), ZERO) - self.moved == self.total


@dataclass
class _Claim:
    head: Segment
    adjustments: list[Adjustment] = field(default_factory=list)
    sound: bool = True


def read(text: str | bytes) -> tuple[Remittance, ...]:
    """Read every 835 of one interchange; raises `EnvelopeError` for a broken one or one without an 835."""
    found = of(parse(text))
    if not found:
        raise EnvelopeError("There is no 835 in this file.")
    return found


def of(whole: Interchange) -> tuple[Remittance, ...]:
    """The remittances of an interchange that was read already, if any."""
    return tuple(_remittance(one) for one in whole.transactions if one.kind == "835")


def _remittance(transaction: Transaction) -> Remittance:
    head: dict[str, Segment] = {}
    claims: list[_Claim] = []
    moved, left_out = ZERO, 0
    for row in transaction.segments:
        match row[0]:
            case "BPR" | "TRN":
                head.setdefault(row[0], row)
            case "N1" if row.get(1) == "PR":
                head.setdefault("N1", row)
            case "CLP":
                claims.append(_Claim(row))
            case "CAS" if claims:
                _adjust(claims[-1], row)
            case "PLB":
                amounts = [_money(row.get(index)) for index in range(4, len(row), 2)]
                left_out += sum(amount is None for amount in amounts)
                moved += sum((amount for amount in amounts if amount is not None), ZERO)
    payments = [_payment(one) for one in claims]
    kept = tuple(one for one in payments if one is not None)
    paid_by, trace = head.get("BPR"), head.get("TRN")
    total = _money(paid_by.get(2)) if paid_by is not None else None
    return Remittance(
        control=transaction.control,
        payer=head["N1"].get(2)[:60] if "N1" in head else "",
        trace=trace.get(2)[:50] if trace is not None else "",
        paid_on=_day(paid_by.get(16)) if paid_by is not None else None,
        total=total if total is not None else ZERO,
        moved=moved,
        payments=kept,
        left_out=left_out + len(payments) - len(kept) + (total is None),
    )


def _adjust(claim: _Claim, row: Segment) -> None:
    """CAS holds up to six of reason, amount and quantity."""
    for index in range(2, min(len(row), 20), 3):
        if not row.get(index):
            continue
        amount = _money(row.get(index + 1))
        if amount is None:
            claim.sound = False
        else:
            claim.adjustments.append(Adjustment(row.get(1), row.get(index), amount))


def _payment(claim: _Claim) -> Payment | None:
    row = claim.head
    charged, paid = _money(row.get(3)), _money(row.get(4))
    owes = _money(row.get(5)) if row.get(5) else ZERO
    if not row.get(1) or charged is None or paid is None or owes is None:
        return None
    number, sequence = split_control_number(row.get(1).strip())
    taken = sum((one.amount for one in claim.adjustments), ZERO)
    found = Payment(
        number=number,
        sequence=sequence,
        status=row.get(2),
        charged=charged,
        paid=paid,
        patient_owes=owes,
        payer_reference=row.get(7)[:50],
        adjustments=tuple(claim.adjustments),
        balances=claim.sound and charged - taken == paid,
    )
    return found if found.fits else None


def _money(text: str) -> Decimal | None:
    """An X12 amount: digits with at most two decimals and perhaps a minus; anything else is None."""
    plain = text.strip()
    if len(plain) > _MOST_DIGITS:
        return None
    digits = plain.lstrip("-").replace(".", "", 1)
    if not plain.isascii() or not digits.isdigit() or plain.count("-") > 1 or "-" in plain[1:]:
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return None
    rounded = amount.quantize(ZERO) if abs(amount) <= _MOST else None
    return rounded if rounded == amount else None


def _day(text: str) -> date | None:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def reasons(adjustments: Sequence[Adjustment]) -> Iterator[str]:
    """Each adjustment in words, in its order: "Deductible $200.00"."""
    for one in adjustments:
        yield f"{_said(one)} ${one.amount:,.2f}"


def _said(one: Adjustment) -> str:
    known = {
        DEDUCTIBLE: "Deductible",
        CO_INSURANCE: "Co-insurance",
        CO_PAYMENT: "Co-payment",
        TOO_LATE: "Filed too late",
        ("CO", "45"): "Above the contract’s fee",
        ("CO", "16"): "Information missing",
        ("CO", "18"): "Duplicate",
        ("CO", "22"): "Another payer covers it",
        ("CO", "27"): "Coverage ended before the service",
        ("CO", "50"): "Not medically necessary",
        ("CO", "96"): "Not covered",
        ("CO", "97"): "Included in another service",
        ("CO", "109"): "Not this payer’s",
        ("CO", "253"): "Sequestration",
        ("OA", "23"): "Earlier payer’s share",
    }
    return known.get((one.group, one.reason), f"{one.group} {one.reason}")
