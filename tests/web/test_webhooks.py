"""Settings → Webhooks: what an admin sees and does, what is refused in which words, and what never shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from standardwebhooks import Webhook

from accounts.models import Company, User
from config.watching.notices import notices_for
from tests.api.test_holds import hold_many
from tests.receiver import Answer, Receiver, receiver
from tests.world import World
from work.hooks import actions
from work.hooks.domain.catalogue import EVENTS
from work.hooks.sending import send_due
from work.hooks.switching import switch_itself_off
from work.models import HookDelivery, HookEndpoint

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]
LIST, NEW = "/settings/webhooks/", "/settings/webhooks/new/"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{40,}")


@pytest.fixture
def page(page_as: Any, adam: User) -> Client:
    return page_as(adam)


@pytest.fixture
def inbox(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with receiver() as found:
        yield found


@pytest.fixture
def hook(world: World, acme: Company, adam: User, inbox: Receiver) -> HookEndpoint:
    """A webhook beside the world's own, which leads nowhere and is switched off here."""
    HookEndpoint.objects.update(
        enabled=False, off_by=adam, off_why="Not needed here.", off_at=datetime.now(UTC)
    )
    said = actions.Said(inbox.url, "Data warehouse", ["claim.held"])
    return actions.add_endpoint(acme, said, by=adam, at=datetime.now(UTC))[0]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def at(row: HookEndpoint, act: str = "") -> str:
    return f"{LIST}{row.pk}/" + (f"steps/{act}/" if act else "")


class TestAdding:
    def test_the_secret_is_shown_once_and_nowhere_again(self, page: Client, inbox: Receiver) -> None:
        typed = {
            "address": inbox.url,
            "description": "Data warehouse",
            "claims": ["claim.held", "claim.paid"],
        }
        answer = page.post(NEW, typed)
        (secret,) = set(SECRET.findall(text(answer)))
        row = HookEndpoint.objects.latest("pk")
        assert row.subscribed == ["claim.held", "claim.paid"] and Webhook(secret)
        for path in (LIST, at(row), f"{at(row)}edit/"):
            shown = text(page.get(path))
            assert "Data warehouse" in shown and not SECRET.search(shown) and secret not in shown
        assert "no-store" in answer.headers["Cache-Control"]

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"address": "http://169.254.169.254/latest/meta-data/"}, "must begin with https"),
            ({"address": "https://169.254.169.254/latest/"}, "private network"),
            ({"address": "https://[::ffff:169.254.169.254]/"}, "private network"),
            ({"address": "https://localhost:8000/"}, "private network"),
            ({"address": ""}, "The address is missing"),
            ({"address": "https://receiver.example/" + "x" * 600}, "at most 500"),
            ({"address": "https://a\0b.example/"}, "Null characters"),
            ({"description": "x" * 500}, "at most 120"),
            ({"description": "a\u202eb"}, "Use letters, digits and spaces"),
            ({"claims": []}, "Choose at least one event"),
            ({"claims": ["claim.eaten"]}, "Choose from the events"),
        ],
    )
    def test_what_cannot_be_kept_is_said_beside_its_field_and_kept(
        self, page: Client, typed: dict[str, Any], said: str
    ) -> None:
        before = HookEndpoint.objects.count()
        good = {
            "address": "https://8.8.8.8/hook",
            "description": "For the warehouse",
            "claims": ["claim.held"],
        }
        answer = page.post(NEW, {**good, **typed})
        assert answer.status_code == 400 and said in text(answer)
        assert HookEndpoint.objects.count() == before
        if "description" not in typed:
            assert "For the warehouse" in text(answer)

    def test_there_is_an_end_to_how_many(self, page: Client, acme: Company, monkeypatch: Any) -> None:
        monkeypatch.setattr(actions, "MOST_ENDPOINTS", 1)
        answer = page.post(NEW, {"address": "https://8.8.8.8/hook", "claims": ["claim.held"]})
        assert answer.status_code == 409 and "Remove one" in text(answer)

    def test_every_event_has_its_box_with_a_sentence(self, page: Client) -> None:
        shown = text(page.get(NEW))
        for event in EVENTS.values():
            assert f'value="{event.key}"' in shown and event.comes in shown


class TestChanging:
    def test_of_two_admins_the_second_sees_both(
        self, page: Client, hook: HookEndpoint, inbox: Receiver
    ) -> None:
        form = {
            "address": inbox.url,
            "description": "First",
            "tickets": ["ticket.filed"],
            "seen": str(hook.version),
        }
        assert page.post(f"{at(hook)}edit/", form).status_code == 302
        second = page.post(f"{at(hook)}edit/", {**form, "description": "Second"})
        assert second.status_code == 409
        shown = text(second)
        assert "First" in shown and "Second" in shown and "while you were typing" in shown
        hook.refresh_from_db()
        assert hook.description == "First"
        saved = page.post(f"{at(hook)}edit/", {**form, "description": "Second", "seen": str(hook.version)})
        assert saved.status_code == 302

    def test_a_new_secret_is_shown_once_and_a_third_waits_for_the_overlap(
        self, page: Client, hook: HookEndpoint
    ) -> None:
        answer = page.post(at(hook, "rotate"))
        assert SECRET.search(text(answer)) and "Two secrets sign" in text(answer)
        refused = page.post(at(hook, "rotate"))
        assert refused.status_code == 409 and not SECRET.search(text(refused))
        assert page.post(at(hook, "end-earlier")).status_code == 302
        hook.refresh_from_db()
        assert hook.earlier_secret == ""
        assert page.post(at(hook, "end-earlier")).status_code == 409

    def test_off_and_on_and_removed(
        self, page: Client, hook: HookEndpoint, acme: Company, inbox: Receiver
    ) -> None:
        hold_many_and_claim(acme)
        assert page.post(at(hook, "off"), follow=True).status_code == 200
        assert "Switched off by" in text(page.get(at(hook)))
        assert send_due(at=datetime.now(UTC) + timedelta(minutes=1)) == 0
        assert page.post(at(hook, "off")).status_code == 409
        page.post(at(hook, "on"))
        assert send_due(at=datetime.now(UTC) + timedelta(minutes=1)) == 1 == len(inbox.got)
        hold_many_and_claim(acme, first=71_000)
        shown = text(page.post(at(hook, "remove"), follow=True))
        assert "1 that waited will not be sent" in shown
        hook.refresh_from_db()
        assert (hook.secret, hook.enabled) == ("", False)
        for act in ("on", "test", "rotate", "replay"):
            assert page.post(at(hook, act), {"since": "2026-01-01"}).status_code == 409, act
        assert "Removed on" in text(page.get(at(hook)))

    def test_what_is_no_act_is_told_the_acts(self, page: Client, hook: HookEndpoint) -> None:
        answer = page.post(at(hook, "explode"))
        assert answer.status_code == 400 and "end-earlier" in text(answer)


class TestTheTestButton:
    def test_a_good_receiver_gets_one_signed_test_event(
        self, page: Client, hook: HookEndpoint, inbox: Receiver
    ) -> None:
        shown = text(page.post(at(hook, "test"), follow=True))
        assert shown.count("is-passed") == 4 and "Every step" in shown and "thank you" in shown
        (got,) = inbox.got
        assert (
            b'"type":"holdline.test"' in got.body and HookDelivery.objects.filter(endpoint=hook).count() == 0
        )

    @pytest.mark.parametrize(
        ("address", "step", "said"),
        [
            ("https://10.0.0.7/", "Address", "private network"),
            ("https://no-such-name.invalid/", "Name", "not known"),
            ("http://127.0.0.1:{closed}/", "Connection", "could not be reached"),
            ("https://127.0.0.1:{port}/", "Encryption", "does not speak TLS"),
        ],
    )
    def test_the_failing_step_is_named_with_what_to_do(
        self, page: Client, hook: HookEndpoint, inbox: Receiver, address: str, step: str, said: str
    ) -> None:
        with receiver() as gone:
            closed = gone.server.server_port
        url = address.format(port=inbox.server.server_port, closed=closed)
        HookEndpoint.objects.filter(pk=hook.pk).update(address=url)
        shown = text(page.post(at(hook, "test"), follow=True))
        assert f"It ends here: {step}." in shown and said in shown and "What to do:" in shown

    def test_a_receiver_that_is_in_trouble_is_quoted(
        self, page: Client, hook: HookEndpoint, inbox: Receiver
    ) -> None:
        inbox.answers = [Answer(500, body=b"<script>alert(1)</script> no disk")]
        shown = text(page.post(at(hook, "test"), follow=True))
        assert "It ends here: Answer." in shown and "&lt;script&gt;" in shown and "<script>alert" not in shown


def hold_many_and_claim(acme: Company, first: int = 70_000) -> None:
    """One claim that is held: entered as held, so the move to it is written by hand."""
    from deductibles.actions import moves

    (hold,) = hold_many(acme, 1, first=first)
    moves.apply([hold.claim_id], "queue", "hold", at=datetime.now(UTC))
    moves.apply([hold.claim_id], "unqueue", "queued", at=datetime.now(UTC))


class TestTheLog:
    def test_it_is_filtered_and_hostile_filters_filter_nothing(self, page: Client, world: World) -> None:
        path = f"{LIST}{world.rows['settings/webhooks']}/"
        assert "claim.held" in text(page.get(path, {"status": "failed", "event": "claim.held"}))
        assert "Nothing of this kind" in text(page.get(path, {"status": "delivered"}))
        assert "Nothing of this kind" in text(page.get(path, {"since": "2099-01-01"}))
        assert ">C-0<" in text(page.get(path, {"number": "c-0"}))
        for name in ("status", "event", "since", "number", "before"):
            for value in ("\0", "' OR 1=1 --", "9" * 60, "\u202e", "<script>", "2026-99-99", "-1"):
                answer = page.get(path, {name: value})
                assert answer.status_code == 200 and "<script>" + "alert" not in text(answer), (name, value)

    def test_older_ones_stand_on_further_pages(self, page: Client, hook: HookEndpoint, world: World) -> None:
        from tests.world_rows import make_delivery

        for index in range(60):
            make_delivery(hook, index=index, at=datetime.now(UTC))
        shown = text(page.get(at(hook), {"status": "failed"}))
        assert shown.count("claim.held</a>") == 50
        (older,) = re.findall(r'href="(\?status=failed&amp;before=\d+)#log"', shown)
        assert text(page.get(at(hook) + older.replace("&amp;", "&"))).count("claim.held</a>") == 10

    def test_one_is_sent_again_from_its_page_with_every_attempt_beside_it(
        self, page: Client, hook: HookEndpoint, acme: Company, inbox: Receiver
    ) -> None:
        hold_many_and_claim(acme)
        inbox.answers = [500, 200]
        now = datetime.now(UTC) + timedelta(seconds=1)
        send_due(at=now)
        row = HookDelivery.objects.get(endpoint=hook)
        path = f"{LIST}deliveries/{row.pk}/"
        shown = text(page.get(path))
        assert (
            "it had a trouble of its own" in shown
            and "&quot;claim.held&quot;" in shown
            and "Send now" in shown
        )
        assert page.post(f"{path}replay/").status_code == 302
        send_due(at=now + timedelta(seconds=1))
        shown = text(page.get(path))
        assert "Delivered" in shown and "Received." in shown and "Sent again by" in shown
        assert len({got.headers["webhook-id"] for got in inbox.got}) == 1 and len(inbox.got) == 2

    def test_what_was_given_up_since_a_day_is_sent_again(
        self, page: Client, world: World, adam: User
    ) -> None:
        row = HookEndpoint.objects.get(pk=world.rows["settings/webhooks"])
        bad = page.post(at(row, "replay"), {"since": "yesterday"})
        assert bad.status_code == 400 and "no date" in text(bad) and "yesterday" in text(bad)
        none = page.post(at(row, "replay"), {"since": "2099-01-01"}, follow=True)
        assert "Nothing that happened since then" in text(none)
        assert "1 given up since then is sent again" in text(
            page.post(at(row, "replay"), {"since": "2020-01-01"}, follow=True)
        )
        assert HookDelivery.objects.get(pk=world.rows["webhooks/deliveries"]).status == "waiting"


def test_one_that_switched_itself_off_is_told_above_every_page_of_an_admin(
    page: Client, hook: HookEndpoint, adam: User, sue: User
) -> None:
    caches["local"].clear()
    switch_itself_off(hook, "Nothing but failures for 5 days.", at=datetime.now(UTC))
    caches["local"].clear()
    titles = [notice.title for notice in notices_for(adam)]
    assert "A webhook has switched itself off." in titles
    assert "Data warehouse" in text(page.get("/")) and "Nothing but failures" in text(page.get(at(hook)))
    assert not any("webhook" in notice.title for notice in notices_for(sue))
    caches["local"].clear()
