"""Claims by API: entered, listed, changed, refused with everything named, never another company's."""

from __future__ import annotations

import pytest

from deductibles.models import Claim
from tests.api.claim_bodies import claim_body, provide
from tests.factories import PatientFactory, PayerFactory

URL = "/api/v1/claims/"


def test_a_claim_is_entered_as_a_draft_and_read_back(api, ben, acme, adam):
    provide(adam)
    body = claim_body(acme)
    created = api(ben).post(URL, body)
    assert created.status_code == 201, created.json()
    claim = created.json()
    assert claim["status"] == "draft"
    assert claim["status_label"] == "Draft"
    assert claim["problems"] == []
    assert claim["total"] == "1850.50"
    assert claim["charges"][1]["units"] == "12.5"
    assert claim["coverages"][0]["payer"] == body["coverages"][0]["payer"]
    assert "complete" in claim["steps"]
    read = api(ben).get(f"{URL}{claim['id']}/").json()
    assert read == claim


def test_a_draft_may_lack_things_and_names_all_of_them_at_once(api, ben, acme):
    body = claim_body(acme, diagnoses=[], charges=[], ambulance=None)
    claim = api(ben).post(URL, body).json()
    assert claim["status"] == "draft"
    lacking = {problem["field"].split(".")[0] for problem in claim["problems"]}
    assert {"provider", "diagnoses", "charges", "ambulance"} <= lacking
    assert {problem["rule"] for problem in claim["problems"]} == {"D-SUB-0", "D-SUB-1"}
    refused = api(ben).post(f"{URL}{claim['id']}/steps/", {"act": "complete"})
    assert refused.status_code == 400
    assert len(refused.json()["problems"]) == len(claim["problems"])
    assert set(refused.json()["fields"]) == {problem["field"] for problem in claim["problems"]}
    assert Claim.objects.get().status == "draft"


def test_a_draft_is_changed_and_a_stale_version_is_refused(api, ben, acme):
    client = api(ben)
    claim = client.post(URL, claim_body(acme)).json()
    changed = client.patch(f"{URL}{claim['id']}/", {"diagnoses": ["I10"], "version": claim["version"]})
    assert changed.status_code == 200, changed.json()
    assert changed.json()["diagnoses"] == ["I10"]
    assert changed.json()["charges"] == claim["charges"]
    stale = client.patch(f"{URL}{claim['id']}/", {"diagnoses": ["R55"], "version": claim["version"]})
    assert stale.status_code == 409
    assert stale.json()["code"] == "stale"


def test_the_list_is_filtered_by_status_patient_and_number(api, ben, acme):
    client = api(ben)
    first = client.post(URL, claim_body(acme)).json()
    second = client.post(URL, claim_body(acme)).json()
    client.post(f"{URL}{second['id']}/steps/", {"act": "void"})
    found = [row["id"] for row in client.get(URL).json()["results"]]
    assert found == [second["id"], first["id"]]
    for query in ("status=draft", f"patient={first['patient']}", f"q={first['number']}"):
        rows = client.get(f"{URL}?{query}").json()["results"]
        assert [row["id"] for row in rows] == [first["id"]], query


def test_a_write_with_the_same_idempotency_key_enters_one_claim(api, ben, acme):
    body, client = claim_body(acme), api(ben)
    first = client.post(URL, body, headers={"Idempotency-Key": "k1"})
    second = client.post(URL, body, headers={"Idempotency-Key": "k1"})
    assert first.json() == second.json()
    assert Claim.objects.count() == 1


@pytest.mark.parametrize("query", ["status=lost", "patient=x", "colour=red", "status=draft&status=hold"])
def test_an_unknown_filter_is_refused(api, ben, query):
    assert api(ben).get(f"{URL}?{query}").status_code == 400


@pytest.mark.parametrize("key", ["0", "-1", "abc", "9" * 30, "1.5", "٣", "1e3"])
def test_an_id_that_cannot_be_one_is_not_there(api, ben, key):
    client = api(ben)
    assert client.get(f"{URL}{key}/").status_code == 404
    assert client.patch(f"{URL}{key}/", {}).status_code == 404
    assert client.post(f"{URL}{key}/steps/", {"act": "void"}).status_code == 404
    assert client.post(f"{URL}{key}/eligibility/", {}).status_code == 404
    assert client.get(f"{URL}{key}/audit/").status_code == 404


def test_another_companys_claim_patient_and_payer_are_not_there(api, ben, bo, other, acme):
    theirs = api(bo).post(URL, claim_body(other)).json()
    client = api(ben)
    assert client.get(f"{URL}{theirs['id']}/").status_code == 404
    assert client.patch(f"{URL}{theirs['id']}/", {"diagnoses": []}).status_code == 404
    assert client.post(f"{URL}{theirs['id']}/steps/", {"act": "void"}).status_code == 404
    assert client.post(f"{URL}{theirs['id']}/eligibility/", {}).status_code == 404
    assert client.get(f"{URL}{theirs['id']}/audit/").status_code == 404
    assert client.get(URL).json()["results"] == []
    for stranger in ({"patient": PatientFactory(company=other)}, {"payer": PayerFactory(company=other)}):
        refused = client.post(URL, claim_body(acme, **stranger))
        assert refused.status_code == 404, stranger
    own = client.post(URL, claim_body(acme)).json()
    payer = {"act": "change_payer", "payer": str(PayerFactory(company=other).pk), "member_id": "TST1"}
    assert client.post(f"{URL}{own['id']}/steps/", payer).status_code == 404
    assert client.get(f"{URL}?patient={theirs['patient']}").status_code == 404
    assert client.patch(f"{URL}{own['id']}/", {"patient": theirs["patient"]}).status_code == 404
    assert Claim.objects.filter(company=acme).count() == 1


def test_supervisors_read_and_billers_alone_write(api, ben, sue, ana, adam, acme):
    claim = api(ben).post(URL, claim_body(acme)).json()
    one = f"{URL}{claim['id']}/"
    assert api(sue).get(one).status_code == 200
    assert api(sue).get(f"{one}audit/").status_code == 200
    for person in (ana, adam):
        assert api(person).get(URL).status_code == 403
        assert api(person).get(one).status_code == 403
    for person in (ana, adam, sue):
        assert api(person).post(URL, claim_body(acme)).status_code == 403
        assert api(person).post(f"{one}steps/", {"act": "void"}).status_code == 403
        assert api(person).post(f"{one}eligibility/", {}).status_code == 403


@pytest.mark.parametrize("rows", [25, 100])
def test_the_list_takes_the_same_few_queries_however_long(
    api, ben, acme, rows, django_assert_max_num_queries
):
    client = api(ben)
    claim = client.post(URL, claim_body(acme)).json()
    model = Claim.objects.get(pk=claim["id"])
    Claim.objects.bulk_create(
        Claim(
            company=acme,
            number=f"X-{index}",
            patient=model.patient,
            date_of_service=model.date_of_service,
            created_at=model.created_at,
            changed_at=model.changed_at,
        )
        for index in range(rows)
    )
    with django_assert_max_num_queries(8):
        assert len(client.get(URL).json()["results"]) == min(rows + 1, 100)
    with django_assert_max_num_queries(12):
        assert client.get(f"{URL}{claim['id']}/").status_code == 200
