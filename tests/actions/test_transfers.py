"""Live transfers: one rings per person, each ends once, by who began it (R-PTP-1, R-EXEC-2)."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from accounts.steps import Refused
from escalations import actions, policies
from escalations.actions.transfers import queues_of, ringing_of
from escalations.models import LiveTransfer, PolicyVersion
from tests.factories import PatientFactory, make_cast

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)


@pytest.fixture
def casimir(acme):
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak")


def start(patient, by, queue="escalations_team", seconds=0):
    return actions.start_transfer(patient, queue, by=by, at=NOW + timedelta(seconds=seconds))


def end(transfer, by, answered=False, seconds=131):
    return actions.end_transfer(transfer, answered, by=by, at=NOW + timedelta(seconds=seconds))


class TestStarting:
    def test_it_rings_in_the_words_of_the_admins_list(self, ana, casimir):
        transfer = start(casimir, ana)
        assert (transfer.queue, transfer.queue_name) == ("escalations_team", "Escalations Team")
        assert (transfer.started_at, transfer.ended_at, transfer.answered) == (NOW, None, None)
        assert ringing_of(ana) == transfer

    @pytest.mark.parametrize("queue", ["", "nowhere", "Escalations Team", "x" * 5000, "ptp\x00"])
    def test_a_queue_that_is_not_on_the_list_is_refused(self, ana, casimir, queue):
        with pytest.raises(actions.Invalid) as invalid:
            start(casimir, ana, queue)
        assert "Choose one of the queues" in invalid.value.wrong["queue"].sentence
        assert not LiveTransfer.objects.exists()

    def test_a_queue_the_admin_added_can_be_rung(self, ana, acme, casimir):
        data = policies.shipped_policy()
        data["lists"]["transfer_queues"]["items"] = [{"key": "night_desk", "label": "Night desk"}]
        policies.put_in_force(PolicyVersion, acme, data, by=None, at=NOW)
        assert [one.key for one in queues_of(ana, at=NOW)] == ["night_desk"]
        assert start(casimir, ana, "night_desk").queue_name == "Night desk"
        with pytest.raises(actions.Invalid):
            start(casimir, ana, "ptp")

    @pytest.mark.parametrize("name", ["ben", "adam"])
    def test_only_who_works_on_tickets_rings(self, cast, casimir, name):
        with pytest.raises(Refused) as refused:
            start(casimir, cast[name])
        assert refused.value.code == "role"

    def test_one_that_still_rings_has_ended_unanswered_when_the_next_begins(self, ana, acme, casimir):
        first, other = start(casimir, ana), PatientFactory(company=acme)
        second = start(other, ana, "ptp", seconds=90)
        first.refresh_from_db()
        assert (first.answered, first.ended_at) == (False, NOW + timedelta(seconds=90))
        assert ringing_of(ana) == second

    def test_the_same_patient_may_be_rung_for_by_two_people(self, ana, sue, casimir):
        start(casimir, ana)
        start(casimir, sue)
        assert LiveTransfer.objects.filter(ended_at=None).count() == 2

    def test_the_button_pressed_twice_begins_once(self, ana, casimir):
        assert start(casimir, ana) == start(casimir, ana, seconds=1)
        assert LiveTransfer.objects.count() == 1

    def test_the_same_queue_is_rung_anew_later(self, ana, casimir):
        first, second = start(casimir, ana), start(casimir, ana, seconds=60)
        first.refresh_from_db()
        assert first != second and first.answered is False

    def test_a_clock_that_runs_behind_ends_nothing_before_it_began(self, ana, casimir):
        first = start(casimir, ana, seconds=60)
        start(casimir, ana, "ptp", seconds=30)
        first.refresh_from_db()
        assert first.ended_at == first.started_at


class TestEnding:
    @pytest.mark.parametrize("answered", [True, False])
    def test_it_keeps_how_it_ended_and_how_long_it_rang(self, ana, casimir, answered):
        transfer = end(start(casimir, ana), ana, answered)
        assert transfer.answered is answered
        assert transfer.ended_at - transfer.started_at == timedelta(seconds=131)

    def test_a_second_end_is_refused_in_words_and_changes_nothing(self, ana, casimir):
        transfer = start(casimir, ana)
        end(transfer, ana, answered=True)
        with pytest.raises(Refused, match="ended already: somebody answered"):
            end(transfer, ana, answered=False, seconds=200)
        transfer.refresh_from_db()
        assert transfer.answered is True and transfer.ended_at == NOW + timedelta(seconds=131)

    @pytest.mark.parametrize("name", ["sue", "ben"])
    def test_nobody_ends_another_persons(self, cast, ana, casimir, name):
        transfer = start(casimir, ana)
        with pytest.raises(Refused) as refused:
            end(transfer, cast[name])
        assert refused.value.code == "role"
        assert ringing_of(ana) == transfer

    def test_both_ends_are_audited(self, ana, casimir):
        transfer = end(start(casimir, ana), ana)
        history = transfer.pgh_event_models["insert"].objects.filter(pgh_obj_id=transfer.pk)
        acts = [event.pgh_context.metadata["act"] for event in history.order_by("pgh_id")]
        assert acts == ["start transfer", "end transfer"]


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_begin_at_once_leave_one_ringing():
    cast = make_cast()
    ana = cast["ana"]
    patients = [PatientFactory(company=ana.company) for _ in range(2)]
    queues_of(ana, at=NOW)
    gate, wrong = Barrier(2), []

    def ring(patient):
        try:
            gate.wait(timeout=20)
            start(patient, ana)
        except Exception as error:  # whatever goes wrong in the thread is the test's
            wrong.append(error)
        finally:
            connection.close()

    threads = [Thread(target=ring, args=(patient,)) for patient in patients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not wrong
    assert LiveTransfer.objects.count() == 2
    assert LiveTransfer.objects.filter(ended_at=None).count() == 1
