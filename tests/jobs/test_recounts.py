"""Recounts by whoever runs the server stand in the list of background work, also when they fail."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Company, User
from config.moving import rewriting
from deductibles.actions import hold_totals, outcomes
from deductibles.models import HoldTotal
from tests.api.test_holds import hold_many
from tests.background import words
from work.background import jobs
from work.models import Job

pytestmark = pytest.mark.django_db
URL = "/settings/runs/all/"


def test_a_recount_of_the_sums_says_how_many_lines_there_were_and_are(acme: Company, other: Company) -> None:
    hold_many(acme, 3, first=700)
    HoldTotal.objects.filter(company=acme).update(lines=9)
    before = hold_totals.lines_of(acme)
    call_command("recount_holds", stdout=StringIO())
    job = Job.objects.get(company=acme)
    assert (job.kind, job.state) == ("recount_holds", "done")
    assert job.said == f"3 lines; before it {before} were counted." and before != 3
    assert Job.objects.get(company=other).said == "0 lines; before it 0 were counted."


def test_a_recount_of_the_outcomes_says_how_many_were_written_anew(acme: Company, cast: Any) -> None:
    call_command("recount_outcomes", stdout=StringIO())
    call_command("recount_outcomes", stdout=StringIO())
    assert [job.said for job in Job.objects.filter(company=acme)] == ["0 lines were written anew."] * 2


def test_one_that_fails_is_told_by_kind_of_error_and_the_error_goes_on(
    acme: Company, adam: User, page_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> int:
        raise LookupError("Zzyzxcanary")

    monkeypatch.setattr(outcomes, "catch_up", fails)
    with pytest.raises(LookupError):
        call_command("recount_outcomes", stdout=StringIO())
    page = words(page_as(adam).get(URL))
    assert "It stopped unexpectedly (LookupError). What was written until then stays." in page
    assert "Zzyzxcanary" not in page


def test_one_whose_process_died_stands_still_after_an_hour_and_says_how_to_mend_it(
    acme: Company, adam: User, page_as: Any
) -> None:
    now = timezone.now()
    job = jobs.begin(acme.pk, "recount_holds", at=now - timedelta(minutes=50))
    assert "Nobody has worked" not in words(page_as(adam).get(URL))
    Job.objects.filter(pk=job.pk).update(
        began_at=now - timedelta(minutes=90), seen_at=now - timedelta(minutes=90)
    )
    page = words(page_as(adam).get(URL))
    assert "Nobody has worked on it for 90 minutes. Whoever runs the server runs the command again" in page


def test_a_job_under_way_comes_into_another_house_as_one_that_did_not_end() -> None:
    moved = rewriting.ended_job({"state": "running", "seen_at": "2026-05-20", "note": ""})
    assert (moved["state"], moved["finished_at"]) == ("failed", "2026-05-20") and moved["note"]
    assert rewriting.ended_job({"state": "done", "note": ""}) == {"state": "done", "note": ""}
