"""Reading claims out of an 837P (005010X222A1): the inverse of the writer.

Pure: text in; out come the claims as the words somebody would type into the table of claims, one mapping a
charge line, each with the segment it stands at. What a claim here has no place for is named by a word
(``unfit``) when it would change the bill, and listed otherwise. Nothing of it is judged here: the cells go
through the rules of claim entry like those of a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from deductibles.x12.claim_codes import AMBULANCE_REASONS
from deductibles.x12.envelope import Delimiters, EnvelopeError, Segment, Transaction, parse

VERSIONS = ("005010X222A1", "005010X222")
_OTHERS = {
    "005010X223": "an institutional claim file (837I)",
    "005010X224": "a dental claim file (837D)",
    "004010": "a claim file of the version before (4010)",
}
_KINDS = {
    "835": "a remittance (835); bring it under Claims, Acknowledgements",
    "277": "an acknowledgement (277CA); bring it under Claims, Acknowledgements",
    "999": "an acknowledgement (999); bring it under Claims, Acknowledgements",
    "270": "an eligibility question (270)",
    "271": "an eligibility answer (271)",
}
_RANKS = {"P": "primary", "S": "secondary", "T": "tertiary"}
_RELATIONS = {"18": "self", "01": "spouse", "19": "child"}
_PAYERS = {
    "MA": "medicare", "MB": "medicare", "16": "medicare_advantage", "MC": "medicaid", "WC": "workers_comp",
    "AM": "auto",
}  # fmt: skip
"""SBR09: the kinds of payer that are treated differently; any other is commercial."""
_READ = frozenset({
    "HL", "SBR", "PAT", "NM1", "N3", "N4", "DMG", "CLM", "HI", "CR1", "NTE", "CRC", "CAS", "SVD", "LX",
    "SV1", "DTP",
})  # fmt: skip
MOST_LINES = 60
"""Charge lines of one claim that are read on; more than the 50 that are allowed, so that it is said."""
_LISTED = {
    "82": "rendering provider (NM1*82)",
    "DN": "referring provider (NM1*DN)",
    "P3": "primary care provider (NM1*P3)",
    "77": "service location (NM1*77)",
    "DQ": "supervising provider (NM1*DQ)",
    "87": "pay-to address (NM1*87)",
    "PE": "pay-to plan (NM1*PE)",
    "QB": "purchased service provider (NM1*QB)",
    "DK": "ordering provider (NM1*DK)",
}
_SUBSCRIBER = "the subscriber, where the patient is somebody else and no date of birth of theirs stands there"
_REFS = {
    "G1": "prior authorization (REF*G1)", "9F": "referral number (REF*9F)", "EA": "medical record (REF*EA)",
    "X4": "CLIA number (REF*X4)", "D9": "clearinghouse's claim number (REF*D9)",
    "6R": "line control (REF*6R)",
}  # fmt: skip
_SEGMENTS = {
    "PWK": "attachment (PWK)", "AMT": "amounts (AMT)", "K3": "file information (K3)", "HCP": "pricing (HCP)",
    "CN1": "contract (CN1)", "LIN": "drug (LIN)", "PS1": "purchased service (PS1)", "CR2": "spinal (CR2)",
    "MOA": "outpatient adjudication (MOA)",
}  # fmt: skip


@dataclass(frozen=True)
class ReadLine:
    """One charge line: the segment at which it begins, and its cells by the columns of the table."""

    number: int
    cells: dict[str, str]


@dataclass
class _Person:
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class _Claim:
    number: int
    cells: dict[str, str]
    ranks: dict[str, dict[str, str]]
    lines: list[ReadLine] = field(default_factory=list)
    unfit: str = ""
    note: str = ""
    day: str = ""


def transactions_of(text: str) -> tuple[Transaction, ...]:
    """The 837P transactions of one interchange; `EnvelopeError` for a broken one, and for any other file."""
    whole = parse(text)
    if not whole.transactions:
        raise EnvelopeError("There is no claim in this file.")
    for one in whole.transactions:
        if one.kind != "837":
            said = _KINDS.get(one.kind, "an X12 file of another kind")
            raise EnvelopeError(f"This is {said}, and no claim file (837P).")
        if one.version not in VERSIONS:
            said = next((name for start, name in _OTHERS.items() if one.version.startswith(start)), "")
            raise EnvelopeError(
                f"This is {said or 'a claim file of another version'}. "
                "Holdline reads professional claims (837P, 005010X222A1)."
            )
    return whole.transactions


def read(transactions: tuple[Transaction, ...]) -> Iterator[ReadLine]:
    """Every charge line in order; the lines of a claim follow each other."""
    seen: set[str] = set()
    for one in transactions:
        for claim in _Walk(one).claims():
            number = claim.cells["claim_number"]
            if number in seen:
                claim.unfit = "double"
            seen.add(number)
            yield from _finished(claim)


def unread_of(transactions: tuple[Transaction, ...]) -> list[str]:
    """What stands in the file and has no place here, in words, each once; nothing of it changes the bill."""
    found: dict[str, None] = {}
    for one in transactions:
        separator = one.delimiters.element
        for raw in one.raws:
            head, _, rest = raw.partition(separator)
            key = rest.partition(separator)[0]
            if head == "PAT":
                found[_SUBSCRIBER] = None
            said = {"NM1": _LISTED.get(key), "REF": _REFS.get(key)}.get(head) or _SEGMENTS.get(head)
            if said:
                found[said] = None
    return list(found)


def _finished(claim: _Claim) -> Iterator[ReadLine]:
    """The lines with what is the claim's in each, so that any of them can stand at the head of a part."""
    if not claim.lines:
        claim.unfit = claim.unfit or "no-charge"
        claim.lines = [ReadLine(claim.number, {})]
    if len(claim.lines) >= MOST_LINES:
        claim.unfit = claim.unfit or "cut"
    shared = {**claim.cells, "unfit": claim.unfit}
    for rank, cells in claim.ranks.items():
        if not cells.get("subscriber_date_of_birth"):
            # Entry asks for it with a subscriber's name; without it the claim waits for a biller to add both.
            cells = {name: value for name, value in cells.items() if not name.startswith("subscriber_")}
        shared |= {f"{rank}_{name}": value for name, value in cells.items()}
    for line in claim.lines:
        day = line.cells.get("date_of_service") or claim.day
        yield ReadLine(line.number, {**shared, **line.cells, "date_of_service": day})


class _Walk:
    """One pass over a transaction: who bills, whose insurance it is, who the patient is, their claims."""

    def __init__(self, transaction: Transaction) -> None:
        self.marks: Delimiters = transaction.delimiters
        self.raws, self.first = transaction.raws, transaction.number
        self.npi = ""
        self.billed: dict[str, str] = {}
        self.rank = "primary"
        self.insured, self.patient = _Person(), _Person()
        self.is_dependent = False
        self.place: dict[str, str] | None = None
        """Where an address or birth that follows belongs, with the prefix of its columns."""
        self.prefix = ""
        self.claim: _Claim | None = None
        self.other: dict[str, str] | None = None
        self.in_line = False

    def claims(self) -> Iterator[_Claim]:
        """Each claim once its last segment was read."""
        for number, raw in enumerate(self.raws, self.first):
            row = Segment(raw, number, self.marks.element)
            if row[0] in ("HL", "CLM", "SE") and self.claim is not None:
                yield self.claim
                self.claim = None
            if row[0] in _READ:
                getattr(self, f"_{row[0].lower()}")(row)

    def _at(self, place: dict[str, str] | None, prefix: str = "") -> None:
        self.place, self.prefix = place, prefix

    def _hl(self, row: Segment) -> None:
        level = row.get(3)
        self._at(None)
        if level == "20":
            self.npi = ""
        if level in ("20", "22"):
            self.insured, self.patient, self.billed = _Person(), _Person(), {}
            self.is_dependent = False
        if level == "23":
            self.patient, self.is_dependent = _Person(), True

    def _sbr(self, row: Segment) -> None:
        relation = _RELATIONS.get(row.get(2), "other") if row.get(2) else ""
        said = {
            "group_number": row.get(3),
            "relationship": relation,
            "payer_kind": _PAYERS.get(row.get(9), ""),
        }
        rank = _RANKS.get(row.get(1), "")
        if self.claim is None:
            self.rank, self.billed = rank or "primary", said
            return
        self.other = said
        if not rank or rank in self.claim.ranks:
            self._unfit("not-primary")
            return
        self.claim.ranks[rank] = said
        self.in_line = False

    def _pat(self, row: Segment) -> None:
        self.billed["relationship"] = _RELATIONS.get(row.get(1), "other")

    def _nm1(self, row: Segment) -> None:
        kind = row.get(1)
        self._at(None)
        if kind == "85":
            self.npi = row.get(9)
        elif kind == "IL":
            self._insured_is(row)
        elif kind == "QC":
            self.patient.values |= _named(row)
            self._at(self.patient.values)
        elif kind == "PR":
            coverage = self.billed if self.claim is None else self.other
            if coverage is not None:
                coverage |= {"payer": row.get(3), "payer_id": row.get(9)}
        elif kind in ("PW", "45") and self.claim is not None:
            if kind == "45" and not self.in_line:
                self.claim.cells["dropoff_name"] = row.get(3)
            self._at(self.claim.cells, "pickup_" if kind == "PW" else "dropoff_")

    def _insured_is(self, row: Segment) -> None:
        if self.claim is None:
            self.insured.values |= _named(row)
            self.billed["member_id"] = row.get(9)
            self._at(self.insured.values)
        elif self.other is not None:
            self.other["member_id"] = row.get(9)
            if self.other.get("relationship") != "self":
                self.other |= {f"subscriber_{name}": value for name, value in _named(row).items()}
                self._at(self.other, "subscriber_")

    def _n3(self, row: Segment) -> None:
        if self.place is not None:
            self.place |= {f"{self.prefix}line1": row.get(1), f"{self.prefix}line2": row.get(2)}

    def _n4(self, row: Segment) -> None:
        if self.place is not None:
            names = ("city", "state", "zip")
            self.place |= {f"{self.prefix}{name}": row.get(at) for at, name in enumerate(names, 1)}

    def _dmg(self, row: Segment) -> None:
        if self.place is not None:
            self.place |= {
                f"{self.prefix}date_of_birth": _day(row.get(2)),
                f"{self.prefix}sex": row.get(3),
            }

    def _clm(self, row: Segment) -> None:
        place, _, frequency = _split(row.get(5), self.marks, 3)
        person = self.patient if self.is_dependent else self.insured
        coverage = {"relationship": "self", **{name: value for name, value in self.billed.items() if value}}
        if self.is_dependent and self.insured.values.get("date_of_birth"):
            coverage |= {f"subscriber_{name}": value for name, value in self.insured.values.items()}
        cells = {
            "claim_number": row.get(1), "total": row.get(2), "place_of_service": place,
            "provider_npi": self.npi, **person.values,
        }  # fmt: skip
        self.claim = _Claim(row.number, cells, {self.rank: coverage})
        self.in_line, self.other = False, None
        self._at(None)
        if frequency not in ("", "1"):
            self._unfit("replaces")
        if self.rank != "primary":
            self._unfit("not-primary")
        if not person.values:
            self._unfit("no-subscriber")

    def _unfit(self, word: str) -> None:
        if self.claim is not None:
            self.claim.unfit = self.claim.unfit or word

    def _hi(self, row: Segment) -> None:
        if self.claim is None:
            return
        found = []
        for value in row[1:]:
            qualifier, code = _split(value, self.marks, 2)
            if qualifier in ("ABK", "ABF"):
                found.append(_diagnosis(code))
            elif qualifier in ("BK", "BF"):
                self._unfit("icd")
        if found:
            self.claim.cells["diagnoses"] = " ".join(found)

    def _cr1(self, row: Segment) -> None:
        if self.claim is None:
            return
        reason = AMBULANCE_REASONS.get(row.get(4), row.get(4))
        self.claim.cells |= {
            "ambulance_reason": self.claim.note if self.claim.note and row.get(4) == "A" else reason,
            "ambulance_weight": row.get(2) if row.get(1) == "LB" else "",
            "ambulance_miles": row.get(6),
            "ambulance_round_trip": row.get(9),
            "ambulance_stretcher": row.get(10),
        }

    def _nte(self, row: Segment) -> None:
        if self.claim is not None and row.get(1) == "ADD" and not self.in_line:
            self.claim.note = row.get(2)[:80]

    def _crc(self, row: Segment) -> None:
        if self.claim is not None and row.get(1) == "07" and row.get(2) == "Y":
            self.claim.cells["ambulance_conditions"] = " ".join(one for one in row[3:] if one)

    def _cas(self, row: Segment) -> None:
        self._unfit("paid")

    def _svd(self, row: Segment) -> None:
        self._unfit("paid")

    def _lx(self, row: Segment) -> None:
        if self.claim is not None and len(self.claim.lines) < MOST_LINES:
            self.claim.lines.append(ReadLine(row.number, {}))
        self.in_line = True
        self._at(None)

    def _sv1(self, row: Segment) -> None:
        if self.claim is None or not self.claim.lines:
            return
        qualifier, code, *modifiers = _split(row.get(1), self.marks, 6)
        if qualifier != "HC":
            self._unfit("procedure")
        if row.get(3) not in ("", "UN"):
            self._unfit("minutes")
        self.claim.lines[-1].cells.update(
            code=code,
            modifiers=" ".join(one for one in modifiers if one),
            amount=row.get(2),
            units=row.get(4),
            diagnosis_pointers=" ".join(one for one in _split(row.get(7), self.marks, 4) if one),
        )
        if row.get(9) == "Y" and "ambulance_reason" in self.claim.cells:
            self.claim.cells["ambulance_emergency"] = "yes"

    def _dtp(self, row: Segment) -> None:
        if self.claim is None or row.get(1) != "472":
            return
        said = row.get(3)
        start, _, end = said.partition("-")
        day = _day(start) if not end or start == end else f"{_day(start)} to {_day(end)}"
        if self.in_line and self.claim.lines:
            self.claim.lines[-1].cells["date_of_service"] = day
            self.claim.day = self.claim.day or day
        else:
            self.claim.day = day


def _named(row: Segment) -> dict[str, str]:
    return {"last_name": row.get(3), "first_name": row.get(4)}


def _split(value: str, marks: Delimiters, count: int) -> list[str]:
    """The components of an element, as many as asked for."""
    parts = value.split(marks.component)[:count]
    return parts + [""] * (count - len(parts))


def _day(text: str) -> str:
    """A date as people type it; anything else as it stands, for the rules to refuse."""
    return (
        f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isascii() and text.isdigit() else text
    )


def _diagnosis(code: str) -> str:
    """An ICD-10 code with its point."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 and "." not in code else code
