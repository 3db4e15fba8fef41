"""The first page of each role: its own work, the right counts, and what to do when there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deductibles.actions.claims import create_claim
from deductibles.models import Claim
from escalations import actions
from escalations.models import Deflection, PolicyVersion, Ticket
from tests.api.claim_bodies import TODAY, claim_body, provide, switch_on
from tests.api.test_holds import hold_many
from tests.tickets import filed
from tests.world_rows import file_ticket
from work.models import Run

NOW = datetime.now(UTC)


def _ticket(ana, patient, *, days_ago=0, taken=True):
    ticket = file_ticket(ana, patient=patient.pk, at=NOW - timedelta(days=days_ago))
    if taken:
        actions.act(ticket, "take", by=ana, at=NOW)
    return ticket


def _home(client):
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


# --- the agent ------------------------------------------------------------------------------------


def test_an_agent_sees_their_open_tickets_soonest_due_first(page_as, ana, patient):
    new, old = _ticket(ana, patient), _ticket(ana, patient, days_ago=20)
    page = _home(page_as(ana)).partition("<main")[2]
    assert page.index(old.number) < page.index(new.number)
    assert "2 tickets of yours are open: 1 late." in page
    assert "Casimir Nowak" in page


def test_an_agent_sees_what_the_next_patient_was_told(page_as, ana, patient):
    ticket = _ticket(ana, patient)
    aside = _home(page_as(ana)).partition("<aside")[2]
    assert "What the patient was told" in aside and ticket.number in aside
    assert ticket.promise.split(" and ")[-1].split(" ")[0] in aside


def test_an_agent_sees_todays_tickets_that_nobody_has_and_not_last_weeks(page_as, ana, patient):
    today, older = _ticket(ana, patient, taken=False), _ticket(ana, patient, days_ago=9, taken=False)
    page = _home(page_as(ana))
    assert today.number in page and older.number not in page


def test_an_agent_reads_what_they_filed_and_turned_away_today(page_as, ana, acme, patient):
    """R-ITEM-3: callers who were told where to write are counted."""
    _ticket(ana, patient)
    version = PolicyVersion.objects.get(company=acme, superseded_at=None)
    for at in (NOW, NOW - timedelta(days=3)):
        Deflection.objects.create(
            company=acme,
            rule="R-ITEM-2",
            type="itemized-bill",
            told="x",
            by=ana,
            at=at,
            policy_version=version,
        )
    Ticket.objects.update(created_at=NOW)
    assert "Today you filed 1 ticket and told 1 caller where to write instead." in _home(page_as(ana))


def test_an_empty_desk_says_what_to_do_next(page_as, ana):
    page = _home(page_as(ana))
    assert "Your desk is clear" in page and "press N" in page


# --- the supervisor -------------------------------------------------------------------------------


def test_a_supervisor_sees_the_counts_with_their_lists_and_the_most_urgent_first(page_as, sue, ana, patient):
    late, new = _ticket(ana, patient, days_ago=20), _ticket(ana, patient, taken=False)
    client = page_as(sue)
    page = _home(client)
    assert "1 ticket is late or immediate; 2 running in all." in page
    assert page.index(late.number) < page.index(new.number)
    listed = client.get("/escalations/?standing=breached").content.decode()
    assert 'href="/escalations/?standing=breached"' in page and late.number in listed


def test_a_patient_sos_sounds_an_alarm_until_somebody_takes_it_r_sos_3(page_as, sue, otto, ana, patient):
    ticket = filed("patient-sos", ana, patient, NOW)
    assert f"{ticket.number}: nobody has taken it." in _home(page_as(sue))
    actions.act(ticket, "take", by=ana, at=NOW)
    assert "nobody has taken it" not in _home(page_as(sue))


def test_a_supervisor_sees_twelve_rows_at_most(page_as, sue, ana, patient):
    for _ in range(14):
        _ticket(ana, patient, taken=False)
    page = _home(page_as(sue))
    assert page.count('<th scope="row"') == 12 and "of 14 running" in page


# --- the biller -----------------------------------------------------------------------------------


def test_a_biller_sees_what_is_held_with_its_dollars(page_as, ben, acme):
    holds = hold_many(acme, 3)
    total = sum(Decimal(hold.claim.total) for hold in holds)
    page = _home(page_as(ben))
    assert f"${total:,.2f}" in page
    assert f"release_before={(TODAY + timedelta(days=1)).year}" in page


def test_a_biller_sees_the_claims_that_need_a_person_the_most_pressing_first(page_as, ben, acme, patient):
    """D-CHK-9: what a night set aside is shown with its reason until it has moved on."""
    draft = create_claim(claim_body(acme, patient=patient), by=ben, at=NOW)
    (hold, moved) = hold_many(acme, 2)
    Claim.objects.filter(pk=moved.claim_id).update(status="queued")
    Claim.objects.filter(pk=moved.claim_id).update(status="submitted")
    failures = [{"claim": one.claim.number, "why": "Member id is missing."} for one in (hold, moved)]
    Run.objects.create(
        company=acme,
        kind="check",
        target_date=TODAY,
        state="done",
        created_at=NOW,
        finished_at=NOW,
        failures=failures,
    )
    page = _home(page_as(ben))
    assert "Member id is missing." in page
    assert page.index(f"/claims/{hold.claim.number}/") < page.index(f"/claims/{draft.number}/")
    assert f"/claims/{moved.claim.number}/" not in page, "it has moved on"


def test_a_biller_without_claims_is_shown_how_to_begin(page_as, ben):
    page = _home(page_as(ben))
    assert "No claims yet" in page and 'href="/claims/new/"' in page


# --- the administrator ----------------------------------------------------------------------------


def test_an_admin_sees_what_is_missing_first_and_where_to_mend_it(page_as, adam):
    page = _home(page_as(adam))
    assert "Without it no claim can be submitted." in page
    assert 'href="/settings/billing-provider/"' in page
    assert page.index("To see to:") < page.index("In order:")


def test_an_admin_sees_that_all_is_well_when_it_is(page_as, adam, acme, ana, patient, settings):
    settings.ARBOOST_URL, settings.CLEARINGHOUSE_URL = "https://arboost.example", "file:///nowhere"
    provide(adam)
    switch_on(acme)
    _ticket(ana, patient)
    page = _home(page_as(adam))
    assert "Everything is in order." in page and "To see to:" not in page


def test_an_admin_sees_no_patient(page_as, adam, ana, ben, acme, patient):
    _ticket(ana, patient)
    create_claim(claim_body(acme, patient=patient), by=ben, at=NOW)
    assert "Nowak" not in _home(page_as(adam))


# --- all of them ----------------------------------------------------------------------------------


def test_no_home_shows_another_companys_work(page_as, ana, ben, otto, bo, olga, acme, patient):
    _ticket(ana, patient, taken=False)
    create_claim(claim_body(acme, patient=patient), by=ben, at=NOW)
    hold_many(acme, 1)
    for person in (otto, bo, olga):
        page = _home(page_as(person))
        assert "Nowak" not in page and "$" not in page


@pytest.mark.parametrize("name", ["ana", "sue", "ben", "adam"])
def test_a_home_costs_the_same_twelve_queries_at_most_for_any_number_of_rows(
    page_as, cast, acme, patient, name
):
    client = page_as(cast[name])
    costs = []
    for count in (1, 9):
        for _ in range(count):
            _ticket(cast["ana"], patient)
            create_claim(claim_body(acme, patient=patient), by=cast["ben"], at=NOW)
        hold_many(acme, count, first=count * 100)
        _home(client)
        with CaptureQueriesContext(connection) as asked:
            _home(client)
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 12, costs
