"""The Hold for Deductible page: its lines and filters, queueing and clearing many, and only on Yes."""

from __future__ import annotations

import re

import pytest

from deductibles.models import Claim, Hold
from tests.api.claim_bodies import switch_on
from tests.api.test_holds import hold_many
from tests.hostile import HOSTILE_TEXT
from tests.web.test_claims import sent

URL = "/claims/hold-for-deductible/"


@pytest.fixture
def held(acme):
    return hold_many(acme, 3)


def _numbers(page):
    return [number for number in ("C-1", "C-2", "C-3") if f">{number}<" in page]


def _headers(page):
    cells = re.findall(r"<th[^>]*scope=\"col\"[^>]*>(.*?)</th>", page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def test_the_page_shows_its_columns_word_for_word_D_PAGE_2(page_as, ben, held):
    page = page_as(ben).get(URL).content.decode()
    headers = _headers(page)
    for label in (
        "Claim number",
        "Patient",
        "Payer",
        "Monitoring started",
        "Days remaining on hold",
        "Release date",
        "Annual",
        "Remaining",
        "Last check",
        "Next check",
        "Queued claim",
        "Queued reason",
        "Clear queue",
        "Queue for submission",
    ):
        assert any(header == label or header.endswith(f" {label}") for header in headers), (label, headers)
    assert _numbers(page) == ["C-1", "C-2", "C-3"]
    assert "1,112.40" in page


def test_released_lines_stay_until_they_are_cleared_D_PAGE_1(page_as, ben, held):
    client = page_as(ben)
    client.post(f"{URL}queue/", {"queue": [held[0].pk]})
    assert _numbers(client.get(URL).content.decode()) == ["C-1", "C-2", "C-3"]
    client.post(f"{URL}clear/", {"clear": [held[0].pk], "confirm": "yes"})
    assert _numbers(client.get(URL).content.decode()) == ["C-2", "C-3"]


def test_an_empty_page_says_what_comes_and_where_monitoring_is_switched_on_D_PAGE_7(page_as, ben, acme):
    page = page_as(ben).get(URL).content.decode()
    assert "Nothing is on hold" in page
    assert "Automated deductible monitoring is off." in page
    assert '#settings">Settings → Configuration → Deductible Monitoring</a>' in page
    switch_on(acme)
    assert "monitoring is off" not in page_as(ben).get(URL).content.decode()


def test_ticked_lines_are_queued_and_those_that_changed_come_back_by_number(page_as, ben, held):
    client = page_as(ben)
    client.post(f"{URL}queue/", {"queue": [held[0].pk]})
    answer = client.post(f"{URL}queue/", {"queue": [row.pk for row in held]}, follow=True)
    page = answer.content.decode()
    assert "2 claims queued for submission." in page
    assert "1 claim left as it was. C-1: It changed meanwhile" in page
    assert "Manually queued" in page


def test_nothing_ticked_is_said_and_does_nothing(page_as, ben, held):
    answer = page_as(ben).post(f"{URL}queue/", {})
    assert answer.status_code == 400
    assert "Nothing was ticked" in answer.content.decode()


def test_what_was_ticked_for_the_other_button_is_named(page_as, ben, held):
    answer = page_as(ben).post(f"{URL}queue/", {"clear": [held[0].pk]})
    assert answer.status_code == 400
    assert "What was ticked stands under Clear queue" in answer.content.decode()


def test_only_yes_clears_D_CLR_4(page_as, ben, held):
    client = page_as(ben)
    ids = [row.pk for row in held]
    client.post(f"{URL}queue/", {"queue": ids})
    asked = client.post(f"{URL}clear/", {"clear": ids})
    assert asked.status_code == 200
    page = asked.content.decode()
    assert "Clear 3 claims from the queue?" in page
    assert 'value="yes"' in page
    assert Hold.objects.filter(cleared_at=None).count() == 3
    client.post(f"{URL}clear/", {"clear": ids, "confirm": "no"})
    assert Hold.objects.filter(cleared_at=None).count() == 3
    client.post(f"{URL}clear/", {"clear": ids, "confirm": "yes"})
    assert not Hold.objects.filter(cleared_at=None).exists()
    assert Claim.objects.filter(status="queued").count() == 3


def test_queued_lines_are_taken_back(page_as, ben, held):
    client = page_as(ben)
    client.post(f"{URL}queue/", {"queue": [held[0].pk]})
    client.post(f"{URL}unqueue/", {"clear": [held[0].pk]})
    assert Claim.objects.filter(status="hold").count() == 3


def test_all_that_match_are_queued_with_the_filters_in_force(page_as, ben, acme, held):
    others = hold_many(acme, 2, first=50)
    typed = {"all": "queue", "payer": others[0].payer_id}
    answer = page_as(ben).post(f"{URL}queue/", typed)
    assert answer.url == f"{URL}?payer={others[0].payer_id}"
    assert set(Claim.objects.filter(status="queued").values_list("number", flat=True)) == {"C-50", "C-51"}


def test_a_search_by_number_holds_for_all_that_match(page_as, ben, held):
    page_as(ben).post(f"{URL}queue/", {"all": "queue", "q": held[0].claim.number})
    assert list(Claim.objects.filter(status="queued")) == [held[0].claim]


@pytest.mark.parametrize("path", ["queue/", "unqueue/", "clear/"])
def test_all_that_match_a_search_that_is_gone_is_nobodys_wish(page_as, ben, held, path):
    """Without the search more would match than the person saw."""
    box = "queue" if path == "queue/" else "clear"
    for typed in ({"s": "forgotten"}, {"s": "forgotten", "confirm": "yes"}):
        answer = page_as(ben).post(f"{URL}{path}", {"all": box, **typed})
        assert answer.status_code == 409 and "Search again" in answer.content.decode()
    assert Claim.objects.filter(status="hold").count() == 3


def test_more_than_5000_are_taken_in_two_goes_and_the_page_says_so(page_as, ben, acme):
    hold_many(acme, 5001)
    answer = page_as(ben).post(f"{URL}queue/", {"all": "queue"}, follow=True)
    assert (
        "5,000 claims queued for submission. These were the first 5,000 that match" in answer.content.decode()
    )
    assert Claim.objects.filter(status="hold").count() == 1


def test_filters_stand_in_the_address_and_are_taken_away_one_by_one(page_as, ben, held):
    client = page_as(ben)
    page = client.get(f"{URL}?claim=C-2&queued=no").content.decode()
    assert _numbers(page) == ["C-2"]
    assert f'href="{URL}?queued=no"' in page
    assert "Nothing matches" in client.get(f"{URL}?queued=yes").content.decode()
    assert client.get(f"{URL}?ordering=-remaining").status_code == 200


@pytest.mark.parametrize(
    "name", ["claim", "kind", "queued", "reason", "payer", "q", "release_before", "ordering"]
)
def test_a_hostile_filter_is_left_out_and_said(page_as, ben, held, name):
    client = page_as(ben)
    for value in HOSTILE_TEXT:
        plain = value.encode("utf-8", "replace").decode()
        answer = client.get(URL, {name: plain})
        assert answer.status_code in (200, 400), (name, plain[:40])
        if answer.status_code == 400:
            assert "This filter was left out." in answer.content.decode()


@pytest.mark.parametrize("act", ["queue", "unqueue", "clear"])
def test_hostile_ticks_change_nothing(page_as, ben, held, act):
    client = page_as(ben)
    for value in HOSTILE_TEXT:
        answer = sent(client, f"{URL}{act}/", {"queue": value, "clear": value, "confirm": "yes"})
        assert answer.status_code in (400, 404), (act, value[:40])
    assert Claim.objects.filter(status="hold").count() == 3


def test_another_companys_lines_are_not_there(page_as, ben, acme, other, held):
    theirs = hold_many(other, 1, first=900)
    client = page_as(ben)
    assert "C-900" not in client.get(URL).content.decode()
    for act in ("queue", "unqueue", "clear"):
        typed = {"queue": [theirs[0].pk], "clear": [theirs[0].pk], "confirm": "yes"}
        assert client.post(f"{URL}{act}/", typed).status_code == 404


def test_supervisors_look_without_boxes(page_as, sue, adam, held):
    page = page_as(sue).get(URL).content.decode()
    assert 'name="queue"' not in page
    assert page_as(sue).post(f"{URL}queue/", {"queue": [held[0].pk]}).status_code == 403
    assert page_as(adam).get(URL).status_code == 403


@pytest.mark.parametrize("rows", [25, 100])
def test_the_page_takes_the_same_few_queries_however_long(
    page_as, ben, acme, rows, django_assert_max_num_queries
):
    hold_many(acme, rows)
    client = page_as(ben)
    client.get(URL)  # what a process keeps from its first request is not the page's
    with django_assert_max_num_queries(8):
        page = client.get(URL).content.decode()
    assert page.count('name="queue"') == rows


@pytest.mark.parametrize("by", ["number", "patient", "payers"])
def test_a_search_takes_as_few_queries_as_the_page(page_as, ben, acme, by, django_assert_max_num_queries):
    lines = hold_many(acme, 25)
    claim = lines[0].claim
    text = {"number": claim.number, "patient": claim.patient.last_name, "payers": lines[0].payer.name[:2]}[by]
    client = page_as(ben)
    found = client.post(URL, {"q": text}).url
    client.get(found)
    with django_assert_max_num_queries(8):
        page = client.get(found).content.decode()
    assert f">{claim.number}<" in page
