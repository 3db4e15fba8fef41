"""The AR Boost gateway against its stand-in over real HTTP: every fault is an answer, never an exception."""

import json
import logging
import socket
import threading
import time
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from deductibles.gateways import arboost
from deductibles.gateways.arboost import Connection, Limits, Question, Unavailable
from deductibles.gateways.arboost_answers import answer_of, coverages_of, matched, period_of
from deductibles.x12 import eligibility as reader
from tests.sandboxes import arboost as arboost_sandbox

DAY = date(2026, 9, 15)
EXAMPLES = Path(__file__).parent.parent / "data" / "x271"
SOON = Limits(connect=0.5, total=0.6, longest_wait=0.4)


@pytest.fixture(scope="module")
def running():
    with arboost_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vendor(running):
    running.reset()
    return running


@pytest.fixture
def conn(vendor):
    return Connection(vendor.url, vendor.token)


@pytest.fixture
def hasty(vendor):
    return Connection(vendor.url, vendor.token, SOON)


def question(number=1, member="TST000111", **changes) -> Question:
    patient = {
        "first_name": "Pat",
        "last_name": "Sample",
        "date_of_birth": date(1980, 1, 1),
        "sex": "F",
    }
    subscriber = {**patient, "member_id": member, "group_number": "", "relationship": "self"}
    payer = {"name": "Example Health Plan", "payer_id": "EX001"}
    asked = Question(f"claim-{number}", f"TRACE-{number}", payer, subscriber, patient, DAY)
    return replace(asked, **changes)


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


WHOLE_RESPONSE_FAULTS = {
    "a server error": ({"status": 500}, "out of order"),
    "a bad gateway": ({"status": 502}, "out of order"),
    "maintenance": ({"status": 503}, "out of order"),
    "a refusal": ({"status": 400}, "did not understand"),
    "garbage": ({"garbage": True}, "could not be read"),
    "an empty body": ({"raw": ""}, "AR Boost"),
    "a list": ({"raw": "[]"}, "could not be read"),
    "not a number": ({"raw": '{"outcome": NaN}'}, "could not be read"),
    "nesting without end": ({"raw": "[" * 100_000}, "could not be read"),
    "a number of 10,000 digits": ({"raw": '{"outcome": ' + "9" * 10_000 + "}"}, "could not be read"),
    "half a body": ({"cut_body": 40}, "broke off"),
    "nothing of a body": ({"cut_body": 0}, "broke off"),
    "a lost answer": ({"lost": True}, "without an answer"),
    "a hang": ({"hang": True}, "in time"),
    "slowness": ({"delay": 2}, "in time"),
    "a redirect": ({"redirect": "http://127.0.0.1:1/v1/eligibility"}, "moved"),
    "a body packed against our wish": ({"packed": True}, "could not be read"),
    "too many requests": ({"status": 429, "retry_after": 0}, "wait"),
}


class TestFaultsOfTheWholeResponse:
    @pytest.mark.parametrize("fault", WHOLE_RESPONSE_FAULTS)
    def test_it_leaves_one_question_unavailable(self, vendor, hasty, fault):
        script, words = WHOLE_RESPONSE_FAULTS[fault]
        vendor.script("TST000111", **script)
        answer = arboost.eligibility(hasty, question())
        assert (answer.outcome, answer.x12_271, answer.remaining) == ("unavailable", None, None)
        assert words in answer.detail

    @pytest.mark.parametrize("fault", sorted(set(WHOLE_RESPONSE_FAULTS) - {"an empty body"}))
    def test_it_leaves_a_batch_unavailable(self, vendor, hasty, fault):
        script, words = WHOLE_RESPONSE_FAULTS[fault]
        vendor.script("BROKEN", **script)
        with pytest.raises(Unavailable, match=words):
            arboost.ask_batch(hasty, DAY, [question(1), question(2, "BROKEN")])

    def test_a_body_cut_at_any_byte_gives_no_amount(self, vendor, conn):
        whole = len(json.dumps(vendor.call("POST", "/v1/eligibility", question(member="ABC").as_json())))
        for length in (*range(0, whole, 37), whole - 1):
            vendor.script("ABC", cut_body=length)
            answer = arboost.eligibility(conn, question(member="ABC"))
            assert answer.remaining is None and answer.outcome == "unavailable", length

    def test_an_answer_without_end_is_broken_off(self, vendor):
        small = Connection(vendor.url, vendor.token, Limits(body=1000))
        vendor.script("ABC", raw=json.dumps({"outcome": "answered", "reason_code": "x" * 5000}))
        assert "more than we accept" in arboost.eligibility(small, question(member="ABC")).detail


class TestTooManyRequests:
    def test_the_question_is_asked_again_after_the_wait(self, vendor, conn):
        vendor.script("*", status=429, retry_after=1, times=1)
        started = time.monotonic()
        assert arboost.eligibility(conn, question()).outcome == "answered"
        assert time.monotonic() - started >= 1
        assert [r["status"] for r in vendor.requests()] == [429, 200]

    def test_it_is_asked_three_times_at_most(self, vendor, conn):
        vendor.script("*", status=429, retry_after=0)
        assert arboost.eligibility(conn, question()).outcome == "unavailable"
        assert len(vendor.requests()) == 3

    def test_a_long_wait_is_left_to_the_next_night(self, vendor, conn):
        """D-CHK-7."""
        vendor.script("*", status=429, retry_after=86400)
        started = time.monotonic()
        assert "wait" in arboost.eligibility(conn, question()).detail
        assert time.monotonic() - started < 5
        assert len(vendor.requests()) == 1

    @pytest.mark.parametrize(
        "header, least, most",
        [
            ("3", 3, 3),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
            ("", 1, 1),
            ("-4", 1, 1),
            ("soon", 1, 1),
            ("٣", 1, 1),
            ("9" * 5000, 999_999_999, 999_999_999),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 10**9, 10**12),
            ("Wed, 21 Oct 2015 07:28:00", 0, 1),
        ],
    )
    def test_every_spelling_of_the_wait_is_a_number_of_seconds(self, header, least, most):
        assert least <= arboost.retry_after(header) <= most


class TestConnection:
    def test_a_wrong_token_is_ours_to_mend(self, vendor):
        with pytest.raises(Unavailable, match="token") as refused:
            arboost.agency(Connection(vendor.url, "wrong"))
        assert refused.value.ours

    @pytest.mark.parametrize("token", ["", " ", "a\nb", "a\r\nX-Evil: 1", "naïve", "\ud800"])
    def test_a_token_that_cannot_be_sent_is_said_to_be_so(self, vendor, token):
        with pytest.raises(Unavailable, match="token") as refused:
            arboost.agency(Connection(vendor.url, token))
        assert refused.value.ours and not refused.value.sent

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "arboost",
            "ftp://x/",
            "file:///etc",
            "http://",
            "https://u:p@x/",
            "http://x/?a=1",
            "http://[::1",
            "http://x:99999999/",
        ],
    )
    def test_an_address_that_cannot_be_used_is_said_to_be_so(self, url):
        with pytest.raises(Unavailable, match="address") as refused:
            arboost.agency(Connection(url, "token"))
        assert refused.value.ours and not refused.value.sent

    def test_nobody_listening_is_an_outage_in_which_nothing_was_sent(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{taken.getsockname()[1]}"
            with pytest.raises(Unavailable, match="could not be reached") as outage:
                arboost.agency(Connection(url, "token"))
        assert not outage.value.sent and not outage.value.ours

    def test_a_listener_that_never_accepts_is_given_up(self, hasty):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(0)
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            assert "in time" in arboost.eligibility(replace(hasty, url=url), question()).detail

    def test_no_thread_is_left_behind(self, conn):
        before = threading.active_count()
        arboost.agency(conn)
        assert threading.active_count() == before

    def test_the_token_is_not_in_what_is_printed(self, conn):
        assert conn.token not in repr(conn)


class TestBatches:
    def test_each_question_gets_its_own_answer_in_order(self, vendor, conn):
        asked = [question(n, f"M{n}") for n in range(500)]
        vendor.script("M7", amounts=[{"from": "2026-01-01", "annual": "700.00", "remaining": "7.00"}])
        answers = arboost.ask_batch(conn, DAY, asked)
        assert [a.trace for a in answers] == [q.trace for q in asked]
        assert answers[7].remaining == Decimal("7.00")
        assert answers.dropped == 0

    def test_more_than_500_or_the_same_question_twice_is_a_mistake_of_ours(self, conn):
        with pytest.raises(ValueError, match="500"):
            arboost.ask_batch(conn, DAY, [question(n) for n in range(501)])
        with pytest.raises(ValueError, match="own reference"):
            arboost.ask_batch(conn, DAY, [question(1), question(1)])

    def test_swapped_order_changes_nothing(self, vendor, conn):
        """D-CHK-8: by reference and trace."""
        asked = [question(n, f"M{n}") for n in (1, 2, 3)]
        for n in (1, 2, 3):
            vendor.script(
                f"M{n}", amounts=[{"from": "2026-01-01", "annual": "900.00", "remaining": f"{n}.00"}]
            )
        vendor.script("*", swapped=True)
        answers = arboost.ask_batch(conn, DAY, asked)
        assert [a.remaining for a in answers] == [Decimal(n) for n in ("1.00", "2.00", "3.00")]

    def test_another_patients_answer_is_dropped_and_counted(self, vendor, conn):
        """D-CHK-8: it carries a reference and trace nobody asked with."""
        vendor.script("M1", another_patient=True)
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1"), question(2)])
        assert [a.outcome for a in answers] == ["unavailable", "answered"]
        assert answers[0].x12_271 is None
        assert answers.dropped == 1

    def test_another_patients_answer_to_one_question_is_refused(self, vendor, conn):
        vendor.script("M1", another_patient=True)
        answer = arboost.eligibility(conn, question(1, "M1"))
        assert (answer.outcome, answer.x12_271, answer.annual) == ("unavailable", None, None)
        assert "another question" in answer.detail

    def test_a_right_reference_with_a_wrong_trace_is_dropped(self, vendor, conn):
        vendor.script("M1", fields={"trace": "TRACE-OLD"})
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1")])
        assert (answers[0].outcome, answers.dropped) == ("unavailable", 1)

    def test_two_answers_swapped_between_claims_reach_neither(self, vendor, conn):
        vendor.script("M1", fields={"reference": "claim-2"})
        vendor.script("M2", fields={"reference": "claim-1"})
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1"), question(2, "M2")])
        assert [a.outcome for a in answers] == ["unavailable", "unavailable"]
        assert answers.dropped == 2

    def test_somebody_elses_271_under_our_names_keeps_its_own_trace(self, vendor, conn):
        """D-X12-2: the reader refuses it by its trace, so the gateway must not touch the text."""
        vendor.script("M1", another_patient={"echo": "json"})
        text = arboost.ask_batch(conn, DAY, [question(1, "M1")])[0].x12_271
        assert "TRN*2*OTHER-TRACE-1*" in text and "TRACE-1*9" not in text.replace("OTHER-TRACE-1", "")

    def test_a_missing_answer_is_unavailable_and_the_rest_stand(self, vendor, conn):
        """D-CHK-7."""
        vendor.script("M1", omit=True)
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1"), question(2)])
        assert [a.outcome for a in answers] == ["unavailable", "answered"]

    def test_the_same_answer_twice_counts_once(self, vendor, conn):
        vendor.script("M1", twice=True)
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1")])
        assert ([a.outcome for a in answers], answers.dropped) == (["answered"], 1)

    def test_two_different_answers_to_one_question_are_neither_believed(self):
        one = {"reference": "claim-1", "trace": "TRACE-1", "outcome": "answered", "reason_code": "A"}
        answers = matched([question(1)], {"results": [one, {**one, "reason_code": "B"}, one]})
        assert (answers[0].outcome, answers[0].reason_code, answers.dropped) == ("unavailable", None, 2)

    @pytest.mark.parametrize("results", [None, {}, "x", 5, [None, 5, [], {}, {"reference": [], "trace": {}}]])
    def test_results_of_any_shape_leave_questions_unavailable(self, results):
        assert [a.outcome for a in matched([question(1)], {"results": results})] == ["unavailable"]


class TestManyBatches:
    def test_all_are_asked_in_batches_and_read_lazily(self, vendor, conn):
        taken = []

        def questions():
            for n in range(25):
                taken.append(n)
                yield question(n, f"M{n}")

        running = arboost.ask_many(conn, DAY, questions(), concurrency=2, batch=5)
        next(running)
        assert len(taken) <= 10
        rest = list(running)
        assert sum(len(answers) for _, answers in rest) == 20
        assert all([a.trace for a in answers] == [q.trace for q in asked] for asked, answers in rest)
        assert len(vendor.requests()) == 5

    def test_one_batch_in_trouble_leaves_the_others(self, vendor, hasty):
        """D-CHK-9: what failed is set aside, the night goes on."""
        vendor.script("M6", status=500)
        came = list(arboost.ask_many(hasty, DAY, (question(n, f"M{n}") for n in range(20)), batch=5))
        failed = [asked for asked, answers in came if isinstance(answers, Unavailable)]
        assert [[q.reference for q in asked] for asked in failed] == [[f"claim-{n}" for n in range(5, 10)]]
        assert sum(len(a) for _, a in came if not isinstance(a, Unavailable)) == 15

    def test_slow_batches_run_beside_each_other(self, vendor, conn):
        vendor.script("*", delay=0.4)
        started = time.monotonic()
        assert len(list(arboost.ask_many(conn, DAY, (question(n) for n in range(4)), batch=1))) == 4
        assert time.monotonic() - started < 1.2

    def test_stopping_early_leaves_nothing_running(self, vendor, conn):
        before = threading.active_count()
        vendor.script("M1", hang=True)
        running = arboost.ask_many(conn, DAY, [question(n, f"M{n}") for n in range(4)], batch=1)
        next(running)
        running.close()
        assert threading.active_count() == before

    def test_no_question_makes_no_request(self, vendor, conn):
        assert list(arboost.ask_many(conn, DAY, [])) == []
        assert vendor.requests() == []


def raw(**fields) -> dict:
    return {"reference": "claim-1", "trace": "TRACE-1", "outcome": "answered", "reason_code": "x", **fields}


class TestFields:
    @pytest.mark.parametrize(
        "value",
        [
            *(
                1500,
                1500.0,
                True,
                None,
                [],
                {},
                "",
                "1500",
                "1500.0",
                "1500.000",
                "1,500.00",
                "$1500.00",
                "-5.00",
            ),
            *("+5.00", "1e3", "NaN", "Infinity", " 5.00", "5.00\n", "٥.٠٠", "5.00\x00", "9" * 400 + ".00"),
            *("99999.00", "99999.99", "999999999.99", "1_0.00", "0x1.00"),
        ],
    )
    def test_an_amount_that_is_no_plain_amount_is_no_amount(self, value):
        """D-X12-4 for 99,999 and more; the rest is money of no kind."""
        answer = answer_of(question(), raw(deductible={"annual": "2000.00", "remaining": value}))
        assert (answer.annual, answer.remaining) == (Decimal("2000.00"), None)
        assert "not all" in answer.detail

    @pytest.mark.parametrize(
        "fields",
        [
            {"outcome": None},
            {"outcome": "maybe"},
            {"outcome": ["answered"]},
            {"reference": "claim-2"},
            {"trace": "trace-1"},
            {"trace": 1},
            {"deductible": "1500.00"},
            {"deductible": []},
            {"x12_271": 5},
            {"x12_271": ["ISA"]},
            {"x12_271": "ISA\x00"},
            {"x12_271": "ISA\ud800"},
            {"x12_271": "x" * (2**20 + 1)},
            {"x12_271": "é" * (2**19 + 1)},
            {"reason_code": 7},
            {"reason_code": "x" * 101},
            {"reason_code": "a\nb"},
            {"reason_code": "\ud800"},
        ],
    )
    def test_a_field_of_the_wrong_shape_makes_the_answer_unavailable(self, fields):
        answer = answer_of(question(), raw(**fields))
        assert (answer.outcome, answer.x12_271, answer.reason_code) == ("unavailable", None, None)
        assert answer.detail

    @pytest.mark.parametrize("value", [None, 5, "text", [], [raw()]])
    def test_an_answer_that_is_no_object_is_unavailable(self, value):
        assert answer_of(question(), value).outcome == "unavailable"

    @pytest.mark.parametrize(
        "value", [None, 5, "", "2026", "2026-12-31/2026-01-01", "2026-02-30/2026-12-31", "x" * 21]
    )
    def test_a_period_that_is_none_is_none(self, value):
        assert period_of(value) is None

    def test_unknown_reason_codes_are_passed_on(self):
        """D-RSN-4: they read "Unknown" on the page."""
        assert answer_of(question(), raw(reason_code="Moon Phase")).reason_code == "Moon Phase"


def test_no_patient_data_and_no_token_is_ever_logged(vendor, hasty, caplog):
    """I8: not the name, not the birth date, not the member id, in no trouble."""
    caplog.set_level(logging.DEBUG)
    said = []
    for script, _ in WHOLE_RESPONSE_FAULTS.values():
        vendor.script("CANARY77", **{k: 0.7 if k == "delay" else v for k, v in script.items()})
        said.append(arboost.eligibility(hasty, question(member="CANARY77")).detail)
    vendor.script("CANARY77", another_patient=True)
    arboost.ask_batch(hasty, DAY, [question(member="CANARY77")])
    written = (caplog.text + " ".join(said)).lower()
    assert "arboost" in written
    for private in ("canary77", "sample", "1980", "tst000222", vendor.token):
        assert private not in written
