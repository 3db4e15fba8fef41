"""The patient pages: what was typed is kept, what is wrong is said beside its field."""

import pytest

from patients.models import Patient
from tests.factories import PatientFactory

GOOD = {"first_name": "Casimir", "last_name": "Nowak", "date_of_birth": "03/14/1971", "sex": "M"}


def test_a_patient_is_added_and_the_ticket_is_gone_back_to(page_as, ana):
    answer = page_as(ana).post("/patients/new/", {**GOOD, "next": "/escalations/new/?type=itemized-bill"})
    patient = Patient.objects.get()
    assert answer.url == f"/escalations/new/?type=itemized-bill&patient={patient.pk}"


def test_a_next_address_elsewhere_is_not_followed(page_as, ana):
    answer = page_as(ana).post("/patients/new/", {**GOOD, "next": "https://evil.example/"})
    assert answer.url.startswith("/patients/")


def test_what_was_typed_is_kept_when_something_is_wrong(page_as, ana):
    answer = page_as(ana).post("/patients/new/", {**GOOD, "date_of_birth": "1971-02-30"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "1971-02-30" in page
    assert "Casimir" in page
    assert "not a date that exists" in page


@pytest.mark.parametrize("path", ["/patients/{}/", "/patients/{}/edit/"])
def test_another_companys_patient_is_not_there(page_as, ana, other, path):
    theirs = PatientFactory(company=other)
    assert page_as(ana).get(path.format(theirs.pk)).status_code == 404


def test_an_admin_is_told_which_role_is_needed(page_as, adam):
    answer = page_as(adam).get("/patients/")
    assert answer.status_code == 403
    assert "agent" in answer.content.decode()


def test_every_page_is_found_by_name_and_account(page_as, ana, acme):
    PatientFactory(company=acme, first_name="Emeka", last_name="Lindgren", account_number="Z-77")
    client = page_as(ana)
    for sought in ("lindg", "emeka lind", "z-77"):
        assert "Lindgren" in client.post("/patients/", {"q": sought}).content.decode()
    assert client.post("/patients/", {"q": "a\x00b"}).status_code == 200


def test_a_form_that_is_too_large_is_told_so(page_as, ana):
    sent = "first_name=" + "x" * 3_000_000
    answer = page_as(ana).post("/patients/new/", sent, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "larger than 2.5 MB" in answer.content.decode()
