"""Twenty-five values nobody means, in every field of a patient and a payer, by form and by API."""

from urllib.parse import urlencode

import pytest

from patients.models import Patient, Payer
from tests.hostile import HOSTILE, HOSTILE_TEXT, MEANINGLESS, as_json

PATIENT = {"first_name": "Casimir", "last_name": "Nowak", "date_of_birth": "1971-03-14", "sex": "M"}
ADDRESS = ["line1", "line2", "city", "state", "zip"]
CLOSED = {"date_of_birth", "sex", "phone", "email", "state", "zip"}
PAYER = {"name": "Northline Blue", "payer_id": "NB001"}
PAYER_CLOSED = {"kind", "filing_limit_days", "network", "max_days", "dollar_threshold", "monitor_above"}
FORM = "application/x-www-form-urlencoded"


def form(values):
    """A form's body, a lone surrogate as the three bytes a broken browser would send."""
    return urlencode(values, errors="surrogatepass")


@pytest.mark.parametrize("field", [*PATIENT, "account_number", "phone", "email", *ADDRESS, "address"])
def test_no_value_of_a_patient_breaks_the_api(api, ana, field):
    client = api(ana)
    for value in HOSTILE:
        body = {**PATIENT, "address": {field: value}} if field in ADDRESS else {**PATIENT, field: value}
        answer = client.generic("POST", "/api/v1/patients/", as_json(body), content_type="application/json")
        assert answer.status_code in (201, 400), f"{value!r:.60} answered {answer.status_code}"
        if field in CLOSED and any(value is bad for bad in MEANINGLESS):
            # 5 digits in another script, or a number, are no date, no phone and no ZIP either.
            assert answer.status_code == 400, f"{value!r:.60} was taken"
        if answer.status_code == 400:
            assert answer.json()["message"]


@pytest.mark.parametrize("field", [*PATIENT, "account_number", "phone", "email", *ADDRESS])
def test_no_value_of_a_patient_breaks_the_page(page_as, ana, field):
    client = page_as(ana)
    for value in HOSTILE_TEXT:
        answer = client.post("/patients/new/", form({**PATIENT, field: value}), content_type=FORM)
        # 409: with a harmless value it is the same person as the one before, which is asked about.
        assert answer.status_code in (302, 400, 409), f"{value!r:.60} answered {answer.status_code}"
        if answer.status_code == 400:
            assert b"Save patient" in answer.content or b"Back" in answer.content
    assert not Patient.objects.filter(first_name__contains="\x1b").exists()


@pytest.mark.parametrize("field", [*PAYER, *sorted(PAYER_CLOSED), "never_hold"])
def test_no_value_of_a_payer_breaks_the_api(api, ben, field):
    client = api(ben)
    for value in HOSTILE:
        Payer.objects.all().delete()
        body = as_json({**PAYER, field: value})
        answer = client.generic("POST", "/api/v1/payers/", body, content_type="application/json")
        assert answer.status_code in (201, 400), f"{value!r:.60} answered {answer.status_code}"
        if field in PAYER_CLOSED and any(value is bad for bad in MEANINGLESS):
            assert answer.status_code == 400, f"{value!r:.60} was taken"


@pytest.mark.parametrize("sought", HOSTILE_TEXT)
def test_no_search_breaks_the_patient_list(page_as, api, ana, sought):
    assert page_as(ana).post("/patients/", form({"q": sought}), content_type=FORM).status_code == 200
    found = api(ana).get(f"/api/v1/patients/?{form({'q': sought})}")
    assert found.status_code in (200, 400)
