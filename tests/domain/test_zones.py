"""Where a patient is by the clock: said of them, else their state's, else the company's."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from patients.domain.intake import STATES, Wrong, time_zone
from patients.domain.zones import BY_STATE, NAMES, zone_is_sure, zone_of

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("own", "state", "zone", "sure"),
    [
        ("", "NY", "America/New_York", True),
        ("", "AZ", "America/Phoenix", True),
        ("", "TX", "America/Chicago", False),
        ("America/Denver", "TX", "America/Denver", True),
        ("", "", "America/Chicago", False),
        ("", "AE", "America/Chicago", False),
        ("Pacific/Guam", "", "Pacific/Guam", True),
    ],
)
def test_a_patients_zone(own: str, state: str, zone: str, sure: bool) -> None:
    assert zone_of(own, state, CHICAGO).key == zone
    assert zone_is_sure(own, state) is sure


def test_every_state_of_the_union_has_a_zone_with_a_name() -> None:
    abroad = {"AA", "AE", "AP", "AS"}
    assert BY_STATE.keys() == STATES - abroad
    assert set(BY_STATE.values()) <= NAMES.keys()


def test_a_zone_is_read_only_as_one_of_the_list() -> None:
    assert time_zone("America/Denver") == "America/Denver"
    assert time_zone("") == time_zone(None) == ""
    with pytest.raises(Wrong, match="as the state says"):
        time_zone("Europe/Paris")
