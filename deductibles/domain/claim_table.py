"""Claims as a table: one row a charge line, the lines of a claim one below the other. Pure.

The columns, and the way from the cells of a claim's rows to the body that ``POST claims/`` takes, so that
the very same rules read both (`deductibles.domain.intake`); and back, from what was found wrong in the body
to row and column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from deductibles.domain import states
from deductibles.domain.intake import RANKS
from deductibles.domain.states import STATUS_LABELS
from patients.domain.import_columns import DAY, NUMBER, PAYER_WORDS, Column, Kind
from patients.domain.intake import Reader, text

CLAIMS = "claims"
PARTS = ("line1", "line2", "city", "state", "zip")
_SUBSCRIBER = ("last_name", "first_name", "date_of_birth", "sex", *PARTS)
_WORDS = {
    "line1": "address line 1",
    "line2": "address line 2",
    "city": "city",
    "state": "state",
    "zip": "ZIP",
}
_YES = {"yes": "true", "y": "true", "1": "true", "no": "false", "n": "false", "0": "false"}
_SEXES = {"f": "F", "female": "F", "w": "F", "m": "M", "male": "M", "u": "U", "unknown": "U", "x": "U"}
_RELATIONS = {
    "self": "self", "patient": "self", "18": "self", "spouse": "spouse", "01": "spouse", "1": "spouse",
    "child": "child", "19": "child", "other": "other", "g8": "other",
}  # fmt: skip
_PLACES = {str(number): f"0{number}" for number in range(1, 10)}
"""A spreadsheet takes the zero from 01 to 09; no other place of service is written so."""
PATIENT = ("last_name", "first_name", "date_of_birth", "sex", "account_number", "phone", *PARTS)
"""The patient's columns, named as those of a table of patients."""
CHARGE = ("code", "modifiers", "units", "amount", "diagnosis_pointers")
"""The columns of a charge line; all others are the claim's, and stand in its first row at least."""
AMBULANCE = {
    "ambulance_reason": "reason",
    "ambulance_miles": "miles",
    "ambulance_weight": "patient_weight",
    "ambulance_stretcher": "stretcher_purpose",
    "ambulance_round_trip": "round_trip_purpose",
    "ambulance_emergency": "emergency",
    "ambulance_conditions": "conditions",
    "dropoff_name": "dropoff_name",
}
_STATUSES = {label.casefold(): key for key, label in STATUS_LABELS.items()}
NOT_SENT = ("", *states.UNSENT)
"""What a status says of a claim that nobody sent yet, so that it may be completed and sent from here."""
UNFIT = "unfit"
UNFIT_WORDS = {
    "replaces": "This bill replaces or voids an earlier one. Holdline imports first bills; send the change "
    "from where the first one was sent.",
    "not-primary": "This bill goes to a second payer, so the first has answered it. Holdline imports claims "
    "that are still to be sent to the first payer.",
    "paid": "An earlier payer's payment stands in this bill. Holdline imports claims nobody has paid yet.",
    "icd": "A diagnosis is not of ICD-10 (qualifier ABK or ABF). Give it as ICD-10.",
    "minutes": "A charge is measured in minutes and not in units. Holdline bills units; enter it by hand.",
    "procedure": "A charge is not given as a CPT or HCPCS code (qualifier HC). Give it as one.",
    "no-charge": "This claim has no charge line (SV1).",
    "no-subscriber": "This claim stands below no subscriber, so nobody knows whose it is.",
    "double": "The same claim number stands in this file already. Take one of the two out.",
    "cut": "This claim has more charge lines than the 50 that a claim may have.",
}
"""What an X12 file may say that a claim here has no place for, by the word that stands in the last column."""


def _address(prefix: str, label: str) -> list[Column]:
    return [
        Column(f"{prefix}{name}", f"{label} {_WORDS[name]}", holds=NUMBER if name == "zip" else "text")
        for name in PARTS
    ]


def _coverage(rank: str) -> list[Column]:
    label = rank.capitalize()
    own = rank == "primary"
    person = f"{label} subscriber"
    return [
        Column(f"{rank}_payer_id", f"{label} payer id", ("payer id", "payer number") if own else (),
               holds=NUMBER, example="SHP01" if own else ""),
        Column(f"{rank}_payer", f"{label} payer", ("payer", "payer name", "insurance") if own else (),
               example="Sample Health Plan" if own else ""),
        Column(f"{rank}_payer_kind", f"{label} payer kind", words=PAYER_WORDS),
        Column(f"{rank}_member_id", f"{label} member id",
               ("member id", "member number", "subscriber id", "policy number") if own else (), holds=NUMBER,
               example="W123456789" if own else ""),
        Column(f"{rank}_group_number", f"{label} group number", ("group number", "group") if own else (),
               holds=NUMBER),
        Column(f"{rank}_relationship", f"{label} relationship",
               ("relationship", "relationship to subscriber") if own else (), words=_RELATIONS,
               example="self" if own else ""),
        Column(f"{rank}_subscriber_last_name", f"{person} last name"),
        Column(f"{rank}_subscriber_first_name", f"{person} first name"),
        Column(f"{rank}_subscriber_date_of_birth", f"{person} date of birth", holds=DAY),
        Column(f"{rank}_subscriber_sex", f"{person} sex", words=_SEXES),
        *_address(f"{rank}_subscriber_", person),
    ]  # fmt: skip


_COLUMNS = (
    Column("claim_number", "Claim number",
           ("claim", "claim no", "claim id", "claim #", "patient control number", "invoice",
            "invoice number"), True, NUMBER, example="4711"),
    Column("last_name", "Patient last name", ("last name", "surname", "patient last"), True,
           example="Sample"),
    Column("first_name", "Patient first name", ("first name", "given name", "patient first"), True,
           example="Robin"),
    Column("date_of_birth", "Patient date of birth", ("date of birth", "dob", "patient dob", "birth date"),
           True, DAY, example="1971-03-14"),
    Column("sex", "Patient sex", ("sex", "gender"), words=_SEXES, example="F"),
    Column("account_number", "Account number",
           ("account", "account no", "acct", "acct #", "mrn", "patient account number", "patient id"),
           holds=NUMBER, example="A-1001"),
    Column("phone", "Patient phone", ("phone", "telephone"), holds=NUMBER),
    *_address("", "Patient"),
    Column("date_of_service", "Date of service", ("dos", "service date", "from date"), True, DAY,
           example="2026-05-04"),
    Column("place_of_service", "Place of service", ("pos", "place"), words=_PLACES, example="11"),
    Column("diagnoses", "Diagnoses", ("diagnosis", "diagnosis codes", "dx", "icd", "icd10"), example="R55"),
    *(column for rank in RANKS for column in _coverage(rank)),
    Column("code", "Procedure code", ("code", "cpt", "hcpcs", "procedure", "cpt code", "hcpcs code"), True,
           NUMBER, example="99284"),
    Column("modifiers", "Modifiers", ("modifier", "mods", "mod"), example=""),
    Column("units", "Units", ("quantity", "qty"), example="1"),
    Column("amount", "Amount", ("charge", "charges", "charge amount", "line amount"), True, example="850.00"),
    Column("diagnosis_pointers", "Diagnosis pointers", ("pointers", "diagnosis pointer", "dx pointer"),
           example="1"),
    Column("total", "Total charge", ("total", "claim total", "total charges")),
    Column("ambulance_reason", "Ambulance reason", ("reason for transport",)),
    Column("ambulance_miles", "Ambulance miles", ("miles", "loaded miles")),
    Column("ambulance_weight", "Patient weight", ("weight",)),
    Column("ambulance_stretcher", "Purpose of the stretcher"),
    Column("ambulance_round_trip", "Purpose of the round trip"),
    Column("ambulance_emergency", "Emergency", words=_YES),
    Column("ambulance_conditions", "Ambulance conditions"),
    *_address("pickup_", "Pick-up"),
    Column("dropoff_name", "Drop-off name"),
    *_address("dropoff_", "Drop-off"),
    Column("provider_npi", "Billing provider NPI", ("npi", "billing npi"), holds=NUMBER),
    Column("status", "Status", ("claim status",), words=_STATUSES),
    Column(UNFIT, "Cannot be taken"),
)  # fmt: skip


def _no_readers(today: date) -> dict[str, Reader]:
    """Cells are read together, by the rules of claim entry."""
    return {}


KIND = Kind(CLAIMS, "claim", _COLUMNS, _no_readers, group="claim_number")
OF_THE_CLAIM = tuple(column.name for column in _COLUMNS if column.name not in CHARGE)
NUMBER_READER = text("Claim number", 40, required=True)

Cells = Mapping[str, str]
"""What stands in the columns of one row, as somebody would have typed it."""


def body_of(rows: Sequence[Cells]) -> dict[str, Any]:
    """The rows of a claim as ``POST claims/`` takes them.

    Patient and payers are 1: who they are is looked up beside, by what the cells say.
    """
    first = rows[0]
    return {
        "patient": 1,
        "date_of_service": first.get("date_of_service", ""),
        "place_of_service": first.get("place_of_service", ""),
        "diagnoses": first.get("diagnoses", ""),
        "coverages": [_said_coverage(first, rank) for rank in ranks_of(first)],
        "charges": [_said_charge(row) for row in rows],
        "ambulance": _said_ambulance(first),
    }


def ranks_of(first: Cells) -> list[str]:
    """The coverages of which the row says anything."""
    named = ("payer_id", "payer", "member_id", "group_number")
    return [rank for rank in RANKS if any(first.get(f"{rank}_{name}") for name in named)]


def _said_coverage(first: Cells, rank: str) -> dict[str, Any]:
    names = ("member_id", "group_number", "relationship")
    said: dict[str, Any] = {name: first.get(f"{rank}_{name}", "") for name in names}
    person = {name: first.get(f"{rank}_subscriber_{name}", "") for name in _SUBSCRIBER}
    subscriber = person if any(person.values()) else None
    return {"rank": rank, "payer": 1, **said, "subscriber": subscriber}


def _said_charge(row: Cells) -> dict[str, Any]:
    said = {name: row.get(name, "") for name in CHARGE}
    return {**said, "units": said["units"] or "1"}


def _said_ambulance(first: Cells) -> dict[str, Any] | None:
    trip: dict[str, Any] = {name: first.get(column, "") for column, name in AMBULANCE.items()}
    for end in ("pickup", "dropoff"):
        place = {name: first.get(f"{end}_{name}", "") for name in PARTS}
        trip[end] = place if any(place.values()) else None
    return trip if any(trip.values()) else None


def place_of(field: str, ranks: Sequence[str]) -> tuple[int, str]:
    """Row (counted from 0 within the claim) and column of a dotted field of the body."""
    name, *rest = field.split(".")
    if name == "charges":
        return (int(rest[0]), rest[1]) if len(rest) > 1 and rest[1] in CHARGE else (0, "code")
    if name == "coverages" and rest:
        rank, inner = ranks[int(rest[0])], rest[1:]
        if inner[:1] == ["subscriber"]:
            return 0, f"{rank}_subscriber_{inner[1]}" if len(inner) > 1 else f"{rank}_subscriber_last_name"
        return 0, f"{rank}_{inner[0]}" if inner and inner[0] in _OF_COVERAGE else f"{rank}_payer_id"
    if name == "patient" and rest:
        column = rest[1] if rest[0] == "address" and len(rest) > 1 else rest[0]
        return 0, column if column in PATIENT else "line1"
    if name == "ambulance" and rest:
        if rest[0] in ("pickup", "dropoff"):
            return 0, f"{rest[0]}_{rest[1]}" if len(rest) > 1 else f"{rest[0]}_line1"
        return 0, next((column for column, part in AMBULANCE.items() if part == rest[0]), "ambulance_reason")
    return 0, {"coverages": "primary_payer_id", "ambulance": "ambulance_reason"}.get(name, name)


_OF_COVERAGE = ("payer_id", "member_id", "group_number", "relationship")
