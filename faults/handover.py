"""A file that reached the clearinghouse, and nobody heard: it is never sent as something new (I2)."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from faults.filling import TARGET, Fate, fate, noon
from faults.stage import Stage
from faults.workers import DONE, NOT_DONE, Worker

PROVIDER = {
    "name": "Example Ambulance Service",
    "npi": "1234567893",
    "tax_id": "123456789",
    "taxonomy": "341600000X",
    "line1": "1 Station Road",
    "city": "Chicago",
    "state": "IL",
    "zip": "606011234",
    "contact_name": "Billing Office",
    "contact_phone": "3125550147",
    "submitter_id": "FAULTS1",
    "submitter_name": "Example Ambulance Service",
    "receiver_id": "CLEAR01",
    "receiver_name": "Example Clearinghouse",
}


def response_lost(stage: Stage) -> None:
    """A worker dies after a file was taken and before it hears so; the answer to the next file is lost.

    Then two more nights: neither goes again by itself, both wait for their acknowledgements.
    """
    from tests.sandboxes import clearinghouse

    enter_provider(stage)
    with clearinghouse() as house:
        stage.night()
        house.script("*", delay=1.5, times=1)
        worker = _submission(stage, TARGET, house.url)
        _wait_for_file(house)
        stage.injected["worker killed while a file was taken"] += worker.kill()
        time.sleep(2)
        _submit(stage, TARGET, house.url)
        tomorrow = TARGET + timedelta(days=1)
        stage.night(tomorrow)
        house.script("*", lost=True, times=1)
        _submit(stage, tomorrow, house.url)
        stage.injected.update(house.call("GET", "/_injected")["injected"])
        for day in (2, 3):
            _submit(stage, TARGET + timedelta(days=day), house.url)
        accepted = house.call("GET", "/_accepted")
    if accepted["duplicates"]:
        stage.wrong(f"{len(accepted['duplicates'])} × the clearinghouse took a claim twice")
    _expect_all_left(stage, accepted["claims"])


def enter_provider(stage: Stage) -> None:
    from deductibles.actions.settings import save_provider

    save_provider(stage.company, PROVIDER, by=stage.person("admin"), at=noon(TARGET))


def _submission(stage: Stage, target: date, url: str) -> Worker:
    key = stage.company.key

    def work() -> int:
        from django.conf import settings

        from accounts.models import Company
        from deductibles import nightly

        settings.CLEARINGHOUSE_URL = url
        company = Company.objects.get(key=key)
        run = nightly.submission_night(company, target, by=None, at=noon(target) + timedelta(minutes=5))
        return DONE if run.state == "done" else NOT_DONE

    return Worker(work, log=stage.log, without=stage.without)


def _submit(stage: Stage, target: date, url: str) -> None:
    for _ in range(3):
        worker = _submission(stage, target, url)
        if worker.wait(60) == DONE:
            return
        worker.kill()
        time.sleep(0.1)
    stage.wrong(f"the submission of {target} was not through after three sweeps")


def _wait_for_file(house: Any) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if any("/files/" in request["path"] for request in house.requests()):
            return
        time.sleep(0.01)


def _expect_all_left(stage: Stage, accepted: Any) -> None:
    """Whatever was released is with the clearinghouse, and says so, or waits for its acknowledgement."""
    rows = stage.rows(
        "SELECT substr(c.number, 3)::int, c.status, h.reason_code FROM deductibles_claim c"
        " JOIN deductibles_hold h ON h.claim_id = c.id"
        " WHERE c.company_id = %(company)s AND c.status IN ('submitted', 'ambiguous')"
    )
    stage.expect({number: Fate(fate(number).said, status, reason) for number, status, reason in rows})
    if {status for _, status, _ in rows} != {"ambiguous"}:
        stage.wrong("not both files wait for their acknowledgement")
    files = stage.count("SELECT count(*) FROM deductibles_submission WHERE company_id = %(company)s")
    if files != 2:
        stage.wrong(f"{files} files were written for what two hold")
    if len(accepted) != len(rows):
        stage.wrong(f"the clearinghouse took {len(accepted)} claims, {len(rows)} are said to have left")
