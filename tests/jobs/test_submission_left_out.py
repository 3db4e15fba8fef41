"""Claims a file cannot hold are refused before it, in words, on the claim; the rest goes (D-SUB-0, D-SUB-1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from deductibles.actions import holds
from deductibles.models import BillingProvider, Claim, Concern, Submission
from patients.models import Patient
from tests import factories
from tests.claim_line import Line, days, noon, status_of
from tests.x12_validation import pyx12_errors

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
MET = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]


def queued(line: Line) -> Claim:
    return line.complete(line.member(amounts=MET)).claim


def somebody_else(line: Line) -> Claim:
    """A claim of another patient, which nothing is wrong with."""
    mine, line.patient = line.patient, factories.PatientFactory(company=line.company)
    try:
        return queued(line)
    finally:
        line.patient = mine


def no_diagnosis(line: Line, claim: Claim) -> None:
    Claim.objects.filter(pk=claim.pk).update(diagnoses=[])


def bad_zip(line: Line, claim: Claim) -> None:
    Patient.objects.filter(pk=line.patient.pk).update(zip="6060")


def no_npi(line: Line, claim: Claim) -> None:
    """The claim names a provider of its own whose NPI is gone; the company's has one."""
    row = BillingProvider.objects.filter(company=line.company).latest("pk")
    row.pk, row.npi, row.version = None, "", row.version + 50
    row.save(force_insert=True)
    BillingProvider.objects.filter(pk=row.pk).update(version=0)
    Claim.objects.filter(pk=claim.pk).update(provider=row)


def wrong_npi(line: Line, claim: Claim) -> None:
    no_npi(line, claim)
    BillingProvider.objects.filter(npi="").update(npi="1234567890")


BROKEN: list[tuple[Callable[[Line, Claim], None], str]] = [
    (no_diagnosis, "diagnosis"),
    (bad_zip, "ZIP"),
    (no_npi, "NPI"),
    (wrong_npi, "NPI"),
]


@pytest.mark.parametrize(("spoil", "word"), BROKEN, ids=[spoil.__name__ for spoil, _ in BROKEN])
def test_what_is_missing_is_said_on_the_claim_and_the_rest_goes_D_SUB_1(
    line: Line, page_as: Callable[[User], Client], spoil: Callable[[Line, Claim], None], word: str
) -> None:
    bad, good = queued(line), somebody_else(line)
    spoil(line, bad)
    run = line.submit(days(1))
    assert (status_of(bad), status_of(good), run.submitted) == ("queued", "submitted", 1)
    (told,) = run.failures
    assert told["claim"] == bad.number and word in told["why"]
    text = Submission.objects.get().file.content
    assert bad.number not in text and good.number in text and pyx12_errors(text) == []
    desk = page_as(line.biller)
    page = desk.get(reverse("deductibles:claim", args=[bad.number])).content.decode()
    assert "The last submission left it out." in page and word in page
    listed = desk.get(reverse("deductibles:work_unwritten")).content.decode()
    assert bad.number in listed and good.number not in listed


def test_once_mended_it_goes_with_the_next_submission_and_leaves_the_list(line: Line) -> None:
    claim = queued(line)
    bad_zip(line, claim)
    line.submit(days(1))
    assert list(Concern.objects.values_list("kind", flat=True)) == ["unwritten"]
    Patient.objects.filter(pk=line.patient.pk).update(zip="60601")
    assert line.submit(days(2)).submitted == 1
    assert status_of(claim) == "submitted" and not Concern.objects.exists()


def test_taken_out_of_the_queue_it_leaves_the_list(line: Line) -> None:
    hold = line.held()
    holds.queue(hold.claim, by=line.biller, at=noon(days(1)))
    no_diagnosis(line, hold.claim)
    line.submit(days(1))
    assert Concern.objects.filter(kind="unwritten").exists()
    holds.unqueue(Claim.objects.get(pk=hold.claim_id), by=line.biller, at=noon(days(1)))
    assert not Concern.objects.filter(kind="unwritten").exists()


def test_every_claim_of_a_company_without_npi_stays_queued_and_says_so_D_SUB_0(line: Line) -> None:
    waiting = [queued(line), queued(line)]
    BillingProvider.objects.filter(company=line.company).update(npi="")
    run = line.submit(days(1))
    assert run.submitted == 0 and not Submission.objects.exists()
    assert {row["claim"] for row in run.failures} == {claim.number for claim in waiting}
    assert all("NPI" in row["why"] for row in run.failures)
