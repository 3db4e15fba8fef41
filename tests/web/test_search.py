"""The search: what each role finds, what it never finds, and what no address ever says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.front.search import marked, read_sought
from deductibles.actions.claims import create_claim
from tests.api.claim_bodies import claim_body
from tests.factories import PatientFactory
from tests.hostile import HOSTILE_TEXT
from tests.world_rows import file_ticket

NOW = datetime.now(UTC)


@pytest.fixture
def casimir(acme):
    return PatientFactory(
        company=acme,
        first_name="Casimir",
        last_name="Nowak",
        account_number="004-118",
        date_of_birth=date(1971, 3, 14),
    )


@pytest.fixture
def ticket(ana, casimir):
    return file_ticket(ana, patient=casimir.pk, at=NOW)


@pytest.fixture
def claim(acme, ben, casimir):
    return create_claim(claim_body(acme, patient=casimir), by=ben, at=NOW)


def _find(client, sought, **headers):
    return client.post("/search/", {"q": sought}, **headers)


def _rows(client, sought):
    return _find(
        client, sought, headers={"HX-Request": "true", "HX-Target": "palette-found"}
    ).content.decode()


def test_a_name_finds_the_patient_with_their_ticket_and_claim(page_as, sue, casimir, ticket, claim):
    page = _find(page_as(sue), "now").content.decode()
    assert "born 14 Mar 1971 · 004-118" in page
    assert f'href="/escalations/{ticket.number}/"' in page and f'href="/claims/{claim.number}/"' in page
    assert "<mark>Now</mark>ak" in page
    assert "Draft" in page, "a claim's status stands in its row"


def test_an_account_number_finds_what_belongs_to_the_account(page_as, sue, casimir, ticket, claim):
    page = _find(page_as(sue), "004-118").content.decode()
    assert "Nowak" in page and ticket.number in page and claim.number in page


@pytest.mark.parametrize("with_letter", [True, False])
def test_a_whole_number_goes_straight_there(page_as, sue, ticket, claim, with_letter):
    for row, page in ((ticket, "escalations"), (claim, "claims")):
        sought = row.number if with_letter else row.number.partition("-")[2]
        if not with_letter and ticket.number[2:] == claim.number[2:]:
            continue
        assert _find(page_as(sue), sought.lower()).url == f"/{page}/{row.number}/"


def test_a_number_that_two_rows_have_shows_both(page_as, sue, ticket, claim):
    ticket.__class__.objects.filter(pk=ticket.pk).update(number=f"E-{claim.number[2:]}")
    page = _find(page_as(sue), claim.number[2:])
    assert page.status_code == 200
    assert f"E-{claim.number[2:]}" in page.content.decode() and claim.number in page.content.decode()


def test_the_palette_gets_rows_to_choose_from_and_never_a_redirect(page_as, sue, ticket):
    rows = _rows(page_as(sue), ticket.number)
    assert "<html" not in rows
    assert f'href="/escalations/{ticket.number}/" role="option"' in rows


def test_the_search_begins_a_ticket_for_the_only_patient_found(page_as, ana, ben, casimir):
    assert f'href="/escalations/new/?patient={casimir.pk}"' in _rows(page_as(ana), "nowak")
    assert "/escalations/new/" not in _rows(page_as(ben), "nowak"), "billers file no tickets"


def test_each_role_finds_only_what_it_may_see(page_as, ana, ben, adam, casimir, ticket, claim):
    for person, sees_patient, sees_ticket, sees_claim in (
        (ana, True, True, False),
        (ben, True, True, True),
        (adam, False, False, False),
    ):
        rows = _rows(page_as(person), "nowak")
        assert ("/patients/" in rows) is sees_patient, person
        assert (ticket.number in rows) is sees_ticket, person
        assert (f"Claim {claim.number}" in rows) is sees_claim, person
        assert _find(page_as(person), claim.number).status_code == (302 if sees_claim else 200)


def test_another_company_finds_nothing_of_it(page_as, olga, otto, bo, casimir, ticket, claim):
    for person in (olga, otto, bo):
        for sought in ("nowak", "004-118", ticket.number, claim.number, "1971-03-14"):
            page = _find(page_as(person), sought)
            assert page.status_code == 200
            assert "Casimir" not in page.content.decode(), (person, sought)
            assert f'href="/claims/{claim.number}' not in page.content.decode()


def test_places_are_found_by_the_beginnings_of_their_words(page_as, ben, adam):
    assert 'href="/claims/hold-for-deductible/"' in _find(page_as(ben), "hold ded").content.decode()
    page = _find(page_as(adam), "billing").content.decode()
    assert 'class="found" href="/settings/billing-provider/"' in page


def test_what_was_sought_never_stands_in_an_address_or_the_title(page_as, sue, casimir):
    """I8: names are posted; the page's own links carry ids and numbers only."""
    page = _find(page_as(sue), "nowak").content.decode()
    assert "nowak" not in page.partition("<title>")[2].partition("</title>")[0].lower()
    assert "?q=" not in page and 'method="get"' not in page
    assert page_as(sue).get("/search/?q=nowak").content.decode().count("Nowak") == 0


def test_nothing_found_says_what_can_be_searched_for(page_as, sue):
    page = _find(page_as(sue), "zzzzqqq").content.decode()
    assert "Nothing fits" in page and "account number" in page
    assert 'value="zzzzqqq"' in page, "what was typed is kept"


def test_six_of_a_kind_are_shown_at_most(page_as, ana, acme):
    for number in range(9):
        PatientFactory(company=acme, first_name=f"Person{number}", last_name="Manyfold")
    assert _rows(page_as(ana), "manyfold").count('href="/patients/') == 6


@pytest.mark.parametrize("sought", HOSTILE_TEXT)
def test_a_hostile_search_finds_nothing_or_something_and_never_fails(page_as, sue, ticket, sought):
    posted = sought.encode("utf-8", "replace").decode()
    for answer in (_find(page_as(sue), posted), _find(page_as(sue), f"nowak {posted}")):
        assert answer.status_code in (200, 302)
        assert "<script>alert" not in answer.content.decode()


def test_a_search_of_ten_megabytes_is_told_it_is_too_large(page_as, sue):
    answer = _find(page_as(sue), "x" * 10_000_000)
    assert answer.status_code == 413
    assert "larger than 2.5 MB" in answer.content.decode()


def test_marking_escapes_everything_and_marks_beginnings_only():
    assert marked("<b>Anna</b> & Hanna", ["an"]) == "&lt;b&gt;<mark>An</mark>na&lt;/b&gt; &amp; Hanna"
    assert marked("a (b) c", ["("]) == "a <mark>(</mark>b) c"


def test_what_no_database_can_hold_is_left_out_of_the_search():
    assert read_sought(" a\x00b\ud800 \x1b[31m c\u200b ") == "ab [31m c"
    assert len(read_sought("x" * 5000)) == 100


def test_a_search_costs_no_more_however_much_is_found(page_as, sue, ana, acme, ben, casimir):
    """Ten queries where a name is known, one of them the record of who searched, one all the banners; a rare
    one is also looked for nearly, within a page's twelve (a savepoint asks the database for nothing)."""
    client = page_as(sue)
    costs = []
    for more in (1, 8, 16):
        for _ in range(more):
            file_ticket(ana, patient=casimir.pk, at=NOW)
            create_claim(claim_body(acme, patient=casimir), by=ben, at=NOW)
            PatientFactory(company=acme, last_name="Nowak")
        _rows(client, "nowak")
        with CaptureQueriesContext(connection) as asked:
            _rows(client, "nowak")
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in asked.captured_queries))
    assert costs[0] <= 12
    assert costs[1] == costs[2] <= 10, [query["sql"][:150] for query in asked.captured_queries]
