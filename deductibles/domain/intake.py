"""Reading what people and programs send about claims and settings: one home for form and API. Pure.

Every reader collects all that is wrong at once, as ``{"charges.0.amount": Wrong}``; values are never
echoed. What is absent from a draft is no fault here: `complete` names everything the bill lacks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from deductibles.domain import money
from deductibles.x12.claim import AMBULANCE_CONDITIONS, PLACES_OF_SERVICE
from patients.domain import intake as words
from patients.domain.intake import Reader, Wrong

RANKS = ("primary", "secondary", "tertiary")
RELATIONSHIPS = ("self", "spouse", "child", "other")
MOST = {"diagnoses": 12, "charges": 50, "coverages": 3}
Wrongs = dict[str, Wrong]


def identity(label: str, *, required: bool = True) -> Reader:
    """A reader of an id, as text or number; what cannot be one of ours is wrong."""

    def read(value: Any) -> int | None:
        if value in (None, ""):
            if required:
                raise Wrong("required", f"{label} is missing. Choose one.")
            return None
        plain = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not re.fullmatch(r"[1-9][0-9]{0,17}", plain):
            raise Wrong("unknown", f"{label} is not one of yours. Choose one from the list.")
        return int(plain)

    return read


def dollars(label: str, *, default: Decimal | None = None) -> Reader:
    """A reader of an amount in dollars; nothing gives the default, or is wrong without one."""

    def read(value: Any) -> Decimal:
        if value in (None, "") and default is not None:
            return default
        try:
            return money.parse("" if value is None else value)
        except money.NotMoney as problem:
            raise Wrong("money", f"{label}: {problem}") from None

    return read


def quantity(label: str, places: int, *, required: bool = True, zero: bool = False) -> Reader:
    """A reader of a plain number with up to ``places`` decimal places, below 100,000."""
    shape = re.compile(rf"[0-9]{{1,5}}(\.[0-9]{{1,{places}}})?")
    kind = f"a number {'from 0' if zero else 'above 0'} with at most {places} decimal places"

    def read(value: Any) -> Decimal | None:
        if value in (None, ""):
            if required:
                raise Wrong("required", f"{label} is missing. Type {kind}.")
            return None
        good = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
        plain = str(value).strip() if good else ""
        if not plain.isascii() or not shape.fullmatch(plain) or (Decimal(plain) == 0 and not zero):
            raise Wrong("number", f"{label} must be {kind}, below 100,000.")
        return Decimal(plain)

    return read


def code(label: str, longest: int, *, required: bool = False) -> Reader:
    """A reader of a code: one line, capital letters; its length is that of the capitals (ß becomes SS)."""
    line = words.text(label, longest, required=required)
    return lambda value: line(value.upper() if isinstance(value, str) else value)


def service_day(today: date) -> Reader:
    """A reader of a date of service: needed, and not in the future."""
    plain = words.day("Date of service")

    def read(value: Any) -> date:
        found: date = plain(value)
        if found > today:
            raise Wrong("future", "Date of service is in the future. Check the date.")
        return found

    return read


def place(value: Any) -> str:
    """A place of service code, such as 41 (land ambulance); may be absent from a draft."""
    line = words.text("Place of service", 2)(str(value) if type(value) is int else value)
    if line and line not in PLACES_OF_SERVICE:
        raise Wrong("choice", "Place of service is not a code of the list, such as 41 for a land ambulance.")
    return line


def many(label: str, each: Reader, most: int) -> Reader:
    """A reader of a list of codes, given as a list or as one text split by commas or spaces."""

    def read(value: Any) -> list[Any]:
        if value in (None, ""):
            return []
        items = re.split(r"[,;\s]+", value.strip()) if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            raise Wrong("type", f"{label} must be a list.")
        if len(items) > most:
            raise Wrong("too_many", f"{label}: at most {most}.")
        return [each(item) for item in items if item != ""]

    return read


def _pointer(value: Any) -> int:
    found = words.whole("Diagnosis pointer", 1, 12)(value)
    if found is None:
        raise Wrong("required", "A diagnosis pointer is the number of a diagnosis, counted from 1.")
    return int(found)


def _nested(prefix: str, readers: dict[str, Reader], value: Any, wrong: Wrongs) -> dict[str, Any] | None:
    """Read one object of several fields into ``wrong`` under ``prefix``; None when it is no object."""
    if not isinstance(value, Mapping):
        wrong[prefix] = Wrong("type", "This must be an object with fields.")
        return None
    clean, faults = words.read_all(readers, dict(value))
    wrong.update({f"{prefix}.{name}": problem for name, problem in faults.items()})
    strangers = [name for name in value if name not in readers]
    if strangers:
        wrong[f"{prefix}.unknown_field"] = Wrong("unknown", "There is a field here that nobody knows.")
    return clean


def _listed(
    name: str, value: Any, wrong: Wrongs, one: Callable[[str, Any, Wrongs], dict[str, Any] | None]
) -> list[dict[str, Any]]:
    if value in (None, ""):
        return []
    if not isinstance(value, list | tuple):
        wrong[name] = Wrong("type", f"{name.capitalize()} must be a list.")
        return []
    if len(value) > MOST[name]:
        wrong[name] = Wrong("too_many", f"{name.capitalize()}: at most {MOST[name]} on one claim.")
        return []
    rows = [one(f"{name}.{number}", item, wrong) for number, item in enumerate(value)]
    return [row for row in rows if row is not None]


CHARGE: dict[str, Reader] = {
    "code": code("Code", 10),
    "modifiers": many("Modifiers", code("Modifier", 2), 4),
    "units": quantity("Units", 3),
    "amount": dollars("Amount"),
    "diagnosis_pointers": many("Diagnosis pointers", _pointer, 4),
}
ADDRESS: dict[str, Reader] = {
    "line1": words.text("Address line 1", 55),
    "line2": words.text("Address line 2", 55),
    "city": words.text("City", 30),
    "state": words.state,
    "zip": words.zip_code,
}
AMBULANCE: dict[str, Reader] = {
    "reason": words.text("Reason", 80),
    "miles": quantity("Miles", 1, required=False, zero=True),
    "patient_weight": quantity("Patient weight", 2, required=False),
    "stretcher_purpose": words.text("Purpose of the stretcher", 80),
    "round_trip_purpose": words.text("Purpose of the round trip", 80),
    "dropoff_name": words.text("Name of the drop-off", 60),
    "emergency": words.yes_no("Emergency"),
    "conditions": many(
        "Conditions", words.one_of("Condition", tuple(AMBULANCE_CONDITIONS)), len(AMBULANCE_CONDITIONS)
    ),
}


def subscriber_readers(today: date) -> dict[str, Reader]:
    """The fields of a subscriber who is not the patient."""
    return {
        "first_name": words.person_name("Subscriber's first name"),
        "last_name": words.person_name("Subscriber's last name"),
        "date_of_birth": words.born(today),
        "sex": words.one_of("Sex", ("F", "M", "U"), "U"),
        **ADDRESS,
    }


COVERAGE: dict[str, Reader] = {
    "rank": words.one_of("Rank", RANKS, "primary"),
    "payer": identity("Payer"),
    "member_id": code("Member id", 40),
    "group_number": words.text("Group number", 40),
    "relationship": words.one_of("Relationship", RELATIONSHIPS, "self"),
}


def read_coverage(prefix: str, value: Any, wrong: Wrongs, *, today: date) -> dict[str, Any] | None:
    """Read one coverage; ``subscriber`` is kept only when the patient is not the subscriber."""
    if not isinstance(value, Mapping):
        wrong[prefix] = Wrong("type", "A coverage must be an object with fields.")
        return None
    plain = {name: item for name, item in value.items() if name != "subscriber"}
    clean = _nested(prefix, COVERAGE, plain, wrong)
    if clean is None:
        return None
    clean["subscriber"] = None
    given = value.get("subscriber")
    if given is not None and not isinstance(given, Mapping):
        wrong[f"{prefix}.subscriber"] = Wrong("type", "A subscriber must be an object with fields.")
    elif given and clean.get("relationship") not in (None, "self"):
        found = _nested(f"{prefix}.subscriber", subscriber_readers(today), given, wrong)
        if found and "date_of_birth" in found:
            clean["subscriber"] = {**found, "date_of_birth": found["date_of_birth"].isoformat()}
    return clean


def _charge(prefix: str, value: Any, wrong: Wrongs) -> dict[str, Any] | None:
    clean = _nested(prefix, CHARGE, value, wrong)
    if clean is not None and not clean.get("diagnosis_pointers"):
        clean["diagnosis_pointers"] = [1]
    return clean


def _ambulance(value: Any, wrong: Wrongs) -> dict[str, Any] | None:
    if value in (None, ""):
        return None
    if not isinstance(value, Mapping):
        wrong["ambulance"] = Wrong("type", "Ambulance must be an object with fields.")
        return None
    ends = ("pickup", "dropoff")
    plain = {name: item for name, item in value.items() if name not in ends}
    clean = _nested("ambulance", AMBULANCE, plain, wrong) or {}
    trip = {name: str(item) if isinstance(item, Decimal) else item for name, item in clean.items()}
    for end in ends:
        given = value.get(end)
        trip[end] = _nested(f"ambulance.{end}", ADDRESS, given, wrong) if given else None
    return trip


def read_claim(
    data: Mapping[str, Any], *, today: date, only_given: bool = False
) -> tuple[dict[str, Any], Wrongs]:
    """Read a claim as ``POST claims/`` writes it: the clean values, and what is wrong by dotted field."""
    readers: dict[str, Reader] = {
        "patient": identity("Patient"),
        "date_of_service": service_day(today),
        "place_of_service": place,
        "diagnoses": many("Diagnoses", code("Diagnosis", 8), MOST["diagnoses"]),
        "provider": identity("Provider", required=False),
    }
    clean, wrong = words.read_all(readers, dict(data), only_given=only_given)
    if "coverages" in data or not only_given:
        clean["coverages"] = _coverages(data.get("coverages"), wrong, today)
    if "charges" in data or not only_given:
        clean["charges"] = _listed("charges", data.get("charges"), wrong, _charge)
    if "ambulance" in data or not only_given:
        clean["ambulance"] = _ambulance(data.get("ambulance"), wrong)
    return clean, wrong


def _coverages(value: Any, wrong: Wrongs, today: date) -> list[dict[str, Any]]:
    rows = _listed("coverages", value, wrong, partial(read_coverage, today=today))
    ranks = [row.get("rank") for row in rows]
    if len(set(ranks)) < len(ranks):
        wrong["coverages"] = Wrong("duplicate", "Two coverages have the same rank. Each rank comes once.")
    return rows


def read_settings(data: Mapping[str, Any]) -> tuple[dict[str, Any], Wrongs]:
    """Read Deductible Monitoring settings (D-CONF-2…8): days are needed while their switch is on."""
    zero = Decimal("0.00")
    readers: dict[str, Reader] = {
        "automatic": words.yes_no("Automated deductible monitoring"),
        "max_days": words.whole("Maximum number of days that a claim will be held", 1, 365),
        "dollar_threshold": dollars("Dollar threshold", default=zero),
        "monitor_above": dollars("Monitor claims for annual deductible amounts greater than", default=zero),
        "manual": words.yes_no("Automatically queue claims manually placed on hold"),
        "manual_days": words.whole("Number of days of a manual hold", 1, 365),
        "guard_days": words.whole("Guard days", 0, 365),
        "version": words.whole("Version", 0, 999_999),
    }
    clean, wrong = words.read_all(readers, dict(data))
    if clean.get("guard_days") is None and "guard_days" not in wrong:
        clean["guard_days"] = 14
    for switch, days in (("automatic", "max_days"), ("manual", "manual_days")):
        if clean.get(switch) and clean.get(days) is None and days not in wrong:
            wrong[days] = Wrong("required", "Say for how many days, 1 to 365, while this is switched on.")
    return clean, wrong


PROVIDER: dict[str, Reader] = {
    "name": words.text("Name", 60, required=True),
    "npi": words.text("NPI", 10, required=True),
    "tax_id": words.text("Tax id", 10, required=True),
    "taxonomy": code("Taxonomy code", 10, required=True),
    "line1": words.text("Address line 1", 55, required=True),
    "line2": words.text("Address line 2", 55),
    "city": words.text("City", 30, required=True),
    "state": words.state,
    "zip": words.zip_code,
    "contact_name": words.text("Contact's name", 60, required=True),
    "contact_phone": words.phone,
    "submitter_id": words.text("Submitter id", 15, required=True),
    "submitter_name": words.text("Submitter's name", 60, required=True),
    "receiver_id": words.text("Receiver id", 15, required=True),
    "receiver_name": words.text("Receiver's name", 60, required=True),
}
"""The billing provider (D-SUB-0); what an 837P asks beyond these shapes is checked with the whole."""
