"""The patient pages: what was typed is kept, what is wrong is said beside its field."""

import re

import pytest
from django.db import connection

from patients.models import Patient, PatientReading, PatientSearch
from tests.factories import PatientFactory
from tests.world import make_world

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


def test_with_nothing_sought_the_patients_one_read_last_are_shown(page_as, ana, acme):
    read, unread = PatientFactory(company=acme, last_name="Readby"), PatientFactory(company=acme)
    client = page_as(ana)
    assert "Nobody read yet" in client.get("/patients/").content.decode()
    client.get(f"/patients/{read.pk}/")
    page = client.get("/patients/").content.decode()
    assert "Readby" in page
    assert f"/patients/{unread.pk}/" not in page


def test_a_search_is_kept_without_what_was_typed(page_as, ana, acme):
    PatientFactory(company=acme, last_name="Lindgren")
    page_as(ana).post("/patients/", {"q": "lindgren"})
    search = PatientSearch.objects.get()
    assert (search.user, search.hits) == (ana, 1)
    assert "lindgren" not in str(vars(search)).lower()


def test_names_that_are_nearly_right_stand_apart(page_as, ana, acme):
    PatientFactory(company=acme, last_name="Kowalczyk")
    page = page_as(ana).post("/patients/", {"q": "Kowalzcyk"}).content.decode()
    assert "Nobody is spelled so" in page
    assert "Kowalczyk" in page


@pytest.mark.parametrize("name", ["ana", "sue"])
def test_who_read_a_patient_is_shown_to_supervisors_only(page_as, cast, acme, name):
    patient = PatientFactory(company=acme)
    page_as(cast["ben"]).get(f"/patients/{patient.pk}/")
    page = page_as(cast[name]).get(f"/patients/{patient.pk}/").content.decode()
    assert ("Ben Example" in page) == (name == "sue")
    assert ("Read by" in page) == (name == "sue")


def test_a_reading_that_cannot_be_kept_is_no_reading(page_as, ana, acme):
    """I5: a failed audit insert fails the reading."""
    patient = PatientFactory(company=acme, last_name="Unseen")
    client = page_as(ana)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE patients_patientreading ADD CONSTRAINT never CHECK (door = 'x') NOT VALID"
        )
    answer = client.get(f"/patients/{patient.pk}/")
    assert answer.status_code == 500
    assert "Unseen" not in answer.content.decode()


@pytest.mark.parametrize(("name", "tickets", "claims"), [("ana", 1, 0), ("ben", 1, 1), ("sue", 1, 1)])
def test_the_page_asks_only_for_panels_its_reader_may_see(page_as, cast, acme, name, tickets, claims):
    patient = PatientFactory(company=acme)
    page = page_as(cast[name]).get(f"/patients/{patient.pk}/").content.decode()
    assert page.count(f'hx-get="/escalations/of-patient/{patient.pk}/" hx-trigger="load"') == tickets
    assert page.count(f'hx-get="/claims/of-patient/{patient.pk}/" hx-trigger="load"') == claims
    assert (f'href="/escalations/of-patient/{patient.pk}/"' in page) == bool(tickets)


@pytest.mark.parametrize("path", ["/escalations/of-patient/{}/", "/claims/of-patient/{}/"])
def test_a_panel_is_a_part_for_the_page_and_a_page_for_itself(page_as, sue, acme, path):
    patient = PatientFactory(company=acme)
    client = page_as(sue)
    part = client.get(path.format(patient.pk), headers={"HX-Request": "true"}).content.decode()
    assert "so far." in part
    assert "<html" not in part
    assert "Back to the patient" in client.get(path.format(patient.pk)).content.decode()
    assert PatientReading.objects.filter(patient=patient, user=sue).count() == 1


def test_a_tickets_and_a_claims_number_find_their_patient(page_as, cast):
    world = make_world(cast)
    patient = Patient.objects.get(pk=world.rows["patients"])
    client = page_as(cast["sue"])
    cases = [world.numbers[kind] for kind in ("escalations", "claims", "callbacks")]
    for number in (*cases, world.numbers["escalations"].removeprefix("E-").lower()):
        assert f"/patients/{patient.pk}/" in client.post("/patients/", {"q": number}).content.decode(), number
    panel = client.get(f"/escalations/of-patient/{patient.pk}/").content.decode()
    assert world.numbers["escalations"] in panel
    assert world.numbers["claims"] in client.get(f"/claims/of-patient/{patient.pk}/").content.decode()
    theirs = page_as(cast["otto"]).post("/patients/", {"q": world.numbers["escalations"]}).content.decode()
    assert "No patient found" in theirs


def test_the_same_name_and_birth_is_asked_about_and_may_be_added(page_as, ana, acme):
    twin = PatientFactory(company=acme, first_name="CASIMIR", last_name="Nowak", date_of_birth="1971-03-14")
    client = page_as(ana)
    asked = client.post("/patients/new/", {**GOOD, "next": "/escalations/new/"})
    page = asked.content.decode()
    assert asked.status_code == 409
    assert "Is this the same person?" in page
    assert f'href="/escalations/new/?patient={twin.pk}"' in page
    assert Patient.objects.count() == 1
    assert client.post("/patients/new/", {**GOOD, "known": str(twin.pk)}).status_code == 302
    assert Patient.objects.count() == 2


def test_of_two_who_change_a_patient_the_second_sees_both_and_decides(page_as, ana, sue, acme):
    patient = PatientFactory(company=acme, first_name="Casimir", last_name="Nowak")
    address = f"/patients/{patient.pk}/edit/"
    page_as(sue).post(address, {**GOOD, "version": "1", "phone": "312-555-0101"})
    client = page_as(ana)
    answer = client.post(address, {**GOOD, "version": "1", "phone": "312-555-0102"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Sue Example changed this" in page
    assert "3125550101" in page and "312-555-0102" in page
    assert client.post(address, {**GOOD, "version": "2", "phone": "312-555-0102"}).status_code == 302
    patient.refresh_from_db()
    assert patient.phone == "3125550102"


def test_a_change_that_came_in_part_saves_nothing(page_as, ana, acme):
    patient = PatientFactory(company=acme, city="Chicago")
    answer = page_as(ana).post(f"/patients/{patient.pk}/edit/", GOOD)
    assert answer.status_code == 400
    patient.refresh_from_db()
    assert patient.city == "Chicago"


def test_a_refused_channel_stands_on_the_page_and_in_the_list(page_as, ana, acme):
    """R-DNC-2."""
    patient = PatientFactory(company=acme, last_name="Nowak")
    client = page_as(ana)
    sent = {"do": "refuse", "channels": ["calls"], "reason": "Asked us <b>never</b> to ring"}
    assert client.post(f"/patients/{patient.pk}/contact/", sent).status_code == 302
    page = client.get(f"/patients/{patient.pk}/").content.decode()
    assert "Do not contact by calls." in page
    assert "&lt;b&gt;never&lt;/b&gt;" in page
    assert "no calls" in client.post("/patients/", {"q": "nowak"}).content.decode()


def test_lifting_a_refusal_is_a_supervisors_act(page_as, ana, sue, acme):
    """R-DNC-3."""
    patient = PatientFactory(company=acme, do_not_mail=True)
    sent = {"do": "allow", "channels": ["mail"], "reason": "Moved, and wants letters again"}
    refused = page_as(ana).post(f"/patients/{patient.pk}/contact/", sent)
    assert refused.status_code == 403
    assert "supervisor" in refused.content.decode()
    assert page_as(sue).post(f"/patients/{patient.pk}/contact/", sent).status_code == 302
    patient.refresh_from_db()
    assert patient.do_not_contact == []


def test_a_refusal_without_a_reason_keeps_what_was_chosen(page_as, ana, acme):
    patient = PatientFactory(company=acme)
    answer = page_as(ana).post(
        f"/patients/{patient.pk}/contact/", {"do": "refuse", "channels": ["mail", "fax"]}
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Reason is missing" in page
    assert "Say which channel" in page
    assert re.search(r'<input[^>]*value="mail"[^>]*checked', page)


def test_reading_a_ticket_and_a_claim_is_kept_as_reading_its_patient(cast, page_as, api):
    """Trust: the ticket page and the claim page show the patient, so who opened them is kept."""
    world = make_world(cast)
    ticket, claim = world.rows["escalations"], world.rows["claims"]
    page_as(cast["sue"]).get(f"/escalations/{world.numbers['escalations']}/")
    page_as(cast["ben"]).get(f"/claims/{world.numbers['claims']}/")
    assert set(PatientReading.objects.values_list("user__username", "door")) == {
        ("sue", "ticket"),
        ("ben", "claim"),
    }
    api(cast["ana"]).get(f"/api/v1/escalations/{ticket}/")
    api(cast["sue"]).get(f"/api/v1/claims/{claim}/")
    doors = set(PatientReading.objects.values_list("user__username", "door"))
    assert {("ana", "ticket"), ("sue", "claim")} <= doors


def test_a_new_patient_begins_in_the_first_name_and_can_be_left_for_the_ticket(page_as, ana):
    page = page_as(ana).get("/patients/new/", {"next": "/escalations/new/?type=x"}).content.decode()
    begun = [tag for tag in page.split("<") if " autofocus" in tag]
    assert len(begun) == 1
    assert 'name="first_name"' in begun[0]
    assert 'href="/escalations/new/?type=x"' in page


def test_a_new_patient_leads_nowhere_else(page_as, ana):
    page = page_as(ana).get("/patients/new/", {"next": "https://elsewhere.example/"}).content.decode()
    assert "//elsewhere.example" not in page
    assert 'href="/patients/"' in page


def test_where_a_patient_is_by_the_clock_is_typed_shown_and_compared(acme, ana, sue, page_as):
    patient = PatientFactory(company=acme, state="TX")
    client, address = page_as(ana), f"/patients/{patient.pk}/edit/"
    shown = client.get(f"/patients/{patient.pk}/").content.decode()
    assert "Time there" in shown and "Central" in shown and "a second zone" in shown
    form = client.get(address)
    body = {name: form.context["form"][name].value() for name in form.context["form"].fields}
    assert client.post(address, {**body, "time_zone": "America/Denver", "version": "1"}).status_code == 302
    shown = client.get(f"/patients/{patient.pk}/").content.decode()
    assert "Mountain" in shown and "a second zone" not in shown
    late = page_as(sue).post(address, {**body, "time_zone": "", "version": "1"})
    assert late.status_code == 409
    assert "Mountain" in late.content.decode() and "as the state says" in late.content.decode()
    wrong = client.post(address, {**body, "time_zone": "Europe/Paris", "version": "2"})
    assert wrong.status_code == 400 and "Time zone must be empty" in wrong.content.decode()


def test_a_patients_zone_is_read_and_written_by_api(acme, ana, api):
    patient = PatientFactory(company=acme)
    address = f"/api/v1/patients/{patient.pk}/"
    assert api(ana).get(address).json()["time_zone"] == ""
    assert (
        api(ana).patch(address, {"time_zone": "Pacific/Honolulu"}).json()["time_zone"] == "Pacific/Honolulu"
    )
    for bad in ("Europe/Paris", 7, ["x"], "\x00"):
        assert api(ana).patch(address, {"time_zone": bad}).status_code == 400
    assert api(ana).patch(address, {"time_zone": ""}).json()["time_zone"] == ""
