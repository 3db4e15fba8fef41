"""Sending is armed where files were written, disarmed in a copy of the database, and changed by an admin (I2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from deductibles.actions import sending
from deductibles.models import Claim, Sending, Submission
from tests.claim_line import Line, days, noon, status_of

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
URL = "/settings/sending/"


@pytest.fixture
def queued(line: Line) -> Claim:
    met = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
    return line.complete(line.member(amounts=met)).claim


def restored() -> None:
    """As a backup looks in another database: it says where it was written."""
    Sending.objects.update(place="1234.1.99")


def files(line: Line) -> list[str]:
    return [path.name for path in line.outbox.glob("*")] if line.outbox.exists() else []


def test_a_company_is_armed_where_it_begins_and_its_claims_go(line: Line, queued: Claim) -> None:
    assert line.submit(days(1)).submitted == 1
    row = Sending.objects.get()
    assert row.armed and row.place == sending.place() and len(row.place.split(".")) == 3


def test_a_copy_of_the_database_sends_nothing_and_says_so_in_words(
    line: Line, queued: Claim, page_as: Callable[[User], Client]
) -> None:
    sending.state_of(line.company, at=noon(days(0)))
    restored()
    for day in (1, 2):
        run = line.submit(days(day))
        assert (run.state, run.submitted) == ("failed", 0)
        assert "This database is a copy" in run.failures[0]["why"]
        assert "An admin arms it in Settings, Sending" in run.failures[0]["why"]
    assert files(line) == [] and not Submission.objects.exists() and status_of(queued) == "queued"
    page = page_as(line.biller).get("/claims/submissions/").content.decode()
    assert "Sending is disarmed" in page and "This database is a copy" in page


def test_a_written_file_does_not_leave_from_a_copy_either(line: Line, queued: Claim, settings: Any) -> None:
    good, settings.CLEARINGHOUSE_URL = settings.CLEARINGHOUSE_URL, "file:///proc/nothing"
    line.submit(days(1))
    Submission.objects.update(state="written", tried_at=None)
    settings.CLEARINGHOUSE_URL = good
    restored()
    line.submit(days(2))
    assert files(line) == []


def test_an_admin_arms_it_and_the_next_submission_goes(
    line: Line, queued: Claim, page_as: Callable[[User], Client]
) -> None:
    sending.state_of(line.company, at=noon(days(0)))
    restored()
    line.submit(days(1))
    desk = page_as(line.admin)
    shown = desk.get(URL).content.decode()
    assert "Disarmed. Nothing is written or handed over." in shown and "Before you arm it" in shown
    assert desk.post(URL, {"do": "arm"}).status_code == 302
    again = desk.post(URL, {"do": "arm"})
    assert again.status_code == 409 and "armed already" in again.content.decode()
    assert line.submit(days(2)).submitted == 1 and status_of(queued) == "submitted"
    events = Sending.pgh_event_models["update"].objects.filter(armed=True)  # type: ignore[attr-defined]
    assert [event.pgh_context.metadata["who"] for event in events.filter(place=sending.place())][-1:] == [
        "adam"
    ]


def test_an_admin_disarms_it_with_a_reason_that_stands_on_the_page(
    line: Line, queued: Claim, page_as: Callable[[User], Client]
) -> None:
    desk = page_as(line.admin)
    assert "Armed." in desk.get(URL).content.decode()
    for typed in ("", " ", "x" * 300, "a\x00b"):
        refused = desk.post(URL, {"do": "disarm", "why": typed})
        assert refused.status_code == 400 and "Reason is needed" in refused.content.decode()
    assert desk.post(URL, {"do": "disarm", "why": "We change the clearinghouse"}).status_code == 302
    run = line.submit(days(1))
    assert "We change the clearinghouse" in run.failures[0]["why"] and files(line) == []
    assert "We change the clearinghouse" in page_as(line.biller).get("/claims/submissions/").content.decode()
    assert "disarmed already" in desk.post(URL, {"do": "disarm", "why": "again"}).content.decode()


def test_what_is_disarmed_by_hand_stays_so_in_a_copy(line: Line, queued: Claim) -> None:
    sending.disarm(line.company, "Stopped", by=line.admin, at=noon(days(0)))
    restored()
    assert "Stopped" in line.submit(days(1)).failures[0]["why"]


def test_a_script_disarms_and_arms_all_companies(line: Line, other: Any, capsys: Any) -> None:
    call_command("sending", "--disarm", "restored from monday.dump")
    assert capsys.readouterr().out.splitlines() == [
        "acme: disarmed. restored from monday.dump.",
        "other: disarmed. restored from monday.dump.",
    ]
    call_command("sending", "--arm", "--company", "acme")
    call_command("sending")
    said = capsys.readouterr().out.splitlines()
    assert said == ["acme: armed", "acme: armed", "other: disarmed. restored from monday.dump."]
    with pytest.raises(CommandError, match="no such company"):
        call_command("sending", "--company", "nobody")
