"""A file of which nobody knows: what a person found out settles it, on the page and the API (D-SUB-2, I2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from deductibles.actions import acknowledging
from deductibles.gateways import outbox
from deductibles.models import Claim, Submission
from tests import sandboxes
from tests.claim_line import Line, days, noon, status_of
from tests.domain.answer_files import ack_277, told

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
AT = noon(days(2))


@pytest.fixture
def house() -> Iterator[sandboxes.Sandbox]:
    """A clearinghouse that heeds no key: what it has came."""
    with sandboxes.clearinghouse(keyless=True) as running:
        yield running


@pytest.fixture
def lost(line: Line, house: sandboxes.Sandbox, settings: Any) -> Claim:
    """A claim whose file may have arrived; nobody answered at its hand-over, and it did not."""
    settings.CLEARINGHOUSE_URL = house.url
    met = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
    claim = line.complete(line.member(amounts=met)).claim
    house.script("*", status=503)
    line.submit(days(1))
    house.call("DELETE", "/_script")
    assert status_of(claim) == "ambiguous"
    return claim


def took(house: sandboxes.Sandbox) -> list[str]:
    return list(house.call("GET", "/_accepted")["files"])


def told_to(desk: Client, act: str) -> Any:
    return desk.post(
        reverse("deductibles:submission_steps", args=[Submission.objects.get().pk]), {"act": act}
    )


def page(desk: Client) -> str:
    row = Submission.objects.get()
    return desk.get(reverse("deductibles:submission", args=[row.pk])).content.decode()


def test_it_is_never_sent_again_by_itself(line: Line, lost: Claim, house: sandboxes.Sandbox) -> None:
    for day in (2, 3):
        line.submit(days(day))
    assert took(house) == [] and status_of(lost) == "ambiguous"


def test_what_never_arrived_goes_again_with_the_same_bytes_and_numbers(
    line: Line, lost: Claim, house: sandboxes.Sandbox, page_as: Callable[[User], Client]
) -> None:
    desk = page_as(line.biller)
    shown = page(desk)
    assert "They never had it" in shown and "ask for control number 1" in shown
    before = Submission.objects.select_related("file").get()
    assert told_to(desk, "send_again").status_code == 302
    assert "It goes again with the next submission" in page(desk)
    again = told_to(desk, "send_again")
    assert (
        again.status_code == 409 and "goes again with the next submission already" in again.content.decode()
    )
    run = line.submit(days(2))
    after = Submission.objects.select_related("file").get()
    assert (run.submitted, status_of(lost), after.state) == (1, "submitted", "handed_over")
    assert (after.filename, after.control_number) == (before.filename, before.control_number)
    posted = [row["body"] for row in house.requests() if row["method"] == "POST"]
    assert posted == [before.file.content] * 2 and len(took(house)) == 1


def test_what_arrived_is_submitted_and_goes_no_more(
    line: Line, lost: Claim, house: sandboxes.Sandbox, page_as: Callable[[User], Client]
) -> None:
    desk = page_as(line.biller)
    assert told_to(desk, "arrived").status_code == 302
    assert (Submission.objects.get().state, status_of(lost)) == ("handed_over", "submitted")
    for act in ("arrived", "send_again"):
        refused = told_to(desk, act)
        assert refused.status_code == 409 and "is not unclear" in refused.content.decode()
    line.submit(days(2))
    assert took(house) == []


def test_an_acknowledgement_that_comes_first_keeps_it_from_going(
    line: Line, lost: Claim, house: sandboxes.Sandbox, page_as: Callable[[User], Client]
) -> None:
    told_to(page_as(line.biller), "send_again")
    text = ack_277(*told(lost.number, "A2:20"))
    acknowledging.take_in(line.company, "a", text, source="inbox", by=None, at=AT)
    line.submit(days(2))
    assert (status_of(lost), Submission.objects.get().state, took(house)) == ("accepted", "handed_over", [])


def test_one_that_is_refused_when_it_goes_again_frees_no_claim(
    line: Line, lost: Claim, house: sandboxes.Sandbox, page_as: Callable[[User], Client]
) -> None:
    told_to(page_as(line.biller), "send_again")
    house.script("*", status=422)
    run = line.submit(days(2))
    assert run.state == "failed" and "until a person lets it go again" in run.failures[0]["why"]
    assert (Submission.objects.get().state, status_of(lost)) == ("ambiguous", "ambiguous")


def test_the_api_does_the_same_and_shows_the_file(
    line: Line, lost: Claim, api: Callable[[User], Any], cast: dict[str, User]
) -> None:
    row = Submission.objects.get()
    path = f"/api/v1/submissions/{row.pk}/steps/"
    biller = api(line.biller)
    said = biller.post(path, {"act": "send_again"})
    assert (said.status_code, said.json()["state"]) == (200, "ambiguous")
    assert "never had it" in said.json()["detail"]
    for body, status in (({"act": "resend"}, 400), ({"act": 5}, 400), ({}, 400), ({"acts": "arrived"}, 400)):
        assert biller.post(path, body).status_code == status, body
    arrived = biller.post(path, {"act": "arrived"}).json()
    assert arrived["state"] == "handed_over" and arrived["claims"][0]["number"] == lost.number
    assert biller.post(path, {"act": "arrived"}).status_code == 409
    assert api(cast["bo"]).post(path, {"act": "arrived"}).status_code == 404


def test_supervisors_read_and_do_not_settle(
    line: Line, lost: Claim, page_as: Callable[[User], Client], sue: User
):
    assert "They never had it" not in page(page_as(sue))


def test_a_folder_lets_an_interrupted_file_appear_when_a_person_says_so(tmp_path: Any) -> None:
    company, content = tmp_path / "acme", b"ISA*00"
    for folder in ("outbox", "handed"):
        (company / folder).mkdir(parents=True)
    outbox._write_note(
        company / "handed" / "1.edi", outbox.SENDING, outbox.hashlib.sha256(content).hexdigest()
    )
    assert outbox.hand_over(company, "1.edi", content).state == "ambiguous"
    assert outbox.hand_over(company, "1.edi", content, anew=True).state == "accepted"
    (company / "outbox" / "1.edi").unlink()
    assert (
        outbox.hand_over(company, "1.edi", content, anew=True).detail == "This file was handed over before."
    )
    assert not list((company / "outbox").glob("*.edi"))
