"""The pages of back-tests: begin one, leave it and come back, read what came out, take it away."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from deductibles.models import BackTest, settings_in_force
from deductibles.worth import back_running
from tables.models import Export
from tests.api.claim_bodies import TODAY, switch_on
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]
LIST = "/claims/holding/back-test/"
TYPED = {
    "from_on": "2025-01-01", "until_on": f"{TODAY}", "max_days": "15", "dollar_threshold": "250",
    "monitor_above": "1,000",
}  # fmt: skip


@pytest.fixture
def done(world: World) -> BackTest:
    return BackTest.objects.get(pk=world.rows["holding/back-test"])


def test_the_form_begins_with_the_numbers_in_force_and_a_typed_one_is_tried(
    page_as: Any, ben: User, world: World
) -> None:
    switch_on(world.company)
    ben_at = page_as(ben)
    shown = ben_at.get(LIST).content.decode()
    force = settings_in_force(world.company.pk)
    assert f'value="{force.dollar_threshold:.2f}"' in shown and f'value="{force.max_days}"' in shown
    answer = ben_at.post(LIST, TYPED, follow=True)
    page = answer.content.decode()
    assert "Tried: 15 days at most, threshold $250.00, annual $1,000.00 or more." in page
    assert "Both beside each other" in page and "What cannot be known" in page


def test_the_list_reads_nothing_of_payers_that_were_not_tried(page_as: Any, ben: User, world: World) -> None:
    ben_at = page_as(ben)
    with CaptureQueriesContext(connection) as captured:
        page = ben_at.get(LIST).content.decode()
    assert "days at most, threshold" in page
    (read,) = [one["sql"] for one in captured if 'FROM "deductibles_backtest"' in one["sql"]]
    assert '"deductibles_backtest"."terms",' not in read and "result" not in read


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong(page_as: Any, ben: User) -> None:
    answer = page_as(ben).post(LIST, {**TYPED, "max_days": "400", "own_monitor_above": "5.005"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="400"' in page and 'value="1,000"' in page and 'value="5.005"' in page
    assert "must be a whole number from 1 to 365" in page and "two decimal places at most" in page


def test_numbers_that_contradict_each_other_are_tried_and_the_page_says_so(page_as: Any, ben: User) -> None:
    answer = page_as(ben).post(
        LIST, {**TYPED, "dollar_threshold": "3000", "monitor_above": "500"}, follow=True
    )
    assert "are never held" in answer.content.decode()


def test_one_under_way_can_be_left_and_returned_to_cancelled_and_run_again(
    page_as: Any, ben: User, sue: User, done: BackTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_running, "AT_ONCE", -1)
    ben_at, sue_at = page_as(ben), page_as(sue)
    answer = ben_at.post(LIST, TYPED)
    url = answer["Location"]
    page = ben_at.get(url).content.decode()
    assert "Waiting for a worker." in page and 'hx-trigger="every 3s"' in page
    assert "The same back-test is under way already" in sue_at.post(LIST, TYPED, follow=True).content.decode()
    assert "Cancelled" in sue_at.post(url, {"do": "cancel"}, follow=True).content.decode()
    late = ben_at.post(url, {"do": "cancel"})
    assert late.status_code == 409 and "This back-test is over" in late.content.decode()
    again = ben_at.post(url, {"do": "again"})
    assert again.status_code == 302 and again["Location"] != url
    half = ben_at.post(url, {"do": "?"})
    assert half.status_code == 400 and "did not arrive whole" in half.content.decode()


def test_more_than_three_are_refused_with_a_way_on(
    page_as: Any, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_running, "AT_ONCE", -1)
    ben_at = page_as(ben)
    for days in ("10", "11", "12"):
        assert ben_at.post(LIST, {**TYPED, "max_days": days}).status_code == 302
    answer = ben_at.post(LIST, {**TYPED, "max_days": "13"})
    assert answer.status_code == 409
    assert "or cancel one." in answer.content.decode() and 'value="13"' in answer.content.decode()


def test_a_time_without_claims_says_so_and_leads_back_to_what_was_typed(
    page_as: Any, ben: User, world: World
) -> None:
    row = BackTest.objects.get(pk=world.rows["holding/back-test"])
    row.pk, row.result = None, {**row.result, "claims": 0}
    row.save()
    page = page_as(ben).get(f"{LIST}{row.pk}/").content.decode()
    assert "No claim was decided in this time" in page and f"?again={row.pk}" in page
    again = page_as(ben).get(f"{LIST}?again={row.pk}").content.decode()
    assert f'value="{row.from_on}"' in again and 'value="300.00"' in again


def test_an_admin_opens_the_numbers_in_the_settings_and_nothing_is_saved_by_that(
    page_as: Any, adam: User, ben: User, done: BackTest
) -> None:
    switch_on(done.company)
    before = settings_in_force(done.company_id).version
    adam_at = page_as(adam)
    assert (
        f"/settings/deductible-monitoring/?back_test={done.pk}"
        in adam_at.get(f"{LIST}{done.pk}/").content.decode()
    )
    page = adam_at.get(f"/settings/deductible-monitoring/?back_test={done.pk}").content.decode()
    assert (
        'value="20"' in page and 'value="300.00"' in page and "Numbers of a back-test, not saved yet" in page
    )
    assert settings_in_force(done.company_id).version == before
    assert "back_test=" not in page_as(ben).get(f"{LIST}{done.pk}/").content.decode()


def test_it_is_taken_away_as_files_and_who_took_them_is_kept(
    page_as: Any, ben: User, adam: User, done: BackTest
) -> None:
    url = f"{LIST}{done.pk}/file/"
    table = b"".join(page_as(ben).post(url, {"of": "table"})).decode()
    claims = b"".join(page_as(ben).post(url, {"of": "claims"})).decode()
    assert "Median days held" in table and "20 days at most" in table
    assert claims.count("\n") == done.result["claims"] + 1 and "C-" in claims
    assert list(Export.objects.order_by("pk").values_list("table", "rows")) == [
        ("back-test-table", table.count("\n") - 2),
        ("back-test-claims", done.result["claims"]),
    ]
    assert page_as(adam).post(url, {"of": "claims"}).status_code == 403
    assert page_as(ben).post(url, {"of": "?"}).status_code == 400
    BackTest.objects.filter(pk=done.pk).update(emptied_at=done.finished_at)
    gone = page_as(ben).post(url, {"of": "claims"})
    assert gone.status_code == 409 and "not kept any more" in gone.content.decode()


def test_another_companys_back_test_is_not_there(page_as: Any, bo: User, olga: User, done: BackTest) -> None:
    for somebody in (bo, olga):
        assert page_as(somebody).get(f"{LIST}{done.pk}/").status_code == 404
    assert page_as(olga).get(f"{LIST}?again={done.pk}").content.decode().count('value="300.00"') == 0
    strange = page_as(olga).get(f"/settings/deductible-monitoring/?back_test={done.pk}").content.decode()
    assert "Numbers of a back-test" not in strange
