"""The page that marks a patient with an application for Compassionate Care, and where the mark is seen."""

from datetime import UTC, datetime

import pytest

from deductibles.actions.claims import create_claim
from patients import actions
from patients.models import PatientMark, PatientReading
from tests.api.claim_bodies import claim_body
from tests.factories import PatientFactory
from tests.hostile import HOSTILE_TEXT
from tests.world_rows import file_ticket

NOW = datetime.now(UTC)
SAID = "Compassionate Care application under way."
MARK = {"do": "mark", "kind": "compassionate_care", "reason": "Applied on Monday"}
LIFT = {"do": "lift", "kind": "compassionate_care", "reason": "Approved on 1 June"}


@pytest.fixture
def casimir(acme):
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak", account_number="004-118")


@pytest.fixture
def marked(ana, casimir):
    actions.mark_patient(casimir, MARK["kind"], reason=MARK["reason"], by=ana, at=NOW)
    return casimir


def _page(client, address, **options):
    answer = client.get(address, **options)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_patient_is_marked_and_the_page_of_the_patient_says_so(page_as, ana, casimir):
    client = page_as(ana)
    assert "No application is known." in _page(client, f"/patients/{casimir.pk}/")
    answer = client.post(f"/patients/{casimir.pk}/marks/", MARK)
    assert answer.url == f"/patients/{casimir.pk}/"
    page = _page(client, answer.url)
    assert SAID in page and "Applied on Monday. Recorded" in page and "by Ana Example" in page
    assert "No claim is stopped meanwhile (R-STOP-2)." in page
    assert "An application is under way." in page


def test_the_mark_is_seen_wherever_the_patient_appears(page_as, cast, api, ben, marked):
    """R-STOP-2: list, search, palette, ticket panel, claim, claim form, API; each costs no more for it."""
    claim = create_claim(claim_body(marked.company, patient=marked), by=ben, at=NOW)
    ana, sue = page_as(cast["ana"]), page_as(cast["sue"])
    assert "care application" in ana.post("/patients/", {"q": "nowak"}).content.decode()
    ana.get(f"/patients/{marked.pk}/")
    assert "care application" in _page(ana, "/patients/"), "the patients one read last"
    assert SAID in ana.post("/search/", {"q": "nowak"}).content.decode(), "the answer card"
    rows = sue.post("/search/", {"q": "nowak"}, headers={"HX-Request": "true", "HX-Target": "palette-found"})
    assert rows.content.decode().count("care application") == 2, "the palette's answer and its row"
    assert SAID in _page(ana, f"/escalations/of-patient/{marked.pk}/")
    assert SAID in _page(sue, f"/claims/of-patient/{marked.pk}/")
    assert SAID in _page(page_as(ben), f"/claims/{claim.number}/")
    assert SAID in _page(page_as(ben), f"/claims/new/?patient={marked.pk}")
    told = api(cast["ana"]).get(f"/api/v1/patients/{marked.pk}/").json()
    assert told["banners"] == [SAID]
    listed = api(cast["ana"]).get("/api/v1/patients/").json()["results"]
    assert [one["banners"] for one in listed] == [[SAID]]


def test_whoever_came_from_the_filing_form_goes_back_to_it(page_as, ana, casimir):
    client, form = page_as(ana), "/escalations/new/?type=stop-claim"
    page = _page(client, f"/patients/{casimir.pk}/marks/?next={form}")
    assert f'name="next" value="{form}"' in page
    answer = client.post(f"/patients/{casimir.pk}/marks/", {**MARK, "next": form})
    assert answer.url == f"{form}&patient={casimir.pk}"


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_nobody_is_led_elsewhere(page_as, ana, casimir, next_):
    client = page_as(ana)
    page = client.get(f"/patients/{casimir.pk}/marks/", {"next": next_}).content.decode()
    main = page.partition("<main")[2].partition("</main>")[0]
    assert "Back to the patient" in main and "evil" not in main and 'name="next"' not in main
    answer = client.post(f"/patients/{casimir.pk}/marks/", {**MARK, "next": next_})
    assert answer.url == f"/patients/{casimir.pk}/"


def test_what_was_typed_is_kept_when_something_is_wrong(page_as, ana, casimir):
    client = page_as(ana)
    answer = client.post(
        f"/patients/{casimir.pk}/marks/", {**MARK, "reason": "", "next": "/escalations/new/"}
    )
    page = answer.content.decode()
    assert answer.status_code == 400 and "Reason is missing" in page
    assert 'value="/escalations/new/"' in page, "the way back is kept too"
    answer = client.post(f"/patients/{casimir.pk}/marks/", {**MARK, "reason": "y" * 301})
    assert answer.status_code == 400 and "y" * 301 in answer.content.decode()
    answer = client.post(f"/patients/{casimir.pk}/marks/", {**MARK, "kind": "vip"})
    assert answer.status_code == 400 and 'value="Applied on Monday"' in answer.content.decode()
    assert not PatientMark.objects.exists()


@pytest.mark.parametrize("reason", HOSTILE_TEXT)
def test_a_hostile_reason_is_refused_or_shown_as_text(page_as, ana, casimir, reason):
    client = page_as(ana)
    sent = {**MARK, "reason": reason.encode("utf-8", "replace").decode()}
    answer = client.post(f"/patients/{casimir.pk}/marks/", sent)
    assert answer.status_code in (302, 400)
    page = _page(client, f"/patients/{casimir.pk}/") + _page(client, f"/patients/{casimir.pk}/marks/")
    assert "<script>alert" not in page


def test_two_clicks_mark_once_and_say_so(page_as, ana, sue, casimir):
    address = f"/patients/{casimir.pk}/marks/"
    page_as(ana).post(address, MARK)
    answer = page_as(sue).post(address, {**MARK, "reason": "Heard it from the clinic"}, follow=True)
    assert "marked already, by Ana Example. That mark stays" in answer.content.decode()
    assert PatientMark.objects.get().reason == "Applied on Monday"


def test_lifting_is_a_supervisors_act(page_as, ana, sue, marked):
    address = f"/patients/{marked.pk}/marks/"
    page = _page(page_as(ana), address)
    assert "Only a supervisor may lift this" in page and "Lift the mark" not in page
    refused = page_as(ana).post(address, LIFT)
    assert refused.status_code == 403 and "supervisor" in refused.content.decode()
    client = page_as(sue)
    assert "Lift the mark" in _page(client, address)
    assert client.post(address, LIFT).status_code == 302
    assert SAID not in _page(client, f"/patients/{marked.pk}/")


def test_the_second_supervisor_is_told_that_it_is_lifted(page_as, sue, marked):
    client, address = page_as(sue), f"/patients/{marked.pk}/marks/"
    client.post(address, LIFT)
    answer = client.post(address, {**LIFT, "reason": "Denied"})
    assert answer.status_code == 409
    assert "nothing to lift" in answer.content.decode()


def test_what_was_recorded_before_is_told_newest_first(page_as, sue, marked):
    client, address = page_as(sue), f"/patients/{marked.pk}/marks/"
    client.post(address, LIFT)
    client.post(address, {**MARK, "reason": "Applied once more"})
    page = _page(client, address)
    assert page.index("Applied once more") < page.rindex("Applied on Monday")
    assert "by Sue Example: Approved on 1 June" in page


def test_another_companys_patient_has_no_page_of_marks(page_as, otto, bo, casimir):
    for person in (otto, bo):
        client = page_as(person)
        assert client.get(f"/patients/{casimir.pk}/marks/").status_code == 404
        assert client.post(f"/patients/{casimir.pk}/marks/", MARK).status_code == 404
    assert not PatientMark.objects.exists()


def test_reading_the_marks_is_reading_the_patient(page_as, ana, casimir):
    _page(page_as(ana), f"/patients/{casimir.pk}/marks/")
    assert PatientReading.objects.get().user == ana


class TestWhatATicketMakesSeen:
    """R-WO-3: a ticket that runs forbids a sentence; R-STOP-2: it tells of an application."""

    DO_NOT_SAY = "Do not tell the patient that the balance is $0."

    @pytest.fixture
    def ticket(self, ana, casimir):
        ticket = file_ticket(ana, patient=casimir.pk, at=NOW)
        ticket.__class__.objects.filter(pk=ticket.pk).update(marks=["do_not_say"], type_name="WO Code Error")
        return ticket

    def _shown(self, client, casimir):
        return self.DO_NOT_SAY in _page(client, f"/patients/{casimir.pk}/")

    def test_filing_an_unexplained_write_off_forbids_the_sentence(self, page_as, api, ana, casimir):
        said = {
            "type": "wo-code-error",
            "channel": "phone",
            "caller": "patient",
            "patient": str(casimir.pk),
            "answers": {
                "code": "QX7",
                "judgement": "uncommon",
                "history_reviewed": True,
                "balance_zero": True,
                "note_explains": False,
            },
            "acknowledged": ["R-WO-3"],
        }
        answer = api(ana).post("/api/v1/escalations/", said)
        assert answer.status_code == 201, answer.json()
        page = _page(page_as(ana), f"/patients/{casimir.pk}/")
        assert self.DO_NOT_SAY in page
        assert f"{answer.json()['number']}, WO Code Error, is still open." in page
        assert self.DO_NOT_SAY in api(ana).get(f"/api/v1/patients/{casimir.pk}/").json()["banners"]

    def test_it_goes_when_the_ticket_is_resolved_and_comes_back_when_it_is_reopened(
        self, page_as, sue, casimir, ticket
    ):
        client, steps = page_as(sue), f"/escalations/{ticket.number}/steps/"
        assert self._shown(client, casimir)
        client.post(steps, {"act": "wait", "reason": "patient"})
        assert self._shown(client, casimir), "a ticket that waits still runs"
        client.post(steps, {"act": "resolve", "outcome": "Itemized bill sent"})
        assert not self._shown(client, casimir)
        client.post(steps, {"act": "reopen", "reason": "Code is back"})
        assert self._shown(client, casimir)

    def test_two_such_tickets_are_told_in_one_banner(self, page_as, ana, casimir, ticket):
        other = file_ticket(ana, patient=casimir.pk, at=NOW)
        other.__class__.objects.filter(pk=other.pk).update(marks=["do_not_say", "alarm"])
        page = _page(page_as(ana), f"/patients/{casimir.pk}/")
        assert page.count(self.DO_NOT_SAY) == 1
        assert f"{ticket.number}, WO Code Error; and {other.number}, Itemized Bill, are still open." in page

    def test_a_ticket_may_tell_of_an_application_too_and_the_mark_is_not_said_twice(
        self, page_as, ana, casimir, ticket
    ):
        ticket.__class__.objects.filter(pk=ticket.pk).update(marks=["compassionate_care"])
        page = _page(page_as(ana), f"/patients/{casimir.pk}/")
        assert SAID in page and f"{ticket.number}, WO Code Error, is still open. No claim is stopped" in page
        actions.mark_patient(casimir, MARK["kind"], reason=MARK["reason"], by=ana, at=NOW)
        page = _page(page_as(ana), f"/patients/{casimir.pk}/")
        assert page.count(SAID) == 1 and "Applied on Monday." in page

    def test_the_alarm_and_a_ticket_of_somebody_else_say_nothing_here(
        self, page_as, ana, acme, casimir, ticket
    ):
        ticket.__class__.objects.filter(pk=ticket.pk).update(marks=["alarm"])
        assert "Do not tell" not in _page(page_as(ana), f"/patients/{casimir.pk}/")
        ticket.__class__.objects.filter(pk=ticket.pk).update(marks=["do_not_say"])
        neighbour = PatientFactory(company=acme)
        assert "Do not tell" not in _page(page_as(ana), f"/patients/{neighbour.pk}/")

    def test_the_marked_tickets_are_found_by_their_own_index(self, casimir, ticket):
        from django.db import connection

        from escalations.patient_banners import marked_tickets

        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            # On a table of one row every index costs the same: those of other lists are taken away until the end.
            cursor.execute(
                "DROP INDEX ticket_running, ticket_running_by_due, ticket_by_patient, ticket_on_its_way"
            )
            sql, values = marked_tickets([casimir]).values("number").query.sql_with_params()
            cursor.execute(f"EXPLAIN {sql}", values)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "ticket_marked_by_patient" in plan, plan
