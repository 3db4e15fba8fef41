"""Places of service as a biller chooses them; the ambulance ones first."""

from __future__ import annotations

from deductibles.x12.claim import PLACES_OF_SERVICE

_NAMES = {
    "41": "Ambulance, land",
    "42": "Ambulance, air or water",
    "02": "Telehealth, not at home",
    "10": "Telehealth, at home",
    "11": "Office",
    "12": "Home",
    "13": "Assisted living",
    "15": "Mobile unit",
    "19": "Off-campus outpatient hospital",
    "20": "Urgent care",
    "21": "Inpatient hospital",
    "22": "On-campus outpatient hospital",
    "23": "Emergency room",
    "24": "Ambulatory surgical center",
    "31": "Skilled nursing facility",
    "32": "Nursing facility",
    "33": "Custodial care",
    "34": "Hospice",
    "50": "Federally qualified health center",
    "51": "Inpatient psychiatric facility",
    "61": "Inpatient rehabilitation",
    "65": "Dialysis facility",
    "72": "Rural health clinic",
    "81": "Independent laboratory",
    "99": "Other",
}
_FIRST = [code for code in ("41", "42") if code in PLACES_OF_SERVICE]
_NAMED = sorted(code for code in PLACES_OF_SERVICE if code in _NAMES and code not in _FIRST)
_BARE = sorted(code for code in PLACES_OF_SERVICE if code not in _NAMES)

PLACES = [(code, f"{code} {_NAMES[code]}") for code in (*_FIRST, *_NAMED)] + [(code, code) for code in _BARE]
"""Code and words of every place of service an 837P may name."""


def place_name(code: str) -> str:
    """Code and words of one place: ``41 Ambulance, land``."""
    return f"{code} {_NAMES[code]}" if code in _NAMES else code
