"""Reading a 271 by API: every example as expected, hostile bodies refused, nothing saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deductibles.models import Snapshot

EXAMPLES = Path(__file__).resolve().parent.parent / "data" / "x271"
EXPECTED = json.loads((EXAMPLES / "expected.json").read_text())
URL = "/api/v1/benefit-readings/"
COMPARED = (
    "usable",
    "envelope_valid",
    "active",
    "individual",
    "family",
    "out_of_network",
    "effective_remaining",
    "flags",
)


def _text(name: str) -> str:
    return (EXAMPLES / name).read_text()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_example_is_read_as_expected(api, ben, name):
    answer = api(ben).post(URL, {"x12_271": _text(name), "as_of": "2026-05-20"})
    assert answer.status_code == 200, answer.json()
    found, wanted = answer.json(), EXPECTED[name]
    assert {key: found[key] for key in COMPARED} == {key: wanted[key] for key in COMPARED}
    rejects = [{key: one[key] for key in ("loop", "code", "follow_up")} for one in found["rejects"]]
    assert rejects == wanted["rejects"]


def test_a_trace_chooses_among_several_transactions(api, ben):
    client = api(ben)
    body = {"x12_271": _text("two_transactions.edi"), "as_of": "2026-05-20"}
    first = client.post(URL, {**body, "trace": "CLM-1019A"}).json()
    second = client.post(URL, {**body, "trace": "CLM-1019B"}).json()
    assert (first["effective_remaining"], second["effective_remaining"]) == ("1000.00", "0.00")
    unknown = client.post(URL, {**body, "trace": "SOMEBODY ELSE"}).json()
    assert unknown["usable"] is False
    assert unknown["effective_remaining"] is None


def test_every_line_says_why_it_was_or_was_not_used(api, ben):
    body = {"x12_271": _text("ytd_no_remaining.edi"), "as_of": "2026-05-20"}
    trail = api(ben).post(URL, body).json()["trail"]
    assert any(line["used"] for line in trail)
    assert all(line["why"].endswith(".") for line in trail)


@pytest.mark.parametrize(
    "text", ["", " ", "garbage", "ISA", "ISA*00*", "<xml/>", "ISA" + "*" * 5000, "\u202e\ufeff", "~" * 9000]
)
def test_a_text_that_is_no_answer_gives_no_amount_to_act_on(api, ben, text):
    answer = api(ben).post(URL, {"x12_271": text})
    assert answer.status_code == 200
    assert answer.json()["usable"] is False
    assert answer.json()["effective_remaining"] is None


@pytest.mark.parametrize("name", ["ytd_no_remaining.edi", "zero_plan_no_remaining.edi"])
def test_a_cut_answer_gives_no_amount_to_act_on(api, ben, name):
    client, whole = api(ben), _text(name).rstrip()
    for length in range(0, len(whole) - 1, 37):
        found = client.post(URL, {"x12_271": whole[:length], "as_of": "2026-05-20"})
        assert found.status_code == 200
        assert found.json()["usable"] is False
        assert found.json()["effective_remaining"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"x12_271": None},
        {"x12_271": 5},
        {"x12_271": True},
        {"x12_271": ["ISA"]},
        {"x12_271": {"a": 1}},
        {"x12_271": "ISA", "as_of": "yesterday"},
        {"x12_271": "ISA", "as_of": "2026-02-30"},
        {"x12_271": "ISA", "as_of": 7},
        {"x12_271": "ISA", "as_of": "２０２６-０５-２０"},
        {"x12_271": "ISA", "as_of": "٢٠٢٦-٠٥-٢٠"},
        {"x12_271": "ISA", "as_of": ["2026-05-20"]},
        {"x12_271": "ISA", "trace": "x" * 51},
        {"x12_271": "ISA", "trace": {"a": 1}},
        {"x12_271": "ISA", "save": True},
        {"x12_271": "x" * 1_000_001},
        {"x12_271": "ISA\x00"},
        ["ISA"],
        "ISA",
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_a_sentence(api, ben, body):
    answer = api(ben).post(URL, body)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith(".")


def test_nothing_is_saved_and_agents_are_refused(api, ben, sue, ana, adam):
    body = {"x12_271": _text("plain_ppo.edi")}
    assert api(ben).post(URL, body).status_code == 200
    assert api(sue).post(URL, body).status_code == 200
    assert not Snapshot.objects.exists()
    for person in (ana, adam):
        assert api(person).post(URL, body).status_code == 403
