"""Acme's world for the tests that cover every address: one of everything, or as many as asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Company, User
from deductibles.actions.claims import create_claim
from deductibles.models import Claim, Submission, SubmissionFile
from escalations import actions
from escalations.filing import read_filing
from escalations.models import Ticket
from tests.addresses import Address
from tests.api.claim_bodies import TODAY, claim_body, provide
from tests.api.test_holds import hold_many
from work.models import Run


@dataclass(frozen=True)
class World:
    """The rows that stand in addresses, by the word their route has; tickets and claims also by number."""

    rows: dict[str, int]
    numbers: dict[str, str]

    def value(self, address: Address, part: str) -> Any:
        """What stands in the address for this part of its path."""
        values: dict[str, Any] = dict(self.numbers if part == "number" else self.rows)
        for word, found in values.items():
            if part in ("key", "number") and word in address.route:
                return found
        return {"uidb36": "1", "rest": "nothing/here/"}.get(part, "x")


def make_world(cast: dict[str, User]) -> World:
    """One of everything that has an address, all of it acme's."""
    acme, now = cast["ana"].company, datetime.now(UTC)
    provide(cast["adam"])
    (hold,) = hold_many(acme, 1, first=900)
    draft = create_claim(claim_body(acme), by=cast["ben"], at=now)
    ticket = file_ticket(cast["ana"], patient=draft.patient_id, at=now)
    run = make_run(acme, days_ago=0)
    sent = make_submission(acme, run, [])
    return World(
        rows={
            "patients": draft.patient_id,
            "payers": hold.payer_id,
            "escalations": ticket.pk,
            "submissions": sent.pk,
            "runs": run.pk,
            "claims": draft.pk,
        },
        numbers={"escalations": ticket.number, "claims": draft.number},
    )


def file_ticket(user: User, *, patient: int, at: datetime, note: str = "") -> Ticket:
    """An itemized bill a patient asked for by phone, filed as the page files it."""
    answers = {"recipient": "patient", "account_status": "paid"}
    said = {"type": "itemized-bill", "channel": "phone", "caller": "patient", "answers": answers}
    filing = read_filing(user, {**said, "patient": patient, "note": note}, at=at)
    return actions.file_ticket(filing, by=user, at=at)


def make_run(company: Company, *, days_ago: int, kind: str = "submission") -> Run:
    """A night that is over."""
    night = TODAY - timedelta(days=days_ago)
    now = datetime.now(UTC)
    return Run.objects.create(company=company, kind=kind, target_date=night, state="done", created_at=now)


def make_submission(company: Company, run: Run, claims: list[Claim]) -> Submission:
    """An 837P batch that was written, with its file and its claims."""
    last = Submission.objects.filter(company=company).order_by("-control_number").first()
    number = last.control_number + 1 if last else 1
    sent = Submission.objects.create(
        company=company,
        run=run,
        control_number=number,
        filename=f"{company.key}-{number}.837",
        claims_count=len(claims),
        written_at=datetime.now(UTC),
    )
    SubmissionFile.objects.create(company=company, submission=sent, content="ISA*00*~")
    return sent
