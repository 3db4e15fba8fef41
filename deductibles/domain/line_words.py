"""What the marks of a deductible line mean, in words a biller uses (D-CLM-4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deductibles.domain import kept_lines
from deductibles.x12.eligibility import Described

LEVELS = {
    "IND": "Individual",
    "FAM": "Family",
    "EMP": "Employee only",
    "ESP": "Employee and spouse",
    "ECH": "Employee and children",
    "E1D": "Employee and one dependent",
    "CHD": "Children only",
    "DEP": "Dependents only",
    "SPC": "Spouse and children",
    "SPO": "Spouse only",
    "": "Not named",
}
NETWORKS = {
    "Y": "In network",
    "N": "Out of network",
    "W": "In and out of network",
    "U": "Network unknown",
    "": "No network named",
}
TIMES = {
    "22": "Annual, service year",
    "23": "Annual, calendar year",
    "24": "Already met, year to date",
    "25": "Annual, contract",
    "26": "Episode",
    "27": "Visit",
    "28": "Outlier",
    "29": "Remaining",
    "30": "Exceeded",
    "31": "Not exceeded",
    "32": "Lifetime",
    "33": "Lifetime remaining",
    "": "No time period",
}
SERVICES = {
    "1": "medical care",
    "2": "surgical",
    "30": "health plan",
    "33": "chiropractic",
    "35": "dental",
    "47": "hospital",
    "48": "hospital, inpatient",
    "50": "hospital, outpatient",
    "59": "ambulance",
    "86": "emergency services",
    "88": "pharmacy",
    "98": "office visit",
    "AL": "vision",
    "MH": "mental health",
    "UC": "urgent care",
}
INSURANCE = {
    "12": "Medicare secondary",
    "C1": "commercial",
    "HM": "HMO",
    "HN": "HMO, Medicare risk",
    "IN": "indemnity",
    "MA": "Medicare Part A",
    "MB": "Medicare Part B",
    "MC": "Medicaid",
    "OT": "other",
    "PR": "PPO",
    "PS": "point of service",
}


def level(marks: Described) -> str:
    """Whose deductible it is."""
    return LEVELS.get(marks.level, f"Level {marks.level}")


def network(marks: Described) -> str:
    """Inside or outside the payer's network."""
    return NETWORKS.get(marks.network, f"Network mark {marks.network}")


def time(marks: Described) -> str:
    """What the amount is: annual, remaining, already met."""
    return TIMES.get(marks.time, f"Time period {marks.time}")


def service(marks: Described) -> str:
    """Service types by number and, where it is known, by name: "30 health plan, 98 office visit"."""
    named = (f"{code} {SERVICES[code]}" if code in SERVICES else code for code in marks.service)
    return ", ".join(named) or "none"


def more(marks: Described) -> list[str]:
    """What narrows the line besides: insurance type, plan, procedure, circumstance, message."""
    insurance = INSURANCE.get(marks.insurance, f"insurance type {marks.insurance}") if marks.insurance else ""
    procedure = f"procedure {marks.procedure}" if marks.procedure else ""
    narrowed = (f"only {text}" for text in marks.circumstances)
    message = f"“{marks.message.capitalize()}”" if marks.message else ""
    return [part for part in (insurance, marks.plan, procedure, *narrowed, message) if part]


def whole(marks: Described) -> str:
    """The line in one phrase: "Remaining, individual, out of network, service type 30 health plan"."""
    first = [time(marks), level(marks).lower(), network(marks).lower(), f"service type {service(marks)}"]
    return ", ".join([*first, *more(marks)])


def deductible_type(reading: Mapping[str, Any]) -> str:
    """Whose deductible the amounts of a reading are (D-X12-10): the pinned line's level, else what came."""
    pinned = kept_lines.pinned_line(reading)
    if pinned is not None:
        return f"{level(pinned)}, pinned"
    individual = (reading.get("individual") or {}).get("annual")
    family = (reading.get("family") or {}).get("annual")
    if individual and family:
        return "Individual and family, annual"
    return "Family, annual" if family else "Individual, annual"
