"""What the services of a claim lack: its diagnoses, its charges and the ambulance transport."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from deductibles.x12 import claim_codes as codes
from deductibles.x12 import claim_values as values
from deductibles.x12.claim_checks import (
    address_problems,
    choice_problems,
    date_problems,
    problem,
    text_problems,
)
from deductibles.x12.claim_parts import Ambulance, Charge, Claim, Problem

Found = Iterator[Problem]

_DOLLARS_OF_A_CLAIM = 10**8
_DOLLARS_OF_A_CHARGE = 10**7
_UNITS = 10**5
_MILES = 10**4
_POUNDS = 10**4


def not_before_birth_problems(field: str, label: str, day: date | None, claim: Claim) -> Found:
    """A problem when the patient was born after the service; absent dates are named elsewhere."""
    born = claim.patient.date_of_birth
    if day and born and day < born:
        text = f"Check {label} and the patient's date of birth: the service is before the birth."
        yield problem(field, "before_birth", text)


def diagnosis_problems(claim: Claim) -> Found:
    """What is wrong with the list of diagnoses (segment HI)."""
    if not claim.diagnoses:
        yield problem("diagnoses", "missing", "Add at least one diagnosis.")
    if len(claim.diagnoses) > codes.MOST_DIAGNOSES:
        text = f"Leave at most {codes.MOST_DIAGNOSES} diagnoses: there are {len(claim.diagnoses)}."
        yield problem("diagnoses", "too_many", text)
    cleaned = [values.clean_diagnosis(code) for code in claim.diagnoses]
    for place, code in enumerate(claim.diagnoses):
        if not values.is_diagnosis(values.clean_code(code)):
            text = f"Check diagnosis {place + 1}: an ICD-10 code looks like R55 or S72.001A."
            yield problem(f"diagnoses.{place}", "shape", text)
        elif cleaned[place] in cleaned[:place]:
            yield problem(
                f"diagnoses.{place}", "duplicate", f"Remove diagnosis {place + 1}: it is there already."
            )


def charge_problems(claim: Claim) -> Found:
    """What is wrong with the charges (loop 2400) and their total (CLM02)."""
    if not claim.charges:
        yield problem("charges", "missing", "Add at least one charge.")
        return
    if len(claim.charges) > codes.MOST_CHARGES:
        text = f"Leave at most {codes.MOST_CHARGES} charges on one claim: there are {len(claim.charges)}."
        yield problem("charges", "too_many", text)
    for place, charge in enumerate(claim.charges):
        yield from _charge(f"charges.{place}", f"charge {place + 1}", claim, charge)
    amounts = [charge.amount for charge in claim.charges]
    if all(values.fits(amount, places=2, below=_DOLLARS_OF_A_CHARGE) for amount in amounts):
        yield from _total(sum(amounts, Decimal(0)))


def _total(total: Decimal) -> Found:
    if total == 0:
        yield problem("charges", "zero", "Enter what the charges cost: their total is 0.00.")
    elif total >= _DOLLARS_OF_A_CLAIM:
        yield problem("charges", "range", "Split the claim: its total must stay below 100,000,000.00.")


def _charge(field: str, label: str, claim: Claim, charge: Charge) -> Found:
    if not values.is_procedure(values.clean_code(charge.code)):
        text = f"Check the code of {label}: a CPT or HCPCS code has five characters, such as A0427."
        yield problem(f"{field}.code", "shape", text)
    yield from _modifiers(field, label, charge)
    yield from _units_and_amount(field, label, charge)
    yield from _pointers(field, label, claim, charge)
    if charge.date_of_service is not None:
        day = f"the date of service of {label}"
        yield from date_problems(f"{field}.date_of_service", day, charge.date_of_service)
        yield from not_before_birth_problems(f"{field}.date_of_service", day, charge.date_of_service, claim)


def _modifiers(field: str, label: str, charge: Charge) -> Found:
    if len(charge.modifiers) > codes.MOST_MODIFIERS:
        text = f"Leave at most {codes.MOST_MODIFIERS} modifiers on {label}."
        yield problem(f"{field}.modifiers", "too_many", text)
    for place, modifier in enumerate(charge.modifiers):
        if not values.is_modifier(values.clean_code(modifier)):
            text = f"Check modifier {place + 1} of {label}: it has two letters or digits, such as RH."
            yield problem(f"{field}.modifiers.{place}", "shape", text)


def _units_and_amount(field: str, label: str, charge: Charge) -> Found:
    if not values.fits(charge.units, places=3, below=_UNITS) or not charge.units:
        text = f"Give the units of {label}: more than 0, less than 100,000, at most three decimal places."
        yield problem(f"{field}.units", "range", text)
    if not values.fits(charge.amount, places=2, below=_DOLLARS_OF_A_CHARGE):
        text = f"Give the amount of {label} in dollars and cents: 0.00 or more, less than 10,000,000.00."
        yield problem(f"{field}.amount", "range", text)


def _pointers(field: str, label: str, claim: Claim, charge: Charge) -> Found:
    pointers, where = charge.diagnosis_pointers, f"{field}.diagnosis_pointers"
    if not pointers:
        yield problem(where, "missing", f"Say which diagnosis {label} is for.")
    if len(pointers) > codes.MOST_POINTERS:
        yield problem(where, "too_many", f"Point {label} at no more than {codes.MOST_POINTERS} diagnoses.")
    if len(set(pointers)) < len(pointers):
        yield problem(where, "duplicate", f"Point {label} at each diagnosis once.")
    for pointer in pointers:
        if type(pointer) is not int or not 1 <= pointer <= len(claim.diagnoses):
            text = f"{label.capitalize()} points at diagnosis {pointer}, which the claim does not have."
            yield problem(where, "unknown", text)


def ambulance_problems(claim: Claim) -> Found:
    """What is wrong with the ambulance transport, or that places 41 and 42 come without one."""
    if claim.ambulance is None and values.clean_code(claim.place_of_service) in codes.AMBULANCE_PLACES:
        text = (
            "Enter the ambulance trip (reason, miles, pick-up, drop-off): the place of service asks for it."
        )
        yield problem("ambulance", "missing", text)
    if claim.ambulance:
        yield from _trip(claim.ambulance)


def _trip(trip: Ambulance) -> Found:
    yield from text_problems(
        "ambulance.reason", "the reason of the ambulance transport", trip.reason, longest=80
    )
    if not values.fits(trip.miles, places=1, below=_MILES):
        text = "Give the loaded miles of the trip: 0 or more, less than 10,000, at most one decimal place."
        yield problem("ambulance.miles", "range", text)
    weight = trip.patient_weight
    if weight is not None and not (values.fits(weight, places=2, below=_POUNDS) and weight):
        yield problem(
            "ambulance.patient_weight", "range", "Give the patient's weight in pounds, or leave it empty."
        )
    yield from _ambulance_words(trip)
    yield from address_problems("ambulance.pickup", "the pick-up", trip.pickup)
    yield from address_problems("ambulance.dropoff", "the drop-off", trip.dropoff)
    yield from _conditions(trip)


def _ambulance_words(trip: Ambulance) -> Found:
    for name, label, longest in (
        ("stretcher_purpose", "the purpose of the stretcher", 80),
        ("round_trip_purpose", "the purpose of the round trip", 80),
        ("dropoff_name", "the name of the drop-off", 60),
    ):
        text = getattr(trip, name)
        yield from text_problems(f"ambulance.{name}", label, text, longest=longest, required=False)


def _conditions(trip: Ambulance) -> Found:
    if len(set(trip.conditions)) > codes.MOST_CONDITIONS:
        text = f"Choose at most {codes.MOST_CONDITIONS} ambulance conditions."
        yield problem("ambulance.conditions", "too_many", text)
    for place, condition in enumerate(trip.conditions):
        label = f"ambulance condition {place + 1} from the list of codes 01, 04 to 09 and 12"
        field = f"ambulance.conditions.{place}"
        yield from choice_problems(field, label, condition, codes.AMBULANCE_CONDITIONS)
