"""Reading what a clearinghouse says about our files and claims (D-SUB-3)."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deductibles.x12 import acknowledgement
from deductibles.x12.acknowledgement import ACCEPTED, NOTED, REJECTED
from deductibles.x12.envelope import EnvelopeError
from sandbox import acknowledgements as sandbox
from tests.domain.answer_files import ack_277, ack_999, told

AT = datetime(2026, 11, 30, 3, 12)


def one(*statuses: str, number: str = "C-1042", more: tuple[str, ...] = ()) -> acknowledgement.ClaimVerdict:
    (verdict,) = acknowledgement.read(ack_277(*told(number, *statuses, more=more))).claims
    return verdict


class TestFiles:
    def test_a_group_that_was_read_names_our_number_and_is_no_acceptance_of_its_claims(self) -> None:
        found = acknowledgement.read(
            ack_999("AK1*HC*17*005010X222A1", "AK2*837*0001", "IK5*A", "AK9*A*1*1*1")
        )
        (verdict,) = found.files
        assert (verdict.kind, verdict.control, verdict.transaction, verdict.word) == (
            "999",
            "17",
            "0001",
            ACCEPTED,
        )
        assert (found.claims, found.kinds, found.control) == ((), ("999",), "000000007")

    @pytest.mark.parametrize("code", ["R", "M", "W", "X"])
    def test_a_rejected_transaction_says_what_was_wrong(self, code: str) -> None:
        body = [
            "AK1*HC*17",
            "AK2*837*0002",
            "IK3*NM1*8*2010BB*8",
            "IK4*9*67*7",
            f"IK5*{code}*5",
            "AK9*R*1*1*0",
        ]
        found = acknowledgement.read(ack_999(*body)).files
        assert {verdict.word for verdict in found} == {REJECTED}
        said = next(one.sentence for one in found if one.transaction == "0002")
        assert "segment NM1 of loop 2010BB (number 8) is wrong; element 9 is wrong" in said

    def test_a_group_rejected_without_a_word_on_its_transactions_is_rejected_whole(self) -> None:
        (verdict,) = acknowledgement.read(ack_999("AK1*HC*17", "AK9*R*1*1*0")).files
        assert (verdict.transaction, verdict.word) == ("", REJECTED)

    def test_one_of_two_transactions_rejected_leaves_the_other(self) -> None:
        body = ["AK1*HC*17", "AK2*837*0001", "IK5*A", "AK2*837*0002", "IK5*R", "AK9*P*2*2*1"]
        found = acknowledgement.read(ack_999(*body)).files
        assert [(one.transaction, one.word) for one in found] == [("0001", ACCEPTED), ("0002", REJECTED)]

    @pytest.mark.parametrize(
        "ta1, word, said",
        [
            ("TA1*000000017*261130*0312*A*000", ACCEPTED, "in order"),
            ("TA1*000000017*261130*0312*R*006", REJECTED, "check the submitter id"),
            ("TA1*000000017*261130*0312*E*022", NOTED, "overlooked"),
        ],
    )
    def test_a_ta1_is_about_the_whole_interchange(self, ta1: str, word: str, said: str) -> None:
        found = acknowledgement.read(ack_999("AK1*HC*17", "AK2*837*0001", "IK5*A", "AK9*A*1*1*1", before=ta1))
        assert (found.files[0].kind, found.files[0].control, found.files[0].word) == (
            "TA1",
            "000000017",
            word,
        )
        assert said in found.files[0].sentence
        assert found.kinds == ("TA1", "999")

    def test_a_999_about_nothing_is_counted(self) -> None:
        assert acknowledgement.read(ack_999("AK9*A*1*1*1")).left_out == 1

    def test_what_says_nothing_clear_or_is_about_other_groups_rejects_nothing(self) -> None:
        for body in (
            ["AK1*HC*17", "AK2*837*0001", "IK5*", "AK9*"],
            ["AK1*HC*17", "AK2*837*0001", "IK5*?", "AK9*?"],
            ["AK1*HS*17", "AK2*270*0001", "IK5*R", "AK9*R*1*1*0"],
        ):
            found = acknowledgement.read(ack_999(*body))
            assert (found.files, found.left_out) == ((), 1)

    def test_a_second_copy_that_they_refuse_rejects_nothing_of_the_first(self) -> None:
        again = ["AK1*HC*17", "AK2*837*0001", "IK5*R", "AK9*R*1*1*0*19"]
        ta1 = "TA1*000000017*261130*0312*R*025"
        found = acknowledgement.read(ack_999(*again, before=ta1)).files
        assert [(one.kind, one.word) for one in found] == [("TA1", NOTED), ("999", NOTED)]
        assert all("the first copy counts" in one.sentence for one in found)


class TestClaims:
    @pytest.mark.parametrize("status", ["54", "78", "746"])
    def test_a_duplicate_is_no_rejection_of_what_they_have(self, status: str) -> None:
        verdict = one(f"A3:{status}")
        assert (verdict.word, verdict.duplicate) == (NOTED, True)
        assert not one("A2:20").duplicate and not one("A7:562:85").duplicate

    def test_accepted_into_adjudication(self) -> None:
        verdict = one("A2:20:PR", more=("REF*1K*PAYER-9",))
        assert (verdict.number, verdict.sequence, verdict.word) == ("C-1042", 1, ACCEPTED)
        assert verdict.payer_reference == "PAYER-9"

    @pytest.mark.parametrize("category", ["A3", "A4", "A6", "A7", "A8"])
    def test_rejected_in_words_a_biller_can_act_on(self, category: str) -> None:
        verdict = one(f"{category}:562:85", number="C-1042.3")
        assert (verdict.sequence, verdict.word, verdict.codes) == (3, REJECTED, (f"{category}:562:85",))
        assert verdict.sentence.endswith("The NPI is not valid (billing provider).")

    @pytest.mark.parametrize("category", ["A0", "A1"])
    def test_received_or_forwarded_settles_nothing(self, category: str) -> None:
        assert one(f"{category}:19:PR").word == NOTED

    def test_one_rejection_among_several_rejects(self) -> None:
        verdict = one("A1:19:PR", "A2:20", "A7:500:IL")
        assert (verdict.word, verdict.sentence) == (
            REJECTED,
            "Rejected: something is not valid. The postal code is not valid (subscriber).",
        )

    def test_an_unknown_status_is_named_by_its_number_and_their_words_are_kept(self) -> None:
        (verdict,) = acknowledgement.read(
            ack_277("HL*4*3*PT", "TRN*2*C-1", "STC*A7:9999*20261130*U*1********Please call us")
        ).claims
        assert verdict.sentence.endswith("Status code 9999. They write: “Please call us”.")

    def test_each_claim_of_a_patient_gets_its_own(self) -> None:
        body = ["HL*4*3*PT", "TRN*2*C-1", "STC*A2:20*20261130*WQ*1", "TRN*2*C-2", "STC*A3:33*20261130*U*1"]
        found = acknowledgement.read(ack_277(*body)).claims
        assert [(verdict.number, verdict.word) for verdict in found] == [("C-1", ACCEPTED), ("C-2", REJECTED)]

    def test_levels_of_payer_and_provider_are_no_claims(self) -> None:
        body = ["HL*1**20*1", "TRN*1*X", "HL*2*1*21*1", "TRN*2*C-9", "STC*A1:19:PR*20261130*WQ*1"]
        assert acknowledgement.read(ack_277(*body)).claims == ()

    def test_a_claim_without_a_status_is_counted_and_not_guessed(self) -> None:
        found = acknowledgement.read(ack_277("HL*4*3*PT", "TRN*2*C-1", *told("C-2", "A2:20")))
        assert ([one.number for one in found.claims], found.left_out) == (["C-2"], 1)

    def test_the_stand_ins_answers_are_read(self) -> None:
        sent = sandbox.Sent(
            "000000017",
            "17",
            "TESTPROV",
            "TESTCLEAR",
            ("0001",),
            (sandbox.SentClaim("C-1", "1", "5", "0001"),),
        )
        assert acknowledgement.read(sandbox.write_277ca(sent, {}, AT, 3)).claims[0].word == ACCEPTED
        assert acknowledgement.read(sandbox.write_999(sent, AT, 3)).files[0].control == "17"


class TestHostile:
    def test_numbers_that_are_none_are_read_as_nobodys(self) -> None:
        found = acknowledgement.read(ack_999("AK1*HC*²", "AK2*837*²", "IK5*R", "AK9*R*1*1*0"))
        assert found.files[0].control == "²"
        verdict = one("A2:20", number="C-1." + "9" * 5_000)
        assert (verdict.sequence, verdict.number[:4]) == (1, "C-1.")

    def test_the_same_verdict_a_thousand_times_is_one(self) -> None:
        body = ["AK1*HC*17", *["AK2*837*0001", "IK5*R", "AK9*R*1*1*0"] * 1_000]
        assert len(acknowledgement.read(ack_999(*body)).files) == 2

    def test_a_rejection_above_the_claims_is_told(self) -> None:
        found = acknowledgement.read(ack_277("HL*3*2*19*1", "TRN*1*0", "STC*A8:496:85*20261130*U*0"))
        assert (found.claims, found.left_out) == ((), 0)
        assert found.above == (
            "Rejected: entries contradict each other. The submitter is not approved for this receiver "
            "(billing provider).",
        )

    WHOLE = ack_277(*told("C-1", "A2:20"), *told("C-2", "A7:562:85"))

    def test_cut_at_any_character_it_is_refused_whole(self) -> None:
        for end in range(len(self.WHOLE)):
            with pytest.raises(EnvelopeError):
                acknowledgement.read(self.WHOLE[:end])

    @given(st.integers(0, len(WHOLE) - 1), st.characters())
    def test_one_character_altered_is_read_or_refused_and_never_breaks(self, at: int, letter: str) -> None:
        try:
            acknowledgement.read(self.WHOLE[:at] + letter + self.WHOLE[at + 1 :])
        except EnvelopeError as refused:
            assert str(refused)

    def test_an_837_is_no_acknowledgement(self) -> None:
        other = self.WHOLE.replace("ST*277*0001*005010X214", "ST*837*0001*005010X222")
        found = acknowledgement.read(other)
        assert (found.files, found.claims, found.left_out) == ((), (), 1)
