"""Where a patient is by the clock: what was said of them, else what their state says. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

ZONES = (
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
    ("America/Puerto_Rico", "Atlantic"),
    ("Pacific/Guam", "Guam"),
)
"""The zones a patient may be in, with the names people say."""
NAMES = dict(ZONES)

_STATES = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
}
BY_STATE = {state: zone for zone, states in _STATES.items() for state in states.split()}
"""A state's zone, by where most of its people live."""
DIVIDED = frozenset(["AK", "FL", "ID", "IN", "KS", "KY", "MI", "ND", "NE", "NV", "OR", "SD", "TN", "TX"])
"""States with a second zone: the page says that it is the state's, not the patient's own."""


def zone_of(own: str, state: str, company: ZoneInfo) -> ZoneInfo:
    """The patient's zone: their own if it was said, else their state's, else the company's."""
    name = own or BY_STATE.get(state, "")
    return ZoneInfo(name) if name else company


def zone_is_sure(own: str, state: str) -> bool:
    """Whether the zone was said of the patient or follows from the state alone."""
    return bool(own) or (state in BY_STATE and state not in DIVIDED)
