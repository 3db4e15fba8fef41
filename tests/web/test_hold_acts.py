"""Many lines of the Hold page at once: asked with count and dollars, reported, taken back; their checks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from deductibles.actions import holds, posting
from deductibles.models import Claim, Hold, HoldAct, Question
from tests.api.test_holds import hold_many
from tests.web.test_holds import URL
from tests.world_rows import make_run, make_submission


@pytest.fixture
def held(acme):
    return hold_many(acme, 3)


def _queued():
    return set(Claim.objects.filter(status="queued").values_list("number", flat=True))


class TestTheQuestionBeforeIt:
    def test_says_how_many_and_what_they_bill_and_does_nothing_yet_D_PAGE_4(self, page_as, ben, held):
        page = page_as(ben).post(f"{URL}queue/", {"queue": [held[0].pk, held[2].pk], "ask": "yes"})
        html = page.content.decode()
        assert "Queue 2 claims for submission?" in html and "$1,700.00" in html
        assert ">Yes<" in html and ">No<" in html
        assert _queued() == set()

    def test_is_answered_in_the_window_of_the_page_as_on_a_page_of_its_own(self, page_as, ben, held):
        client = page_as(ben)
        inside = client.post(f"{URL}clear/", {"all": "clear"}, headers={"HX-Request": "true"})
        assert inside.status_code == 400  # nothing can be cleared yet
        client.post(f"{URL}queue/", {"all": "queue"})
        inside = client.post(f"{URL}clear/", {"all": "clear"}, headers={"HX-Request": "true"})
        html = inside.content.decode()
        assert "Clear 3 claims from the queue?" in html and "$2,550.00" in html and "<html" not in html

    def test_keeps_the_search_so_that_yes_means_the_lines_that_were_seen(self, page_as, ben, held):
        client = page_as(ben)
        client.post(f"{URL}queue/", {"queue": [row.pk for row in held]})
        found = client.post(URL, {"q": held[1].claim.number}).url
        key = found.split("?")[1].split("=")
        page = client.post(f"{URL}clear/", {"all": "clear", key[0]: key[1]}).content.decode()
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        client.post(f"{URL}clear/", {**fields, "confirm": "yes"})
        assert list(Hold.objects.exclude(cleared_at=None)) == [held[1]]

    def test_is_refused_when_another_number_matches_by_then(self, page_as, ben, acme, held):
        client = page_as(ben)
        hold_many(acme, 1, first=70)
        answer = client.post(f"{URL}queue/", {"all": "queue", "expected": "3"})
        assert answer.status_code == 409
        assert "4 lines match now, not 3. Nothing was changed" in answer.content.decode()
        assert _queued() == set()

    def test_of_5001_names_the_first_5000_and_more_boxes_are_refused_whole_D_PAGE_5(self, page_as, ben, acme):
        rows = hold_many(acme, 5001)
        client = page_as(ben)
        page = client.post(f"{URL}queue/", {"all": "queue", "ask": "yes"}).content.decode()
        assert "Queue 5,000 claims" in page and "$4,250,000.00" in page
        assert "These are the first 5,000 that match" in page
        ticked = {"queue": ",".join(str(row.pk) for row in rows)}
        refused = client.post(f"{URL}queue/", ticked)
        assert refused.status_code == 400
        assert "At most 5,000 claims at one time; 5,001 were ticked." in refused.content.decode()
        assert _queued() == set()


class TestTheReport:
    def test_count_shown_is_done_and_skipped_and_audited(self, page_as, ben, held):
        client = page_as(ben)
        client.post(f"{URL}queue/", {"queue": [held[0].pk]})
        client.post(f"{URL}queue/", {"queue": [row.pk for row in held]})
        act = HoldAct.objects.order_by("-pk")[0]
        page = client.get(f"{URL}acts/{act.pk}/").content.decode()
        assert "2 claims queued for submission" in page and "$1,700.00" in page
        assert ">C-1</a>" in page and "It changed meanwhile" in page
        history = Hold.pgh_event_models["update"].objects.filter(pgh_context__metadata__act="queue")
        assert act.done + len(act.skipped) == 3
        assert history.values("pgh_obj_id").distinct().count() == 3  # one by the first act, two by this

    def test_with_many_left_is_where_the_act_leads(self, page_as, ben, acme):
        rows = hold_many(acme, 14)
        client = page_as(ben)
        client.post(f"{URL}queue/", {"queue": [row.pk for row in rows[:13]]})
        answer = client.post(f"{URL}queue/", {"queue": [row.pk for row in rows]})
        assert answer.url == f"{URL}acts/{HoldAct.objects.order_by('-pk')[0].pk}/"
        page = client.get(answer.url).content.decode()
        assert all(f">C-{number}</a>" in page for number in range(1, 14))

    def test_of_another_company_is_not_there(self, page_as, bo, ben, held):
        page_as(ben).post(f"{URL}queue/", {"queue": [held[0].pk]})
        act = HoldAct.objects.get()
        assert page_as(bo).get(f"{URL}acts/{act.pk}/").status_code == 404
        assert page_as(bo).post(f"{URL}acts/{act.pk}/undo/").status_code == 404
        assert _queued() == {"C-1"}


class TestUndo:
    def test_is_offered_above_the_lines_and_puts_them_back_on_hold(self, page_as, ben, held):
        client = page_as(ben)
        client.post(f"{URL}queue/", {"all": "queue"})
        page = client.get(URL).content.decode()
        act = HoldAct.objects.get()
        assert "3 claims queued for submission" in page and f"{URL}acts/{act.pk}/undo/" in page
        after = client.post(f"{URL}acts/{act.pk}/undo/", follow=True).content.decode()
        assert "3 claims are on hold again." in after and "/undo/" not in after
        assert Hold.objects.filter(active=True, queued_at=None).count() == 3

    def test_twice_is_refused_and_takes_nothing_back_that_was_queued_since(self, page_as, ben, held):
        client = page_as(ben)
        client.post(f"{URL}queue/", {"queue": [held[0].pk]})
        act = HoldAct.objects.get()
        client.post(f"{URL}acts/{act.pk}/undo/")
        client.post(f"{URL}queue/", {"queue": [held[0].pk]})
        again = client.post(f"{URL}acts/{act.pk}/undo/")
        assert again.status_code == 409 and "taken back already" in again.content.decode()
        assert _queued() == {"C-1"}

    def test_leaves_what_stands_in_a_file_and_says_so_by_number(self, page_as, ben, acme, held):
        client = page_as(ben)
        client.post(f"{URL}queue/", {"queue": [held[0].pk, held[1].pk]})
        make_submission(acme, make_run(acme, days_ago=0), [held[0].claim])
        act = HoldAct.objects.get()
        report = client.post(f"{URL}acts/{act.pk}/undo/", follow=True).content.decode()
        assert "C-1" in report and "in a file that is being handed over" in report
        assert _queued() == {"C-1"}

    def test_is_not_offered_once_the_night_came(self, page_as, ben, held):
        client = page_as(ben)
        client.post(f"{URL}queue/", {"queue": [held[0].pk]})
        HoldAct.objects.update(at=datetime.now(UTC) - timedelta(days=2))
        assert "/undo/" not in client.get(URL).content.decode()

    def test_of_a_clearing_there_is_none(self, ben, acme, held):
        holds.queue_holds(acme, [held[0].pk], by=ben, at=datetime.now(UTC))
        done = holds.clear_holds(acme, [held[0].pk], by=ben, at=datetime.now(UTC))
        with pytest.raises(holds.Refused, match="Only a queueing is taken back"):
            holds.undo(done.act, by=ben, at=datetime.now(UTC))


class TestTabs:
    def test_count_their_lines_exactly_and_show_only_those(self, page_as, ben, held):
        client = page_as(ben)
        client.post(f"{URL}queue/", {"queue": [held[0].pk]})
        page = client.get(f"{URL}?queued=no").content.decode()
        tabs = re.findall(r'<a href="([^"]+)"[^>]*>(Held|Queued|All) <span class="count">([\d,]+)', page)
        assert [(label, count) for _, label, count in tabs] == [("Held", "2"), ("Queued", "1"), ("All", "3")]
        assert ">C-1<" not in page and ">C-2<" in page
        queued = client.get(f"{URL}?queued=yes").content.decode()
        assert ">C-1<" in queued and ">C-2<" not in queued

    def test_keep_the_other_filters(self, page_as, ben, held):
        page = page_as(ben).get(f"{URL}?payer={held[0].payer_id}").content.decode()
        assert f"?payer={held[0].payer_id}&amp;queued=yes" in page or "queued=yes&amp;payer=" in page

    def test_a_line_whose_payment_was_posted_waits_to_be_cleared_D_CLR_1(self, page_as, ben, held):
        posting.post_by_hand(held[0].claim, {"paid": "10"}, by=ben, at=datetime.now(UTC))
        client = page_as(ben)
        page = client.get(URL).content.decode()
        assert ">C-1<" in page and "payment posted" in page
        client.post(f"{URL}clear/", {"clear": [held[0].pk], "confirm": "yes"})
        assert ">C-1<" not in client.get(URL).content.decode()


class TestTheFigures:
    def test_are_claims_and_dollars_by_days_remaining_with_a_table(self, page_as, ben, acme):
        today = datetime.now(UTC).astimezone(acme.zone).date()
        for index, left in enumerate((0, 3, 3, 90)):
            hold_many(acme, 1, first=10 * index + 1, release_on=today + timedelta(days=left))
        hold_many(acme, 1, first=90, kind="manual", release_on=None)
        page = page_as(ben).get(URL).content.decode()
        rows = re.findall(
            r'<th scope="row">([^<]+)</th><td>([^<]*)</td><td class="num">([^<]+)</td><td[^>]*>([^<]+)', page
        )
        assert [(days, claims, dollars) for days, _, claims, dollars in rows] == [
            ("0", "1", "$850.00"),
            ("3", "2", "$1,700.00"),
            ("30 or more", "1", "$850.00"),
            ("without an end", "1", "$850.00"),
        ]
        assert "1 more have 30 days or more left; 1 has no release date." in page
        assert ">$4,250.00<" in page  # all five of them


class TestTheSearch:
    def test_finds_by_patient_and_by_payer(self, page_as, ben, acme, held):
        other = hold_many(acme, 1, first=50)[0]
        client = page_as(ben)
        patient = held[0].claim.patient
        page = client.get(client.post(URL, {"q": patient.last_name}).url).content.decode()
        assert ">C-1<" in page
        found = client.post(URL, {"q": other.payer.name}).url
        page = client.get(found).content.decode()
        assert ">C-50<" in page
        assert patient.last_name not in found

    def test_of_a_payers_name_alone_becomes_its_filter(self, page_as, ben, held):
        payer = held[0].payer
        payer.name = "Zephyr Mutual of the Lakes"
        payer.save()
        assert page_as(ben).post(URL, {"q": "zephyr mutual"}).url == f"{URL}?payer={payer.pk}"


class TestTheChecksOfALine:
    def test_stand_below_it_or_on_a_page_of_their_own(self, page_as, ben, acme, held):
        hold = held[0]
        Hold.objects.filter(pk=hold.pk).update(why=["1,112.40 remaining is more than the threshold."])
        asked = datetime.now(UTC)
        Question.objects.create(company=acme, hold=hold, for_date=hold.started_on, asked_at=asked)
        client = page_as(ben)
        assert f'href="{URL}{hold.pk}/checks/"' in client.get(URL).content.decode()
        page = client.get(f"{URL}{hold.pk}/checks/").content.decode()
        assert "Checks of C-1" in page and "more than the threshold" in page and "no answer yet" in page
        inside = client.get(f"{URL}{hold.pk}/checks/", headers={"HX-Request": "true"}).content.decode()
        assert "no answer yet" in inside and "<html" not in inside

    def test_of_another_company_are_not_there(self, page_as, bo, held):
        assert page_as(bo).get(f"{URL}{held[0].pk}/checks/").status_code == 404
