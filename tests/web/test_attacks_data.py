"""What somebody tries who may not see patients: looking unseen, through lists and files, as the admin (trust)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from patients.models import PatientReading, PatientSearch
from tests.api.test_holds import hold_many
from tests.factories import PatientFactory
from tests.web.test_tables import HOLDS, TICKETS
from tests.world import make_world, share_view
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db


class TestReadingAPatientUnseen:
    """Whoever is shown a patient leaves a trace, by whatever door (trust)."""

    @pytest.fixture
    def patient(self, acme):
        return PatientFactory(company=acme, first_name="Ottilie", last_name="Lindgren")

    def _read(self, user, patient):
        return PatientReading.objects.filter(user=user, patient=patient).exists()

    def test_by_a_step_that_is_refused(self, page_as, ana, patient):
        ticket = file_ticket(ana, patient=patient.pk, at=datetime.now(UTC))
        page = page_as(ana).post(f"/escalations/{ticket.number}/steps/", {"act": "nonsense", "version": "1"})
        assert "Lindgren" in page.content.decode()
        assert self._read(ana, patient)

    def test_by_choosing_ids_on_the_filing_page(self, page_as, ana, patient):
        page = page_as(ana).get(f"/escalations/new/?patient={patient.pk}").content.decode()
        assert "Lindgren" in page and self._read(ana, patient)

    def test_by_the_advice_beside_the_filing_page(self, page_as, ana, patient):
        page_as(ana).post("/escalations/new/advice/", {"patient": patient.pk})
        assert self._read(ana, patient)

    def test_by_choosing_ids_on_the_claim_page(self, page_as, ben, patient):
        page = page_as(ben).get(f"/claims/new/?patient={patient.pk}").content.decode()
        assert "Lindgren" in page and self._read(ben, patient)

    def test_by_searching_on_the_filing_and_claim_pages(self, page_as, ana, ben, patient):
        page = page_as(ana).post("/escalations/new/", {"do": "find", "patient_q": "Lindgren"})
        assert "Ottilie" in page.content.decode()
        page = page_as(ben).post("/claims/new/", {"find": "1", "sought": "Lindgren"})
        assert "Ottilie" in page.content.decode()
        found = PatientSearch.objects.values_list("user__username", "hits")
        assert sorted(found) == [("ana", 1), ("ben", 1)]

    @pytest.mark.parametrize("extra", [{}, {"HTTP_HX_TARGET": "palette-found", "HTTP_HX_REQUEST": "true"}])
    def test_by_the_search_for_everything(self, page_as, ana, patient, extra):
        assert "Ottilie" in page_as(ana).post("/search/", {"q": "Lindgren"}, **extra).content.decode()
        assert PatientSearch.objects.get().hits == 1

    def test_by_asking_for_the_heading_only(self, page_as, ana, patient):
        page_as(ana).head(f"/patients/{patient.pk}/")
        assert self._read(ana, patient)

    def test_by_another_company_is_not_possible_at_all(self, page_as, otto, bo, patient):
        for person, path in (
            (otto, f"/escalations/new/?patient={patient.pk}"),
            (bo, f"/claims/new/?patient={patient.pk}"),
        ):
            assert "Lindgren" not in page_as(person).get(path).content.decode()
        for path in ("escalations/of-patient", "claims/of-patient", "patients"):
            assert page_as(otto).get(f"/{path}/{patient.pk}/").status_code in (403, 404), path


class TestAList:
    def test_never_shows_another_session_s_search(self, page_as, ana, sue):
        where = page_as(ana).post(TICKETS, {"q": "Lindgren"}).url
        assert "Lindgren" not in where
        for other in (sue, ana):
            assert "Lindgren" not in page_as(other).get(where).content.decode()

    def test_is_not_exported_by_who_may_not_read_it(self, page_as, ana, adam, otto, cast):
        view = share_view(cast["sue"], at=datetime.now(UTC))
        assert page_as(ana).post("/tables/holds/export/").status_code == 403
        assert page_as(adam).post("/tables/tickets/export/").status_code == 403
        assert page_as(otto).post("/tables/tickets/export/", {"view": view.pk}).status_code == 404

    def test_of_another_company_is_not_in_the_file(self, page_as, otto, ana, acme):
        patient = PatientFactory(company=acme, last_name="Lindgren")
        file_ticket(ana, patient=patient.pk, at=datetime.now(UTC))
        file = b"".join(page_as(otto).post("/tables/tickets/export/").streaming_content)
        assert b"Lindgren" not in file and file.count(b"\r\n") == 1

    @pytest.mark.parametrize(
        "name", ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "{{7*7}}"]
    )
    def test_shows_a_view_s_name_as_text(self, page_as, sue, acme, name):
        hold_many(acme, 1)
        client = page_as(sue)
        client.post("/tables/holds/views/save/", {"name": name, "shared": "yes"})
        for path in (HOLDS, "/tables/holds/views/"):
            page = client.get(path).content.decode()
            assert "<img src=x" not in page and "<script>alert" not in page

    @pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\u2066", "\ufeff", "\x07"])
    def test_takes_no_name_with_signs_nobody_sees(self, page_as, sue, sign):
        answer = page_as(sue).post("/tables/tickets/views/save/", {"name": f"Late{sign}ones"})
        assert answer.status_code == 400


class TestTheAdministrator:
    """Adam keeps the house and reads no patient (the roles' table)."""

    def test_finds_no_patient_anywhere(self, page_as, adam, cast, acme):
        world = make_world(cast)
        PatientFactory(company=acme, first_name="Ottilie", last_name="Lindgren")
        client, key = page_as(adam), world.rows["patients"]
        for path in (
            f"/patients/{key}/",
            f"/escalations/of-patient/{key}/",
            f"/claims/of-patient/{key}/",
            f"/escalations/{world.numbers['escalations']}/",
            f"/claims/{world.numbers['claims']}/",
            f"/claims/submissions/{world.rows['submissions']}/",
            "/api/v1/patients/",
            "/api/v1/escalations/",
            "/api/v1/claims/",
            "/api/v1/holds/",
        ):
            assert client.get(path).status_code == 403, path
        for extra in ({}, {"HTTP_HX_TARGET": "palette-found"}):
            page = client.post("/search/", {"q": "Lindgren"}, **extra).content.decode()
            assert "Ottilie" not in page
        assert client.post("/search/", {"q": world.numbers["claims"]}).status_code == 200, (
            "no way past the role"
        )
