"""The live-transfer panel: start, wait two minutes, say how it ended; with script and without."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from escalations import policies
from escalations.actions.transfers import end_transfer, start_transfer
from escalations.domain.waiting import clock_words, waiting_words
from escalations.models import LiveTransfer, PolicyVersion
from patients.models import PatientReading
from tests.factories import PatientFactory

NOW = datetime.now(UTC)
BY_SCRIPT = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def casimir(acme):
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak")


def _page(client, address, status=200, **options):
    answer = client.get(address, **options)
    assert answer.status_code == status
    return answer.content.decode()


def _panel(client, patient):
    part = _page(client, f"/escalations/transfers/panel/?patient={patient.pk}", **BY_SCRIPT)
    assert "<html" not in part
    return part


def _ringing(patient, by, *, seconds=0, queue="escalations_team"):
    return start_transfer(patient, queue, by=by, at=datetime.now(UTC) - timedelta(seconds=seconds))


def _ended(patient, by, *, minutes_ago=3, rang=131, answered=False):
    began = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    transfer = start_transfer(patient, "escalations_team", by=by, at=began)
    return end_transfer(transfer, answered, by=by, at=began + timedelta(seconds=rang))


@pytest.mark.parametrize(
    ("seconds", "clock", "words"),
    [
        (0, "0:00", "keep waiting, 2:00 to go"),
        (72, "1:12", "keep waiting, 0:48 to go"),
        (119, "1:59", "keep waiting, 0:01 to go"),
        (120, "2:00", "two minutes have passed"),
        (3725, "1:02:05", "two minutes have passed"),
        (-3, "0:00", "keep waiting, 2:00 to go"),
    ],
)
def test_the_clock_says_how_long_and_whether_to_keep_waiting(seconds, clock, words):
    """R-PTP-1."""
    assert (clock_words(seconds), waiting_words(seconds)) == (clock, words)


def test_without_script_a_call_is_handed_over_by_plain_forms(page_as, ana, casimir):
    client, here = page_as(ana), f"/escalations/transfers/?patient={casimir.pk}"
    page = _page(client, here)
    assert "Live transfer for Casimir Nowak" in page
    assert re.findall(r'name="queue" value="(\w+)"', page) == ["escalations_team", "ptp", "pte"]
    answer = client.post("/escalations/transfers/", {"patient": casimir.pk, "queue": "ptp"})
    assert answer.url == here
    page = _page(client, here)
    assert "rings since" in page and "keep waiting," in page and "Somebody answered" in page
    transfer = LiveTransfer.objects.get()
    answer = client.post(f"/escalations/transfers/{transfer.pk}/end/", {"answered": "no"})
    assert answer.url == here
    page = _page(client, here)
    assert "Nobody answered." in page and "Ring again" in page
    transfer.refresh_from_db()
    assert (transfer.answered, transfer.by) == (False, ana)


def test_the_panel_alone_comes_by_its_own_address(page_as, ana, casimir):
    client = page_as(ana)
    part = _panel(client, casimir)
    assert "data-transfers" in part and "Casimir" not in part
    assert "Choose the patient first" in _page(client, "/escalations/transfers/panel/", **BY_SCRIPT)
    assert "<html" not in _page(client, f"/escalations/transfers/?patient={casimir.pk}", **BY_SCRIPT)
    opened = client.get(f"/escalations/transfers/panel/?patient={casimir.pk}")
    assert opened.url == f"/escalations/transfers/?patient={casimir.pk}", "who opens it gets the page"


def test_by_script_every_act_answers_with_the_panel_as_it_is_then(page_as, ana, casimir):
    client = page_as(ana)
    sent = {"patient": casimir.pk, "queue": "escalations_team"}
    part = client.post("/escalations/transfers/", sent, **BY_SCRIPT)
    assert part.status_code == 200 and 'data-elapsed="0"' in part.content.decode()
    end = f"/escalations/transfers/{LiveTransfer.objects.get().pk}/end/"
    part = client.post(end, {"answered": "yes"}, **BY_SCRIPT).content.decode()
    assert "<html" not in part and "Somebody answered." in part
    assert 'data-transfer-answered="true"' in part


def test_the_clock_goes_on_from_what_the_server_says(page_as, ana, casimir):
    _ringing(casimir, ana, seconds=72)
    part = _panel(page_as(ana), casimir)
    elapsed = int(re.search(r'data-elapsed="(\d+)"', part)[1])
    assert 72 <= elapsed <= 80
    assert f'<progress max="120" value="{elapsed}"' in part
    assert f"keep waiting, {clock_words(120 - elapsed)} to go" in part


def test_after_two_minutes_it_says_so(page_as, ana, casimir):
    _ringing(casimir, ana, seconds=150)
    part = _panel(page_as(ana), casimir)
    assert re.search(r"data-state[^>]*>two minutes have passed<", part)
    assert '<progress max="120" value="120"' in part


def test_how_it_ended_is_handed_to_the_filing_form(page_as, ana, casimir):
    """R-EXEC-2, R-SOS-2, R-PTP-1: when, answered or not, and how long."""
    transfer = _ended(casimir, ana, rang=131)
    part = _panel(page_as(ana), casimir)
    (output,) = re.findall(r"<output hidden ([^>]*)>", part)
    told = dict(re.findall(r'data-([\w-]+)="([^"]*)"', output))
    assert told["transfer-answered"] == "false"
    assert told["waited-seconds"] == "131"
    assert told["transfer-queue"] == "escalations_team"
    local = transfer.started_at.astimezone(casimir.company.zone)
    assert told["transfer-local"] == f"{local:%Y-%m-%dT%H:%M}", "as a field for date and time takes it"
    assert abs(datetime.fromisoformat(told["transfer-at"]) - transfer.started_at) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "options", [{"minutes_ago": 90}, {"minutes_ago": 65, "rang": 3700}], ids=["long ago", "forgotten"]
)
def test_what_is_no_part_of_this_call_is_not_handed_over(page_as, ana, casimir, options):
    _ended(casimir, ana, **options)
    part = _panel(page_as(ana), casimir)
    assert "<output" not in part
    assert "Unanswered in the last day" in part, "yet it is told"


def test_a_colleagues_transfer_is_told_but_not_handed_over(page_as, ana, sue, casimir):
    _ended(casimir, sue)
    part = _panel(page_as(ana), casimir)
    assert "<output" not in part
    assert "Sue Example" in part and "rang 2:11" in part


def test_one_that_rings_for_another_patient_is_told_before_it_is_ended(page_as, ana, acme, casimir):
    _ringing(PatientFactory(company=acme, last_name="Elsewhere"), ana, seconds=30)
    client = page_as(ana)
    part = _panel(client, casimir)
    assert "for <a" in part and "another patient" in part and "ends it as unanswered" in part
    assert "Elsewhere" not in part
    client.post("/escalations/transfers/", {"patient": casimir.pk, "queue": "pte"})
    assert list(LiveTransfer.objects.order_by("id").values_list("answered", flat=True)) == [False, None]


def test_with_nobody_named_the_page_shows_whom_one_is_ringing_for(page_as, ana, casimir):
    client = page_as(ana)
    assert "Find the patient" in _page(client, "/escalations/transfers/")
    _ringing(casimir, ana)
    assert "Live transfer for Casimir Nowak" in _page(client, "/escalations/transfers/")


def test_two_tabs_end_it_once_and_the_second_is_told(page_as, ana, casimir):
    transfer, client = _ringing(casimir, ana), page_as(ana)
    end = f"/escalations/transfers/{transfer.pk}/end/"
    assert client.post(end, {"answered": "yes"}, **BY_SCRIPT).status_code == 200
    for options in (BY_SCRIPT, {}):
        second = client.post(end, {"answered": "no"}, **options)
        assert second.status_code == 409
        assert "has ended already: somebody answered" in second.content.decode()
    transfer.refresh_from_db()
    assert transfer.answered is True


def test_only_who_rang_says_how_it_ended(page_as, ana, sue, casimir):
    transfer = _ringing(casimir, ana)
    answer = page_as(sue).post(f"/escalations/transfers/{transfer.pk}/end/", {"answered": "no"})
    assert answer.status_code == 403
    assert "Only who begins a transfer says how it ended" in answer.content.decode()
    assert "Somebody answered" not in _page(page_as(sue), f"/escalations/transfers/?patient={casimir.pk}")
    transfer.refresh_from_db()
    assert transfer.ended_at is None


@pytest.mark.parametrize("said", ["", "maybe", "true", "yes no", "\x00", "x" * 9000])
def test_an_end_that_says_nothing_is_refused(page_as, ana, casimir, said):
    transfer = _ringing(casimir, ana)
    answer = page_as(ana).post(f"/escalations/transfers/{transfer.pk}/end/", {"answered": said})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Say whether somebody answered" in page and "Nobody answered" in page, "and it can be said"


@pytest.mark.parametrize("queue", ["", "nowhere", "<script>alert(1)</script>", "\x00", "x" * 9000])
def test_a_queue_nobody_knows_is_refused(page_as, ana, casimir, queue):
    answer = page_as(ana).post("/escalations/transfers/", {"patient": casimir.pk, "queue": queue})
    assert answer.status_code == 400
    assert "Choose one of the queues" in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert not LiveTransfer.objects.exists()


@pytest.mark.parametrize("patient", ["x", "-1", "0", "9" * 30, "1.5", "１"])
def test_a_patient_who_is_not_there_is_not_there(page_as, ana, patient):
    client = page_as(ana)
    for address in ("/escalations/transfers/", "/escalations/transfers/panel/"):
        assert client.get(address, {"patient": patient}).status_code == 404
    assert client.post("/escalations/transfers/", {"patient": patient, "queue": "ptp"}).status_code == 404


def test_starting_for_nobody_says_to_choose_the_patient(page_as, ana):
    answer = page_as(ana).post("/escalations/transfers/", {"queue": "ptp"})
    assert answer.status_code == 400 and "Choose the patient first" in answer.content.decode()


def test_another_company_sees_and_ends_nothing(page_as, ana, otto, casimir):
    transfer, client = _ringing(casimir, ana), page_as(otto)
    for address in ("/escalations/transfers/", "/escalations/transfers/panel/"):
        assert client.get(address, {"patient": casimir.pk}).status_code == 404
    sent = {"patient": casimir.pk, "queue": "ptp"}
    assert client.post("/escalations/transfers/", sent).status_code == 404
    end = f"/escalations/transfers/{transfer.pk}/end/"
    assert client.post(end, {"answered": "yes"}).status_code == 404
    assert LiveTransfer.objects.count() == 1


@pytest.mark.parametrize(("name", "allowed"), [("ana", 1), ("sue", 1), ("ben", 0)])
def test_the_patient_page_offers_it_to_who_works_on_tickets(page_as, cast, casimir, name, allowed):
    client = page_as(cast[name])
    page = _page(client, f"/patients/{casimir.pk}/")
    assert page.count(f'hx-get="/escalations/transfers/?patient={casimir.pk}" hx-trigger="load"') == allowed
    status = client.get(f"/escalations/transfers/?patient={casimir.pk}").status_code
    assert status == (200 if allowed else 403)


def test_without_any_queue_it_says_who_keeps_the_list(page_as, ana, acme, casimir):
    data = policies.shipped_policy()
    data["lists"]["transfer_queues"]["items"] = []
    policies.put_in_force(PolicyVersion, acme, data, by=None, at=NOW)
    page = _page(page_as(ana), f"/escalations/transfers/?patient={casimir.pk}")
    assert "An admin keeps the list" in page and 'name="queue"' not in page


def test_the_page_is_kept_as_a_reading_and_its_title_names_nobody(page_as, ana, casimir):
    page = _page(page_as(ana), f"/escalations/transfers/?patient={casimir.pk}")
    assert PatientReading.objects.get().patient == casimir
    assert "Casimir" not in page.partition("<title>")[2].partition("</title>")[0]


class TestTheBanner:
    """The last day's unanswered transfer is seen wherever the patient appears."""

    def _titles(self, api, user, patient):
        return api(user).get(f"/api/v1/patients/{patient.pk}/").json()["banners"]

    def test_it_names_queue_time_and_person(self, page_as, api, ana, ben, casimir):
        transfer = _ended(casimir, ana)
        local = transfer.started_at.astimezone(casimir.company.zone)
        today = datetime.now(UTC).astimezone(casimir.company.zone).date() == local.date()
        when = f"{'today' if today else 'yesterday'} {local:%H:%M}"
        title = f"Transfer to Escalations Team unanswered {when}, Ana Example."
        assert title in _page(page_as(ben), f"/patients/{casimir.pk}/")
        assert self._titles(api, ana, casimir) == [title]
        assert "transfer unanswered" in page_as(ana).post("/patients/", {"q": "nowak"}).content.decode()

    def test_it_is_gone_after_a_day(self, api, ana, casimir):
        _ended(casimir, ana, minutes_ago=23 * 60)
        assert self._titles(api, ana, casimir)
        LiveTransfer.objects.update(started_at=datetime.now(UTC) - timedelta(hours=24, seconds=1))
        assert self._titles(api, ana, casimir) == []

    def test_it_is_gone_once_somebody_answered(self, api, ana, sue, casimir):
        _ended(casimir, ana, minutes_ago=30)
        _ended(casimir, sue, minutes_ago=10, answered=True)
        assert self._titles(api, ana, casimir) == []

    def test_one_that_still_rings_says_nothing_yet(self, api, ana, casimir):
        _ringing(casimir, ana)
        assert self._titles(api, ana, casimir) == []

    def test_several_are_told_as_one(self, page_as, ana, casimir):
        for minutes in (50, 40, 30):
            _ended(casimir, ana, minutes_ago=minutes)
        page = _page(page_as(ana), f"/patients/{casimir.pk}/")
        assert page.count("Transfer to Escalations Team unanswered") == 1
        assert "2 others before it, within the last day." in page
