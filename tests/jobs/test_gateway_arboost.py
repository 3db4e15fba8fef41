"""What AR Boost answers, over real HTTP, is matched to what was asked and read as it was meant."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from deductibles.gateways import arboost
from deductibles.gateways.arboost import Connection, Unavailable
from deductibles.gateways.arboost_answers import coverages_of
from deductibles.x12 import eligibility as reader
from tests.jobs.questions import DAY, question
from tests.sandboxes import arboost as arboost_sandbox

EXAMPLES = Path(__file__).parent.parent / "data" / "x271"


def segments(text: str) -> list[str]:
    return [s.strip() for s in text.split("~") if s.strip()]


def whole_envelope(text: str) -> bool:
    found = segments(text)
    start = next(i for i, s in enumerate(found) if s.startswith("ST*"))
    end = next(i for i, s in enumerate(found) if s.startswith("SE*"))
    return found[end].split("*")[1] == str(end - start + 1) and found[-1].startswith("IEA*1*")


class TestAnswers:
    def test_an_unscripted_member_is_active_with_1500_and_1500(self, conn):
        answer = arboost.eligibility(conn, question())
        assert (answer.outcome, answer.annual, answer.remaining) == (
            "answered",
            Decimal("1500.00"),
            Decimal("1500.00"),
        )
        assert answer.period == (date(2026, 1, 1), date(2026, 12, 31))
        assert whole_envelope(answer.x12_271)
        lines = segments(answer.x12_271)
        assert "TRN*2*TRACE-1*9TESTPROV0" in lines
        assert "NM1*IL*1*SAMPLE*PAT****MI*TST000111" in lines
        assert "DMG*D8*19800101*F" in lines
        assert "EB*C*IND*30***29*1500*****Y" in lines

    def test_the_question_says_who_when_and_what_for(self, vendor, conn):
        """D-X12-12: the day asked about is sent as it was given."""
        arboost.eligibility(conn, question())
        (sent,) = vendor.requests()
        assert sent["body"]["as_of"] == "2026-09-15"
        assert sent["body"]["service_types"] == ["30"]
        assert sent["body"]["patient"]["date_of_birth"] == "1980-01-01"

    def test_a_dependent_is_answered_in_a_loop_of_their_own(self, conn):
        asked = question()
        child = {"first_name": "Kid", "last_name": "Sample", "date_of_birth": date(2015, 5, 5), "sex": "M"}
        text = arboost.eligibility(
            conn, replace(asked, patient=child, subscriber={**asked.subscriber, "relationship": "child"})
        ).x12_271
        assert whole_envelope(text)
        lines = segments(text)
        assert lines.index("NM1*03*1*SAMPLE*KID") == lines.index("TRN*2*TRACE-1*9TESTPROV0") + 1
        assert "NM1*IL*1*SAMPLE*PAT****MI*TST000111" in lines

    def test_the_demo_member_w2000ytd01_has_met_1850_25_of_2000(self, conn):
        lines = segments(arboost.eligibility(conn, question(member="W2000YTD01")).x12_271)
        assert "EB*C*IND*30***23*2000*****Y" in lines
        assert "EB*C*IND*30***24*1850.25*****Y" in lines
        assert not [line for line in lines if "***29*" in line]
        assert "NM1*IL*1*SAMPLE*PAT****MI*W2000YTD01" in lines

    def test_the_demo_member_falls0001_falls_200_each_7_days(self, conn):
        remaining = [
            arboost.eligibility(conn, question(member="FALLS0001", as_of=DAY + timedelta(days))).remaining
            for days in (0, 6, 7, 14, 70)
        ]
        assert remaining == [Decimal(n) for n in ("1000.00", "1000.00", "800.00", "600.00", "0.00")]

    def test_scripted_amounts_go_by_the_day_asked_about(self, vendor, conn):
        vendor.script(
            "ABC",
            amounts=[
                {"from": "2026-01-01", "annual": "900.00", "remaining": "600.00"},
                {"from": "2026-09-22", "annual": "900.00", "remaining": "20.00"},
            ],
        )
        assert arboost.eligibility(conn, question(member="abc")).remaining == Decimal("600.00")
        later = arboost.ask_batch(conn, date(2026, 9, 22), [question(member="abc")])
        assert later[0].remaining == Decimal("20.00")

    @pytest.mark.parametrize("member, code", [("BADID0072", "AAA*N**72*C"), ("DOWN00042", "AAA*Y**42*R")])
    def test_a_reject_comes_with_its_271(self, conn, member, code):
        """D-X12-3: the class of the reject is read from the text."""
        answer = arboost.eligibility(conn, question(member=member))
        assert answer.outcome == "rejected"
        assert code in segments(answer.x12_271)
        assert whole_envelope(answer.x12_271)
        assert answer.remaining is None

    @pytest.mark.parametrize("name", ["odd_delimiters", "dependent", "two_transactions", "plain_ppo"])
    def test_a_given_271_is_readdressed_and_stays_whole(self, vendor, conn, name):
        given = (EXAMPLES / f"{name}.edi").read_text()
        vendor.script("ABC", x12_271=given)
        text = arboost.eligibility(conn, question(member="ABC")).x12_271
        element, end = text[3], text[105]
        assert text.count(end) == given.count(end)
        assert f"TRN{element}2{element}TRACE-1{element}" in text
        assert f"MI{element}ABC{end}" in text

    def test_a_given_271_can_be_left_as_it_is(self, vendor, conn):
        given = (EXAMPLES / "plain_ppo.edi").read_text()
        vendor.script("ABC", x12_271=given, readdress=[])
        assert arboost.eligibility(conn, question(member="ABC")).x12_271 == given

    def test_a_reason_code_alone_is_an_answer(self, vendor, conn):
        """D-CHK-8: a record may say no more than that the threshold is met."""
        vendor.script("ABC", send=[], reason_code="Deductible Met Threshold")
        answer = arboost.eligibility(conn, question(member="ABC"))
        assert answer.outcome == "answered"
        assert answer.reason_code == "Deductible Met Threshold"
        assert (answer.annual, answer.remaining, answer.x12_271) == (None, None, None)

    def test_an_answer_with_nothing_in_it_is_no_answer(self, vendor, conn):
        vendor.script("ABC", send=[])
        assert arboost.eligibility(conn, question(member="ABC")).outcome == "unavailable"

    def test_the_agency_switch_is_told(self, vendor, conn):
        """D-CONF-9."""
        assert arboost.agency(conn) is True
        vendor.script("*", agency=False)
        assert arboost.agency(conn) is False
        with pytest.raises(Unavailable, match="switched off"):
            arboost.monitor(conn, question())


DOCUMENTED = {
    "TST000111": ("1500.00", "1500.00"),
    "W2000YTD01": ("2000.00", "149.75"),
    "FALLS0001": ("2000.00", "1000.00"),
    "FAMMET001": ("1500.00", "0.00"),
    "FOURWAY01": ("1500.00", "250.00"),
    "FAMONLY01": ("3200.00", "2100.00"),
    "MEDICARE1": ("283.00", "0.00"),
    "ZEROPLAN1": ("0.00", "0.00"),
    "MET000001": ("1500.00", "0.00"),
    "INACTIVE1": (None, None),
    "BADID0072": (None, None),
    "DOWN00042": (None, None),
}


class TestDemoMembers:
    """What sandbox/README.md promises, read by the 271 reader, in whatever year the demo is shown."""

    @pytest.mark.parametrize("member", DOCUMENTED)
    @pytest.mark.parametrize("day", [DAY, date(2027, 2, 1), date(2028, 2, 29)])
    def test_each_reads_as_documented(self, conn, member, day):
        answer = arboost.eligibility(conn, question(member=member, as_of=day))
        reading = reader.read(answer.x12_271, trace="TRACE-1", as_of=day)
        read = tuple(None if a is None else str(a) for a in (reading.annual, reading.effective_remaining))
        assert read == DOCUMENTED[member]
        assert reading.envelope_valid
        assert reading.usable is (read != (None, None))

    @pytest.mark.parametrize(
        "echo, seen", [("none", "unavailable"), ("json", "answered"), ("all", "answered")]
    )
    def test_another_patients_benefits_are_not_the_patients(self, vendor, conn, echo, seen):
        """D-X12-2: refused by reference, by the trace in the 271, or by who the 271 is about."""
        vendor.script("M1", another_patient={"echo": echo})
        answer = arboost.eligibility(conn, question(member="M1"))
        assert answer.outcome == seen
        if answer.x12_271:
            who = reader.Identity("M1", date(1980, 1, 1), "Pat", "Sample")
            reading = reader.read(answer.x12_271, trace="TRACE-1", as_of=DAY, identity=who)
            assert not reading.usable or reading.identity_matches is False


class TestInsuranceFinder:
    PATIENT = {"first_name": "Pat", "last_name": "Sample", "date_of_birth": date(1980, 1, 1), "sex": "F"}

    def test_a_found_coverage_brings_its_deductible(self, conn):
        """D-NEW-1."""
        (coverage,) = arboost.find_insurance(conn, self.PATIENT)
        assert coverage["payer"] == {"name": "EXAMPLE HEALTH PLAN", "payer_id": "EX001"}
        assert (coverage["rank"], coverage["relationship"]) == ("primary", "self")
        assert coverage["annual"] == coverage["remaining"] == Decimal("1500.00")
        assert f"MI*{coverage['member_id']}~" in coverage["x12_271"]
        assert f"TRN*2*{coverage['trace']}*" in coverage["x12_271"]

    def test_a_scripted_member_is_found_for_their_patient(self, vendor, conn):
        vendor.script("FOUND1", found_for={"last_name": "sample", "date_of_birth": "1980-01-01"})
        assert [c["member_id"] for c in arboost.find_insurance(conn, self.PATIENT)] == ["FOUND1"]

    def test_nothing_is_found_for_nobody(self, conn):
        assert arboost.find_insurance(conn, {**self.PATIENT, "last_name": "Nobody"}) == []

    def test_coverages_that_make_no_sense_are_left_out(self):
        payer = {"name": "Example", "payer_id": "EX001"}
        good = {"payer": payer, "member_id": "A1", "rank": "emperor"}
        bad = [
            *(None, 7, [], {}, {"payer": "x"}, {"payer": payer}, {"payer": payer, "member_id": " "}),
            *({"payer": payer, "member_id": "A\x00"}, {"payer": payer, "member_id": "A" * 101}),
            *({**good, "x12_271": 5}, {**good, "deductible": "1500.00"}, {**good, "group_number": 5}),
        ]
        assert [c["rank"] for c in coverages_of({"coverages": [*bad, good]})] == ["primary"]
        assert coverages_of({"coverages": {"payer": payer}}) == []


class TestMonitoring:
    def test_a_claim_is_registered_once_and_let_go(self, vendor, conn):
        """D-NEW-3, D-CLR-3: both may be repeated."""
        for _ in range(2):
            arboost.monitor(conn, question(5, "M5"))
        assert vendor.monitored() == {"claim-5": "M5"}
        for _ in range(2):
            arboost.unmonitor(conn, "claim-5")
        assert vendor.monitored() == {}

    def test_a_registration_whose_answer_is_lost_can_be_repeated(self, vendor, conn):
        vendor.script("M5", lost=True)
        with pytest.raises(Unavailable, match="without an answer"):
            arboost.monitor(conn, question(5, "M5"))
        vendor.script("M5")
        arboost.monitor(conn, question(5, "M5"))
        assert vendor.monitored() == {"claim-5": "M5"}

    def test_a_reference_cannot_reach_another_address(self, vendor, conn):
        arboost.monitor(conn, question(reference="../../agency?x=1"))
        assert vendor.monitored() == {"../../agency?x=1": "TST000111"}
        for nowhere in ("", ".", ".."):
            with pytest.raises(ValueError, match="reference"):
                arboost.unmonitor(conn, nowhere)

    def test_registrations_and_first_days_outlive_a_restart_of_the_stand_in(self, tmp_path):
        with arboost_sandbox(state=tmp_path / "state.json") as first:
            arboost.monitor(Connection(first.url, first.token), question())
            arboost.eligibility(Connection(first.url, first.token), question(member="FALLS0001"))
        with arboost_sandbox(state=tmp_path / "state.json") as second:
            again = Connection(second.url, second.token)
            later = question(member="FALLS0001", as_of=DAY + timedelta(7))
            assert second.monitored() == {"claim-1": "TST000111"}
            assert arboost.eligibility(again, later).remaining == Decimal("800.00")
