"""AR Boost monitors exactly what is held, whichever message comes first (D-NEW-3, D-CLR-3)."""

from __future__ import annotations

import pytest

from deductibles import monitoring
from deductibles.actions import holds
from deductibles.gateways import arboost
from deductibles.models import Claim, Hold
from tests.claim_line import DAY0, Line, days, noon
from work import outbox
from work.models import OutboxMessage

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db


def messages(kind: str) -> OutboxMessage:
    return OutboxMessage.objects.filter(kind=f"deductibles.{kind}").latest("pk")


def queue(hold: Hold) -> Claim:
    return holds.queue(Claim.objects.get(pk=hold.claim_id), by=_biller(hold), at=noon(days(1)))


def _biller(hold: Hold):
    from accounts.models import User

    return User.objects.get(username="ben", company=hold.company)


def test_an_end_that_overtakes_its_beginning_leaves_nothing_monitored_D_CLR_3(line: Line) -> None:
    hold = line.held()
    queue(hold)
    monitoring.tell(messages("unmonitor"))
    monitoring.tell(messages("monitor"))
    assert line.vendor.monitored() == {}


def test_a_hold_that_ends_while_it_is_registered_is_not_left_monitored_D_CLR_3(
    line: Line, monkeypatch
) -> None:
    hold = line.held()
    register = arboost.monitor

    def slow(*given) -> None:
        queue(hold)
        monitoring.tell(messages("unmonitor"))
        register(*given)

    monkeypatch.setattr(monitoring.arboost, "monitor", slow)
    monitoring.tell(messages("monitor"))
    assert line.vendor.monitored() == {}


def test_a_hold_that_begins_again_while_it_is_ended_stays_monitored_D_NEW_3(line: Line, monkeypatch) -> None:
    hold = line.held()
    outbox.deliver(at=noon(DAY0))
    claim = queue(hold)
    end = arboost.unmonitor

    def slow(*given) -> None:
        if Claim.objects.get(pk=claim.pk).status == "queued":
            holds.unqueue(claim, by=line.biller, at=noon(days(1)))
        end(*given)

    monkeypatch.setattr(monitoring.arboost, "unmonitor", slow)
    assert outbox.deliver(at=noon(days(1))) == 2
    assert list(line.vendor.monitored()) == [hold.reference]


def test_a_hold_that_never_stops_changing_is_told_again_later(line: Line, monkeypatch) -> None:
    hold = line.held()

    def restless(*_) -> None:
        Hold.objects.filter(pk=hold.pk).update(active=not Hold.objects.get(pk=hold.pk).active)

    monkeypatch.setattr(monitoring.arboost, "monitor", restless)
    monkeypatch.setattr(monitoring.arboost, "unmonitor", restless)
    assert outbox.deliver(at=noon(DAY0)) == 0
    assert messages("monitor").failure == "The hold changed during every call; it is told again."
