"""Questions to AR Boost about one invented patient."""

from dataclasses import replace
from datetime import date

from deductibles.gateways.arboost import Limits, Question

DAY = date(2026, 9, 15)
SOON = Limits(connect=0.5, total=0.6, longest_wait=0.4)


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
