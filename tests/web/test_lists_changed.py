"""Keywords and lists (R-X-8): an admin changes them, and the rules go by them from then on."""

from __future__ import annotations

import copy
from datetime import timedelta
from html import unescape

import pytest

from escalations import policies
from escalations.models import PolicyVersion
from tests.factories import PatientFactory
from tests.web.lists_form import (
    ERRORS,
    KEYWORDS,
    REASONS,
    TESTS,
    URL,
    entry,
    form_of,
    labels,
    now,
    policy_of,
    post,
    rows_in,
)

pytestmark = pytest.mark.django_db


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


def test_tickets_filed_before_keep_the_words_of_their_day(page_as, adam, acme):
    before = policies.policy_in_force(acme, at=now() - timedelta(hours=1))
    client = page_as(adam)
    seen, _ = form_of(client, KEYWORDS)
    post(client, KEYWORDS, seen, [entry("Ombudsman")])
    old = policies.policy_of(PolicyVersion.objects.get(pk=before.pk))
    assert "Lawyer" in [item.label for item in old.lists[KEYWORDS].items]


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
