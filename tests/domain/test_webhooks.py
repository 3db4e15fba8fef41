"""The rules of webhooks: where they may lead, when something is sent again, what is said."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from work.hooks.domain import catalogue, schedule
from work.hooks.domain.address import NoAddress, Rules, read_url
from work.places import is_loopback

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
INSIDE = (
    *(
        "127.0.0.1",
        "127.1",
        "0.0.0.0",
        "10.0.0.7",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
    ),
    *("224.0.0.1", "255.255.255.255", "2130706433", "0x7f.0.0.1", "localhost", "LOCALHOST", "printer"),
    *("db.internal", "box.local", "metadata.google.internal", "192.0.2.1", "198.18.0.1"),
    *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[fec0::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]"),
    *("[2002:7f00:1::]", "[::127.0.0.1]", "[2001:db8::1]"),
)


@pytest.mark.parametrize("host", INSIDE)
def test_no_webhook_leads_inside(host: str) -> None:
    with pytest.raises(NoAddress, match="private network|no address"):
        read_url(f"https://{host}/hook", Rules())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "missing"),
        ("http://receiver.example/", "https"),
        ("ftp://receiver.example/", "https"),
        ("file:///etc/passwd", "https"),
        ("receiver.example", "https"),
        ("https://", "names no computer"),
        ("https://receiver.example:22/", "port"),
        ("https://receiver.example:99999/", "no address"),
        ("https://name:word@receiver.example/", "name and password"),
        ("https://receiver.example/#part", "#"),
        ("https://receiver.example/a b", "spaces"),
        ("https://receiver.example\\@10.0.0.1/", "spaces"),
        ("https://recéiver.example/", "plain letters"),
        ("https://receiver.example/" + "a" * 500, "at most 500"),
        ("https://[::1", "no address"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_what_to_type(typed: str, said: str) -> None:
    with pytest.raises(NoAddress, match=said):
        read_url(typed, Rules())


@pytest.mark.parametrize(
    "typed",
    [
        "https://receiver.example/a?b=c",
        "https://receiver.example:8443/",
        "https://8.8.8.8/",
        "https://[2606:4700::1]/",
    ],
)
def test_an_address_of_the_internet_is_taken_as_it_is(typed: str) -> None:
    assert read_url(f"  {typed} ", Rules()) == typed


def test_plain_http_goes_to_this_machine_only_and_only_where_that_is_allowed() -> None:
    here = Rules(loopback=True)
    assert read_url("http://127.0.0.1:9000/x", here) and read_url("http://localhost:9000/x", here)
    for other in ("http://receiver.example/", "http://10.0.0.7:9000/", "https://169.254.169.254/"):
        with pytest.raises(NoAddress):
            read_url(other, here)
    assert here.may_connect("127.0.0.1") and not here.may_connect("10.0.0.7")
    assert not Rules().may_connect("127.0.0.1") and is_loopback("::ffff:127.0.0.1")


def test_ten_attempts_over_three_days_with_pauses_that_only_grow() -> None:
    pauses = [schedule.pause_after(number, 0.0) for number in range(1, 10)]
    seconds = [pause.total_seconds() for pause in pauses if pause]
    assert seconds == [5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))]
    assert schedule.pause_after(10, 0.0) is None and schedule.pause_after(11, 0.0) is None
    spread = {schedule.pause_after(2, random.random()) for _ in range(50)}
    assert len(spread) > 10 and all(
        timedelta(minutes=5) <= one <= timedelta(minutes=6) for one in spread if one
    )


def test_a_receiver_may_ask_for_more_time_within_bounds_and_never_for_less() -> None:
    asked = schedule.pause_after(1, 0.0, timedelta(minutes=2))
    assert asked == timedelta(minutes=2)
    assert schedule.pause_after(3, 0.0, timedelta(seconds=1)) == timedelta(minutes=30)
    assert schedule.pause_after(1, 0.0, timedelta(days=400)) == timedelta(hours=24)
    assert schedule.rest_after(1, timedelta(days=400)) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("Wed, 20 May 2026 15:02:00 GMT", 120),
        ("Wed, 20 May 2026 14:00:00 GMT", 0),
        ("9" * 40, 86400),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("\u0663", None),
    ],
)
def test_retry_after_is_read_in_both_writings(value: str, seconds: int | None) -> None:
    found = schedule.read_retry_after(value, NOW)
    assert (found.total_seconds() if found is not None else None) == seconds


def test_a_lone_delivery_is_never_held_up_by_its_endpoints_rest() -> None:
    for failures in range(1, 10):
        pause = schedule.pause_after(failures, 0.0)
        assert pause is not None and schedule.rest_after(failures) <= pause
    assert schedule.rest_after(500) == timedelta(minutes=5)


def test_a_body_is_the_same_letters_whatever_order_its_facts_came_in() -> None:
    one = catalogue.body_of("claim.held", NOW, {"id": "7", "number": "C-1"})
    two = catalogue.body_of("claim.held", NOW, {"number": "C-1", "id": "7"})
    assert one == two and json.loads(one)["timestamp"] == "2026-05-20T15:00:00.000Z"
