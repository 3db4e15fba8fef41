"""Deductible Monitoring settings: validated, versioned, previewed (D-CONF-2…11) and the provider (D-SUB-0)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.steps import Refused
from deductibles.actions.moves import Invalid
from deductibles.actions.settings import preview_settings, save_provider, save_settings
from deductibles.models import BillingProvider, DeductibleSettings, settings_in_force
from tests.claim_line import PROVIDER, SETTINGS, Line, days, noon

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
AT = noon(days(1))


def test_saving_writes_a_new_version_and_leaves_the_old_one(line: Line) -> None:
    row = line.settings(dollar_threshold="$1,000.50")
    assert (row.version, row.dollar_threshold, row.guard_days) == (2, Decimal("1000.50"), 14)
    assert DeductibleSettings.objects.get(version=1).dollar_threshold == Decimal("100.00")


def test_a_stale_version_is_refused(line: Line) -> None:
    line.settings(version=1)
    with pytest.raises(Refused) as refused:
        line.settings(version=1)
    assert refused.value.code == "stale"


def test_amounts_default_to_zero_and_days_have_no_default(line: Line) -> None:
    row = save_settings(line.company, {"automatic": False}, by=line.admin, at=AT)
    assert (row.dollar_threshold, row.monitor_above, row.max_days) == (Decimal(0), Decimal(0), None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_days", None),
        ("max_days", 0),
        ("max_days", 366),
        ("max_days", "30.5"),
        ("dollar_threshold", "-1"),
        ("dollar_threshold", "NaN"),
        ("dollar_threshold", "1.000,00"),
        ("monitor_above", "1e3"),
        ("guard_days", "soon"),
        ("manual_days", 1000),
        ("automatic", "perhaps"),
        ("version", "x"),
    ],
)
def test_a_setting_out_of_range_is_refused_with_a_sentence_D_CONF_4(line: Line, field: str, value) -> None:
    with pytest.raises(Invalid) as refused:
        save_settings(line.company, {**SETTINGS, field: value}, by=line.admin, at=AT)
    assert set(refused.value.fields) == {field}
    assert settings_in_force(line.company.pk).version == 1


def test_manual_and_automatic_are_independent_D_CONF_8(line: Line) -> None:
    row = line.settings(automatic=False, max_days=None, manual=True, manual_days=9)
    assert (row.automatic, row.manual, row.manual_days) == (False, True, 9)


def test_enabling_is_refused_while_ar_boost_says_the_agency_is_off_D_CONF_9(line: Line) -> None:
    line.settings(automatic=False)
    line.vendor.script("*", agency=False)
    with pytest.raises(Refused, match="switched off for your agency"):
        line.settings(automatic=True)
    assert settings_in_force(line.company.pk).automatic is False


def test_only_an_admin_saves_settings(line: Line) -> None:
    with pytest.raises(Refused) as refused:
        save_settings(line.company, SETTINGS, by=line.biller, at=AT)
    assert refused.value.code == "role"


def test_the_preview_says_who_would_leave_and_who_would_be_held_D_CONF_10(line: Line) -> None:
    line.held(remaining="400.00")
    line.held(remaining="1500.00")
    line.complete(line.member(amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "90.00"}]))
    looser = preview_settings(line.company, {**SETTINGS, "dollar_threshold": "500.00"}, at=AT)
    assert (looser.released_tonight, looser.newly_held) == (1, 0)
    stricter = preview_settings(line.company, {**SETTINGS, "dollar_threshold": "50.00"}, at=AT)
    assert (stricter.released_tonight, stricter.newly_held) == (0, 1)
    assert stricter.by_payer == [{"payer": line.payer.name, "released_tonight": 0, "newly_held": 1}]
    assert settings_in_force(line.company.pk).version == 1, "a preview saves nothing"


def test_the_preview_counts_days_that_would_be_used_up(line: Line) -> None:
    line.held()
    found = preview_settings(line.company, {**SETTINGS, "max_days": 1}, at=AT)
    assert found.released_tonight == 1


def test_the_preview_is_what_the_night_then_does(line: Line) -> None:
    for remaining in ("300.00", "450.00", "700.00"):
        line.held(remaining=remaining)
    changed = {**SETTINGS, "dollar_threshold": "500.00"}
    expected = preview_settings(line.company, changed, at=AT).released_tonight
    line.settings(dollar_threshold="500.00")
    run = line.check(days(1))
    assert (run.released + run.timed_out, expected) == (2, 2)


def test_a_provider_that_an_837p_would_refuse_is_refused_D_SUB_0(line: Line) -> None:
    with pytest.raises(Invalid) as refused:
        save_provider(line.company, {**PROVIDER, "npi": "1234567890", "zip": "60601"}, by=line.admin, at=AT)
    assert {"npi", "zip"} <= set(refused.value.fields)
    assert BillingProvider.objects.count() == 1


def test_the_preview_takes_the_same_few_queries_however_many_claims(line: Line) -> None:
    taken = []
    for count in (3, 9):
        for _ in range(count):
            line.complete(line.member(amounts=[{"from": "2000-01-01", "annual": "1500", "remaining": "0"}]))
        with CaptureQueriesContext(connection) as made:
            preview_settings(line.company, {**SETTINGS, "dollar_threshold": "0"}, at=AT)
        taken.append(len(made))
    assert taken[0] == taken[1]
