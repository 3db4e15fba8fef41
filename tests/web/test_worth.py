"""Does holding pay: the ledger in words, pictures and tables, the claims behind it, its files and its rates."""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from config.demo.people import make_patients
from config.demo.years import living, written
from deductibles.domain import gain, rates
from deductibles.domain.money import signed
from deductibles.models import Claim, HoldingRates, HoldOutcome, rates_in_force
from deductibles.worth.figures import figures_of
from tables.models import Export
from tests import factories

LEDGER, CLAIMS = "/claims/holding/", "/claims/holding/claims/"
RATES, FILE = "/claims/holding/rates/", "/claims/holding/file/"
OWN = {
    "collected": "14.5", "co_insurance": "20", "money": "8", "source": "Collections report",
    "measured_to": "2026-05-31", "version": "0",
}  # fmt: skip


@pytest.fixture(scope="module")
def lived(django_db_setup, django_db_blocker):
    """A company with two years of claims, and another with some of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = factories.make_cast()
        today = timezone.localdate(timezone=cast["ben"].company.zone)
        for name, count in (("ben", 700), ("bo", 90)):
            history = living.live(count, today=today, seed=21)
            written.make_rules(cast[name].company, history)
            patients = make_patients(cast[name].company, 10, at=factories.LONG_AGO)
            written.write(cast[name].company, history, patients=patients, by=cast[name])
        yield cast
        transaction.set_rollback(True)


@pytest.fixture
def office(lived, db):
    return factories.find_cast()


def _whole(user, **chosen):
    return figures_of(user.company_id, rates_in_force(user.company_id).rates, chosen)


def test_the_ledger_says_what_holding_brought_in_words_pictures_and_tables(office, page_as):
    page = page_as(office["ben"]).get(f"{LEDGER}?from=2020-01-01")
    text = page.content.decode()
    found = _whole(office["ben"])
    assert page.status_code == 200 and "an estimate" in text
    assert signed(found.whole.gain) in text and f"over {found.whole.known} claims" in text
    assert text.count('<svg class="chart reports-chart"') == 4 == text.count("reports-table")
    assert "Harrow Valley Health" in text and "Deductible met" in text and "Version 2" in text
    assert "Unknown is not zero" in text and "usual figure until the company enters its own" in text


def test_what_is_below_nothing_is_shown_below_nothing(office, page_as):
    page = page_as(office["ben"]).get(f"{LEDGER}?from=2020-01-01").content.decode()
    loss = _whole(office["ben"]).whole
    assert loss.losses and f"−${-loss.loss:,.2f}" in page


def test_filters_stand_in_the_address_and_lead_to_the_claims_behind_a_figure(office, page_as):
    client = page_as(office["ben"])
    lines = HoldOutcome.objects.filter(company=office["ben"].company, reason="e").select_related("payer")
    losses = [row for row in lines if (gain.gain_of(row.outcome, gain.Rates()).amount or 0) < 0]
    payer = losses[0].payer
    page = client.get(f"{LEDGER}?from=2020-01-01&payer={payer.pk}&reason=elapsed").content.decode()
    assert f"· {payer.name} · Time elapsed" in page
    behind = re.search(r'href="(/claims/holding/claims/\?[^"]*worth=loss[^"]*)"', page)
    assert behind, "a figure leads to its claims"
    shown = client.get(behind[1].replace("&amp;", "&")).content.decode()
    mine = [row for row in losses if row.payer_id == payer.pk]
    assert f"{len(mine)} of " in shown and all(row.claim.number in shown for row in mine)


@pytest.mark.parametrize(
    "query",
    [
        "period=forever", "from=2026-13-01", "from=2026-05-02&to=2026-05-01", "from=1990-01-01",
        "from=2001-01-01&to=2026-01-01", "payer=9999999999", "payer=x%00", "reason=luck", "settings=-1",
        "payer=%D9%A1", "settings=77",
    ],
)  # fmt: skip
def test_a_filter_that_is_not_understood_is_said_and_left_out(office, page_as, query):
    page = page_as(office["ben"]).get(f"{LEDGER}?{query}")
    assert page.status_code == 400 and "This filter was left out." in page.content.decode()
    assert page_as(office["ben"]).get(f"{CLAIMS}?{query}&worth=%00&ordering=x").status_code == 200


def test_a_period_without_claims_says_so(office, page_as):
    page = page_as(office["ben"]).get(f"{LEDGER}?from=2003-01-01&to=2003-02-01")
    assert page.status_code == 200 and "Nothing to count here" in page.content.decode()


def test_another_company_s_claims_are_in_no_figure(office, page_as):
    mine, theirs = _whole(office["ben"]).whole, _whole(office["bo"]).whole
    assert 0 < theirs.claims < mine.claims
    page = page_as(office["bo"]).get(f"{LEDGER}?from=2020-01-01").content.decode()
    assert signed(theirs.gain) in page and signed(mine.gain) not in page
    number = HoldOutcome.objects.filter(company=office["ben"].company).order_by("-heard_on").first()
    assert number.claim.number not in page_as(office["bo"]).get(CLAIMS).content.decode()


def _read(answer):
    content = b"".join(answer) if answer.streaming else answer.content
    return list(csv.reader(content.decode("utf-8-sig").splitlines()))


def test_a_table_is_a_file_that_adds_up_and_is_written_down(office, page_as):
    client = page_as(office["ben"])
    answer = client.post(FILE, {"table": "by-payer", "from": "2020-01-01"})
    head, *rows, foot = _read(answer)
    amounts = [Decimal(re.sub(r"\((.*)\)", r"-\1", row[3])) for row in rows if row[3] != "–"]
    assert head[3] == "Holding brought" and sum(amounts) == Decimal(foot[3])
    assert foot[3] == f"{_whole(office['ben']).whole.gain:.2f}"
    kept = Export.objects.filter(company=office["ben"].company, table="holding-ledger").get()
    assert "by-payer" in kept.query and kept.rows == len(rows) + 1
    assert client.post(FILE, {"table": "by-luck"}).status_code == 400


def test_the_list_is_a_file_in_which_no_payer_s_name_is_run(office, page_as):
    line = HoldOutcome.objects.filter(company=office["ben"].company, missing="").order_by("-heard_on").first()
    type(line.payer).objects.filter(pk=line.payer_id).update(name="=HYPERLINK(1)")
    asked = {"reason": {"m": "met", "e": "elapsed", "h": "by-hand"}[line.reason], "payer": line.payer_id}
    rows = _read(page_as(office["ben"]).post("/tables/outcomes/export/", asked))
    assert rows[1][1] == "'=HYPERLINK(1)"
    assert not any(cell.startswith(("-", "=")) for row in rows for cell in row)


def test_what_no_filter_understands_stands_in_no_record_of_an_export(office, page_as):
    said = {"payer": "Robin Sample", "reason": "met", "worth": "Sample", "from": "Robin", "settings": "none"}
    page_as(office["ben"]).post("/tables/outcomes/export/", said)
    kept = Export.objects.filter(company=office["ben"].company, table="outcomes").latest("pk")
    assert kept.query == "reason=met"


def test_a_claim_says_what_holding_it_brought_with_every_number(office, page_as):
    client = page_as(office["ben"])
    rows = HoldOutcome.objects.filter(company=office["ben"].company, missing="", lost=0, days__gt=9)
    line = rows.exclude(co_insurance=None).first()
    page = client.get(f"/claims/{line.claim.number}/").content.decode()
    found = gain.gain_of(line.outcome, gain.Rates())
    for said in (found.amount, found.moved, found.kept, -found.cost):
        assert signed(said) in page
    unknown = HoldOutcome.objects.filter(company=office["ben"].company).exclude(missing="").first()
    told = client.get(f"/claims/{unknown.claim.number}/").content.decode()
    assert "not known" in told and "Unknown is not zero" in told


def test_an_admin_s_rates_are_a_version_and_every_figure_follows(office, page_as):
    before = _whole(office["ben"]).whole.gain
    answer = page_as(office["adam"]).post(RATES, OWN)
    assert answer.status_code == 302
    row = rates_in_force(office["adam"].company_id)
    assert (row.version, row.collected) == (1, Decimal("0.1450"))
    after = _whole(office["ben"]).whole.gain
    assert after < before
    page = page_as(office["ben"]).get(f"{LEDGER}?from=2020-01-01").content.decode()
    assert signed(after) in page and "14.5%" in page and "Collections report" in page
    again = page_as(office["adam"]).post(RATES, {**OWN, "money": "6", "version": "1"})
    assert again.status_code == 302
    assert [one.money for one in HoldingRates.objects.order_by("version")] == [
        Decimal("0.08"),
        Decimal("0.06"),
    ]
    history = page_as(office["adam"]).get(RATES).content.decode()
    assert "Cost of money a year 8% → 6%" in history and "adam" in history and "put back version 1" in history
    assert 'value="8"' in page_as(office["adam"]).get(f"{RATES}?version=1").content.decode()


def test_two_admins_at_once_the_second_is_told_and_keeps_what_was_typed(office, page_as):
    client = page_as(office["adam"])
    assert client.post(RATES, OWN).status_code == 302
    late = client.post(RATES, {**OWN, "collected": "22"})
    assert late.status_code == 409 and 'value="22"' in late.content.decode()
    assert HoldingRates.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"collected": "101"}, "from 0 to 100 per cent"),
        ({"collected": "ten"}, "such as 10 or 12.5"),
        ({"collected": ""}, "is missing"),
        ({"collected": "1e2"}, "such as 10 or 12.5"),
        ({"money": "50.01"}, "from 0 to 50 per cent"),
        ({"money": "-1"}, "such as 10 or 12.5"),
        ({"co_insurance": "1.234"}, "two decimals at most"),
        ({"co_insurance": "٢٠"}, "two decimals at most"),
        ({"source": ""}, "needs its source"),
        ({"measured_to": ""}, "that of twelve months"),
        ({"measured_to": "2999-01-01"}, "not a date that exists"),
        ({"measured_to": "2090-01-01"}, "have ended"),
        ({"source": "x" * 201}, "200"),
        ({"version": "x"}, "Version"),
    ],
)
def test_rates_that_cannot_be_are_said_beside_what_was_typed(office, page_as, typed, said):
    answer = page_as(office["adam"]).post(RATES, {**OWN, **typed})
    text = answer.content.decode()
    assert answer.status_code == 400 and said in text
    assert not HoldingRates.objects.exists()
    assert 'value="Collections report"' in text or "source" in typed


def test_only_admins_see_and_change_the_rates(office, page_as):
    assert page_as(office["ben"]).get(RATES).status_code == 403
    assert page_as(office["ben"]).post(RATES, OWN).status_code == 403
    assert page_as(office["adam"]).get(LEDGER).status_code == 403


def test_the_api_tells_the_same_as_the_page(office, api):
    client = api(office["ben"])
    told = client.get("/api/v1/holding/ledger/summary/", {"from": "2020-01-01"}).json()
    found = _whole(office["ben"])
    assert told["whole"]["gain"] == f"{found.whole.gain:.2f}"
    assert sum(Decimal(one["gain"]) for one in told["by_month"]) == found.whole.gain
    assert told["rates"] == {
        "version": 0, "collected": "0.10", "co_insurance": "0.20", "money": "0.08", "source": "",
        "measured_to": None,
    }  # fmt: skip
    lines = client.get("/api/v1/holding/ledger/", {"worth": "unknown", "page_size": 5}).json()
    assert all(one["gain"] is None and one["missing"] for one in lines["results"])
    line = client.get("/api/v1/holding/ledger/", {"worth": "loss", "reason": "elapsed"}).json()["results"][0]
    assert Decimal(line["gain"]) < 0 and line["reason"] == "elapsed"
    row = Claim.objects.get(pk=line["claim"]).outcome
    assert line["gain"] == f"{gain.gain_of(row.outcome, gain.Rates()).amount:.2f}"


@pytest.mark.parametrize("query", ["from=x", "payer=99999999", "settings=8", "reason=luck", "worth=much", "q=1",
                                   "from=2001-01-01"])  # fmt: skip
def test_the_api_refuses_what_it_does_not_understand(office, api, query):
    answer = api(office["ben"]).get(f"/api/v1/holding/ledger/?{query}")
    assert answer.status_code == 400, answer.content


def test_a_collection_rate_that_is_the_usual_one_needs_no_source():
    clean, wrong = rates.read_rates({**OWN, "collected": "10 %", "source": "", "measured_to": ""},
                                    today=date(2026, 6, 1))  # fmt: skip
    assert not wrong and clean["collected"] == Decimal("0.1000")


def test_the_rates_are_in_the_audit(office, page_as):
    page_as(office["adam"]).post(RATES, OWN)
    events = HoldingRates.pgh_event_models["insert"].objects.filter(company=office["adam"].company)
    assert events.get().pgh_context.metadata["who"] == "adam"
