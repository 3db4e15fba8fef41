"""The demo's teams, everybody's week, and the patients who live where the clocks show another time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Company, User
from accounts.team_actions import save_team, save_week
from config.demo.call import Call
from escalations.domain.callbacks import CALLBACK_TYPES
from patients import actions
from patients.models import Patient

_DAY, _EVENING = "08:00-12:00, 13:00-17:00", "12:00-16:00, 17:00-21:00"
_WORKDAYS = range(5)
TEAMS = {"Days": ("priya", ("ana", "priya")), "Evenings": ("maya", ("maya", "jonas"))}
"""Each team's lead and people, by username."""
WEEKS = {
    "ana": dict.fromkeys(_WORKDAYS, _DAY),
    "priya": dict.fromkeys(_WORKDAYS, _DAY),
    "maya": dict.fromkeys(_WORKDAYS, _EVENING),
    "jonas": {**dict.fromkeys((0, 1, 3, 4), _EVENING), 5: "10:00-14:00"},
    "sue": dict.fromkeys(_WORKDAYS, "09:00-18:00"),
}
"""Everybody's shifts, Monday 0; nobody is there on Sundays (R-CB-2)."""
PLACES: tuple[dict[str, str], ...] = (
    {"city": "Phoenix", "state": "AZ", "zip": "85004"},
    {"city": "Rochester", "state": "NY", "zip": "14604"},
    {"city": "El Paso", "state": "TX", "zip": "79901", "time_zone": "America/Denver"},
    {},
    {"city": "Honolulu", "state": "HI", "zip": "96813"},
    {"city": "Knoxville", "state": "TN", "zip": "37902"},
)
"""Where those live who are to be called back, in turn; the empty place is at home."""


def make_teams(company: Company, *, by: User, at: datetime) -> None:
    """The teams with their leads, and everybody's week."""
    people = {person.username: person for person in User.objects.filter(company=company)}
    for name, (lead, members) in TEAMS.items():
        chosen = [people[one] for one in members]
        save_team(None, name=name, lead=people[lead], members=chosen, by=by, at=at)
    for name, week in WEEKS.items():
        save_week(people[name], week, by=by, at=at)


def move_callers(patients: Sequence[Patient], calls: Sequence[Call], *, by: User, at: datetime) -> None:
    """Let patients who are to be called back live in several zones; they take the patients in turn."""
    firsts = [call for call in calls if call.again is None]
    places = iter(PLACES * len(firsts))
    for patient, call in zip(patients, firsts, strict=False):
        if call.type in CALLBACK_TYPES and (place := next(places)):
            actions.change_patient(patient, place, by=by, at=at)
