"""Settings → Connections: what an admin sees and does, with script and without, and what never shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches

from config.watching.notices import notices_for
from deductibles import monitoring
from deductibles.actions import connections
from deductibles.connections import health
from deductibles.gateways.wire import Unavailable
from tests.claim_line import DAY0, Line, noon
from work import outbox
from work.models import Connection, ConnectionHealth, OutboxMessage

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
PAGE = "/settings/connections/ar-boost/"
CANARY = "canary-token-77"


@pytest.fixture
def page(page_as, adam, ar_boost):
    """Adam's browser; AR Boost's stand-in is what the server was started with."""
    return page_as(adam)


def text(answer) -> str:
    return answer.content.decode()


def typed(ar_boost, **changes):
    return {"do": "save", "version": "0", "address": ar_boost.url, "token": ar_boost.token, **changes}


class TestReading:
    def test_both_connections_stand_there_with_where_they_lead_and_who_decided(self, page, ar_boost):
        shown = text(page.get("/settings/connections/"))
        for words in ("AR Boost", "Clearinghouse", ar_boost.url, "The server’s environment", "Not used yet"):
            assert words in shown
        assert ar_boost.token not in shown

    def test_a_company_that_is_not_connected_reads_what_that_means(self, page, settings):
        settings.ARBOOST_URL = settings.CLEARINGHOUSE_URL = ""
        shown = text(page.get("/settings/connections/"))
        assert shown.count("Not connected") == 2
        assert "No claim can be asked about" in shown and "released claims wait in the queue" in shown

    def test_a_failing_one_says_since_when_why_and_what_to_do(self, page, acme):
        problem = Unavailable("AR Boost does not accept our token.", step="token")
        health.note(acme.pk, "arboost", problem, at=NOW)
        shown = text(page.get(PAGE))
        assert "Failing since 20 May 10:00" in shown and "does not accept our token" in shown
        assert "Ask the vendor for the token" in shown

    def test_a_test_that_went_well_before_the_trouble_began_says_so(self, page, ar_boost, acme):
        page.post(PAGE, {"do": "test", "version": "0"})
        later = datetime.now(UTC) + timedelta(minutes=5)
        health.note(acme.pk, "arboost", Unavailable("AR Boost could not be reached."), at=later)
        shown = text(page.get(PAGE))
        assert "Every step went well." in shown and ", before it failed" in shown

    def test_one_that_works_again_still_tells_its_last_failure(self, page, acme):
        health.note(acme.pk, "arboost", Unavailable("AR Boost could not be reached."), at=NOW)
        health.note(acme.pk, "arboost", None, at=NOW + timedelta(hours=1))
        shown = text(page.get(PAGE))
        assert "Works since 20 May 11:00" in shown
        assert "Last failure 20 May 10:00: AR Boost could not be reached." in shown


class TestTesting:
    def test_every_step_is_shown_with_who_tested_and_when(self, page, ar_boost):
        answer = page.post(PAGE, {"do": "test", "version": "0"}, follow=True)
        assert answer.redirect_chain == [(f"{PAGE}#test", 302)]
        shown = text(answer)
        assert shown.count("is-passed") == 5 and "Every step went well." in shown
        assert "by Adam" in shown and "Works since" in shown
        assert [row["path"] for row in ar_boost.requests()] == ["/v1/agency"]

    def test_a_step_that_fails_is_named_with_its_mend_and_those_after_it_as_not_reached(self, page, ar_boost):
        ar_boost.script("*", agency=False)
        shown = text(page.post(PAGE, {"do": "test", "version": "0"}, follow=True))
        assert "It ends here: Hold for deductible." in shown and "representative" in shown
        assert ConnectionHealth.objects.get().step == "agency"

    def test_what_is_typed_is_tested_and_neither_saved_nor_lost(self, page, ar_boost):
        answer = page.post(PAGE, typed(ar_boost, do="try", token=CANARY, notes="Ask for Ines"))
        shown = text(answer)
        assert answer.status_code == 200 and "It ends here: Token." in shown
        assert "it is not saved" in shown and 'value="Ask for Ines"' in shown
        assert not Connection.objects.exists() and not ConnectionHealth.objects.exists()
        assert CANARY not in shown

    def test_a_typed_token_outlives_the_test_sealed_and_can_then_be_saved(self, page, ar_boost):
        ar_boost.script("*", token=CANARY)
        shown = text(page.post(PAGE, typed(ar_boost, do="try", token=CANARY)))
        assert "Every step went well." in shown
        sealed = shown.partition('name="sealed_token" value="')[2].partition('"')[0]
        saved = page.post(PAGE, typed(ar_boost, token="", sealed_token=sealed), follow=True)
        assert "Every step went well." in text(saved)
        assert Connection.objects.get().secret_set_by.username == "adam"

    def test_another_persons_sealed_token_opens_for_nobody_else(self, page, page_as, olga, ar_boost):
        shown = text(page.post(PAGE, typed(ar_boost, do="try", token=CANARY)))
        sealed = shown.partition('name="sealed_token" value="')[2].partition('"')[0]
        page_as(olga).post(PAGE, typed(ar_boost, token="", sealed_token=sealed))
        kept = Connection.objects.get(company=olga.company)
        assert connections.rows.opened(kept) == ar_boost.token, "the server's own, kept for its own address"

    def test_a_test_of_nothing_says_what_is_missing(self, page, settings):
        settings.ARBOOST_URL = ""
        assert "It ends here: Address." in text(page.post(PAGE, {"do": "test", "version": "0"}, follow=True))


class TestChanging:
    def test_a_saved_connection_is_tested_and_its_token_never_shown(self, page, ar_boost):
        shown = text(page.post(PAGE, typed(ar_boost, account="4711"), follow=True))
        assert "Every step went well." in shown and ar_boost.token not in shown
        assert "by Adam" in shown and "Agency number none → 4711" in shown and "Token replaced" in shown
        assert ar_boost.token not in text(page.get("/settings/connections/"))

    def test_everything_wrong_is_named_at_once_and_kept(self, page, ar_boost):
        wrong = typed(ar_boost, address="ftp://x y", token="a b", notes="n" * 301, account="4711")
        answer = page.post(PAGE, wrong)
        shown = text(answer)
        assert answer.status_code == 400
        for words in ("without spaces", "plain letters, digits", "longer than 300"):
            assert words in shown
        assert 'value="ftp://x y"' in shown and 'value="4711"' in shown and "a b" not in shown

    @pytest.mark.parametrize(
        "address", ["", " ", "\x00", "\ud800", "a" * 600, "https://u:p@x.example", "//", "file:///etc/passwd"]
    )
    def test_no_address_makes_the_page_fail(self, page, ar_boost, address):
        answer = page.post(PAGE, typed(ar_boost, address=address.encode("utf-8", "replace").decode()))
        assert answer.status_code == 400 and not Connection.objects.exists()

    @pytest.mark.parametrize("body", [{}, {"do": "save"}, {"do": "launch", "version": "0"}, {"version": "0"}])
    def test_half_a_form_saves_nothing(self, page, body):
        answer = page.post(PAGE, body)
        assert answer.status_code == 400 and "did not arrive whole" in text(answer)

    def test_a_token_stays_with_the_address_it_was_entered_for(self, page, ar_boost):
        answer = page.post(PAGE, typed(ar_boost, address="http://127.0.0.1:9", token=""))
        assert answer.status_code == 400 and "entered for another address" in text(answer)

    def test_of_two_admins_the_second_sees_both_values(self, page, ar_boost):
        page.post(PAGE, typed(ar_boost, notes="Theirs"))
        answer = page.post(PAGE, typed(ar_boost, notes="Mine"))
        shown = text(answer)
        assert answer.status_code == 409 and "Theirs" in shown and "Mine" in shown and "Save mine" in shown
        assert 'name="version" value="1"' in shown

    def test_it_is_disconnected_and_had_back(self, page, ar_boost):
        shown = text(page.post(PAGE, {"do": "disconnect", "version": "0"}, follow=True))
        assert "Not connected" in shown and "Use the server’s own" in shown
        shown = text(page.post(PAGE, {"do": "follow", "version": "1"}, follow=True))
        assert "Works since" in shown and "From the server’s environment" in shown

    def test_nobody_but_an_admin_comes_in(self, page_as, cast, ar_boost):
        for name in ("ana", "ben", "sue"):
            assert page_as(cast[name]).get(PAGE).status_code == 403
            assert page_as(cast[name]).post(PAGE, typed(ar_boost)).status_code == 403

    def test_another_company_sees_and_changes_nothing_of_it(self, page, page_as, olga, ar_boost):
        page.post(PAGE, typed(ar_boost, notes="Acme alone"))
        assert "Acme alone" not in text(page_as(olga).get(PAGE))
        page_as(olga).post(PAGE, {"do": "disconnect", "version": "0"})
        assert Connection.objects.get(company__key="acme").address == ar_boost.url

    def test_the_page_is_kept_by_no_cache(self, page):
        assert "no-store" in page.get(PAGE)["Cache-Control"]


class TestWhatCouldNotBeTold:
    """Monitoring that keeps failing says on screen what a person must do (I10, D-NEW-3)."""

    def held_and_untold(self, line: Line) -> None:
        hold = line.held()
        line.vendor.script("*", status=401)
        at = noon(DAY0)
        for _ in range(4):
            outbox.deliver(at=at)
            at = OutboxMessage.objects.get().next_at
        self.number = hold.claim.number

    def test_the_sentence_of_the_vendor_stands_there_with_the_claim_and_a_way_on(self, page, line: Line):
        self.held_and_untold(line)
        shown = text(page.get(PAGE))
        assert "AR Boost has not been told of 1 hold." in shown and self.number in shown
        assert "does not accept our token" in shown and "Try it now" in shown
        assert not [word for word in ("Sample", "TST0") if word in shown]

    def test_a_banner_leads_the_admin_there_though_the_connection_works(self, adam, acme, line: Line):
        self.held_and_untold(line)
        ConnectionHealth.objects.all().delete()
        told = [each for each in notices_for(adam) if each.title.startswith("AR Boost could not be told")]
        assert [each.url for each in told] == [PAGE]
        assert self.number not in str(told)

    def test_trying_now_tells_it_at_the_next_sweep(self, page, line: Line):
        self.held_and_untold(line)
        line.vendor.reset()
        page.post(PAGE, {"do": "again", "version": "0"})
        assert outbox.deliver(at=datetime.now(UTC)) == 1
        assert len(line.vendor.monitored()) == 1
        assert "has not been told" not in text(page.get(PAGE))

    def test_a_test_that_goes_well_tells_it_too(self, page, line: Line):
        self.held_and_untold(line)
        line.vendor.reset()
        page.post(PAGE, {"do": "test", "version": "0"})
        assert outbox.deliver(at=datetime.now(UTC)) == 1

    def test_a_passing_trouble_is_not_told(self, page, line: Line):
        line.held()
        line.vendor.script("*", status=503)
        outbox.deliver(at=noon(DAY0))
        assert OutboxMessage.objects.get().failure == "AR Boost is out of order (status 503)."
        assert "has not been told" not in text(page.get(PAGE))

    def test_every_kind_of_message_is_told_by_the_same_handler(self):
        assert {outbox._HANDLERS[kind] for kind in (monitoring.MONITOR, monitoring.UNMONITOR)} == {
            monitoring.tell
        }


class TestANightThatFailed:
    def test_it_leads_the_admin_to_the_connection_and_names_it_to_others(
        self, page, page_as, sue, line, settings
    ):
        line.held()
        settings.ARBOOST_URL = ""
        run = line.check(DAY0 + timedelta(days=7))
        link = '<a href="/settings/connections/">Settings, Connections</a>'
        assert link in text(page.get(f"/settings/runs/{run.pk}/"))
        others = text(page_as(sue).get(f"/settings/runs/{run.pk}/"))
        assert link not in others and "An admin mends it in Settings, Connections." in others

    def test_a_banner_tells_the_admin_of_a_connection_that_keeps_failing(self, adam, ben, acme):
        problem = Unavailable("AR Boost does not accept our token.", step="token")
        health.note(acme.pk, "arboost", problem, at=NOW)
        words = [notice.title for notice in notices_for(adam, NOW + timedelta(minutes=9))]
        assert not [title for title in words if "AR Boost" in title], "it may pass"
        caches["local"].clear()
        told = [each for each in notices_for(adam, NOW + timedelta(minutes=11)) if "AR Boost" in each.title]
        assert [(each.title, each.text, each.url) for each in told] == [
            (
                "AR Boost has been failing since 10:00 on 20 May.",
                "AR Boost does not accept our token.",
                PAGE,
            )
        ]
        assert not [
            each for each in notices_for(ben, NOW + timedelta(minutes=11)) if "AR Boost" in each.title
        ]

    def test_the_admins_home_says_that_a_connection_fails(self, page, acme):
        health.note(acme.pk, "arboost", Unavailable("AR Boost could not be reached."), at=NOW)
        shown = text(page.get("/"))
        assert "Failing since" in shown and PAGE in shown and "Mend it" in shown
