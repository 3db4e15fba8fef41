"""Notifications: what one was told, the bell's count, how one wants to be told, and what is forgotten."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.clocks import SEEN
from accounts.models import User
from escalations import actions
from escalations.actions.notice_choices import note_refusal
from escalations.actions.notices import Fact, notify
from escalations.models import MailRefusal, NoticeChoice, Notification, Ticket
from patients.models import Patient
from tests.notices import told, words_of
from tests.tickets import filed, taken

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
URL, CHOICES = "/notifications/", "/notifications/choices/"


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return taken(ana, patient, NOW)


def tell(user: User, ticket: Ticket, words: str, *, kind: str = "breach", at: datetime = NOW) -> Notification:
    (told,) = notify([Fact(user, kind, ticket, f"test:{words}", words)], at=at)
    return told


def count_of(client: Client) -> int:
    return client.get(f"{URL}count/").json()["unread"]


class TestThePage:
    def test_it_lists_the_newest_first_by_day_with_a_link_to_each_ticket(
        self, page_as: Any, ana: User, ticket: Ticket
    ) -> None:
        tell(ana, ticket, f"{ticket.number} first.", at=NOW - timedelta(days=3))
        tell(ana, ticket, f"{ticket.number} second.")
        page = words_of(page_as(ana).get(URL))
        assert page.index("second.") < page.index("first.")
        assert page.count('class="inbox-day"') == 2 and "Today, " in page
        assert f'href="/escalations/{ticket.number}/"' in page and "Ticket is late" in page

    def test_somebody_elses_are_not_there(self, page_as: Any, ana: User, sue: User, ticket: Ticket) -> None:
        tell(ana, ticket, "Only for ana.")
        assert "Only for ana." not in words_of(page_as(sue).get(URL))
        assert count_of(page_as(sue)) == 0

    def test_what_is_wanted_by_mail_alone_does_not_stand_here(
        self, page_as: Any, ana: User, ticket: Ticket
    ) -> None:
        NoticeChoice.objects.create(company=ana.company, user=ana, ways={"breach": ["mail"]})
        tell(ana, ticket, "By mail alone.")
        assert "By mail alone." not in words_of(page_as(ana).get(URL)) and count_of(page_as(ana)) == 0

    def test_only_unread_ones_can_be_shown(self, page_as: Any, ana: User, ticket: Ticket) -> None:
        old, _ = tell(ana, ticket, "Was read."), tell(ana, ticket, "Is new.")
        actions.mark_read(ana, [old.pk], at=NOW)
        page = words_of(page_as(ana).get(f"{URL}?unread=1"))
        assert "Is new." in page and "Was read." not in page

    def test_pages_follow_each_other_and_leave_nothing_out(
        self, page_as: Any, ana: User, ticket: Ticket
    ) -> None:
        for number in range(51):
            tell(ana, ticket, f"Fact {number:03}.")
        client = page_as(ana)
        first = words_of(client.get(URL))
        following = re.search(r'href="[^"]*(\?cursor=[^"]*)" rel="next"', first)
        assert following
        second = words_of(client.get(URL + following[1]))
        seen = set(re.findall(r"<a [^>]*>(Fact \d{3})", first + second)) | set(
            re.findall(r"Fact \d{3}", first + second)
        )
        assert len(seen) == 51 and "Fact 000" not in first

    @pytest.mark.parametrize("rows", [1, 50])
    def test_it_costs_the_same_few_queries_however_much_there_is(
        self, page_as: Any, ana: User, ticket: Ticket, rows: int, django_assert_max_num_queries: Any
    ) -> None:
        client = page_as(ana)
        client.get(URL)
        notify([Fact(ana, "breach", ticket, f"k:{n}", f"{ticket.number}") for n in range(rows)], at=NOW)
        with django_assert_max_num_queries(6):
            assert words_of(client.get(URL)).count("told-words") == rows

    @pytest.mark.parametrize("cursor", ["x", "cD0xMg%3D%3D", "cD1ub3doZXJl"])
    def test_a_cursor_of_somebodys_making_is_not_found(self, page_as: Any, ana: User, cursor: str) -> None:
        assert page_as(ana).get(f"{URL}?cursor={cursor}").status_code == 404

    def test_nothing_yet_says_what_will_come(self, page_as: Any, ana: User) -> None:
        page = words_of(page_as(ana).get(URL))
        assert "Nothing yet" in page and "@ana" in page


class TestReading:
    def test_one_is_marked_and_the_others_stay(self, page_as: Any, ana: User, ticket: Ticket) -> None:
        one, _ = tell(ana, ticket, "One."), tell(ana, ticket, "Two.")
        client = page_as(ana)
        answer = client.post(f"{URL}read/", {"id": one.pk, "unread": "1"})
        assert answer.status_code == 302 and answer.url == f"{URL}?unread=1"
        assert count_of(client) == 1

    def test_all_means_all_that_were_shown(self, page_as: Any, ana: User, ticket: Ticket) -> None:
        """What came after the page was loaded has been seen by nobody."""
        tell(ana, ticket, "One.")
        client = page_as(ana)
        upto = re.search(r'name="upto" value="(\d+)"', words_of(client.get(URL)))
        assert upto
        tell(ana, ticket, "Came meanwhile.")
        client.post(f"{URL}read/", {"all": "yes", "upto": upto[1]})
        assert count_of(client) == 1

    def test_opening_the_ticket_reads_what_was_told_of_it(
        self, page_as: Any, ana: User, sue: User, ticket: Ticket, patient: Patient
    ) -> None:
        another = filed("refund", ana, patient, NOW)
        tell(ana, ticket, "Of this one.")
        tell(ana, another, "Of another.")
        tell(sue, ticket, "For sue.")
        client = page_as(ana)
        client.get(f"/escalations/{ticket.number}/")
        assert count_of(client) == 1 and count_of(page_as(sue)) == 1

    def test_somebody_elses_cannot_be_marked(
        self, page_as: Any, ana: User, sue: User, otto: User, ticket: Ticket
    ) -> None:
        one = tell(ana, ticket, "One.")
        for person in (sue, otto):
            assert page_as(person).post(f"{URL}read/", {"id": one.pk}).status_code == 404
        assert page_as(sue).post(f"{URL}read/", {"all": "yes", "upto": "9" * 18}).status_code == 302
        assert count_of(page_as(ana)) == 1

    @pytest.mark.parametrize("body", [{}, {"id": "x"}, {"id": "9" * 40}, {"all": "yes"}, {"upto": "5"}])
    def test_a_form_that_says_nothing_marks_nothing(
        self, page_as: Any, ana: User, ticket: Ticket, body: dict[str, str]
    ) -> None:
        tell(ana, ticket, "One.")
        client = page_as(ana)
        assert client.post(f"{URL}read/", body).status_code == 302
        assert count_of(client) == 1


class TestTheBell:
    def test_it_stands_on_every_page_of_those_who_can_be_told(
        self, page_as: Any, ana: User, ben: User, sue: User, adam: User
    ) -> None:
        for person in (ana, ben, sue):
            assert 'data-bell="/notifications/count/"' in words_of(page_as(person).get("/"))
        assert "data-bell" not in words_of(page_as(adam).get("/")), "an admin reads no tickets"

    def test_it_counts_to_a_hundred_and_says_that_there_are_more(
        self, page_as: Any, ana: User, ticket: Ticket
    ) -> None:
        client = page_as(ana)
        assert client.get(f"{URL}count/").json() == {"unread": 0, "words": "", "alarm": None}
        notify([Fact(ana, "breach", ticket, f"k:{n}", "x") for n in range(120)], at=NOW)
        assert client.get(f"{URL}count/").json()["words"] == "99+"

    def test_asking_extends_no_session_and_costs_little(
        self, page_as: Any, ana: User, django_assert_max_num_queries: Any
    ) -> None:
        client = page_as(ana)
        client.get("/")
        session = client.session
        session[SEEN] = before = int(session[SEEN]) - 300
        session.save()
        with django_assert_max_num_queries(4):
            client.get(f"{URL}count/", headers={"Holdline-Background": "1"})
        assert client.session[SEEN] == before
        client.get(f"{URL}count/")
        assert client.session[SEEN] > before, "the negative control: a person who looks is there"

    def test_an_sos_rings_for_the_supervisors_as_it_is_filed_r_sos_3(
        self, page_as: Any, ana: User, sue: User, patient: Patient
    ) -> None:
        sos = filed("patient-sos", ana, patient, datetime.now(UTC))
        alarm = page_as(sue).get(f"{URL}count/").json()["alarm"]
        assert sos.number in alarm["words"] and alarm["url"] == f"/escalations/{sos.number}/"
        assert told(ana) == []
        page_as(sue).get(alarm["url"])
        assert page_as(sue).get(f"{URL}count/").json()["alarm"] is None, "seen is not announced again"

    def test_a_supervisor_who_files_one_is_not_told_of_it(self, sue: User, patient: Patient) -> None:
        filed("patient-sos", sue, patient, NOW)
        assert told(sue) == []

    def test_a_ticket_that_becomes_one_rings_too(self, ana: User, sue: User, patient: Patient) -> None:
        from tests.tickets import good

        found = filed("supervisor", ana, patient, NOW)
        facts = {"type": "patient-sos", **good("patient-sos")}
        actions.act(found, "retype", by=sue, at=NOW, facts=facts)
        assert [kind for kind, _ in told(sue)] == [], "she did it herself"
        theo = User.objects.create(username="theo", company=ana.company, role="supervisor")
        second = filed("supervisor", ana, patient, NOW)
        actions.act(second, "retype", by=sue, at=NOW, facts=facts)
        assert [kind for kind, _ in told(theo)] == ["alarm"]

    def test_filing_what_rings_for_nobody_costs_no_query_more(
        self, ana: User, patient: Patient, django_assert_num_queries: Any
    ) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        filed("refund", ana, patient, NOW)
        with CaptureQueriesContext(connection) as asked:
            filed("refund", ana, patient, NOW)
        assert not any("escalations_notification" in one["sql"] for one in asked.captured_queries)


class TestChoices:
    GOOD = {"ways": ["breach.mail", "watched.app"], "quiet_from": "18:00", "quiet_until": "8:00"}

    def test_what_is_chosen_is_kept_and_held_to(self, page_as: Any, ana: User, ticket: Ticket) -> None:
        answer = page_as(ana).post(CHOICES, {**self.GOOD, "version": "1"})
        assert answer.status_code == 302
        row = NoticeChoice.objects.get(user=ana)
        assert (row.ways["breach"], row.ways["alarm"], row.digest, row.version) == (["mail"], [], False, 2)
        assert f"{row.quiet_from:%H:%M} {row.quiet_until:%H:%M}" == "18:00 08:00"
        page = words_of(page_as(ana).get(CHOICES))
        assert re.search(r'value="breach.mail" checked', page) and not re.search(r'breach.app" checked', page)
        assert 'value="18:00"' in page and 'value="08:00"' in page

    def test_somebody_elses_stay_as_they_are(self, page_as: Any, ana: User, sue: User) -> None:
        page_as(ana).post(CHOICES, {**self.GOOD, "version": "1"})
        assert not NoticeChoice.objects.filter(user=sue).exists()

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"quiet_until": ""}, "Say when the quiet hours end"),
            ({"quiet_from": ""}, "Say when the quiet hours begin"),
            ({"quiet_from": "25:00"}, "like 18:30"),
            ({"quiet_from": "8:00"}, "no hour would be quiet"),
        ],
    )
    def test_half_of_quiet_hours_is_refused_and_everything_typed_is_kept(
        self, page_as: Any, ana: User, typed: dict[str, str], sentence: str
    ) -> None:
        answer = page_as(ana).post(CHOICES, {**self.GOOD, "version": "1", **typed})
        page = words_of(answer)
        assert answer.status_code == 400 and page.count(sentence) == 2, "beside the field and in the summary"
        assert 'value="breach.mail" checked' in page and not NoticeChoice.objects.exists()
        assert all(f'value="{value}"' in page for value in typed.values() if value)

    def test_a_form_that_came_in_part_turns_nothing_off(self, page_as: Any, ana: User) -> None:
        answer = page_as(ana).post(CHOICES, {"quiet_from": "18:00"})
        assert answer.status_code == 400 and "did not arrive whole" in words_of(answer)
        assert not NoticeChoice.objects.exists()

    def test_of_two_tabs_the_second_is_told_what_differs_and_may_save_over_it(
        self, page_as: Any, ana: User
    ) -> None:
        client = page_as(ana)
        client.post(CHOICES, {"ways": ["breach.app"], "version": "1"})
        answer = client.post(CHOICES, {**self.GOOD, "version": "1"})
        page = words_of(answer)
        assert answer.status_code == 409 and "changed meanwhile" in page
        assert "in the app" in page and "18:00 to 08:00" in page
        newest = re.search(r'name="version" value="(\d+)"', page)
        assert newest and client.post(CHOICES, {**self.GOOD, "version": newest[1]}).status_code == 302
        assert NoticeChoice.objects.get().ways["breach"] == ["mail"]

    def test_it_says_where_mails_go_and_how_to_have_an_address(self, page_as: Any, ana: User) -> None:
        page = words_of(page_as(ana).get(CHOICES))
        assert "no mail address yet" in page and 'href="/accounts/email/"' in page
        User.objects.filter(pk=ana.pk).update(email="ana@acme.example")
        assert "They go to <strong>ana@acme.example</strong>" in words_of(page_as(ana).get(CHOICES))

    def test_a_refused_address_is_told_until_it_is_tried_again_or_changed(
        self, page_as: Any, ana: User
    ) -> None:
        User.objects.filter(pk=ana.pk).update(email="gone@acme.example")
        note_refusal(ana, "gone@acme.example", 550, at=NOW)
        client = page_as(ana)
        for address in (URL, CHOICES):
            page = words_of(client.get(address))
            assert "Mails to you do not arrive." in page and "gone@acme.example (550)" in page
        assert client.post(CHOICES, {"do": "again"}).status_code == 302
        assert not MailRefusal.objects.exists()
        note_refusal(ana, "gone@acme.example", 550, at=NOW)
        User.objects.filter(pk=ana.pk).update(email="new@acme.example")
        assert "do not arrive" not in words_of(client.get(URL))

    def test_it_stands_in_the_account_menu_and_the_palette(self, page_as: Any, ana: User) -> None:
        assert words_of(page_as(ana).get("/")).count(f'href="{CHOICES}"') == 2


class TestForgetting:
    def test_what_was_read_ninety_days_ago_goes_and_what_nobody_read_stays(
        self, ana: User, ticket: Ticket
    ) -> None:
        old = NOW - timedelta(days=400)
        read, unread, lately = (tell(ana, ticket, name, at=old) for name in ("a", "b", "c"))
        actions.mark_read(ana, [read.pk], at=NOW - timedelta(days=90, seconds=1))
        actions.mark_read(ana, [lately.pk], at=NOW - timedelta(days=89))
        assert actions.forget_read(at=NOW) == 1
        assert set(Notification.objects.values_list("pk", flat=True)) == {unread.pk, lately.pk}
        assert actions.forget_read(at=NOW) == 0

    def test_many_go_in_batches_and_one_sweep_does_not_do_them_all(
        self, ana: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from escalations.actions import notices

        monkeypatch.setattr(notices, "_BATCH", 2)
        monkeypatch.setattr(notices, "_BATCHES", 2)
        notify([Fact(ana, "breach", ticket, f"k:{n}", "x") for n in range(5)], at=NOW)
        actions.mark_read(ana, at=NOW - timedelta(days=100))
        assert (actions.forget_read(at=NOW), actions.forget_read(at=NOW)) == (4, 1)
