"""Whatever AR Boost does wrong is an answer or a sentence, never an exception and never an amount."""

import json
import logging
import socket
import threading
import time
from dataclasses import replace
from decimal import Decimal

import pytest

from deductibles.gateways import arboost
from deductibles.gateways.arboost import Connection, Limits, Unavailable
from deductibles.gateways.arboost_answers import answer_of, period_of
from tests.jobs.questions import DAY, question

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
    "one byte after the other": ({"trickle": 0.05}, "in time"),
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

    def test_a_wait_until_a_moment_is_kept_as_well(self, vendor, conn):
        vendor.script("*", status=429, retry_after_date=2, times=1)
        started = time.monotonic()
        assert arboost.eligibility(conn, question()).outcome == "answered"
        assert time.monotonic() - started >= 0.9, "a date has whole seconds only"

    def test_a_fault_may_fall_on_one_call_and_leave_the_others(self, vendor, conn):
        vendor.script("*", status=409, calls=["checks"])
        assert arboost.agency(conn) and arboost.eligibility(conn, question()).outcome == "answered"
        with pytest.raises(Unavailable, match="switched off") as refused:
            arboost.ask_batch(conn, DAY, [question()])
        assert refused.value.ours and refused.value.step == "agency"

    def test_a_token_that_was_changed_at_the_vendor_is_refused_until_ours_is(self, vendor, conn):
        vendor.script("*", token="rotated")
        with pytest.raises(Unavailable, match="token"):
            arboost.agency(conn)
        assert arboost.agency(replace(conn, token="rotated"))

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
