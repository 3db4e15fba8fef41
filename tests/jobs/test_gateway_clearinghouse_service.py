"""Handing files to a clearinghouse that is a service, and to the stand-in that watches a folder."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deductibles.gateways import clearinghouse
from deductibles.gateways.clearinghouse import Arrived, Limits, Unavailable, Way, hand_over, inbox, put_away
from deductibles.x12.claim import parse_claim_numbers, write
from tests.jobs.claims_files import CONTENT, NAME, claims_file
from tests.sandboxes import clearinghouse as clearinghouse_sandbox
from tests.x12_claims import HANKS_CLAIM, PROVIDER, ROSAS_CLAIM, TOMS_CLAIM
from tests.x12_validation import pyx12_errors

SOON = Limits(connect=0.5, total=0.6)


@pytest.fixture(scope="module")
def running():
    with clearinghouse_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def house(running):
    running.reset()
    running.call("DELETE", "/_accepted")
    return running


class TestService:
    def hand(self, house, content=CONTENT, name=NAME, limits=SOON):
        return hand_over(Way(house.url, limits=limits), company_key="acme", filename=name, content=content)

    def test_a_file_is_taken_and_has_a_reference(self, house):
        handed = self.hand(house)
        assert (handed.state, handed.reference) == ("accepted", "CH00000001")
        assert house.call("GET", "/_accepted")["claims"] == {"acme/1001": [NAME], "acme/1002.2": [NAME]}

    def test_the_same_file_again_is_one_file(self, house):
        assert self.hand(house) == self.hand(house)
        books = house.call("GET", "/_accepted")
        assert (len(books["files"]), books["duplicates"]) == (1, {})

    def test_a_claim_in_two_files_is_noted_as_sent_twice(self, house):
        """The control of I2: the stand-in does notice."""
        self.hand(house)
        self.hand(house, claims_file("1001", control="000000124"), "000000124.837p")
        assert house.call("GET", "/_accepted")["duplicates"] == {"acme/1001": [NAME, "000000124.837p"]}

    def test_another_file_under_the_same_name_is_refused(self, house):
        self.hand(house)
        handed = self.hand(house, claims_file("9999"))
        assert handed.state == "refused"
        assert "different file" in handed.detail

    @pytest.mark.parametrize(
        "fault, state",
        [
            ({"status": 400}, "refused"),
            ({"status": 401}, "refused"),
            ({"status": 413}, "refused"),
            ({"status": 429}, "refused"),
            ({"redirect": "http://127.0.0.1:1/"}, "refused"),
            ({"status": 408}, "ambiguous"),
            ({"status": 500}, "ambiguous"),
            ({"status": 503}, "ambiguous"),
            ({"hang": True}, "ambiguous"),
            ({"delay": 1.5}, "ambiguous"),
            ({"lost": True}, "ambiguous"),
            ({"cut_body": 9}, "ambiguous"),
            ({"garbage": True}, "ambiguous"),
            ({"raw": "{}"}, "ambiguous"),
            ({"raw": '{"state": "accepted", "reference": 5}'}, "ambiguous"),
        ],
    )
    def test_only_a_clear_answer_decides(self, house, fault, state):
        house.script("*", **fault)
        handed = self.hand(house)
        assert (handed.state, handed.reference) == (state, "")
        assert ("Nothing was handed over" if state == "refused" else "may have arrived") in handed.detail

    def test_an_answer_lost_after_acceptance_is_ambiguous_and_sending_again_makes_no_second(self, house):
        house.script("*", lost=True, times=1)
        assert self.hand(house).state == "ambiguous"
        assert self.hand(house).state == "accepted"
        assert len(house.call("GET", "/_accepted")["files"]) == 1

    def test_nobody_there_refuses(self):
        handed = hand_over("http://127.0.0.1:9", company_key="acme", filename=NAME, content=CONTENT)
        assert handed.state == "refused"
        assert "could not be reached" in handed.detail

    def test_the_acknowledgements_are_valid_x12_and_name_every_claim(self, house):
        """D-SUB-3."""
        house.script("1002.2", reject=True)
        self.hand(house)
        functional, claims = sorted(inbox(house.url, "acme"), key=lambda a: a.name, reverse=True)
        assert pyx12_errors(functional.content.decode()) == []
        assert pyx12_errors(claims.content.decode()) == []
        lines = [s.strip() for s in claims.content.decode().split("~")]
        for number, status in (("1001", "A2:20"), ("1002.2", "A3:21")):
            assert lines[lines.index(f"TRN*2*{number}") + 1].startswith(f"STC*{status}*")
        assert "AK1*HC*77*005010X222A1" in functional.content.decode()
        for each in (functional, claims):
            put_away(house.url, "acme", each.name)
        assert inbox(house.url, "acme") == []

    def test_an_837p_of_ours_is_taken_claim_by_claim(self, house):
        at = datetime(2026, 3, 3, 4, 5, tzinfo=UTC)
        sent = (ROSAS_CLAIM, TOMS_CLAIM, replace(HANKS_CLAIM, sequence=2))
        text = write(PROVIDER, sent, interchange_control=9, group_control=9, at=at, usage="T")
        assert self.hand(house, text.encode()).state == "accepted"
        assert sorted(house.call("GET", "/_accepted")["claims"]) == [
            f"acme/{n}" for n in parse_claim_numbers(text)
        ]
        for answer in inbox(house.url, "acme"):
            assert pyx12_errors(answer.content.decode()) == []

    def test_a_cut_file_is_answered_with_a_rejecting_999(self, house):
        self.hand(house, CONTENT[:-30])
        (functional,) = inbox(house.url, "acme")
        assert "AK9*R*" in functional.content.decode()
        assert house.call("GET", "/_accepted")["claims"] == {}

    @pytest.mark.parametrize(
        "listed",
        ["[]", "{}", '{"files": 5}', "garbage"],
    )
    def test_a_list_of_acknowledgements_that_is_none_is_a_sentence(self, house, listed):
        house.script("*", raw=listed)
        with pytest.raises(Unavailable, match="list of acknowledgements"):
            inbox(Way(house.url, limits=SOON), "acme")

    def test_entries_that_make_no_sense_are_told_and_taken_by_nobody(self, house):
        house.script(
            "*",
            raw='{"files": [5, {}, {"name": "../x", "text": "x"}, {"name": "a", "text": 5}, {"name": "a", "text": "ok"}]}',
        )
        *odd, good = inbox(house.url, "acme")
        assert good == Arrived("a", b"ok")
        assert [(each.name, each.content, bool(each.trouble)) for each in odd] == [
            ("a file without a name", b"", True),
            ("a file without a name", b"", True),
            ("../x", b"", True),
            ("a", b"", True),
        ]

    def test_a_name_with_spaces_is_a_name_and_ten_megabytes_are_too_much(self, house):
        large = json.dumps(
            {"files": [{"name": "a b (1).999", "text": "ok"}, {"name": "x", "text": "x" * 11 * 2**20}]}
        )
        house.script("*", raw=large)
        fits, huge = inbox(house.url, "acme")
        assert fits == Arrived("a b (1).999", b"ok")
        assert (huge.name, huge.content) == ("x", b"") and "larger than 10 MB" in huge.trouble


class TestWatchedFolder:
    def wait_for(self, ready, seconds=10):
        until = time.monotonic() + seconds
        while not ready() and time.monotonic() < until:
            time.sleep(0.05)
        return ready()

    def test_a_file_is_taken_acknowledged_and_known_after_a_restart(self, tmp_path):
        folder, url = tmp_path / "house", (tmp_path / "house").as_uri()
        with clearinghouse_sandbox(folder=folder) as house:
            hand_over(url, company_key="acme", filename=NAME, content=CONTENT)
            assert self.wait_for(lambda: len(inbox(url, "acme")) == 2)
            assert (folder / "acme" / "accepted" / NAME).read_bytes() == CONTENT
            assert list((folder / "acme" / "outbox").iterdir()) == []
            assert house.call("GET", "/_accepted")["claims"]["acme/1001"] == [NAME]
        assert hand_over(url, company_key="acme", filename=NAME, content=CONTENT).state == "accepted"
        with clearinghouse_sandbox(folder=folder) as house:
            assert house.call("GET", "/_accepted")["duplicates"] == {}
            assert list((folder / "acme" / "outbox").iterdir()) == []


def test_the_addresses_understood_are_named():
    handed = hand_over("ftp://host/x", company_key="acme", filename=NAME, content=CONTENT)
    assert all(scheme in handed.detail for scheme in clearinghouse.SCHEMES)
