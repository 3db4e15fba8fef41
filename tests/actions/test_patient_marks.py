"""Marking a patient with an application for Compassionate Care, and lifting the mark (R-STOP-2)."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.steps import Refused
from escalations.filing import read_filing
from patients import actions
from patients.banners import CARE, banners_of
from patients.models import Patient, PatientMark
from tests.factories import PatientFactory, make_cast

NOW = datetime(2026, 5, 20, 15, 0, 30, tzinfo=UTC)
CARE_KIND = "compassionate_care"


@pytest.fixture
def casimir(acme):
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak")


def marked(patient, by, reason="Applied on Monday", at=NOW):
    return actions.mark_patient(patient, CARE_KIND, reason=reason, by=by, at=at)


def titles(patient):
    return [banner.title for banner in banners_of([patient]).get(patient.pk, [])]


class TestMarking:
    def test_a_mark_says_why_since_when_and_by_whom(self, ana, casimir):
        marked(casimir, ana)
        (banner,) = banners_of([casimir])[casimir.pk]
        assert banner.title == "Compassionate Care application under way."
        assert banner.text == (
            "Applied on Monday. Recorded 20 May 2026 by Ana Example. No claim is stopped meanwhile (R-STOP-2)."
        )
        assert banner.tone == "soon"

    def test_the_day_is_the_companys(self, ana, casimir):
        marked(casimir, ana, at=datetime(2026, 5, 21, 3, 0, tzinfo=UTC))
        assert "Recorded 20 May 2026" in banners_of([casimir])[casimir.pk][0].text

    def test_a_second_mark_leaves_the_first_as_it_is(self, ana, sue, casimir):
        first = marked(casimir, ana)
        second = marked(casimir, sue, reason="Heard it too", at=NOW + timedelta(hours=1))
        assert (second.pk, second.reason, second.set_by) == (first.pk, "Applied on Monday", ana)
        assert PatientMark.objects.count() == 1

    @pytest.mark.parametrize(
        ("kind", "reason", "wrong"),
        [
            (CARE_KIND, "", {"reason"}),
            (CARE_KIND, "   ", {"reason"}),
            (CARE_KIND, "x" * 301, {"reason"}),
            (CARE_KIND, "a\x00b", {"reason"}),
            ("vip", "Applied", {"kind"}),
            ("", "", {"kind", "reason"}),
        ],
    )
    def test_what_cannot_be_kept_is_said_by_field_and_keeps_nothing(self, ana, casimir, kind, reason, wrong):
        with pytest.raises(actions.Invalid) as invalid:
            actions.mark_patient(casimir, kind, reason=reason, by=ana, at=NOW)
        assert set(invalid.value.wrong) == wrong
        assert not PatientMark.objects.exists()

    def test_a_mark_is_audited_with_who_and_what(self, ana, casimir):
        mark = marked(casimir, ana)
        (event,) = mark.pgh_event_models["insert"].objects.filter(pgh_obj_id=mark.pk)
        assert event.pgh_context.metadata == {
            "user": ana.pk,
            "who": "ana",
            "act": "mark patient",
            "company": ana.company_id,
        }

    def test_the_database_keeps_one_mark_in_force(self, ana, casimir):
        mark = marked(casimir, ana)
        mark.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            mark.save(force_insert=True)

    def test_a_marked_patients_claim_is_stopped_by_nobody(self, ana, sue, casimir):
        """R-STOP-2: the form, the API and a change of type read the filing, and it refuses."""
        said = {
            "type": "stop-claim",
            "channel": "phone",
            "caller": "patient",
            "patient": casimir.pk,
            "answers": {"reason": "redraw", "compassionate_care_applied": "no"},
        }
        assert read_filing(ana, said, at=NOW).may_be_filed
        marked(casimir, ana)
        for person in (ana, sue):
            filing = read_filing(person, said, at=NOW)
            assert not filing.may_be_filed
            assert "R-STOP-2" in {finding.rule for finding in filing.intake.refusals}


class TestLifting:
    def test_a_supervisor_lifts_it_with_a_reason_and_it_is_seen_no_more(self, ana, sue, casimir):
        marked(casimir, ana)
        mark = actions.lift_mark(casimir, CARE_KIND, reason="Approved on 1 June", by=sue, at=NOW)
        assert (mark.lifted_by, mark.lifted_at, mark.lifted_reason) == (sue, NOW, "Approved on 1 June")
        assert titles(casimir) == []

    @pytest.mark.parametrize("name", ["ana", "ben", "adam"])
    def test_nobody_else_lifts_it(self, cast, ana, casimir, name):
        marked(casimir, ana)
        with pytest.raises(Refused) as refused:
            actions.lift_mark(casimir, CARE_KIND, reason="Over", by=cast[name], at=NOW)
        assert refused.value.code == "role" and "supervisor" in refused.value.sentence
        assert titles(casimir) == [CARE]

    def test_lifting_needs_a_reason(self, ana, sue, casimir):
        marked(casimir, ana)
        with pytest.raises(actions.Invalid):
            actions.lift_mark(casimir, CARE_KIND, reason=" ", by=sue, at=NOW)
        assert titles(casimir) == [CARE]

    def test_what_was_lifted_is_not_lifted_again(self, ana, sue, casimir):
        marked(casimir, ana)
        actions.lift_mark(casimir, CARE_KIND, reason="Approved", by=sue, at=NOW)
        with pytest.raises(Refused, match="nothing to lift"):
            actions.lift_mark(casimir, CARE_KIND, reason="Denied", by=sue, at=NOW)
        assert PatientMark.objects.get().lifted_reason == "Approved"

    def test_a_patient_may_be_marked_anew(self, ana, sue, casimir):
        marked(casimir, ana)
        actions.lift_mark(casimir, CARE_KIND, reason="Withdrawn", by=sue, at=NOW)
        marked(casimir, ana, reason="Applied once more")
        assert titles(casimir) == [CARE]
        assert PatientMark.objects.count() == 2


def test_banners_of_a_page_of_patients_cost_one_statement(ana, acme, django_assert_num_queries):
    patients = [PatientFactory(company=acme, do_not_call=number % 2) for number in range(30)]
    for patient in patients[:10]:
        marked(patient, ana)
    with django_assert_num_queries(1):
        found = banners_of(patients)
    assert sum(len(one) for one in found.values()) == 10 + 15


def test_what_must_not_be_done_stands_before_what_is_only_told(ana, acme):
    patient = PatientFactory(company=acme, do_not_mail=True)
    marked(patient, ana)
    assert titles(patient) == ["Do not contact by mail.", CARE]


@pytest.mark.django_db(transaction=True)
def test_two_who_mark_at_once_make_one_mark():
    cast = make_cast()
    patient = PatientFactory(company=cast["ana"].company)
    gate, kept = Barrier(2), []

    def mark(name):
        try:
            gate.wait(timeout=20)
            kept.append(marked(Patient.objects.get(pk=patient.pk), cast[name], reason=f"Said {name}").pk)
        finally:
            connection.close()

    threads = [Thread(target=mark, args=(name,)) for name in ("ana", "sue")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(kept) == 2 and len(set(kept)) == 1
    assert PatientMark.objects.count() == 1
