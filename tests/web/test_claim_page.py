"""The Claim page whole: its status and messages, coverages, the lines and their pin, audit, two people."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from deductibles import nightly
from deductibles.actions import holds
from deductibles.models import Claim, Coverage, Finding, Hold, Snapshot
from tests.api.claim_bodies import TODAY
from tests.claim_line import status_of
from tests.domain.eligibility_answer import ACTIVE, answer, file_of
from tests.factories import PayerFactory
from tests.web.claim_page import LINES, RECENT, number_of, page_of, step, text_of

pytest_plugins = ["tests.claim_line", "tests.web.claim_page"]
pytestmark = pytest.mark.django_db
EACH_ACT_ITS_OWN_MOMENT = pytest.mark.django_db(transaction=True)
"""The audit puts together what one moment, act and person did: acts must not share a transaction."""


class TestStatusAndMessage:
    def test_d_clm_1_while_held_the_page_says_until_when_and_on_which_amounts(self, biller_page, claim):
        said = text_of(page_of(biller_page, claim))
        assert "Suspended - Hold for Deductible" in said and "or sooner if the deductible is met." in said
        for fact in (
            "Individual, annual",
            "Annual $1,500.00",
            "Remaining $1,500.00",
            "Last answer",
            "Next check",
        ):
            assert fact in said, fact

    def test_what_decision_and_release_both_say_stands_there_once(self, biller_page, claim):
        (reason,) = claim.holds.get().why[-1:]
        claim.holds.update(release_why=[reason])
        assert text_of(page_of(biller_page, claim)).count(reason) == 1

    def test_d_man_1_the_edit_icon_offers_the_status_and_d_man_2_the_setting_gives_its_days(
        self, biller_page, line
    ):
        line.settings(day=TODAY, manual=True, manual_days=20)
        claim = line.enter(line.member(), served=RECENT)
        page = page_of(biller_page, claim)
        menu = page.partition("status-menu")[2].partition("</details>")[0]
        assert "Edit status" in menu and 'value="hold"' in menu and "Suspended - Hold for Deductible" in menu
        step(biller_page, claim, "hold")
        hold = Hold.objects.get(claim=claim)
        assert (hold.kind, hold.release_on) == ("manual", hold.started_on + timedelta(days=20))
        said = text_of(page_of(biller_page, claim))
        assert "Held by hand until" in said and "never, held by hand" in said

    def test_d_man_3_the_night_never_asks_and_d_man_4_at_the_end_it_is_queued(self, biller_page, line):
        line.settings(day=TODAY, manual=True, manual_days=20)
        claim = line.enter(line.member(), served=RECENT)
        step(biller_page, claim, "hold")
        hold = Hold.objects.get(claim=claim)
        for day in (7, 14, 19):
            on = hold.started_on + timedelta(days=day)
            nightly.check_night(line.company, on, by=None, at=timezone.now() + timedelta(days=day))
        assert status_of(claim) == "hold" and not line.asked()
        nightly.check_night(line.company, hold.release_on, by=None, at=timezone.now() + timedelta(days=20))
        assert status_of(claim) == "queued" and not line.asked()
        assert "Manually queued" in text_of(page_of(biller_page, claim))

    def test_d_man_5_with_the_setting_off_it_stays_and_both_pages_warn(self, biller_page, line):
        claim = line.enter(line.member(), served=RECENT)
        step(biller_page, claim, "hold")
        assert Hold.objects.get(claim=claim).release_on is None
        assert "Held by hand without an end" in text_of(page_of(biller_page, claim))
        holds_page = text_of(unescape(biller_page.get("/claims/hold-for-deductible/").content.decode()))
        assert claim.number in holds_page and "without an end" in holds_page

    def test_d_man_1_inside_the_filing_guard_it_asks_first_and_no_leaves_it(self, biller_page, line):
        line.payer.filing_limit_days = 10
        line.payer.save()
        claim = line.enter(line.member(), served=RECENT)
        asked = step(biller_page, claim, "hold")
        page = unescape(asked.content.decode())
        assert asked.status_code == 409 and "Hold it all the same" in page and "No, leave it" in page
        assert status_of(claim) == "draft"
        step(biller_page, claim, "hold", confirmed="yes")
        assert status_of(claim) == "hold"

    def test_voiding_asks_once_more_for_it_is_for_ever(self, biller_page, line):
        claim = line.enter(line.member(), served=RECENT)
        assert "Yes, void it" in step(biller_page, claim, "void").content.decode()
        assert status_of(claim) == "draft"
        step(biller_page, claim, "void", confirmed="yes")
        assert status_of(claim) == "void"

    @pytest.mark.parametrize(
        ("script", "said"),
        [
            ({"reject": {"code": "75"}}, "does not find the subscriber (reject 75)"),
            ({"reject": {"code": "42"}}, "cannot answer now (reject 42)"),
            ({"reject": {"code": "43"}}, "provider number (reject 43)"),
            ({"reject": {"code": "62"}}, "so late a date (reject 62)"),
            ({"active": False}, "coverage is not active"),
            ({"cut_271": 300}, "cut or damaged"),
            ({"another_patient": {"echo": "all"}}, "about somebody else"),
            ({"status": 503}, "No answer came"),
            ({"x12_271": file_of(answer(ACTIVE, LINES[0]))}, "never counted as zero"),
        ],
    )
    def test_a_fault_stands_on_the_claim_as_a_sentence(self, biller_page, line, script, said):
        claim = line.enter(line.member(**script), served=RECENT)
        step(biller_page, claim, "eligibility")
        assert said in text_of(page_of(biller_page, claim))


class TestCoverages:
    def test_d_hold_1_the_link_under_coverage_status_runs_eligibility_and_shows_it_at_once(
        self, biller_page, line
    ):
        claim = line.enter(line.member(), served=RECENT)
        page = page_of(biller_page, claim, "?tab=cob")
        under = page.partition("<h2>Coverage status</h2>")[2]
        assert re.search(r'<button class="coverage-link"[^>]*value="eligibility"', under[:400])
        assert "Not asked yet" in under[:700]
        done = biller_page.post(
            f"/claims/{claim.number}/steps/", {"act": "eligibility", "tab": "cob"}, follow=True
        )
        said = text_of(unescape(done.content.decode()))
        assert done.redirect_chain[-1][0].endswith("?tab=cob")
        assert "Active, asked" in said and "$1,500.00" in said
        assert Snapshot.objects.get(claim=claim).asked_by == "ben"

    def test_a_secondary_and_a_tertiary_are_added_changed_and_ended(self, biller_page, claim, acme):
        other, third = PayerFactory(company=acme), PayerFactory(company=acme)
        assert "Add a secondary coverage" in page_of(biller_page, claim, "?tab=cob")
        typed = {"rank": "secondary", "payer": other.pk, "member_id": "SEC1", "relationship": "self"}
        assert step(biller_page, claim, "cover", **typed).status_code == 302
        step(
            biller_page,
            claim,
            "cover",
            **{**typed, "rank": "tertiary", "payer": third.pk, "member_id": "TER1"},
        )
        step(biller_page, claim, "cover", **{**typed, "member_id": "SEC2"})
        assert _in_force(claim) == [("primary",), ("secondary", "SEC2"), ("tertiary", "TER1")]
        step(biller_page, claim, "end_coverage", rank="secondary")
        assert _in_force(claim) == [("primary",), ("secondary", "TER1")], "who was third moves up"
        assert status_of(claim) == "hold", "D-HOLD-4: further payers hold nothing and release nothing"

    def test_what_was_typed_is_kept_and_each_sentence_stands_beside_its_box(self, biller_page, claim, line):
        primary = claim.coverages.get()
        for typed, said in (
            ({"rank": "secondary", "payer": "", "member_id": "ABC9"}, 'href="#cob-payer"'),
            ({"rank": "secondary", "payer": line.payer.pk, "member_id": ""}, 'href="#cob-member_id"'),
            ({"rank": "tertiary", "payer": line.payer.pk, "member_id": "ABC9"}, "Add this one as secondary"),
            (
                {"rank": "secondary", "payer": line.payer.pk, "member_id": primary.member_id},
                "primary coverage already",
            ),
        ):
            refused = step(biller_page, claim, "cover", **typed)
            page = unescape(refused.content.decode())
            assert refused.status_code == 400 and said in page, typed
            assert typed["member_id"] in page and "What you typed is kept" in page
        assert Coverage.objects.filter(claim=claim).count() == 1

    def test_d_hold_5_the_primary_is_edited_where_it_stands_and_the_new_payer_is_asked(
        self, biller_page, claim, line
    ):
        page = page_of(biller_page, claim, "?tab=cob&edit=primary")
        assert f'value="{claim.coverages.get().member_id}"' in page
        first = Hold.objects.get(claim=claim)
        member = line.member(amounts=[{"from": "2000-01-01", "annual": "900.00", "remaining": "800.00"}])
        step(biller_page, claim, "change_payer", rank="primary", payer=line.payer.pk, member_id=member)
        now = Hold.objects.get(claim=claim, active=True)
        assert (now.remaining, now.anchor_on) == (800, first.anchor_on) and now.pk != first.pk

    def test_the_secondary_changes_places_with_the_primary_and_is_asked(self, biller_page, claim, line):
        before = claim.coverages.get()
        member = line.member(amounts=[{"from": "2000-01-01", "annual": "900.00", "remaining": "0.00"}])
        step(biller_page, claim, "cover", rank="secondary", payer=line.payer.pk, member_id=member)
        step(biller_page, claim, "make_primary", rank="secondary")
        assert _in_force(claim) == [("primary",), ("secondary", before.member_id)]
        assert claim.coverages.get(rank="primary", ended_at=None).member_id == member
        assert status_of(claim) == "queued", "its deductible is met"

    def test_d_hold_1_find_insurance_beside_the_edit_icon_fills_the_form(self, biller_page, claim, line):
        whom = line.patient
        line.member(
            found_for={
                "first_name": whom.first_name,
                "last_name": whom.last_name,
                "date_of_birth": whom.date_of_birth.isoformat(),
            }
        )
        page = page_of(biller_page, claim, "?tab=cob&edit=secondary")
        assert 'value="find_insurance"' in page
        done = step(biller_page, claim, "find_insurance", rank="secondary")
        assert done.url.endswith("?tab=cob&edit=secondary#edit")
        (found,) = Finding.objects.get().candidates
        page = page_of(biller_page, claim, "?tab=cob&edit=secondary")
        assert "Take as secondary" in page and found["member_id"] in page
        taken = page_of(biller_page, claim, "?tab=cob&edit=secondary&take=0")
        assert f'name="member_id" value="{found["member_id"]}"' in taken
        assert found["member_id"] not in done.url

    def test_find_insurance_without_an_answer_says_so_and_entry_by_hand_goes_on(
        self, biller_page, claim, line
    ):
        line.vendor.script("*", status=503)
        done = biller_page.post(
            f"/claims/{claim.number}/steps/",
            {"act": "find_insurance", "tab": "cob", "rank": "secondary"},
            follow=True,
        )
        page = unescape(done.content.decode())
        assert "gave no answer" in page and 'id="cob-member_id"' in page

    def test_d_clm_2_the_history_stands_as_a_chart_and_as_a_table(self, biller_page, claim):
        biller_page.post(f"/claims/{claim.number}/steps/", {"act": "eligibility"})
        page = page_of(biller_page, claim, "?tab=cob")
        assert 'class="chart chart-wide"' in page and "The same as a table" in page
        assert "Answers about the deductible" in page

    def test_a_subscribers_address_outlives_a_correction(self, biller_page, claim, acme):
        payer = PayerFactory(company=acme)
        person = {"first_name": "Dana", "last_name": "Okafor", "date_of_birth": "1970-02-03", "sex": "F"}
        person |= {"line1": "1 Elm Street", "city": "Chicago", "state": "IL", "zip": "60601"}
        typed = {f"subscriber-{name}": value for name, value in person.items()}
        typed |= {"rank": "secondary", "payer": payer.pk, "member_id": "SEC1", "relationship": "spouse"}
        assert step(biller_page, claim, "cover", **typed).status_code == 302
        form = page_of(biller_page, claim, "?tab=cob&edit=secondary")
        boxes = dict(re.findall(r'name="([\w-]+)" type="\w+" value="([^"]*)"', form))
        again = {name: boxes[name] for name in boxes if name.startswith("subscriber-")}
        assert (
            step(biller_page, claim, "cover", **{**typed, **again, "group_number": "G7"}).status_code == 302
        )
        kept = Coverage.objects.get(claim=claim, rank="secondary", ended_at=None)
        assert (kept.group_number, kept.subscriber["line1"], kept.subscriber["zip"]) == (
            "G7",
            "1 Elm Street",
            "60601",
        )


def _in_force(claim):
    rows = Coverage.objects.filter(claim=claim, ended_at=None).order_by("rank")
    return [(row.rank,) if row.rank == "primary" else (row.rank, row.member_id) for row in rows]


class TestLines:
    def test_d_clm_4_every_line_stands_with_its_marks_and_what_became_of_it(self, biller_page, claim):
        said = text_of(page_of(biller_page, claim, "?tab=cob").partition('id="lines"')[2])
        assert "Used: Remaining deductible, $1,500.00." in said
        assert "Out of network" in said and "Shown only: out of network" in said
        assert "98 office visit HMO GOLD 500" in said and "not 30 (health plan)" in said
        assert "Visit" in said and "neither a plan year, nor met, nor remaining" in said

    def test_d_clm_4_a_line_is_pinned_with_a_reason_and_taken_off_again(self, biller_page, claim):
        number = number_of(claim, LINES[2])
        answer_key = claim.snapshots.get().pk
        refused = step(biller_page, claim, "pin", line=number, answer=answer_key, reason=" ")
        page = unescape(refused.content.decode())
        assert refused.status_code == 400 and "Say why this line is the right one" in page
        assert re.search(rf'name="line" value="{number}" checked', page), "the chosen line stays chosen"
        done = step(biller_page, claim, "pin", line=number, answer=answer_key, reason="we are out of network")
        assert done.url.endswith("?tab=cob#lines")
        said = text_of(page_of(biller_page, claim, "?tab=cob"))
        assert "Pinned: Remaining, individual, out of network" in said and "we are out of network" in said
        assert "Remaining $3,000.00" in said and "Individual, pinned" in said
        audit = text_of(page_of(biller_page, claim, "?tab=audit"))
        assert "Line pinned" in audit and "because: we are out of network" in audit
        step(biller_page, claim, "unpin")
        said = text_of(page_of(biller_page, claim, "?tab=cob"))
        assert "Remaining $1,500.00" in said and "Pinned:" not in said

    def test_d_clm_4_a_pin_that_is_not_found_is_a_sentence_with_a_way_on(self, biller_page, claim, line):
        step(biller_page, claim, "pin", line=number_of(claim, LINES[2]), reason="out of network")
        member = claim.coverages.get().member_id
        line.vendor.script(
            member, x12_271=file_of(answer(ACTIVE, *LINES[:2])), readdress=["trace", "patient", "years"]
        )
        step(biller_page, claim, "eligibility")
        page = page_of(biller_page, claim)
        assert "The pinned line is not in this answer" in page and 'href="?tab=cob#lines"' in page
        assert status_of(claim) == "hold"
        lines = text_of(page_of(biller_page, claim, "?tab=cob").partition('id="lines"')[2])
        assert "the pinned line is not in this answer" in lines.lower(), "the newest lines are shown"

    def test_who_only_reads_claims_is_offered_nothing_to_change(self, page_as, sue, claim):
        page = page_of(page_as(sue), claim, "?tab=cob&edit=primary")
        for offered in (
            'name="line"',
            'id="cob-member_id"',
            "Find Insurance",
            "coverage-link",
            'value="unpin"',
        ):
            assert offered not in page, offered
        assert "Which line counts, and why" in page


class TestTabs:
    @pytest.mark.parametrize(
        "query",
        [
            *("", "?tab=charges", "?tab=cob", "?tab=acknowledgements", "?tab=audit", "?tab=audit&page=2"),
            *("?tab=cob&edit=primary", "?tab=cob&edit=secondary&take=0", "?tab=submissions"),
            *("?tab=cob&edit=%00&take=x", "?tab=audit&page=-1", "?tab=audit&page=99999999999"),
        ],
    )
    def test_each_has_its_address_and_is_read_in_few_queries(
        self, biller_page, claim, query, django_assert_max_num_queries
    ):
        biller_page.get("/claims/")
        with django_assert_max_num_queries(12):
            assert biller_page.get(f"/claims/{claim.number}/{query}").status_code == 200

    @EACH_ACT_ITS_OWN_MOMENT
    def test_the_audit_of_a_claim_with_a_long_way_behind_it_is_read_in_few_queries(
        self, biller_page, claim, line, django_assert_max_num_queries
    ):
        nightly.check_night(
            line.company, TODAY + timedelta(days=7), by=None, at=timezone.now() + timedelta(days=7)
        )
        step(biller_page, claim, "cover", rank="secondary", payer=line.payer.pk, member_id="SEC1")
        holds.queue(Claim.objects.get(pk=claim.pk), by=line.biller, at=timezone.now())
        nightly.submission_night(line.company, TODAY, by=None, at=timezone.now())
        page_of(biller_page, claim)
        with django_assert_max_num_queries(12):
            page = page_of(biller_page, claim, "?tab=audit")
        assert line.payer.name in page

    def test_acknowledgements_says_what_arrives_and_what_was_sent(self, biller_page, claim, line):
        assert "nothing was acknowledged" in page_of(biller_page, claim, "?tab=acknowledgements")
        holds.queue(claim, by=line.biller, at=timezone.now())
        nightly.submission_night(line.company, TODAY, by=None, at=timezone.now())
        said = text_of(page_of(biller_page, claim, "?tab=acknowledgements"))
        assert "Handed over" in said and "nothing yet" in said

    @EACH_ACT_ITS_OWN_MOMENT
    def test_d_clm_3_the_audit_tells_checks_amounts_decisions_who_run_and_settings(
        self, biller_page, claim, line
    ):
        nightly.check_night(
            line.company, TODAY + timedelta(days=7), by=None, at=timezone.now() + timedelta(days=7)
        )
        said = text_of(page_of(biller_page, claim, "?tab=audit"))
        for told in (
            *("Claim entered", "Completed", "Status: Draft → Suspended - Hold for Deductible"),
            "Settings version 1: threshold $100.00, annual amount $250.00 or more, at most 30 days, 14 guard",
            *("AR Boost, asked by a person, answered.", "Annual $1,500.00, remaining $1,500.00."),
            *("AR Boost, nightly check, answered.", "Held at most 30 days"),
        ):
            assert told in said, told
        assert re.search(r"· Holdline, run \d+", said) and "· ben" in said

    @EACH_ACT_ITS_OWN_MOMENT
    def test_d_clm_3_a_long_audit_is_paged_newest_first(self, biller_page, claim, line):
        for _ in range(22):
            holds.queue(Claim.objects.get(pk=claim.pk), by=line.biller, at=timezone.now())
            holds.unqueue(Claim.objects.get(pk=claim.pk), by=line.biller, at=timezone.now())
        first, second = (page_of(biller_page, claim, f"?tab=audit&page={page}") for page in (1, 2))
        assert "1 to 40 of" in first and 'rel="next"' in first and "Claim entered" not in first
        assert "41 to" in second and 'rel="prev"' in second and "Claim entered" in second
