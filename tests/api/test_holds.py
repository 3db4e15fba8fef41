"""Holds by API: listed with every field and filter, queued, taken back and cleared many at a time."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest

from deductibles.models import Claim, Coverage, Hold
from tests.api.claim_bodies import NOW, TODAY, switch_on
from tests.factories import PatientFactory, PayerFactory
from tests.hostile import HOSTILE, MEANINGLESS

URL = "/api/v1/holds/"
FIELDS = {
    "id",
    "claim",
    "claim_number",
    "patient",
    "payer",
    "kind",
    "started_on",
    "release_on",
    "days_remaining",
    "next_check_on",
    "annual",
    "remaining",
    "queued",
    "reason",
    "reason_code",
    "clearable",
    "queueable",
}


def hold_many(company, count, *, first=1, **changes):
    """Held claims made in bulk; ``changes`` are laid over each hold."""
    patient, payer = PatientFactory(company=company), PayerFactory(company=company)
    settings = switch_on(company)
    claims = Claim.objects.bulk_create(
        Claim(
            company=company,
            number=f"C-{first + index}",
            patient=patient,
            payer=payer,
            date_of_service=TODAY,
            status="hold",
            total="850.00",
            created_at=NOW,
            changed_at=NOW,
        )
        for index in range(count)
    )
    coverages = Coverage.objects.bulk_create(
        Coverage(company=company, claim=claim, rank="primary", payer=payer, member_id=f"M{claim.pk}")
        for claim in claims
    )
    plain = {
        "kind": "automatic",
        "started_on": TODAY,
        "anchor_on": TODAY,
        "release_on": TODAY + timedelta(days=45),
        "next_check_on": TODAY + timedelta(days=7),
        "annual": "1500.00",
        "remaining": "1112.40",
        "settings": settings,
    }
    return Hold.objects.bulk_create(
        Hold(
            company=company,
            claim=claim,
            coverage=coverage,
            payer=payer,
            **{
                **plain,
                "release_on": TODAY + timedelta(days=45 + index % 9),
                **changes,
            },
        )
        for index, (claim, coverage) in enumerate(zip(claims, coverages, strict=True))
    )


@pytest.fixture
def held(acme):
    return hold_many(acme, 3)


def test_a_line_has_every_field(api, ben, held):
    rows = api(ben).get(URL).json()["results"]
    assert set(rows[0]) >= FIELDS
    assert [row["claim_number"] for row in rows] == ["C-1", "C-2", "C-3"]
    assert rows[0]["days_remaining"] == 45
    assert (rows[0]["queueable"], rows[0]["clearable"], rows[0]["queued"]) == (True, False, False)
    assert (rows[0]["annual"], rows[0]["reason"]) == ("1500.00", "")


def test_lines_are_queued_taken_back_and_cleared(api, ben, held):
    client = api(ben)
    ids = [str(row.pk) for row in held]
    assert client.post(f"{URL}queue/", {"ids": ids, "expected_count": 3}).json() == {"done": 3, "skipped": []}
    row = client.get(URL).json()["results"][0]
    assert (row["queued"], row["reason"], row["reason_code"]) == (True, "Manually queued", "Manually Queued")
    assert (row["queueable"], row["clearable"]) == (False, True)
    assert client.post(f"{URL}unqueue/", {"ids": ids[:1]}).json()["done"] == 1
    again = client.post(f"{URL}queue/", {"ids": ids}).json()
    assert again["done"] == 1
    assert {one["claim"] for one in again["skipped"]} == {"C-2", "C-3"}
    assert client.post(f"{URL}clear/", {"ids": ids[1:]}).json()["done"] == 2
    assert [row["id"] for row in client.get(URL).json()["results"]] == ids[:1]
    assert Claim.objects.filter(status="queued").count() == 3


def test_a_suspended_claim_is_not_cleared_and_says_why(api, ben, held):
    answer = api(ben).post(f"{URL}clear/", {"ids": [held[0].pk]}).json()
    assert answer["done"] == 0
    assert "suspended and unpaid" in answer["skipped"][0]["why"]


def test_a_filter_acts_on_exactly_the_lines_it_lists(api, ben, acme, held):
    client = api(ben)
    limit = (TODAY + timedelta(days=47)).isoformat()
    listed = client.get(f"{URL}?release_before={limit}").json()["results"]
    assert len(listed) == 2
    wrong = client.post(f"{URL}queue/", {"filter": {"release_before": limit}, "expected_count": 3})
    assert wrong.status_code == 409
    assert Claim.objects.filter(status="queued").count() == 0
    done = client.post(f"{URL}queue/", {"filter": {"release_before": limit}, "expected_count": 2})
    assert done.json()["done"] == 2


def test_5001_lines_are_all_refused_and_5000_are_done(api, ben, acme):
    rows = hold_many(acme, 5001)
    client = api(ben)
    too_many = client.post(f"{URL}queue/", {"ids": [row.pk for row in rows]})
    assert too_many.status_code == 400
    assert "5,000" in too_many.json()["fields"]["ids"][0]["message"]
    assert client.post(f"{URL}queue/", {"filter": {}}).status_code == 400
    assert not Claim.objects.filter(status="queued").exists()
    done = client.post(f"{URL}queue/", {"ids": [row.pk for row in rows[:5000]]})
    assert done.json() == {"done": 5000, "skipped": []}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=automatic", 4),
        ("kind=manual", 0),
        ("queued=true", 1),
        ("queued=false", 3),
        ("queueable=true", 3),
        ("queueable=false", 1),
        ("clearable=true", 1),
        ("clearable=false", 3),
        ("reason=Manually%20queued", 1),
        ("reason=Manually%20Queued", 1),
        ("reason=Time%20elapsed", 0),
        ("reason=Deductible%20Met%20Threshold", 0),
        ("reason=Unknown", 0),
        ("q=C-2", 1),
        ("claim=C-3", 1),
        ("q=nobody", 0),
    ],
)
def test_every_filter_keeps_what_it_says(api, ben, acme, query, found):
    rows = hold_many(acme, 4)
    client = api(ben)
    client.post(f"{URL}queue/", {"ids": [rows[0].pk]})
    assert len(client.get(f"{URL}?{query}").json()["results"]) == found


def test_lines_are_filtered_by_claim_and_payer_id(api, ben, acme, held):
    client = api(ben)
    assert len(client.get(f"{URL}?claim={held[0].claim_id}").json()["results"]) == 1
    assert len(client.get(f"{URL}?payer={held[0].payer_id}").json()["results"]) == 3
    another = PayerFactory(company=acme)
    assert client.get(f"{URL}?payer={another.pk}").json()["results"] == []


@pytest.mark.parametrize(
    "ordering",
    ["release_on", "-release_on", "next_check_on", "-annual", "remaining", "-claim_number", "payer"],
)
def test_pages_by_cursor_show_every_line_once_in_order(api, ben, acme, ordering):
    hold_many(acme, 7)
    hold_many(acme, 4, first=100, kind="manual", release_on=None, annual=None, remaining=None)
    client, seen, back = api(ben), [], []
    url = f"{URL}?ordering={ordering}&page_size=3"
    while url:
        page = client.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url, last = page["next"], page
    assert len(seen) == len(set(seen)) == 11
    url = last["previous"]
    back = [row["id"] for row in last["results"]]
    while url:
        page = client.get(url).json()
        back = [row["id"] for row in page["results"]] + back
        url = page["previous"]
    assert back == seen


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "bm9uc2Vuc2U=", "٣", "W251bGwsIDEsIHRydWVd" * 20, "WyJ4IiwxLGZhbHNlXQ"]
)
def test_a_forged_cursor_is_not_there(api, ben, held, cursor):
    assert api(ben).get(URL, {"cursor": cursor}).status_code == 404


@pytest.mark.parametrize(
    "name", ["kind", "queued", "queueable", "clearable", "reason", "payer", "release_before"]
)
def test_a_hostile_filter_is_refused_with_a_sentence(api, ben, held, name):
    client = api(ben)
    for value in ("x" * 500, "NaN", "-5", "'; DROP", "2026-02-30", "٣", "{}", "\x00"):
        answer = client.get(URL, {name: value})
        assert answer.status_code == 400, (name, value)
        body = client.post(f"{URL}queue/", {"filter": {name: value}})
        assert body.status_code == 400, (name, value)
    assert Claim.objects.filter(status="hold").count() == 3


@pytest.mark.parametrize("act", ["queue", "unqueue", "clear"])
@pytest.mark.parametrize("field", ["ids", "filter", "expected_count"])
def test_a_hostile_bulk_body_changes_nothing(api, ben, held, act, field):
    client = api(ben)
    for value in MEANINGLESS:
        body = {"ids": [held[0].pk], field: value} if field != "filter" else {"filter": value}
        if isinstance(value, str) and "\ud800" in value:
            continue
        answer = client.post(f"{URL}{act}/", body)
        assert answer.status_code in (400, 404, 409), (field, str(value)[:40], answer.status_code)
    for value in HOSTILE:
        if not (isinstance(value, str) and "\ud800" in value):
            assert client.post(f"{URL}{act}/", {"ids": [value]}).status_code in (400, 404)
    assert client.post(f"{URL}{act}/", {}).status_code == 400
    assert client.post(f"{URL}{act}/", {"ids": [1], "filter": {}}).status_code == 400
    assert Claim.objects.filter(status="hold").count() == 3


def test_another_companys_lines_are_not_there(api, ben, acme, other, held):
    theirs = hold_many(other, 1, first=900)
    client = api(ben)
    for act in ("queue", "unqueue", "clear"):
        answer = client.post(f"{URL}{act}/", {"ids": [held[0].pk, theirs[0].pk]})
        assert answer.status_code == 404
    assert "C-900" not in str(client.get(URL).json())
    assert not Claim.objects.filter(status="queued").exists()


def test_supervisors_look_and_billers_act(api, sue, ana, adam, held):
    assert api(sue).get(URL).status_code == 200
    for person in (ana, adam):
        assert api(person).get(URL).status_code == 403
    for person in (ana, adam, sue):
        assert api(person).post(f"{URL}queue/", {"ids": [held[0].pk]}).status_code == 403


@pytest.mark.parametrize("rows", [25, 100])
def test_the_list_takes_the_same_few_queries_however_long(
    api, ben, acme, rows, django_assert_max_num_queries
):
    hold_many(acme, rows)
    client = api(ben)
    with django_assert_max_num_queries(8):
        assert len(client.get(URL).json()["results"]) == rows


@pytest.mark.parametrize("name", ["claim", "payer"])
def test_a_filter_by_what_is_not_there_or_anothers_is_not_found(api, ben, acme, other, name):
    hold_many(acme, 1)
    (theirs,) = hold_many(other, 1)
    for key in (getattr(theirs, f"{name}_id"), 999_999_999):
        assert api(ben).get(f"{URL}?{name}={key}").status_code == 404
        bulk = {"filter": {name: str(key)}}
        assert api(ben).post(f"{URL}queue/", bulk).status_code == 404
    assert Hold.objects.filter(active=True).count() == 2


@pytest.mark.parametrize(
    ("ordering", "value"),
    [("patient", "\ud800"), ("annual", "1E-99999"), ("annual", "NaN"), ("release_on", "soon"), ("id", "x")],
)
def test_a_cursor_of_somebodys_making_is_not_found(api, ben, acme, ordering, value):
    hold_many(acme, 1)
    made = base64.urlsafe_b64encode(json.dumps([value, 5, False]).encode()).decode().rstrip("=")
    assert api(ben).get(URL, {"ordering": ordering, "cursor": made}).status_code == 404
