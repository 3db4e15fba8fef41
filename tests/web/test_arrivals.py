"""The pages of what came back: the list, one file, bringing one by hand, and the claim's own tab."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from deductibles.models import Arrival, Claim, Payment
from tests.claim_line import Line, days
from tests.domain.answer_files import ack_277, told

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
LIST, BRING = "/claims/acknowledgements/", "/claims/acknowledgements/bring/"


@pytest.fixture
def sent(line: Line) -> Claim:
    met = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
    claim = line.complete(line.member(amounts=met)).claim
    line.submit(days(1))
    return Claim.objects.get(pk=claim.pk)


def signed(client: Client, user: User) -> Client:
    client.force_login(user, backend="accounts.backend.People")
    return client


def test_a_biller_brings_a_file_and_reads_what_came_of_it(client: Client, ben: User, sent: Claim) -> None:
    desk = signed(client, ben)
    text = ack_277(*told(sent.number, "A7:562:85"), *told("C-9999", "A2:20"))
    file = SimpleUploadedFile("monday.277", text.encode())
    shown = desk.post(BRING, {"file": file}, follow=True)
    said = shown.content.decode()
    assert "The file is kept and set aside. 1 of 2 answers are about nothing that was sent from here." in said
    assert (
        "The NPI is not valid (billing provider)." in said
        and "Nothing of ours was sent under this number." in said
    )
    assert "monday.277" in desk.get(LIST).content.decode()
    assert text.split("~")[0] in desk.get(f"{LIST}{Arrival.objects.get().pk}/file/").content.decode()


def test_what_was_pasted_is_kept_when_it_is_no_file(client: Client, ben: User) -> None:
    shown = signed(client, ben).post(BRING, {"x12": "ISA*not a whole file"})
    assert shown.status_code == 400
    assert "ISA*not a whole file" in shown.content.decode()
    assert "does not begin with a whole ISA segment" in shown.content.decode()
    assert not Arrival.objects.exists()


def test_the_claim_says_why_it_came_back_and_is_corrected(client: Client, ben: User, sent: Claim) -> None:
    desk = signed(client, ben)
    desk.post(BRING, {"x12": ack_277(*told(sent.number, "A7:562:85"))})
    page = desk.get(f"/claims/{sent.number}/?tab=acknowledgements").content.decode()
    assert page.count("The NPI is not valid (billing provider).") == 2, "in its head and in its tab"
    assert "Correct and send again" in page
    after = desk.post(f"/claims/{sent.number}/steps/", {"act": "correct"}, follow=True).content.decode()
    assert "is a draft again" in after
    sent.refresh_from_db()
    assert (sent.status, sent.sequence) == ("draft", 2)


def test_a_payment_is_posted_by_hand_and_a_wrong_one_keeps_what_was_typed(
    client: Client, ben: User, sent: Claim
) -> None:
    desk = signed(client, ben)
    wrong = {"act": "post_payment", "tab": "acknowledgements", "paid": "1.000,00", "note": "Check 4711"}
    refused = desk.post(f"/claims/{sent.number}/steps/", wrong)
    assert refused.status_code == 400
    assert "1.000,00" in refused.content.decode() and "Check 4711" in refused.content.decode()
    right = {**wrong, "paid": "$480.00", "deductible": ""}
    after = desk.post(f"/claims/{sent.number}/steps/", right, follow=True).content.decode()
    assert "$480.00 is posted" in after
    row = Payment.objects.get()
    assert (row.by, row.deductible) == (ben, None)


def test_an_agent_and_another_company_do_not_see_it(
    client: Client, ana: User, bo: User, ben: User, sent: Claim
) -> None:
    signed(client, ben).post(BRING, {"x12": ack_277(*told(sent.number, "A2:20"))})
    key = Arrival.objects.get().pk
    assert signed(Client(), ana).get(LIST).status_code == 403
    theirs = signed(Client(), bo)
    assert [theirs.get(f"{LIST}{key}/{more}").status_code for more in ("", "file/")] == [404, 404]
