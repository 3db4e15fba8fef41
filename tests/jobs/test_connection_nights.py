"""A night whose connection is wrong: nothing is asked in vain, and the run says who mends it where."""

from __future__ import annotations

import pytest

from deductibles import asking
from deductibles.actions import connections
from deductibles.connections import health
from deductibles.gateways.wire import Unavailable
from tests.claim_line import Line, days, fresh, noon
from work.models import ConnectionHealth

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("script", "words"),
    [({"token": "rotated"}, "does not accept our token"), ({"status": 409}, "switched off for this agency")],
)
def test_a_night_that_is_refused_stops_asking_at_once_and_says_why_D_CHK_7(
    line: Line, monkeypatch, script, words
) -> None:
    monkeypatch.setattr(asking, "BATCH", 1)
    held = [line.held() for _ in range(7)]
    line.vendor.reset()
    line.vendor.script("*", **script)
    run = line.check(days(7))
    assert len(line.vendor.requests()) <= 5, "those under way, and no more"
    (told,) = run.failures
    assert words in told["why"] and "7 claims not answered" in told["why"]
    assert (run.state, run.answered) == ("done", 0)
    assert all(fresh(hold).active for hold in held)
    state = ConnectionHealth.objects.get(company=line.company, kind="arboost")
    assert words in state.failure and state.failing_since


def test_after_the_token_was_entered_the_next_night_asks_again_D_CHK_7(line: Line) -> None:
    hold = line.held()
    line.vendor.script("*", token="rotated")
    line.check(days(7))
    typed = {"address": line.vendor.url, "token": "rotated"}
    connections.save_connection(line.company, "arboost", typed, by=line.admin, at=noon(days(7)))
    run = line.check(days(8))
    assert run.answered == 1 and fresh(hold).nightly_answers == 1
    assert ConnectionHealth.objects.get(kind="arboost").works_since


def test_the_nightly_submission_goes_where_the_company_says(line: Line, settings) -> None:
    hold = line.held(remaining="1500.00")
    line.now_remaining(hold, "0.00")
    line.check(days(7))
    settings.CLEARINGHOUSE_URL = ""
    run = line.submit(days(7))
    assert run.state == "failed" and "no address is set. An admin mends it" in run.failures[0]["why"]
    assert ConnectionHealth.objects.get(kind="clearinghouse").failing_since
    settings.CLEARINGHOUSE_URL = f"file://{line.outbox.parent.parent}"
    assert line.submit(days(8)).submitted == 1
    assert ConnectionHealth.objects.get(kind="clearinghouse").works_since


def test_what_cannot_be_noted_stops_nobody(line: Line) -> None:
    """The database refuses the note, here for a word that is too long; the call it tells of goes on."""
    health.note(line.company.pk, "arboost", Unavailable("No.", step="far too long a word"), at=noon(days(0)))
    assert line.held()
