"""What AR Boost answered in the demo's past: the stand-in's own answers, given without a network."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import User
from deductibles import bills, questions
from deductibles.actions import holding
from deductibles.domain import evidence
from deductibles.gateways import arboost
from deductibles.gateways.arboost_answers import answer_of
from deductibles.models import Claim, Snapshot
from sandbox import answering
from sandbox.script import Book

WEEK = timedelta(days=7)


class Vendor:
    """AR Boost as it answered on each day of the past; ``book`` holds what it was told, member by member."""

    def __init__(self) -> None:
        self.book = Book()

    def tell(self, member: str, annual: Decimal, remaining: Decimal, weekly: Decimal, last: date) -> None:
        """Have the remaining deductible fall by ``weekly`` dollars a week to ``remaining`` on ``last``."""
        rows = [
            {
                "from": (last - WEEK * week).isoformat(),
                "annual": f"{annual:.2f}",
                "remaining": f"{min(annual, remaining + weekly * week):.2f}",
            }
            for week in range(9)
        ]
        self.book.write(member, {"amounts": rows})

    def answer(self, question: arboost.Question, as_of: date) -> arboost.Answer:
        """The stand-in's answer, checked as every answer of AR Boost is."""
        asked: dict[str, Any] = {
            name: getattr(question, name) for name in ("reference", "trace", "payer", "subscriber", "patient")
        }
        return answer_of(question, answering.result(self.book, asked, as_of))

    def ask(self, claim: Claim, *, by: User, at: datetime) -> Snapshot:
        """Ask about a claim's primary coverage, and keep the answer as `deciding.ask` does."""
        company, coverage = claim.company, bills.primary_of(claim)
        assert coverage is not None
        today = at.astimezone(company.zone).date()
        trace = f"C{claim.pk}T{at:%y%m%d%H%M}"
        question = questions.question(claim.reference, trace, claim, coverage, today)
        about = questions.asked(trace, claim, coverage, company, today)
        found = evidence.weigh(self.answer(question, today), about)
        row = holding.snapshot_row(
            found, claim=claim, coverage=coverage, source="arboost", at=at, as_of=today, trace=trace, by=by
        )
        with transaction.atomic(), acting(by, "run eligibility"):
            row.save()
        return row
