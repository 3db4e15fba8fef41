"""Claims that come back stand on work lists: rejected, denied, and files of which nobody knows (D-SUB-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from deductibles.actions import acknowledging, deciding, posting
from deductibles.models import Claim, Concern, Submission
from deductibles.worklists.reading import counts_of
from tests.claim_line import Line, days, noon, status_of
from tests.domain.answer_files import ack_277, ack_999, paid_835, told

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
AT = noon(days(2))
MET = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
DENIED = "CLP*{}*4*850.00*0.00*0.00*12*PAYER-9", "CAS*CO*29*850.00"


def sent(line: Line, count: int = 1) -> list[Claim]:
    claims = [line.complete(line.member(amounts=MET)).claim for _ in range(count)]
    line.submit(days(1))
    return [Claim.objects.get(pk=claim.pk) for claim in claims]


def comes(line: Line, text: str) -> None:
    acknowledging.take_in(line.company, "answer.txt", text, source="inbox", by=None, at=AT)


def denied(claim: Claim) -> str:
    return paid_835([row.format(claim.number) for row in DENIED], total="0")


def lists_of(claim: Claim) -> dict[str, list[str]]:
    return dict(Concern.objects.filter(claim=claim).values_list("kind", "codes"))


@pytest.fixture
def desk(line: Line, page_as: Callable[[User], Client]) -> Iterator[Client]:
    """The biller's browser on day 2."""
    with time_machine.travel(AT, tick=False):
        yield page_as(line.biller)


class TestRejected:
    def test_a_rejected_claim_stands_on_its_list_with_the_reason_in_words(
        self, line: Line, desk: Client
    ) -> None:
        good, bad = sent(line, 2)
        comes(line, ack_277(*told(good.number, "A2:20"), *told(bad.number, "A7:562:85")))
        page = desk.get(reverse("deductibles:work_returned")).content.decode()
        assert bad.number in page and good.number not in page
        assert "Rejected: something is not valid. The NPI is not valid (billing provider)." in page
        assert f'href="/claims/{bad.number}/"' in page and "Correct" in page
        hub = desk.get(reverse("deductibles:work")).content.decode()
        assert "Rejected claims" in hub

    def test_a_file_rejected_whole_puts_all_its_claims_there(self, line: Line) -> None:
        claims = sent(line, 2)
        number = Submission.objects.get().control_number
        comes(line, ack_999(f"AK1*HC*{number}", "AK2*837*0001", "IK5*R*5", "AK9*R*1*1*0"))
        counts = {one.kind: one.count for one in counts_of(line.company.pk, days(2))}
        assert counts["returned"] == 2
        assert "rejected and not read" in lists_of(claims[0])["returned"][0]

    def test_it_leaves_by_being_corrected_and_comes_back_when_rejected_again(self, line: Line) -> None:
        (claim,) = sent(line)
        comes(line, ack_277(*told(claim.number, "A7:562:85")))
        claim = posting.correct(Claim.objects.get(pk=claim.pk), by=line.biller, at=AT)
        assert lists_of(claim) == {}
        deciding.complete(claim, by=line.biller, at=AT)
        line.submit(days(3))
        comes(line, ack_277(*told(f"{claim.number}.2", "A7:164:IL")))
        assert "The contract or member number is not valid" in lists_of(claim)["returned"][0]

    def test_an_answer_to_an_earlier_sending_takes_nothing_there(self, line: Line) -> None:
        (claim,) = sent(line)
        comes(line, ack_277(*told(claim.number, "A2:20")))
        comes(line, ack_277(*told(f"{claim.number}.2", "A7:21")))
        assert lists_of(claim) == {}

    def test_it_is_taken_away_as_a_file_and_set_aside(self, line: Line, desk: Client) -> None:
        (claim,) = sent(line)
        comes(line, ack_277(*told(claim.number, "A7:562:85")))
        text = b"".join(desk.post(reverse("tables:export", args=["work-returned"]), {})).decode("utf-8-sig")
        assert claim.number in text and "The NPI is not valid (billing provider)." in text
        asked = {"until_on": days(5).isoformat(), "reason": "Asked the provider"}
        away = desk.post(reverse("deductibles:work_aside", args=[claim.number, "returned"]), asked)
        assert away.status_code == 302
        desk.get(reverse("deductibles:work"))  # where it is said that it is set aside
        assert claim.number not in desk.get(reverse("deductibles:work_returned")).content.decode()


class TestUnpaid:
    def test_a_denied_claim_stands_on_its_list_until_it_is_posted_by_hand(
        self, line: Line, desk: Client
    ) -> None:
        (claim,) = sent(line)
        comes(line, denied(claim))
        assert status_of(claim) == "submitted"
        page = desk.get(reverse("deductibles:work_unpaid")).content.decode()
        assert claim.number in page and "The payer denied it." in page
        assert f"/claims/{claim.number}/?tab=acknowledgements" in page
        posting.post_by_hand(Claim.objects.get(pk=claim.pk), {"paid": "0.00"}, by=line.biller, at=AT)
        assert lists_of(claim) == {}

    def test_a_receipt_that_comes_late_leaves_it_there(self, line: Line) -> None:
        (claim,) = sent(line)
        comes(line, denied(claim))
        comes(line, ack_277(*told(claim.number, "A2:20")))
        assert (status_of(claim), list(lists_of(claim))) == ("accepted", ["unpaid"])

    def test_amounts_that_do_not_fit_stand_there_and_a_posted_payment_does_not(self, line: Line) -> None:
        odd, good = sent(line, 2)
        rows = [f"CLP*{odd.number}*1*700.00*700.00*0*12*P", f"CLP*{good.number}*1*850.00*850.00*0*12*Q"]
        comes(line, paid_835(rows, total="1550"))
        assert list(lists_of(odd)) == ["unpaid"] and lists_of(good) == {}
        assert status_of(good) == "paid"


class TestFiles:
    def test_unclear_and_overdue_files_stand_on_the_hub_and_lead_to_themselves(
        self, line: Line, desk: Client
    ) -> None:
        sent(line)
        assert "Files that wait" not in desk.get(reverse("deductibles:work")).content.decode()
        Submission.objects.update(handed_over_at=AT - timedelta(days=3))
        hub = desk.get(reverse("deductibles:work")).content.decode()
        assert "Answers overdue" in hub and "?state=overdue" in hub and "Hand-over unclear" not in hub
        name = Submission.objects.get().filename
        overdue = reverse("deductibles:submissions") + "?state=overdue"
        assert name in desk.get(overdue).content.decode()
        Submission.objects.update(state="ambiguous")
        hub = desk.get(reverse("deductibles:work")).content.decode()
        assert "Hand-over unclear" in hub and "?state=ambiguous" in hub
        Submission.objects.update(state="handed_over", accepted=1)
        assert name not in desk.get(overdue).content.decode()
