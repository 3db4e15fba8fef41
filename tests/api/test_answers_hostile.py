"""Filing and advice with what nobody should send: every kind of question, answers of other types, unknown names.

What cannot be used is answered 400 with a sentence that does not repeat it (404 for a row that is not there); nothing
fails, and nothing is stored.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from escalations.domain.answers import READERS
from escalations.models import FilingDraft, Ticket
from patients.models import Patient
from tests.api.ticket_bodies import GOOD_ANSWERS, URL, Api
from tests.filing_cases import good_body
from tests.hostile import HOSTILE, as_json

pytestmark = pytest.mark.django_db
ADVICE = f"{URL}advice/"
DOORS = [URL, ADVICE]
QUESTIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "choice": ("refund", "reason", {}),
    "choices": ("do-not-contact", "channels", {}),
    "yes_no": ("refund", "payment_visible", {}),
    "text": ("executive-keywords", "words", {}),
    "money": ("refund", "amount", {}),
    "number": ("callback-ptp-pte", "waited", {}),
    "date": ("insurance-update", "date_of_service", {}),
    "phone": ("patient-callback", "number", {}),
    "email": ("medical-records", "destination_email", {}),
    "fax": ("medical-records", "destination_fax", {"send_by": "fax"}),
    "file": ("missing-payment", "proof", {}),
    "ticket": ("supervisor", "linked_update", {"scenario": "update_overdue"}),
    "moment": ("executive-keywords", "transfer_at", {}),
}
"""A question of each kind: its type, its key, and the answers without which it is not asked."""

ANY_KIND = [{"a": "b"}, [[], {"a": "b"}], "before\x00after", "lone \ud800 surrogate", "x" * 100_000]
NO_VALUE: dict[str, list[Any]] = {
    "choice": ["no such thing", 5, True, "9" * 5_000, ["overpaid"]],
    "choices": ["calls", ["calls", "no such thing"], ["calls"] * 50, 5, True],
    "yes_no": ["perhaps", 1, 0, 2.5, ["yes"]],
    "text": [5, True, ["words"], "y" * 501, "bell \x07 rings"],
    "money": ["1.000,00", "1e3", "NaN", "-5", "1.005", "１００", "9" * 400, [1], True],
    "number": ["1.5", "-1", "1e3", "1,5", "9" * 400, 10**30, -1, True, [1]],
    "date": ["2026-02-30", "soon", "0000-00-00", "13/13/2026", "2026-5-1", 20260501, True, ["2026-05-01"]],
    "phone": ["12", "٣١٢٥٥٥٠١٤٧", "9" * 400, "call me maybe", True, [3125550147]],
    "email": ["nobody", "a@b", "a b@mail.example", f"{'a' * 400}@mail.example", 5, True, ["a@mail.example"]],
    "fax": ["12", "٣١٢٥٥٥٠١٤٧", "9" * 400, "no such thing", True, [3125550147]],
    "file": [
        5,
        True,
        ["../../etc/passwd"],
        ["x" * 65],
        [5],
        "no such thing",
        [f"receipt-{n:04}" for n in range(21)],
    ],
    "ticket": ["no such thing", "E-", "E-1e3", "9" * 19, -1, 1.5, True, ["E-1001"], "E-１００１"],
    "moment": [
        "soon",
        "25:00",
        "2026-02-30T10:00",
        "9999-01-01T10:00",
        "10",
        5,
        True,
        ["10:00"],
        "2026-05-20",
    ],
}
"""What no question of the kind takes, besides what none takes at all."""


def send(client: APIClient, url: str, body: Any) -> Any:
    return client.post(url, as_json(body), content_type="application/json")


def body_of(kind: str, patient: Patient, value: Any) -> tuple[str, dict[str, Any]]:
    """A filing whose question of this kind is answered so, and the name of the answer."""
    key, question, needed = QUESTIONS[kind]
    body = good_body(key, patient)
    body["answers"] |= {**needed, question: value}
    return f"answers.{question}", body


def repeats(answer: Any, value: Any) -> bool:
    """Whether the answer says again what was sent, as far as it can be told apart from its own words."""
    text = value if isinstance(value, str) else json.dumps(value)
    return len(text) > 8 and text[:60] in answer.content.decode()


def test_every_kind_of_question_has_a_place_in_the_table() -> None:
    assert set(QUESTIONS) == set(NO_VALUE) == set(READERS)


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize("url", DOORS)
def test_what_is_no_answer_of_its_kind_is_refused_with_a_sentence(
    api: Api, ana: User, patient: Patient, url: str, kind: str
) -> None:
    client = api(ana)
    for value in [*NO_VALUE[kind], *ANY_KIND]:
        name, body = body_of(kind, patient, value)
        answer = send(client, url, body)
        shown = (kind, str(value)[:40].encode("ascii", "replace"))
        assert answer.status_code == 400, (shown, answer.status_code)
        found = {key: rows for key, rows in answer.json()["fields"].items() if key.startswith(name)}
        assert found, (shown, answer.json())
        assert all(row["message"].endswith(".") for rows in found.values() for row in rows), shown
        assert not repeats(answer, value), shown
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize("url", DOORS)
def test_no_hostile_answer_makes_it_fail(api: Api, ana: User, patient: Patient, url: str, kind: str) -> None:
    client = api(ana)
    for value in HOSTILE:
        _, body = body_of(kind, patient, value)
        answer = send(client, url, body)
        assert answer.status_code in (200, 201, 400, 404), (kind, str(value)[:40], answer.status_code)
        assert answer.status_code < 400 or answer.json()["message"]


@pytest.mark.parametrize("kind", QUESTIONS)
def test_an_empty_answer_is_missing_and_no_mistake(api: Api, ana: User, patient: Patient, kind: str) -> None:
    client = api(ana)
    for value in ("", None, []):
        _, body = body_of(kind, patient, value)
        advised, filed = send(client, ADVICE, body), send(client, URL, body)
        assert advised.status_code == 200, (kind, value, advised.json())
        assert filed.status_code in (201, 400)
        assert filed.status_code == 201 or (filed.json()["problems"] and not filed.json()["fields"])


@pytest.mark.parametrize("kind", ["file", "ticket"])
@pytest.mark.parametrize("url", DOORS)
def test_a_file_or_ticket_that_is_not_there_is_not_found(
    api: Api, ana: User, patient: Patient, url: str, kind: str
) -> None:
    there_is_none = {"file": ["receipt-0001"], "ticket": "E-4711"}[kind]
    answer = send(api(ana), url, body_of(kind, patient, there_is_none)[1])
    assert answer.status_code == 404 and answer.json()["message"]


@pytest.mark.parametrize(
    "answers",
    [
        {"amount": "12.00"},
        {"recipient": "patient", "shoe_size": "44"},
        {"<script>alert(1)</script>": "x"},
        {"": "x"},
        {"constructor": "x", "__proto__": "x"},
        {"k" * 5_000: "x"},
        {f"strange_{n}": "x" for n in range(3_000)},
    ],
)
@pytest.mark.parametrize("url", DOORS)
def test_answers_to_what_the_type_does_not_ask_are_named_and_refused(
    api: Api, ana: User, body: dict[str, Any], url: str, answers: dict[str, Any]
) -> None:
    answer = send(api(ana), url, {**body, "answers": {**GOOD_ANSWERS, **answers}})
    assert answer.status_code == 400
    named = set(answer.json()["fields"])
    assert named and len(named) <= 20 and all(len(name) <= 60 for name in named)
    assert "script" not in answer.content.decode()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("answers", ["", "recipient", 5, True, [], [["recipient", "patient"]], 10**30])
@pytest.mark.parametrize("url", DOORS)
def test_answers_that_are_no_object_are_refused(
    api: Api, ana: User, body: dict[str, Any], url: str, answers: Any
) -> None:
    answer = send(api(ana), url, {**body, "answers": answers})
    assert answer.status_code == 400
    assert "answers" in answer.json()["fields"] or answer.json()["problems"]


@pytest.mark.parametrize(
    "field",
    [
        "type",
        "channel",
        "caller",
        "patient",
        "note",
        "acknowledged",
        "received_at",
        "override",
        "overrides",
        "dismissals",
        "follows",
        "text",
    ],
)
def test_no_hostile_value_of_any_name_makes_the_advice_fail(
    api: Api, sue: User, body: dict[str, Any], field: str
) -> None:
    client = api(sue)
    for value in HOSTILE:
        answer = send(client, ADVICE, {**body, field: value})
        assert answer.status_code in (200, 400, 404), (field, str(value)[:40], answer.status_code)
        if answer.status_code != 200:
            assert answer.json()["message"] and not repeats(answer, value)


@pytest.mark.parametrize("field", ["override", "overrides", "dismissals", "follows"])
@pytest.mark.parametrize("value", [value for value in HOSTILE if value not in ("", None)])
def test_a_hostile_reason_or_number_is_refused_when_filing(
    api: Api, sue: User, body: dict[str, Any], field: str, value: Any
) -> None:
    answer = send(api(sue), URL, {**body, field: value})
    assert answer.status_code in (400, 404) and answer.json()["message"]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("name", ["colour", "draft ", "Type", "__class__", "id", "number", "status", "marks"])
@pytest.mark.parametrize("url", DOORS)
def test_a_name_that_is_not_known_is_refused(
    api: Api, ana: User, body: dict[str, Any], url: str, name: str
) -> None:
    answer = send(api(ana), url, {**body, name: "x"})
    assert answer.status_code == 400
    (rows,) = answer.json()["fields"].values()
    assert rows[0]["code"] == "unknown"
    assert not Ticket.objects.exists()


def test_what_is_for_the_other_address_is_refused_by_each(api: Api, ana: User, body: dict[str, Any]) -> None:
    assert "text" in send(api(ana), URL, {**body, "text": "fraud"}).json()["fields"]
    assert "draft" in send(api(ana), ADVICE, {**body, "draft": True}).json()["fields"]


@pytest.mark.parametrize(("url", "field"), [(URL, "note"), (ADVICE, "note"), (ADVICE, "text")])
def test_a_note_of_ten_megabytes_is_refused_before_it_is_read(
    api: Api, ana: User, body: dict[str, Any], url: str, field: str
) -> None:
    answer = send(api(ana), url, {**body, field: "x" * 10_000_000})
    assert answer.status_code == 413 and answer.json()["message"].endswith(".")
    answer = send(api(ana), url, {**body, field: "x" * 10_001})
    assert answer.status_code == 400 and "10,000" in answer.json()["fields"][field][0]["message"]
    assert not Ticket.objects.exists()


def test_a_note_and_a_text_are_together_no_longer_than_a_note(
    api: Api, ana: User, body: dict[str, Any]
) -> None:
    half = {**body, "note": "x" * 6_000}
    assert send(api(ana), ADVICE, {**half, "text": "y" * 3_999}).status_code == 200
    answer = send(api(ana), ADVICE, {**half, "text": "y" * 4_000})
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {"text"}


@pytest.mark.parametrize("url", DOORS)
@pytest.mark.parametrize("value", [[], "text", 5, [1, 2], True, "null"])
def test_a_body_that_is_no_object_is_refused(api: Api, ana: User, url: str, value: Any) -> None:
    assert api(ana).post(url, value, format="json").status_code == 400


@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_draft_takes_no_answer_that_cannot_be_read(
    api: Api, ana: User, patient: Patient, kind: str
) -> None:
    client = api(ana)
    for value in [*NO_VALUE[kind][:3], *ANY_KIND]:
        name, body = body_of(kind, patient, value)
        answer = send(client, URL, {**body, "draft": True})
        assert answer.status_code == 400
        assert any(key.startswith(name) for key in answer.json()["fields"])
    assert not Ticket.objects.exists() and not FilingDraft.objects.exists()
