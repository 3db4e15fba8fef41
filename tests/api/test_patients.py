"""Patients and payers by API: kept, refused with sentences, and never another company's."""

import pytest

from patients.models import Patient, PatientReading, PatientSearch
from tests.factories import PatientFactory

GOOD = {
    "first_name": "Casimir",
    "last_name": "Nowak",
    "date_of_birth": "1971-03-14",
    "sex": "M",
    "account_number": "004-118",
    "phone": "(312) 555-0147",
    "email": "casimir@example.com",
    "address": {"line1": "418 Larkspur Way", "city": "Evanston", "state": "il", "zip": "60201"},
}


def test_a_patient_is_created_read_found_and_changed(api, ana):
    client = api(ana)
    created = client.post("/api/v1/patients/", GOOD)
    assert created.status_code == 201, created.json()
    key = created.json()["id"]
    assert created.json()["phone"] == "3125550147"
    assert created.json()["address"]["state"] == "IL"
    found = client.get("/api/v1/patients/?q=nowak").json()["results"]
    assert [row["id"] for row in found] == [key]
    changed = client.patch(f"/api/v1/patients/{key}/", {"phone": "312-555-0199"})
    assert changed.json()["phone"] == "3125550199"
    assert changed.json()["first_name"] == "Casimir"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""),
        ("first_name", "<script>"),
        ("last_name", 7),
        ("last_name", ["x"]),
        ("last_name", "x" * 61),
        ("date_of_birth", "2026-02-30"),
        ("date_of_birth", "2999-01-01"),
        ("date_of_birth", "1700-01-01"),
        ("date_of_birth", None),
        ("sex", "X"),
        ("phone", "12"),
        ("phone", "٣١٢٥٥٥٠١٤٧"),
        ("email", "nobody"),
        ("state", "ZZ"),
        ("zip", "6060"),
        ("nickname", "x"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence_beside_its_field(api, ana, field, value):
    body = {**GOOD, "address": dict(GOOD["address"])}
    inner = field in {"state", "zip"}
    (body["address"] if inner else body)[field] = value
    answer = api(ana).post("/api/v1/patients/", body)
    assert answer.status_code == 400
    messages = answer.json()["fields"][f"address.{field}" if inner else field]
    assert messages[0]["message"].endswith(".")
    assert not Patient.objects.exists()


def test_the_same_account_number_twice_is_refused(api, ana):
    client = api(ana)
    client.post("/api/v1/patients/", GOOD)
    again = client.post("/api/v1/patients/", {**GOOD, "first_name": "Other"})
    assert again.status_code == 400
    assert "account_number" in again.json()["fields"]


def test_another_companys_patient_is_not_there(api, ana, other):
    theirs = PatientFactory(company=other)
    assert api(ana).get(f"/api/v1/patients/{theirs.pk}/").status_code == 404
    assert api(ana).patch(f"/api/v1/patients/{theirs.pk}/", {"phone": ""}).status_code == 404
    assert api(ana).get("/api/v1/patients/").json()["results"] == []


@pytest.mark.parametrize("key", ["0", "-1", "abc", "9" * 30, "1.5", "٣"])
def test_an_id_that_cannot_be_one_is_not_there(api, ana, key):
    assert api(ana).get(f"/api/v1/patients/{key}/").status_code == 404


def test_a_write_with_the_same_idempotency_key_is_done_once(api, ana):
    client = api(ana)
    first = client.post("/api/v1/patients/", GOOD, headers={"Idempotency-Key": "k1"})
    second = client.post("/api/v1/patients/", GOOD, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Patient.objects.count() == 1
    different = client.post("/api/v1/patients/", {**GOOD, "sex": "F"}, headers={"Idempotency-Key": "k1"})
    assert different.status_code == 409


def test_admins_see_no_patients_and_agents_no_payers(api, adam, ana):
    assert api(adam).get("/api/v1/patients/").status_code == 403
    refused = api(ana).get("/api/v1/payers/")
    assert refused.status_code == 403
    assert "biller" in refused.json()["message"]


def test_a_payer_keeps_its_overrides_and_null_means_the_companys(api, ben):
    client = api(ben)
    created = client.post(
        "/api/v1/payers/", {"name": "Northline Blue", "payer_id": "NB001", "dollar_threshold": "$1,000.50"}
    )
    assert created.status_code == 201, created.json()
    assert created.json()["dollar_threshold"] == "1000.50"
    assert created.json()["max_days"] is None


@pytest.mark.parametrize("amount", ["1.000,00", "1e3", "NaN", "-5", True, "1.234", "Infinity", {}, "１00"])
def test_money_that_is_not_dollars_and_cents_is_refused(api, ben, amount):
    body = {"name": "Northline", "payer_id": "NB001", "dollar_threshold": amount}
    answer = api(ben).post("/api/v1/payers/", body)
    assert answer.status_code == 400
    assert "dollar_threshold" in answer.json()["fields"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'"x"', b"NaN", b'{"a":1,"a":2}', b'{"q":"\\u0000"}'])
def test_a_body_that_is_no_json_object_is_400(api, ana, body):
    answer = api(ana).generic("POST", "/api/v1/patients/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "cursor", ["x", "cD1h", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "bz1hJnA9MQ==", "cj0xJnA9JTAw"]
)
def test_a_forged_cursor_is_not_there(api, ana, cursor):
    assert api(ana).get(f"/api/v1/patients/?cursor={cursor}").status_code == 404


def test_a_body_that_is_too_large_is_413_and_not_read_whole(api, ana):
    body = b'{"first_name": "' + b"x" * 3_000_000 + b'"}'
    answer = api(ana).generic("POST", "/api/v1/patients/", body, content_type="application/json")
    assert answer.status_code == 413
    assert "2.5 MB" in answer.json()["message"]


def test_a_change_sent_twice_with_one_key_is_done_once(api, ana, acme):
    patient = PatientFactory(company=acme)
    client, key = api(ana), {"Idempotency-Key": "change-1"}
    address = f"/api/v1/patients/{patient.pk}/"
    assert client.patch(address, {"address": {"city": "Peoria"}}, headers=key).status_code == 200
    assert client.patch(address, {"address": {"city": "Joliet"}}, headers=key).status_code == 409
    patient.refresh_from_db()
    assert patient.city == "Peoria"


def test_an_unknown_query_parameter_is_refused(api, ana, acme):
    patient = PatientFactory(company=acme)
    assert api(ana).get(f"/api/v1/patients/{patient.pk}/?bogus=1").status_code == 400


def test_nothing_of_a_patient_is_kept_by_a_shared_computer(api, page_as, ana, acme):
    patient = PatientFactory(company=acme)
    for answer in (
        page_as(ana).get(f"/patients/{patient.pk}/"),
        api(ana).get(f"/api/v1/patients/{patient.pk}/"),
    ):
        assert "no-store" in answer["Cache-Control"]


def test_a_search_answers_the_best_match_first_over_its_pages(api, ana, acme):
    for last_name in ("Novak", "Nowakowski", "Nowak"):
        PatientFactory(company=acme, first_name="A", last_name=last_name)
    client, found, address = api(ana), [], "/api/v1/patients/?q=nowak&page_size=1"
    while address:
        page = client.get(address).json()
        found += [row["last_name"] for row in page["results"]]
        address = page["next"]
    assert found == ["Nowak", "Nowakowski", "Novak"]


def test_reading_and_searching_by_api_are_kept(api, ana, acme):
    patient = PatientFactory(company=acme)
    client = api(ana)
    client.get(f"/api/v1/patients/{patient.pk}/")
    client.get("/api/v1/patients/?q=nobody")
    kept = PatientReading.objects.get()
    assert (kept.user, kept.patient, kept.door) == (ana, patient, "api")
    assert PatientSearch.objects.get().hits == 0


def test_refused_channels_are_read_only_and_shown_as_banners(api, ana, acme):
    """R-DNC-2."""
    patient = PatientFactory(company=acme, do_not_call=True)
    client, address = api(ana), f"/api/v1/patients/{patient.pk}/"
    shown = client.get(address).json()
    assert shown["do_not_contact"] == ["calls"]
    assert shown["banners"] == ["Do not contact by calls."]
    assert client.patch(address, {"do_not_contact": []}).status_code == 400


def test_the_banners_of_a_page_cost_no_query_each(api, ana, acme, django_assert_max_num_queries):
    for _ in range(30):
        PatientFactory(company=acme, do_not_call=True)
    client = api(ana)
    with django_assert_max_num_queries(8):
        assert len(client.get("/api/v1/patients/").json()["results"]) == 30
