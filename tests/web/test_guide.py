"""The guide (R-DOC-1, R-DOC-2): made of the policy in force, searchable, and told when it is unclear."""

from __future__ import annotations

import copy
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions, policies
from escalations.models import GuideCount, PolicyVersion, UnclearReport

pytestmark = pytest.mark.django_db

URL, UNCLEAR, REPORTS = "/guide/", "/guide/unclear/", "/settings/unclear/"
HOSTILE = [
    "x" * 10_000,
    "\x00",
    "%00",
    "<script>alert(1)</script>",
    "((((",
    "\\",
    " ".join(["word"] * 10_000),
    "🦄",
]


def read(client, path=URL):
    """The page's words, without its tags."""
    return plain(client.get(path))


def plain(answer):
    page = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def ids_of(page):
    return re.findall(r'\sid="([^"]+)"', page)


def section_of(page, key):
    """The HTML of one section."""
    found = re.search(rf'<section class="guide-section" id="{key}".*?</section>', page, re.S)
    return found[0] if found else ""


@pytest.fixture
def shipped(acme):
    return policies.policy_of(policies.policy_in_force(acme, at=datetime.now(UTC)))


# --- what it says -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ana", "ben", "sue", "adam"])
def test_everybody_who_is_signed_in_reads_it_and_is_led_to_it(page_as, cast, name):
    client = page_as(cast[name])
    page = client.get(URL).content.decode()
    assert "Escalation guidelines and turnaround times" in page
    assert "Syncro CRM Escalations &amp; Documentation" in page
    assert f'href="{URL}"' in client.get("/").content.decode()


def test_one_table_has_every_type_with_both_turnarounds_and_leads_to_its_section(page_as, ana, shipped):
    page = page_as(ana).get(URL).content.decode()
    table = page.partition("<table")[2].partition("</table>")[0]
    assert table.count("<tr>") == len(shipped.types) + 1
    bill = re.search(r'<tr><th[^>]*><a href="#itemized-bill">.*?</tr>', table, re.S)[0]
    assert "5–7 business days" in bill and "3–5 business days" in bill
    assert all(f'<a href="#{one.key}">' in table and f'id="{one.key}"' in page for one in shipped.types)


def test_a_section_says_everything_there_is_to_know_of_a_type(page_as, ana):
    section = section_of(page_as(ana).get(URL).content.decode(), "itemized-bill")
    for words in (
        "Every service listed, as proof that nothing more is owed",
        "so that a patient can show that the account is paid",
        "Who will receive the bill?",
        "One of: The patient; A provider; An insurer.",
        "Cannot be filed",
        "An itemized bill is not sent to an insurer.",
        "Missing Payment",
        "the clock runs on",
        "Itemized bill sent",
        "A supervisor may file all the same, with a reason.",
    ):
        assert words in section, words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("R-ITEM-2", "Cannot be filed"),
        ("R-SUP-1", "Needed"),
        ("R-APPEAL-2", "Must be ticked"),
        ("R-ITEM-1", "Good to know"),
        ("R-INS-3", "Suggests Supervisor Escalation"),
        ("R-ALL-3", "Done for you"),
        ("R-INS-4", "May stay empty"),
    ],
)
def test_the_strength_of_a_rule_is_said_in_words(page_as, ana, rule, words):
    page = page_as(ana).get(URL).content.decode()
    line = re.search(rf'<li class="guide-rule[^"]*" id="{rule}">.*?</li>', page, re.S)[0]
    assert words in line


def test_when_a_rule_holds_and_a_question_is_asked_is_said_in_words(page_as, ana):
    said = read(page_as(ana))
    assert "When “What has to change?” is “Address”." in said
    assert "Asked when “How are they sent?” is “By fax”." in said
    assert "When the patient has refused calls." in said
    assert "Comes on a ticket that runs, after more than 45 business days." in said


def test_every_rule_has_a_place_of_its_own_and_the_first_of_an_id_has_the_bare_id(page_as, ana, shipped):
    page = page_as(ana).get(URL).content.decode()
    twice = [name for name, count in Counter(ids_of(page)).items() if count > 1]
    assert not twice
    named = set(ids_of(page))
    assert {rule.id for kind in shipped.types for rule in kind.rules} <= named
    assert "itemized-bill-R-ITEM-2" in named and 'id="R-ITEM-2"' in section_of(page, "itemized-bill-ptp")
    own = sum(len(kind.rules) for kind in shipped.types)
    every = section_of(page, "every-ticket").count('class="guide-rule')
    assert page.count('class="guide-rule') == own - every * (len(shipped.types) - 1)


def test_the_rules_of_every_ticket_stand_once(page_as, ana):
    page = page_as(ana).get(URL).content.decode()
    assert page.count("The ticket keeps the version of the policy it was filed under.") == 1
    assert "Listens for Better Business Bureau" in section_of(page, "every-ticket")


def test_the_company_and_its_address_stand_where_the_policy_leaves_a_gap(page_as, ana, acme):
    said = read(page_as(ana))
    assert "Acme Ambulance" in said and "itemized@acme.example" in said and "{" not in said
    acme.itemized_bill_address = ""
    acme.save()
    said = read(page_as(ana))
    assert "The address for it has not been set yet" in said and "{" not in said


def test_articles_and_terms_that_are_not_written_yet_say_so_and_who_can(page_as, ana):
    said = read(page_as(ana))
    assert "Turnaround Times 2024" in said
    assert "This article has not been written yet. An admin can write it." in said
    assert "Not explained yet; an admin can add it." in said
    assert "Turnaround time: how long a ticket may take" in said


def test_it_is_the_policy_in_force_that_is_read(page_as, ana, adam, acme):
    """What an admin changes is what everybody reads, with who changed it and when."""
    at = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
    data = copy.deepcopy(policies.policy_in_force(acme, at=at).data)
    data["types"][0]["purpose"] = "Quarrel with an insurer, politely"
    data["articles"][1]["text"] = "First look at the deadline.\n\nThen write."
    policies.put_in_force(PolicyVersion, acme, data, by=adam, at=at)
    said = read(page_as(ana))
    assert "Quarrel with an insurer, politely" in said
    assert "20 May 2026 by Adam Example, version 2" in said
    assert "First look at the deadline." in said


def test_a_version_nobody_made_is_holdlines(page_as, ana):
    assert "by Holdline, version 1" in read(page_as(ana))


def test_the_reading_time_counts_the_words(page_as, ana):
    minutes = int(re.search(r"about (\d+) min", read(page_as(ana)))[1])
    assert 20 < minutes < 90


def test_views_are_counted_for_the_company_and_a_search_is_none(page_as, ana, ben, otto):
    for person in (ana, ben, ana):
        page_as(person).get(URL)
    page_as(ana).get(URL, {"q": "fax"})
    page_as(ana).head(URL)
    assert "Views 3" in read(page_as(ana), URL + "?q=fax")
    page_as(otto).get(URL)
    assert sorted(GuideCount.objects.values_list("views", flat=True)) == [1, 3]


def test_counting_costs_one_query(page_as, ana):
    client = page_as(ana)
    client.get(URL)
    with CaptureQueriesContext(connection) as asked:
        client.get(URL)
    assert sum("escalations_guidecount" in one["sql"] for one in asked) == 1


# --- looking for something ----------------------------------------------------------------------------


def test_a_search_leaves_the_sections_that_have_the_word_marks_it_and_counts(page_as, ana):
    page = page_as(ana).get(URL, {"q": "FAX"}).content.decode()
    kept = re.findall(r'<section class="guide-section" id="([^"]+)"', page)
    assert kept == ["medical-records", "requisition-form"]
    assert "<mark>fax</mark>" in page
    assert "“FAX” stands in 2 sections" in plain_of(page)
    assert page.count("<mark>") > 5


def plain_of(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_word_has_to_be_there(page_as, ana):
    kept = re.findall(
        r'<section class="guide-section" id="([^"]+)"',
        page_as(ana).get(URL, {"q": "signatera fax"}).content.decode(),
    )
    assert kept == []


def test_a_rule_is_found_by_its_id_and_only_it_among_those_of_every_ticket(page_as, ana):
    page = page_as(ana).get(URL, {"q": "R-ALL-2"}).content.decode()
    assert section_of(page, "every-ticket").count('class="guide-rule') == 1
    assert "<mark>R-ALL-2</mark>" in page


def test_only_terms_that_fit_are_left(page_as, ana):
    page = page_as(ana).get(URL, {"q": "turnaround time:"}).content.decode()
    terms = page.partition('id="glossary"')[2].partition("</section>")[0]
    assert "<dt>TAT</dt>" in terms and "WODUNN" not in terms


def test_a_search_that_finds_nothing_says_what_to_do(page_as, ana):
    answer = page_as(ana).get(URL, {"q": "giraffe"})
    said = plain(answer)
    assert answer.status_code == 200
    assert "“giraffe” stands nowhere in the guide" in said and "Show the whole guide" in said
    assert "guide-section" not in answer.content.decode()


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: repr(typed[:12]))
def test_whatever_is_looked_for_the_page_stands_and_repeats_it_safely(page_as, ana, typed):
    answer = page_as(ana).get(URL, {"q": typed})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in page and "\x00" not in page
    assert len(page) < 600_000


def test_tags_in_the_guide_are_not_made_by_a_search(page_as, ana):
    page = page_as(ana).get(URL, {"q": "& < mark"}).content.decode()
    assert "<mark><" not in page


# --- unclear? -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["R-ITEM-2", "itemized-bill-R-ITEM-2", "supervisor", "glossary", "guide"])
def test_somebody_says_that_a_place_is_unclear_and_is_thanked(page_as, ana, place):
    answer = page_as(ana).post(UNCLEAR, {"place": place, "words": "Who is an insurer?"}, follow=True)
    assert answer.redirect_chain == [(f"{URL}#{place}", 302)]
    assert "Thank you." in answer.content.decode()
    report = UnclearReport.objects.get()
    assert (report.place, report.words, report.by) == (place, "Who is an insurer?", ana)


def test_words_may_be_left_out(page_as, ben):
    assert page_as(ben).post(UNCLEAR, {"place": "R-ITEM-2"}).status_code == 302
    assert UnclearReport.objects.get().words == ""


def test_every_rule_and_every_section_can_be_called_unclear(page_as, ana):
    page = page_as(ana).get(URL).content.decode()
    places = re.findall(r'name="place" value="([^"]+)"', page)
    assert len(places) == len(set(places)) == page.count('class="unclear"')
    assert set(re.findall(r'<li class="guide-rule[^"]*" id="([^"]+)"', page)) <= set(places)


def test_pressing_twice_tells_once(page_as, ana, sue):
    for person in (ana, ana, sue):
        page_as(person).post(UNCLEAR, {"place": "R-ITEM-2", "words": "Why?"})
    assert UnclearReport.objects.count() == 2
    page_as(ana).post(UNCLEAR, {"place": "R-ITEM-2", "words": "And when?"})
    assert UnclearReport.objects.count() == 3


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("nowhere", "kept words"),
        ("", "kept words"),
        ("x" * 10_000, "kept words"),
        ("R-ITEM-2\x00", "kept words"),
        ("R-ITEM-2", "kept words " * 1_000),
        ("R-ITEM-2", "kept words \x07"),
    ],
    ids=["unknown", "empty", "huge", "nul", "too long", "unprintable"],
)
def test_what_cannot_be_told_says_why_and_keeps_what_was_written(page_as, ana, place, words):
    answer = page_as(ana).post(UNCLEAR, {"place": place, "words": words})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "This was not sent." in page and "kept words" in page
    assert page.count('<details class="unclear" open>') == 1
    assert not UnclearReport.objects.exists()


def test_a_report_is_seen_by_admins_of_the_company_alone(page_as, ana, adam, olga, sue):
    page_as(ana).post(UNCLEAR, {"place": "itemized-bill-R-ITEM-2", "words": "Who is <b>an</b> insurer?"})
    page = page_as(adam).get(REPORTS).content.decode()
    assert '<a href="/guide/#itemized-bill-R-ITEM-2">Itemized Bill, R-ITEM-2</a>' in page
    assert "Who is &lt;b&gt;an&lt;/b&gt; insurer?" in page and "Ana Example" in page
    assert "Nothing is unclear" in page_as(olga).get(REPORTS).content.decode()
    assert page_as(sue).get(REPORTS).status_code == 403


def test_an_admin_settles_it_with_a_note_and_it_stays_on_record(page_as, ana, adam):
    page_as(ana).post(UNCLEAR, {"place": "R-ITEM-2", "words": "Why?"})
    report = UnclearReport.objects.get()
    answer = page_as(adam).post(REPORTS, {"report": report.pk, "note": "Reworded the rule"}, follow=True)
    said = plain(answer)
    assert (
        "Nothing is unclear" in said
        and "Reworded the rule" in said
        and "Ana Example had written: Why?" in said
    )
    report.refresh_from_db()
    assert (report.settled_by, report.settled_note) == (adam, "Reworded the rule")


def test_a_note_that_is_missing_or_too_long_settles_nothing_and_is_kept(page_as, ana, adam):
    page_as(ana).post(UNCLEAR, {"place": "R-ITEM-2"})
    report = UnclearReport.objects.get()
    for note in ("", "long " * 100, "un\x07printable"):
        answer = page_as(adam).post(REPORTS, {"report": report.pk, "note": note})
        assert answer.status_code == 400
        assert "This was not settled." in answer.content.decode()
        assert note[:40].replace("\x07", "") in answer.content.decode().replace("\x07", "")
    report.refresh_from_db()
    assert report.settled_at is None


def test_the_second_admin_to_settle_is_told(page_as, ana, adam):
    page_as(ana).post(UNCLEAR, {"place": "R-ITEM-2"})
    report = UnclearReport.objects.get()
    actions.settle_report(report, "Done", by=adam, at=datetime.now(UTC))
    answer = page_as(adam).post(REPORTS, {"report": report.pk, "note": "Mine"})
    assert answer.status_code == 409
    assert "Somebody else has settled this meanwhile." in answer.content.decode()
    report.refresh_from_db()
    assert report.settled_note == "Done"


def test_a_form_without_a_report_settles_nothing(page_as, adam):
    answer = page_as(adam).post(REPORTS, {"note": "Done"})
    assert answer.status_code == 400 and "did not arrive whole" in answer.content.decode()


@pytest.mark.parametrize("key", ["x", "-1", "9" * 30, "\x00", "²"])
def test_a_report_that_is_not_there_is_not_found(page_as, adam, key):
    assert page_as(adam).post(REPORTS, {"report": key, "note": "Done"}).status_code == 404


def test_another_companys_report_is_not_there(page_as, ana, olga):
    page_as(ana).post(UNCLEAR, {"place": "R-ITEM-2"})
    report = UnclearReport.objects.get()
    assert page_as(olga).post(REPORTS, {"report": report.pk, "note": "Mine"}).status_code == 404
    report.refresh_from_db()
    assert report.settled_at is None


def test_a_place_that_is_gone_is_named_without_a_link(page_as, ana, adam, acme):
    now = datetime.now(UTC)
    version = policies.policy_in_force(acme, at=now)
    actions.report_unclear(version, "R-OLD-1", "Why?", by=ana, at=now - timedelta(days=9))
    page = page_as(adam).get(REPORTS).content.decode()
    assert "is not in the guide any more" in page and 'href="/guide/#R-OLD-1"' not in page


def test_many_reports_cost_what_one_costs(page_as, ana, adam, acme):
    client, at = page_as(adam), datetime.now(UTC)
    version = policies.policy_in_force(acme, at=at)
    costs = []
    for count in (1, 30):
        for number in range(count):
            when = at - timedelta(days=count + number)
            report = actions.report_unclear(version, "R-ITEM-2", f"Why {number}?", by=ana, at=when)
            if number % 2:
                actions.settle_report(report, "Done", by=adam, at=at)
        client.get(REPORTS)
        with CaptureQueriesContext(connection) as asked:
            client.get(REPORTS)
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 8
