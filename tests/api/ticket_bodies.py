"""What the tests of tickets by API send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from accounts.models import User
from patients.models import Patient

Api = Callable[[User], APIClient]
URL = "/api/v1/escalations/"
GOOD_ANSWERS = {"recipient": "patient", "account_status": "paid"}


def ticket_body(patient: Patient) -> dict[str, Any]:
    """An itemized bill a patient asked for by phone."""
    return {
        "type": "itemized-bill",
        "channel": "phone",
        "caller": "patient",
        "patient": str(patient.pk),
        "answers": GOOD_ANSWERS,
        "note": "Wants it by post.",
        "acknowledged": [],
    }


def rules(answer: Any) -> set[str]:
    return {problem["rule"] for problem in answer.json()["problems"]}


def steps(found: dict[str, Any]) -> str:
    return f"{URL}{found['number']}/steps/"


def draft_of(api: Api, user: User, body: dict[str, Any]) -> dict[str, Any]:
    answer = api(user).post(URL, {**body, "draft": True})
    assert answer.status_code == 201, answer.json()
    return answer.json()
