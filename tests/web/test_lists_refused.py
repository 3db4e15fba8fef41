"""What the form of a list refuses (R-X-8): said beside what was typed, and nobody else's list is changed."""

from __future__ import annotations

from html import unescape

import pytest

from tests.web.lists_form import (
    KEYWORDS,
    REASONS,
    TESTS,
    URL,
    entry,
    form_of,
    labels,
    policy_of,
    post,
    rows_in,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("key", "entry_key", "says"),
    [
        (TESTS, "other", "“Another test” cannot be removed: rule R-ONC-1 of ONC Callback depends on it."),
        (REASONS, "fsa_hra_hsa", "cannot be removed: rule R-X-6 fills it in."),
        ("addresses", "itemized_bill_address", "cannot be removed: rule R-ITEM-3"),
    ],
)
def test_an_entry_that_a_rule_depends_on_stays(page_as, adam, acme, key, entry_key, says):
    client = page_as(adam)
    seen, rows = form_of(client, key)
    answer = post(client, key, seen, [row for row in rows if row["key"] != entry_key])
    page = unescape(answer.content.decode())
    assert answer.status_code == 400 and says in page and "It may be renamed." in page
    _, shown = rows_in(page, key)
    assert entry_key in [row["key"] for row in shown], "it is back in the form"
    assert entry_key in [item.key for item in policy_of(acme).lists[key].items]


def test_such_an_entry_has_no_button_to_remove_it(page_as, adam):
    page = unescape(page_as(adam).get(URL).content.decode())
    assert 'aria-label="Remove Signatera"' in page and 'aria-label="Remove Another test"' not in page
    assert "May be renamed, not removed: rule R-ONC-1 of ONC Callback depends on it." in page


def test_a_question_keeps_something_to_choose_from(page_as, adam, acme):
    client = page_as(adam)
    seen, _ = form_of(client, "callback_queues")
    answer = post(client, "callback_queues", seen, [entry("")])
    assert answer.status_code == 400
    assert "needs something to choose from." in answer.content.decode()
    assert labels(acme, "callback_queues") == ["PTP", "PTE"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (entry("", "regulator"), "The entry is missing. Type it."),
        (entry("--"), "The entry needs a letter or a digit."),
        (entry("x" * 81), "The entry is longer than 80 characters."),
        (entry("Lawyer", key=""), "“Lawyer” stands in two entries."),
        (entry("Ombudsman", "bbb"), "“bbb” stands in two entries."),
        (entry("Ombudsman", "-, regulator"), "Each of the other words needs a letter or a digit."),
        (entry("Ombudsman", "y" * 5_000), "Keep those that are said."),
        (entry("Ombudsman", ",".join(f"w{n}" for n in range(60))), "Keep those that are said."),
        (entry("Ombuds\x00man"), "a character in it that cannot be printed"),
        (entry("Ombudsman", "regu\x07lator"), "a character in it that cannot be printed"),
    ],
    ids=[
        "no label",
        "dashes",
        "long",
        "twice",
        "twice in also",
        "empty word",
        "long also",
        "many",
        "nul",
        "bell",
    ],
)
def test_what_cannot_be_an_entry_is_said_beside_it_and_everything_typed_stays(page_as, adam, acme, row, says):
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    answer = post(client, KEYWORDS, seen, [*rows[:-1], row])
    page = unescape(answer.content.decode())
    assert answer.status_code == 400
    assert says in page and "was not saved. What you typed is kept." in page
    _, shown = rows_in(page, KEYWORDS)
    assert (shown[-2]["label"], shown[-2]["also"]) == (row["label"], row["also"])
    assert 'aria-invalid="true"' in page
    assert len(labels(acme, KEYWORDS)) == 7


@pytest.mark.parametrize("value", ["nobody", "a@b", "x" * 300 + "@acme.example", "bills@acme.example\x00"])
def test_an_address_has_to_be_one(page_as, adam, acme, value):
    client = page_as(adam)
    seen, rows = form_of(client, "addresses")
    rows[0]["value"] = value
    answer = post(client, "addresses", seen, rows)
    assert answer.status_code == 400
    assert "Email" in answer.content.decode()
    assert policy_of(acme).addresses["itemized_bill_address"] == ""


def test_no_address_takes_the_companys_name(page_as, adam, ana, acme):
    client = page_as(adam)
    seen, rows = form_of(client, "addresses")
    post(client, "addresses", seen, [rows[0], {"key": "", "label": "Company", "value": "x@acme.example"}])
    assert "company" not in policy_of(acme).addresses
    assert "Acme Ambulance" in page_as(ana).get("/guide/").content.decode()


def test_of_two_admins_the_second_sees_both_and_decides(page_as, adam, acme):
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    post(client, KEYWORDS, seen, [entry("Ombudsman")])
    mine = [*rows[:2], entry("Regulator", "watchdog")]
    answer = post(client, KEYWORDS, seen, mine)
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Adam Example changed “Executive keywords” while you were typing." in page
    assert "Ombudsman" in page and "Regulator (watchdog)" in page
    fresh, shown = rows_in(page, KEYWORDS)
    assert [row["label"] for row in shown[:-1]] == ["Better Business Bureau", "Attorney", "Regulator"]
    assert labels(acme, KEYWORDS) == ["Ombudsman"]
    assert post(client, KEYWORDS, fresh, shown).status_code == 302
    assert labels(acme, KEYWORDS) == ["Better Business Bureau", "Attorney", "Regulator"]


def test_somebody_who_changed_another_list_is_in_nobodys_way(page_as, adam, acme):
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    other_seen, other_rows = form_of(client, TESTS)
    assert post(client, TESTS, other_seen, [*other_rows, entry("Latitude")]).status_code == 302
    assert post(client, KEYWORDS, seen, rows[:2]).status_code == 302
    assert "Latitude" in labels(acme, TESTS)


@pytest.mark.parametrize("name", ["ana", "ben", "sue"])
def test_only_admins_see_and_change_lists(page_as, cast, name):
    client = page_as(cast[name])
    assert client.get(URL).status_code == 403
    assert post(client, KEYWORDS, "x", [entry("Ombudsman")]).status_code == 403
    assert URL not in client.get("/").content.decode()


def test_another_companys_admin_changes_only_her_own(page_as, adam, olga, acme, other):
    client = page_as(olga)
    seen, _ = form_of(client, KEYWORDS)
    post(client, KEYWORDS, seen, [entry("Ombudsman")])
    assert labels(other, KEYWORDS) == ["Ombudsman"] and len(labels(acme, KEYWORDS)) == 7


@pytest.mark.parametrize("key", ["nowhere", "\x00", "x" * 10_000, "__class__"])
def test_a_list_there_is_not_is_not_found(page_as, adam, key):
    assert post(page_as(adam), key, "x", [entry("Ombudsman")]).status_code == 404
    assert page_as(adam).get(URL, {"list": key}).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"list": KEYWORDS},
        {"list": KEYWORDS, "label": ["a", "b"], "key": ["a"]},
        {"list": KEYWORDS, "label": ["a"] * 300, "key": [""] * 300, "also": [""] * 300},
    ],
    ids=["nothing", "no rows", "torn", "three hundred"],
)
def test_a_form_that_did_not_arrive_whole_changes_nothing(page_as, adam, acme, sent):
    answer = page_as(adam).post(URL, sent)
    assert answer.status_code == 400
    assert "did not arrive whole" in answer.content.decode()
    assert len(labels(acme, KEYWORDS)) == 7


@pytest.mark.parametrize("do", ["up:x", "up:-1", "remove:999", "down:²", "nothing", ":", "\x00"])
def test_a_press_there_is_not_saves_like_any_other(page_as, adam, acme, do):
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    assert post(client, KEYWORDS, seen, rows, do=do).status_code == 302


def test_an_entry_sent_twice_is_refused(page_as, adam, acme):
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    twice = [*rows[:-1], {**rows[0], "label": "Quite another"}]
    answer = post(client, KEYWORDS, seen, twice)
    assert answer.status_code == 400 and "stands twice" in answer.content.decode()
    assert len(labels(acme, KEYWORDS)) == 7


def test_an_invented_key_becomes_a_new_entry(page_as, adam, acme):
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    post(client, KEYWORDS, seen, [*rows[:-1], entry("Ombudsman", key="../../etc")])
    assert policy_of(acme).lists[KEYWORDS].items[-1].key == "ombudsman"
