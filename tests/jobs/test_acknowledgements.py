"""What comes back moves claims once, in any order, and what is not ours is kept and shown (D-SUB-3, D-SUB-4)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from django.db import connection

from accounts.steps import Refused
from deductibles import arrivals
from deductibles.actions import acknowledging, deciding, posting
from deductibles.actions.holds import clear_holds
from deductibles.actions.moves import Invalid
from deductibles.connections import health, rows
from deductibles.gateways.wire import Unavailable
from deductibles.invariants import assert_invariants
from deductibles.models import Acknowledgement, Arrival, Claim, Hold, Payment, Submission, SubmissionItem
from deductibles.submissions_screen import Reconciled, reconciled
from deductibles.x12.claim import parse_claim_numbers
from tests.claim_line import Line, days, noon, status_of
from tests.domain.answer_files import ack_277, ack_999, paid_835, told
from work.models import ConnectionHealth, OutboxMessage

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db

AT = noon(days(2))


def sent(line: Line, count: int = 1) -> list[Claim]:
    """Claims that went out in one file."""
    met = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
    claims = [line.complete(line.member(amounts=met)).claim for _ in range(count)]
    line.submit(days(1))
    return [Claim.objects.get(pk=claim.pk) for claim in claims]


def fresh(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


def control() -> int:
    return Submission.objects.latest("pk").control_number


def comes(line: Line, text: str, name: str = "answer.txt") -> Arrival:
    return acknowledging.take_in(line.company, name, text, source="inbox", by=None, at=AT)[0]


def verdict(claim: Claim, status: str, sequence: int = 1) -> list[str]:
    return told(claim.number if sequence == 1 else f"{claim.number}.{sequence}", status)


def put(status: str, state: str) -> None:
    """As a process that died at its hand-over leaves claims and file; no step leads there from here."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE deductibles_claim DISABLE TRIGGER USER")
        cursor.execute("UPDATE deductibles_claim SET status = %s", [status])
        cursor.execute("ALTER TABLE deductibles_claim ENABLE TRIGGER USER")
    Submission.objects.update(state=state)


class TestVerdicts:
    def test_accepted_and_rejected_by_their_277ca_with_the_reason_in_words(self, line: Line) -> None:
        good, bad = sent(line, 2)
        came = comes(line, ack_277(*verdict(good, "A2:20"), *verdict(bad, "A7:562:85")))
        assert (status_of(good), status_of(bad), came.state) == ("accepted", "rejected", "taken")
        row = Acknowledgement.objects.get(claim=bad)
        assert "The NPI is not valid (billing provider)" in row.sentence and row.submission_id
        items = dict(SubmissionItem.objects.values_list("claim", "answer"))
        assert items == {good.pk: "accepted", bad.pk: "rejected"}

    def test_a_999_read_without_errors_accepts_no_claim_yet(self, line: Line) -> None:
        (claim,) = sent(line)
        comes(line, ack_999(f"AK1*HC*{control()}", "AK2*837*0001", "IK5*A", "AK9*A*1*1*1"))
        assert status_of(claim) == "submitted"
        assert Acknowledgement.objects.get().submission is not None

    def test_a_999_that_rejects_the_file_rejects_its_claims(self, line: Line) -> None:
        claims = sent(line, 2)
        comes(line, ack_999(f"AK1*HC*{control()}", "AK2*837*0001", "IK5*R*5", "AK9*R*1*1*0"))
        assert {status_of(claim) for claim in claims} == {"rejected"}

    def test_a_rejected_ta1_rejects_what_was_in_the_interchange(self, line: Line) -> None:
        (claim,) = sent(line)
        ta1 = f"TA1*{control():09d}*260521*0312*R*006"
        comes(line, ack_999("AK1*HC*999999", "AK9*A*1*1*1", before=ta1))
        assert status_of(claim) == "rejected"

    def test_received_settles_nothing(self, line: Line) -> None:
        (claim,) = sent(line)
        comes(line, ack_277(*verdict(claim, "A1:19:PR")))
        assert status_of(claim) == "submitted"

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_in_any_order_and_twice_the_end_is_the_same(self, line: Line, order: tuple[int, ...]) -> None:
        claim, other = sent(line, 2)
        texts = [
            ack_999(f"AK1*HC*{control()}", "AK2*837*0001", "IK5*A", "AK9*A*1*1*1"),
            ack_277(*verdict(claim, "A2:20"), *verdict(other, "A2:20")),
            ack_277(*verdict(claim, "A3:33:IL")),
        ]
        for index in (*order, *order):
            comes(line, texts[index])
        assert (status_of(claim), status_of(other)) == ("rejected", "accepted")
        assert Arrival.objects.count() == 3 and Acknowledgement.objects.count() == 4
        assert_invariants(at=AT)

    def test_anything_that_comes_back_about_an_unclear_file_proves_that_it_arrived(self, line: Line) -> None:
        one, other = sent(line, 2)
        put("ambiguous", "ambiguous")
        comes(line, ack_277(*verdict(one, "A2:20")))
        assert (status_of(one), status_of(other)) == ("accepted", "submitted")
        assert Submission.objects.get().state == "handed_over"

    def test_a_999_alone_clears_up_an_unclear_file(self, line: Line) -> None:
        claims = sent(line, 2)
        put("ambiguous", "ambiguous")
        comes(line, ack_999(f"AK1*HC*{control()}", "AK2*837*0001", "IK5*A", "AK9*A*1*1*1"))
        assert {status_of(claim) for claim in claims} == {"submitted"}

    def test_what_is_quicker_than_our_own_books_waits_for_them(self, line: Line) -> None:
        """The process died between hand-over and writing it down; the answer is there before the next night."""
        (claim,) = sent(line)
        put("queued", "written")
        comes(line, ack_277(*verdict(claim, "A2:20")))
        assert (status_of(claim), Acknowledgement.objects.get().standing) == ("queued", "waits")
        line.submit(days(2))
        assert acknowledging.settle_waiting(line.company, at=AT) == 1
        assert (status_of(claim), Acknowledgement.objects.get().standing) == ("accepted", "applied")

    def test_a_second_copy_that_they_refuse_leaves_accepted_claims_accepted_I2(self, line: Line) -> None:
        (claim,) = sent(line)
        comes(line, ack_277(*verdict(claim, "A2:20")))
        came = comes(line, ack_277(*verdict(claim, "A7:78")))
        comes(line, ack_999(f"AK1*HC*{control()}", "AK9*R*1*1*0*19"))
        assert (status_of(claim), came.state) == ("accepted", "aside")
        assert "have them already" in came.detail


class TestReconciling:
    def test_what_left_is_accepted_rejected_waiting_or_overdue(self, line: Line) -> None:
        claims = sent(line, 4)
        comes(line, ack_277(*verdict(claims[0], "A2:20"), *verdict(claims[1], "A2:20")))
        comes(line, ack_277(*verdict(claims[1], "A7:21")))
        row = Submission.objects.get()
        assert (row.accepted, row.rejected, row.claims_count) == (1, 1, 4)
        soon = reconciled(line.biller, noon(days(2)))
        assert soon == Reconciled(sent=4, accepted=1, rejected=1, waiting=2, overdue=0)
        late = reconciled(line.biller, noon(days(9)))
        assert late == Reconciled(sent=4, accepted=1, rejected=1, waiting=0, overdue=2)


class TestStrange:
    def test_a_claim_nobody_sent_is_set_aside_and_moves_nothing(self, line: Line) -> None:
        (claim,) = sent(line)
        came = comes(line, ack_277(*told("C-999999", "A7:21"), *told(f"{claim.number}.2", "A7:21")))
        assert (came.state, status_of(claim)) == ("aside", "submitted")
        assert came.detail == "2 of 2 answers are about nothing that was sent from here."
        assert set(Acknowledgement.objects.values_list("standing", "claim")) == {("unknown", None)}

    def test_another_companys_claim_is_nobodys_here(self, line: Line, other: object) -> None:
        (claim,) = sent(line)
        acknowledging.take_in(other, "x", ack_277(*verdict(claim, "A7:21")), source="inbox", by=None, at=AT)  # type: ignore[arg-type]
        assert status_of(claim) == "submitted"
        assert Acknowledgement.objects.get().standing == "unknown"

    @pytest.mark.parametrize("cut", [1, 60, 150, -2])
    def test_a_cut_file_is_kept_aside_and_moves_nothing(self, line: Line, cut: int) -> None:
        (claim,) = sent(line)
        came = comes(line, ack_277(*verdict(claim, "A7:21"))[:cut])
        assert (came.state, status_of(claim)) == ("aside", "submitted")
        assert came.detail and came.file.content

    def test_an_answer_to_an_earlier_sequence_decides_nothing(self, line: Line) -> None:
        (claim,) = sent(line)
        comes(line, ack_277(*verdict(claim, "A7:21")))
        claim = posting.correct(fresh(claim), by=line.biller, at=AT)
        deciding.complete(claim, by=line.biller, at=AT)
        line.submit(days(2))
        assert status_of(claim) == "submitted"
        comes(line, ack_277(*verdict(claim, "A2:20"), "HL*9*3*PT"), "late")
        assert status_of(claim) == "submitted"
        comes(line, ack_277(*verdict(claim, "A2:20", 2)))
        assert status_of(claim) == "accepted"

    def test_a_file_that_left_nothing_behind_may_come_again(self, line: Line) -> None:
        (claim,) = sent(line)
        text = ack_277(*verdict(claim, "A2:20"))
        acknowledging.set_aside(line.company, "1.277", text, source="inbox", at=AT)
        again, done = acknowledging.file_arrival(text, "by-hand.txt", by=line.biller, at=AT)
        assert done
        assert (again.state, again.kinds, again.by) == ("taken", "277CA", line.biller)
        assert status_of(claim) == "accepted" and Arrival.objects.count() == 1

    def test_a_person_is_told_what_is_no_file_and_nothing_is_kept(self, line: Line) -> None:
        for text in ("", "ISA*00", "hello", None, 5, "\x00", ack_277()[:-5]):
            with pytest.raises(Invalid):
                acknowledging.file_arrival(text, "x", by=line.biller, at=AT)
        assert not Arrival.objects.exists()


class TestCorrecting:
    def test_a_rejected_claim_goes_again_as_its_next_sequence(self, line: Line) -> None:
        (claim,) = sent(line)
        with pytest.raises(Refused):
            posting.correct(claim, by=line.biller, at=AT)
        comes(line, ack_277(*verdict(claim, "A7:562:85")))
        claim = posting.correct(fresh(claim), by=line.biller, at=AT)
        assert status_of(claim) == "draft"
        deciding.complete(claim, by=line.biller, at=AT)
        run = line.submit(days(2))
        assert run.submitted == 1
        name = Submission.objects.latest("pk").filename
        assert parse_claim_numbers((line.outbox / name).read_text("ascii")) == (f"{claim.number}.2",)
        assert_invariants(at=AT)


PAID = "CLP*{}*1*850.00*480.00*120.00*12*PAYER-9", "CAS*CO*45*250.00", "CAS*PR*1*100.00**2*20"


def paid(claim: Claim, number: str = "") -> list[str]:
    return [row.format(number or claim.number) for row in PAID]


class TestPaying:
    @pytest.mark.parametrize("before", ["submitted", "accepted"])
    def test_an_835_closes_the_claim_and_keeps_what_the_deductible_took(
        self, line: Line, before: str
    ) -> None:
        (claim,) = sent(line)
        if before == "accepted":
            comes(line, ack_277(*verdict(claim, "A2:20")))
        came = comes(line, paid_835(paid(claim), total="480.00"))
        assert (status_of(claim), came.kinds, came.state) == ("paid", "835", "taken")
        row = Payment.objects.get()
        assert (row.claim_id, row.deductible, row.paid, row.allowed) == (
            claim.pk,
            Decimal("100.00"),
            Decimal("480.00"),
            Decimal("600.00"),
        )
        assert row.note == "Above the contract’s fee $250.00; Deductible $100.00; Co-insurance $20.00"
        comes(line, ack_277(*verdict(claim, "A7:21")))
        assert status_of(claim) == "paid"

    def test_the_same_835_twice_is_posted_once(self, line: Line) -> None:
        (claim,) = sent(line)
        text = paid_835(paid(claim), total="480.00")
        comes(line, text)
        comes(line, text, "again")
        assert Payment.objects.count() == 1

    def test_what_does_not_add_up_is_kept_and_not_posted(self, line: Line) -> None:
        (claim,) = sent(line)
        came = comes(line, paid_835(paid(claim)[:2], total="480.00"))
        assert (status_of(claim), came.state) == ("submitted", "aside")
        assert "do not add up" in Payment.objects.get().why_not

    @pytest.mark.parametrize(
        "code, said",
        [("22", "takes an earlier payment back"), ("23", "not its own"), ("25", "would be paid")],
    )
    def test_what_is_no_payment_is_kept_for_a_person(self, line: Line, code: str, said: str) -> None:
        (claim,) = sent(line)
        rows = paid(claim)
        comes(line, paid_835([rows[0].replace("*1*850", f"*{code}*850"), *rows[1:]], total="480.00"))
        assert status_of(claim) == "submitted" and said in Payment.objects.get().why_not

    def test_a_payment_whose_claims_do_not_add_up_to_it_is_told(self, line: Line) -> None:
        (claim,) = sent(line)
        came = comes(line, paid_835(paid(claim), total="999.00"))
        assert (came.state, status_of(claim)) == ("aside", "paid")
        assert "do not add up to its total" in came.detail

    def test_an_unknown_claim_is_nobodys_money(self, line: Line) -> None:
        (claim,) = sent(line)
        came = comes(line, paid_835(paid(claim, "C-424242"), total="480.00"))
        assert (came.state, Payment.objects.get().claim) == ("aside", None)

    def test_a_denial_is_no_payment_and_waits_for_a_person(self, line: Line) -> None:
        (claim,) = sent(line)
        came = comes(line, paid_835([f"CLP*{claim.number}*4*850*0*0*12*P", "CAS*CO*29*850"], total="0"))
        row = Payment.objects.get()
        assert (row.filed_too_late, row.claim_id, came.state) == (True, claim.pk, "aside")
        assert status_of(claim) == "submitted" and "denied" in row.why_not

    def test_another_charge_than_the_claims_is_perhaps_somebody_elses(self, line: Line) -> None:
        (claim,) = sent(line)
        comes(line, paid_835([f"CLP*{claim.number}*1*700*480*0*12*P", "CAS*CO*45*220"], total="480"))
        assert status_of(claim) == "submitted" and "another amount" in Payment.objects.get().why_not


class TestPostingByHand:
    def test_a_biller_posts_what_is_known_and_unknown_is_not_zero(self, line: Line) -> None:
        (claim,) = sent(line)
        row = posting.post_by_hand(claim, {"paid": "$1,480.00", "note": "Check 77"}, by=line.biller, at=AT)
        assert (row.paid, row.deductible, row.allowed) == (Decimal("1480.00"), None, None)
        assert status_of(claim) == "paid"
        with pytest.raises(Refused):
            posting.post_by_hand(fresh(claim), {"paid": "1"}, by=line.biller, at=AT)

    def test_everything_wrong_is_named_at_once(self, line: Line) -> None:
        (claim,) = sent(line)
        wrong = {"paid": "1e3", "deductible": "500", "allowed": "400", "paid_on": "2099-01-01"}
        with pytest.raises(Invalid) as caught:
            posting.post_by_hand(claim, wrong, by=line.biller, at=AT)
        assert set(caught.value.fields) == {"paid", "deductible", "paid_on"}
        assert status_of(claim) == "submitted"

    def test_payment_of_a_held_claim_ends_its_hold_which_can_then_be_cleared_D_CLR_1(
        self, line: Line
    ) -> None:
        hold = line.held()
        with pytest.raises(Refused):
            posting.post_by_hand(hold.claim, {"paid": "10"}, by=line.admin, at=AT)
        assert clear_holds(line.company, [hold.pk], by=line.biller, at=AT).done == 0
        posting.post_by_hand(hold.claim, {"paid": "10"}, by=line.biller, at=AT)
        hold.refresh_from_db()
        assert (status_of(hold.claim), hold.active, hold.queued_at) == ("paid", False, None)
        assert OutboxMessage.objects.filter(kind="deductibles.unmonitor", payload={"hold": hold.pk}).exists()
        assert clear_holds(line.company, [hold.pk], by=line.biller, at=AT).done == 1
        assert Hold.objects.get(pk=hold.pk).cleared_at == AT


class TestInbox:
    def test_a_file_that_cannot_be_taken_in_keeps_nobody_waiting(self, line: Line) -> None:
        (claim,) = sent(line)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'damaged'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER aa_damaged BEFORE INSERT ON deductibles_acknowledgement FOR EACH ROW "
                "WHEN (NEW.number = 'C-DAMAGED') EXECUTE FUNCTION pg_temp.refuse()"
            )
        inbox = line.outbox.parent / "inbox"
        inbox.mkdir(exist_ok=True)
        (inbox / "1.277").write_text(ack_277(*told("C-DAMAGED", "A2:20")))
        (inbox / "2.277").write_text(ack_277(*verdict(claim, "A2:20")))
        assert arrivals.read_inboxes(at=AT) == 2
        assert status_of(claim) == "accepted" and list(inbox.iterdir()) == []
        assert dict(Arrival.objects.values_list("name", "state")) == {"1.277": "aside", "2.277": "taken"}

    def test_a_good_read_ends_the_word_that_the_connection_fails(self, line: Line) -> None:
        sent(line)
        at = AT - timedelta(hours=1)
        health.note(line.company.pk, rows.CLEARINGHOUSE, Unavailable("It did not answer."), at=at)
        arrivals.read_inboxes(at=AT)
        assert ConnectionHealth.objects.get(kind=rows.CLEARINGHOUSE).failing_since is None

    def test_what_lies_in_the_inbox_is_taken_in_and_put_away(self, line: Line) -> None:
        (claim,) = sent(line)
        inbox = line.outbox.parent / "inbox"
        inbox.mkdir(exist_ok=True)
        (inbox / "1.277").write_text(ack_277(*verdict(claim, "A2:20")))
        (inbox / "2.bin").write_bytes(b"\xff\xfe\x00 nothing anybody can read")
        assert arrivals.read_inboxes(at=AT) == 2
        assert status_of(claim) == "accepted" and list(inbox.iterdir()) == []
        assert dict(Arrival.objects.values_list("name", "state")) == {"1.277": "taken", "2.bin": "aside"}
        assert arrivals.read_inboxes(at=AT) == 0

    def test_a_file_that_was_taken_in_and_not_put_away_is_put_away_the_next_time(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (claim,) = sent(line)
        inbox = line.outbox.parent / "inbox"
        inbox.mkdir(exist_ok=True)
        text = ack_277(*verdict(claim, "A2:20"))
        (inbox / "1.277").write_text(text)
        comes(line, text)
        assert arrivals.read_inboxes(at=AT) == 0
        assert list(inbox.iterdir()) == [] and Arrival.objects.count() == 1
        assert isinstance(inbox, Path)
