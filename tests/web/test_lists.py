"""Keywords and lists (R-X-8): an admin changes them, and the rules go by them from then on."""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from escalations import policies
from escalations.models import PolicyVersion
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db

URL = "/settings/lists/"
KEYWORDS, REASONS, TESTS, ERRORS = "executive_keywords", "stop_claim_reasons", "onc_tests", "portal_errors"
COLUMNS = ("key", "label", "also", "value")
Rows = list[dict[str, str]]


def now() -> datetime:
    return datetime.now(UTC)


def policy_of(company):
    return policies.policy_of(policies.policy_in_force(company, at=now()))


def labels(company, key) -> list[str]:
    return [item.label for item in policy_of(company).lists[key].items]


def form_of(client, key) -> tuple[str, Rows]:
    """What the page has in the form of a list: its mark of what was seen, and its rows."""
    return rows_in(client.get(URL, {"list": key}).content.decode(), key)


def rows_in(page: str, key: str) -> tuple[str, Rows]:
    form = page.partition(f'id="form-{key}"')[2].partition("</form>")[0]
    rows = []
    for row in form.split('<li class="entry-row">')[1:]:
        typed = {}
        for tag in re.findall(r"<input [^>]+>", row):
            name = re.search(r'name="(\w+)"', tag)[1]
            typed[name] = unescape(re.search(r'value="([^"]*)"', tag)[1])
        rows.append(typed)
    return re.search(r'name="seen" value="(\w+)"', form)[1], rows


def post(client, key, seen, rows: Rows, do="save", **options) -> Any:
    data: dict[str, Any] = {"list": key, "seen": seen, "do": do}
    for name in COLUMNS:
        if any(name in row for row in rows):
            data[name] = [row.get(name, "") for row in rows]
    return client.post(URL, data, **options)


def entry(label, also="", key="", **more) -> dict[str, str]:
    return {"key": key, "label": label, "also": also, **more}


# --- changing -----------------------------------------------------------------------------------------


def test_the_page_has_every_list_with_its_entries(page_as, adam, acme):
    page = unescape(page_as(adam).get(URL).content.decode())
    for listing in policy_of(acme).lists.values():
        assert listing.label in page and listing.about in page
        assert all(f'value="{item.label}"' in page for item in listing.items)


def test_a_new_keyword_is_heard_from_then_on(page_as, adam, ana, acme):
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    rows[-1] |= entry("Ombudsman", "consumer advocate, regulator")
    answer = post(client, KEYWORDS, seen, rows, follow=True)
    assert "“Executive keywords” has 8 entries" in answer.content.decode()
    assert labels(acme, KEYWORDS)[-1] == "Ombudsman"
    patient = PatientFactory(company=acme)
    said = {"type": "itemized-bill", "channel": "phone", "caller": "patient", "patient": patient.pk}
    page = page_as(ana).post("/escalations/new/advice/", {**said, "note": "She wants a consumer advocate."})
    assert "R-EXEC-1" in page.content.decode()


def test_a_new_answer_can_be_chosen_and_an_old_one_is_called_otherwise(page_as, adam, ana, acme):
    client = page_as(adam)
    seen, rows = form_of(client, TESTS)
    rows[0]["label"] = "Signatera Genome"
    rows[-1] |= entry("Latitude")
    assert post(client, TESTS, seen, rows).status_code == 302
    question = policy_of(acme).type("onc-callback").question("test")
    assert ("signatera", "Signatera Genome") in question.choices and (
        "latitude",
        "Latitude",
    ) in question.choices
    assert 'value="latitude"' in page_as(ana).get("/escalations/new/?type=onc-callback").content.decode()


def test_saving_makes_a_version_of_the_companys_own_and_leaves_the_old_one(page_as, adam, acme, other):
    before = policies.policy_in_force(acme, at=now())
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    post(client, KEYWORDS, seen, rows[1:])
    after = policies.policy_in_force(acme, at=now())
    assert (after.number, after.created_by) == (before.number + 1, adam)
    assert policy_of(acme).lists[KEYWORDS].own and not policy_of(acme).lists[TESTS].own
    assert "Better Business Bureau" in str(PolicyVersion.objects.get(pk=before.pk).data["lists"][KEYWORDS])
    assert "Better Business Bureau" in labels(other, KEYWORDS), "another company keeps its own"


def test_a_newer_shipped_policy_leaves_what_an_admin_changed(page_as, adam, acme):
    client = page_as(adam)
    seen, _ = form_of(client, KEYWORDS)
    post(client, KEYWORDS, seen, [entry("Ombudsman")])
    data = copy.deepcopy(policies.policy_in_force(acme, at=now()).data)
    data["limits"]["immediate_grace_minutes"] = 99
    policies.put_in_force(PolicyVersion, acme, data, by=None, at=now())
    policies.load_policy(acme, by=None, at=now())
    assert labels(acme, KEYWORDS) == ["Ombudsman"]
    assert policy_of(acme).grace_minutes == 15


def test_the_order_of_the_rows_is_the_order_of_the_answers(page_as, adam, acme):
    client = page_as(adam)
    seen, rows = form_of(client, REASONS)
    post(client, REASONS, seen, [*reversed(rows[:-1])])
    assert labels(acme, REASONS) == [row["label"] for row in reversed(rows[:-1])]


def test_keys_never_change_and_new_ones_come_from_the_label(page_as, adam, acme):
    client = page_as(adam)
    seen, rows = form_of(client, ERRORS)
    rows[0]["label"] = "Case not valid"
    rows[-1] |= entry("Other")
    post(client, ERRORS, seen, [*rows, entry("Überlast, 503"), entry("503!")])
    keys = [item.key for item in policy_of(acme).lists[ERRORS].items]
    assert keys[0] == "invalid_case"
    assert keys[-3:] == ["other_2", "uberlast_503", "n_503"], "the question offers “other” itself"


def test_words_are_tidied_and_said_once(page_as, adam, acme):
    client = page_as(adam)
    seen, _ = form_of(client, KEYWORDS)
    post(
        client,
        KEYWORDS,
        seen,
        [entry("  Class   action ", "class suit, CLASS SUIT,, class action , mass tort")],
    )
    (item,) = policy_of(acme).lists[KEYWORDS].items
    assert (item.label, item.also) == ("Class action", ("class suit", "mass tort"))


def test_saving_what_stands_already_makes_no_version(page_as, adam, acme):
    client = page_as(adam)
    before = policies.policy_in_force(acme, at=now())
    seen, rows = form_of(client, KEYWORDS)
    assert post(client, KEYWORDS, seen, rows).status_code == 302
    assert policies.policy_in_force(acme, at=now()).number == before.number


def test_who_changed_a_list_last_and_when_stands_beside_it(page_as, adam, acme):
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    post(client, KEYWORDS, seen, rows[:3])
    page = client.get(URL).content.decode()
    today = now().astimezone(acme.zone)
    assert f"Changed by Adam Example, {today.day} {today:%B %Y}" in page
    assert page.count("Changed by") == 1


def test_an_address_insurers_write_to_is_set_here_and_told_to_callers(page_as, adam, ana, acme):
    client = page_as(adam)
    seen, rows = form_of(client, "addresses")
    assert "itemized@acme.example, from set-up" in client.get(URL).content.decode()
    rows[0]["value"] = "bills@acme.example"
    assert post(client, "addresses", seen, rows).status_code == 302
    assert policy_of(acme).addresses["itemized_bill_address"] == "bills@acme.example"
    assert "bills@acme.example" in page_as(ana).get("/guide/").content.decode()


def test_a_keyword_list_may_be_emptied(page_as, adam, acme):
    client = page_as(adam)
    seen, _ = form_of(client, KEYWORDS)
    assert post(client, KEYWORDS, seen, [entry("")]).status_code == 302
    assert labels(acme, KEYWORDS) == []


# --- moving rows about --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        ("up:1", ["Payment Already Made", "Invalid Case", "Incorrect Balance"]),
        ("down:0", ["Payment Already Made", "Invalid Case", "Incorrect Balance"]),
        ("up:0", ["Invalid Case", "Payment Already Made", "Incorrect Balance"]),
        ("remove:1", ["Invalid Case", "Incorrect Balance"]),
        ("add", ["Invalid Case", "Payment Already Made", "Incorrect Balance"]),
    ],
)
def test_rows_are_moved_without_script_and_nothing_is_saved(page_as, adam, acme, do, expected):
    client = page_as(adam)
    seen, rows = form_of(client, ERRORS)
    answer = post(client, ERRORS, seen, rows, do=do)
    assert answer.status_code == 200
    kept, shown = rows_in(answer.content.decode(), ERRORS)
    assert [row["label"] for row in shown] == [*expected, ""] and kept == seen
    assert labels(acme, ERRORS) == ["Invalid Case", "Payment Already Made", "Incorrect Balance"]
    assert ("Not saved yet." in answer.content.decode()) is (do not in ("add", "up:0"))


def test_a_row_that_was_typed_stays_when_another_is_added(page_as, adam):
    client = page_as(adam)
    seen, rows = form_of(client, KEYWORDS)
    rows[-1] |= entry("Ombudsman", "regulator")
    _, shown = rows_in(post(client, KEYWORDS, seen, rows, do="add").content.decode(), KEYWORDS)
    assert shown[-2]["label"] == "Ombudsman" and shown[-2]["also"] == "regulator" and shown[-1]["label"] == ""


# --- what is refused ----------------------------------------------------------------------------------


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


def test_tickets_filed_before_keep_the_words_of_their_day(page_as, adam, acme):
    before = policies.policy_in_force(acme, at=now() - timedelta(hours=1))
    client = page_as(adam)
    seen, _ = form_of(client, KEYWORDS)
    post(client, KEYWORDS, seen, [entry("Ombudsman")])
    old = policies.policy_of(PolicyVersion.objects.get(pk=before.pk))
    assert "Lawyer" in [item.label for item in old.lists[KEYWORDS].items]
