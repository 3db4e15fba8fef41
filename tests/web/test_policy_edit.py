"""Types, questions and rules as forms: what is typed is kept in the draft, and nothing else is touched."""

from __future__ import annotations

from html import unescape

import pytest
from django.http import QueryDict

from accounts.models import User
from escalations.domain.policy_typed import (
    name_of,
    question_shown,
    read_question,
    read_rule,
    read_type,
    rule_shown,
    type_shown,
)
from escalations.policies import shipped_policy
from escalations.policy_edit.asked import rows_in
from tests.web.policy_form import URL, drafted, form_at, in_force, send, type_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]
SHIPPED = shipped_policy()
KEYS = [row["key"] for row in SHIPPED["types"]]
STOP, REASON = "types/stop-claim/", "types/stop-claim/question/reason/"


# --- nothing is lost ------------------------------------------------------------------------------------------


def test_every_shipped_type_opened_and_saved_on_its_page_stays_as_it_is(page_as, adam, acme):
    client = page_as(adam)
    for key in [*KEYS, "every-ticket"]:
        answer = send(client, f"types/{key}/", form_at(client, f"types/{key}/"))
        assert answer.status_code == 302, key
    assert drafted(acme) is None, "nothing was changed, so no draft was begun"


@pytest.mark.parametrize("key", ["refund", "wo-code-error", "supervisor"])
def test_every_question_and_rule_opened_and_saved_on_its_page_stays_as_it_is(page_as, adam, acme, key):
    client, kind = page_as(adam), type_in(SHIPPED, key)
    paths = [f"types/{key}/question/{row['key']}/" for row in kind["questions"]]
    paths += [f"types/{key}/rule/{name_of(row)}/" for row in kind["rules"]]
    for path in paths:
        assert send(client, path, form_at(client, path)).status_code == 302, path
    assert drafted(acme) is None


@pytest.mark.parametrize("key", KEYS)
def test_every_form_of_a_type_says_what_its_data_says(key):
    kind = type_in(SHIPPED, key)
    assert read_type(kind, type_shown(kind, SHIPPED), SHIPPED).row == kind
    for row in kind["questions"]:
        found = read_question(kind, row["key"], question_shown(kind, row, SHIPPED), SHIPPED)
        assert (found.row, found.faults) == (kind, {}), row["key"]
    for row in kind["rules"]:
        found = read_rule(kind, name_of(row), rule_shown(kind, row, SHIPPED), SHIPPED)
        assert (found.row, found.faults) == (kind, {}), name_of(row)


def test_what_a_form_has_no_field_for_is_kept_when_something_beside_it_changes(page_as, adam, acme):
    client = page_as(adam)
    path = "types/refund/rule/R-X-6/"
    before = next(row for row in type_in(SHIPPED, "refund")["rules"] if row["id"] == "R-X-6")
    assert send(client, path, form_at(client, path), message="Ask which account it was.").status_code == 302
    after = next(row for row in type_in(drafted(acme), "refund")["rules"] if row["id"] == "R-X-6")
    assert after == {**before, "message": "Ask which account it was."} and "any" in after["when"]


# --- types -----------------------------------------------------------------------------------------------------


def test_an_admin_changes_name_times_waits_and_outcomes(page_as, adam, acme):
    client = page_as(adam)
    changes = {
        "name": "Stop a claim", "min.any": "", "max.any": "2", "unit.any": "business_hour", "wait.insurer": "",
        "wait.patient": "runs", "outcomes": "Stopped\r\n\r\nNot stopped\r\nStopped", "off": "yes",
        "guide": "One\r\nparagraph.\r\n\r\nAnother.",
    }  # fmt: skip
    answer = send(client, STOP, form_at(client, STOP), **changes)
    assert answer.status_code == 302 and answer.url == URL + STOP
    found = type_in(drafted(acme), "stop-claim")
    assert found["name"] == "Stop a claim" and found["off"] is True
    assert found["turnarounds"] == [{"channel": "any", "min": None, "max": 2, "unit": "business_hour"}]
    assert found["waits"] == {"patient": False, "provider": True, "colleagues": False}
    assert found["outcomes"] == ["Stopped", "Not stopped"]
    assert found["guide"] == ["One paragraph.", "Another."]
    assert type_in(in_force(acme), "stop-claim")["name"] == "Stop Claim", "nothing is published"


def test_what_cannot_be_used_is_told_by_field_and_kept_as_it_was_typed(page_as, adam, acme):
    client = page_as(adam)
    changes = {"name": " ", "max.any": "0", "outcomes": "", "purpose": "x" * 301, "also": "a\x00b"}
    answer = send(client, STOP, form_at(client, STOP), **changes)
    page = unescape(answer.content.decode())
    assert answer.status_code == 400 and drafted(acme) is None
    said = (
        "Name is missing", "Give a number of 1 or more", "Outcomes is missing", "What it is for is longer than 300",
        "a character that cannot be printed",
    )  # fmt: skip
    assert all(words in page for words in said), [words for words in said if words not in page]
    assert "x" * 301 in page and 'value="0"' in page


@pytest.mark.parametrize("typed", ["-1", "1.5", "zwei", "99999999999999999999", "٣"])
def test_an_amount_that_is_no_whole_number_is_refused(page_as, adam, typed):
    client = page_as(adam)
    answer = send(client, STOP, form_at(client, STOP), **{"max.any": typed})
    assert answer.status_code == 400 and "whole number" in answer.content.decode()


def test_a_form_that_did_not_arrive_whole_changes_nothing(page_as, adam, acme):
    client = page_as(adam)
    for path in (STOP, REASON, "types/stop-claim/rule/R-STOP-1/", "types/stop-claim/question/"):
        assert client.post(URL + path, {"do": "save"}).status_code == 400, path
        fields = form_at(client, path)
        torn = {**fields, "when-of": ["reason"], "when-test": []}
        if path != STOP:
            assert send(client, path, torn).status_code == 400, path
    assert drafted(acme) is None


def test_two_admins_of_one_type_the_second_is_told_side_by_side_and_may_save_his(page_as, adam, acme):
    eve = User.objects.create(
        username="eve", first_name="Eve", last_name="Example", company=acme, role="admin"
    )
    hers, his = page_as(eve), page_as(adam)
    fields = form_at(his, STOP)
    send(hers, STOP, form_at(hers, STOP), name="Eve’s name")
    answer = send(his, STOP, fields, name="Adam’s name")
    page = unescape(answer.content.decode())
    assert answer.status_code == 409 and "Eve Example saved this while" in page
    assert "Eve’s name" in page and 'value="Adam’s name"' in page
    assert type_in(drafted(acme), "stop-claim")["name"] == "Eve’s name"
    from tests.web.policy_form import fields_in

    assert send(his, STOP, fields_in(answer.content.decode())).status_code == 302
    assert type_in(drafted(acme), "stop-claim")["name"] == "Adam’s name"


def test_questions_and_rules_move_and_what_else_was_typed_is_saved_with_it(page_as, adam, acme):
    client = page_as(adam)
    send(client, STOP, form_at(client, STOP), do="down:questions:reason", name="Stop it")
    found = type_in(drafted(acme), "stop-claim")
    assert [row["key"] for row in found["questions"]][:2] == ["compassionate_care_applied", "reason"]
    assert found["name"] == "Stop it"
    send(client, STOP, form_at(client, STOP), do="up:rules:R-STOP-2 said")
    assert [name_of(row) for row in type_in(drafted(acme), "stop-claim")["rules"]][2] == "R-STOP-2 said"
    for forged in ("down:questions:nothing", "up:rules:", "sideways:rules:R-STOP-1", "remove:::"):
        assert send(client, STOP, form_at(client, STOP), do=forged).status_code == 302


def test_a_question_that_is_taken_out_takes_the_rule_with_it_that_only_insisted_on_it(page_as, adam, acme):
    client = page_as(adam)
    send(client, STOP, form_at(client, STOP), do="remove:questions:reason")
    found = type_in(drafted(acme), "stop-claim")
    assert "reason" not in [row["key"] for row in found["questions"]]
    assert "R-STOP-1" not in [row["id"] for row in found["rules"]]


def test_a_new_type_is_a_copy_that_is_switched_off_and_a_type_can_be_taken_out(page_as, adam, acme):
    client = page_as(adam)
    answer = client.post(URL + "new-type/", {"name": "Stop a statement", "like": "stop-claim"})
    assert answer.url == URL + "types/stop-a-statement/"
    made = type_in(drafted(acme), "stop-a-statement")
    assert made["off"] and made["questions"] == type_in(SHIPPED, "stop-claim")["questions"]
    for wrong in (
        {"name": "", "like": "stop-claim"},
        {"name": "Refund Request", "like": "zbal"},
        {"name": "A", "like": "?"},
    ):
        assert client.post(URL + "new-type/", wrong).status_code == 400
    path = "types/stop-a-statement/"
    assert send(client, path, form_at(client, path), do="remove:type").status_code == 302
    assert [row["key"] for row in drafted(acme)["types"]] == KEYS


# --- questions ---------------------------------------------------------------------------------------------------


def test_a_new_question_is_asked_by_a_condition_of_rows_and_must_be_answered(page_as, adam, acme):
    client, path = page_as(adam), "types/stop-claim/question/"
    fields = form_at(client, path)
    rows = {
        "when-of": ["reason", "compassionate_care_applied", ""], "when-test": ["in", "is", "in"],
        "when-value": ["Progyny was billed wrongly; redraw_billing_error", "no", ""], "when-turned": ["", "not", ""],
        "when-together": ["", "", ""],
    }  # fmt: skip
    reasons = {one["key"]: one["label"] for one in SHIPPED["lists"]["stop_claim_reasons"]["items"]}
    first, second = list(reasons)[:2]
    rows["when-value"][0] = f"{reasons[first]}; {second}"
    options = {"option-key": ["", "", ""], "option-label": ["Monday", "Any day", ""]}
    answer = send(client, path, fields, label="Which day?", kind="choice", required="yes", **rows, **options)
    assert answer.status_code == 302, answer.content.decode()
    kind = type_in(drafted(acme), "stop-claim")
    when = {
        "all": [
            {"of": "reason", "in": [first, second]},
            {"not": {"of": "compassionate_care_applied", "is": False}},
        ]
    }
    assert kind["questions"][-1] == {
        "key": "which_day", "label": "Which day?", "kind": "choice", "when": when,
        "choices": [{"key": "monday", "label": "Monday"}, {"key": "any_day", "label": "Any day"}],
    }  # fmt: skip
    rule = kind["rules"][-1]
    assert (rule["id"], rule["needs"], rule["when"]) == ("R-OWN-1", ["which_day"], when)
    path = "types/stop-claim/question/which_day/"
    send(client, path, form_at(client, path), required=None)
    assert type_in(drafted(acme), "stop-claim")["rules"] == type_in(SHIPPED, "stop-claim")["rules"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("reason", "in", "Something else"), "does not offer “Something else”"),
        (("reason", "is", "yes"), "cannot be asked of"),
        (("nobody", "in", "x"), "Choose the question"),
        (("unresolved", "at_least", "many"), "give a whole number"),
        (("said", "says_list", "no such list"), "there is no list"),
        (("said", "says", " ; ; "), "say what it is compared with"),
        (("compassionate_care", "is", "perhaps"), "say yes or no"),
        (("reason", "kept", "{}"), "kept as it is"),
        (("", "kept", '{"of": "x"}'), "cannot be kept as it is"),
        (("", "kept", "[" * 3000), "kept as it is"),
    ],
)
def test_a_row_that_says_nothing_usable_is_told_in_words(page_as, adam, acme, row, said):
    client, path = page_as(adam), "types/stop-claim/question/compassionate_care_applied/"
    of, test, value = row
    rows = {
        "when-of": [of],
        "when-test": [test],
        "when-value": [value],
        "when-turned": [""],
        "when-together": [""],
    }
    answer = send(client, path, form_at(client, path), **rows)
    assert answer.status_code == 400 and said in unescape(answer.content.decode()), unescape(
        answer.content.decode()
    )[:20]
    assert drafted(acme) is None


def test_rows_and_answers_are_added_moved_and_taken_out_without_saving(page_as, adam, acme):
    client, path = page_as(adam), "types/itemized-bill/question/recipient/"
    fields = form_at(client, path)
    page = send(client, path, fields, do="down:options:0", label="Who gets it?").content.decode()
    assert page.index("A provider") < page.index("The patient</") if "The patient</" in page else True
    assert 'value="Who gets it?"' in page and drafted(acme) is None
    page = send(client, path, fields, do="remove:options:1").content.decode()
    assert 'value="A provider"' not in page
    assert send(client, path, fields, do="add:when").status_code == 200


def test_the_key_of_an_answer_stays_when_its_words_change(page_as, adam, acme):
    client, path = page_as(adam), "types/itemized-bill/question/recipient/"
    fields = form_at(client, path)
    fields["option-label"][0] = "The patient or family"
    send(client, path, fields)
    found = type_in(drafted(acme), "itemized-bill")["questions"][0]["choices"]
    assert found[0] == {"key": "patient", "label": "The patient or family"}


# --- rules -------------------------------------------------------------------------------------------------------


def test_a_new_rule_is_a_block_with_its_condition(page_as, adam, acme):
    client, path = page_as(adam), "types/zbal/rule/"
    rows = {
        "refuse-of": ["caller"],
        "refuse-test": ["in"],
        "refuse-value": ["Provider"],
        "refuse-turned": [""],
        "refuse-together": [""],
    }
    said = {"strength": "BLOCK", "message": "Not for a provider.", "instead": "Ask the patient to call."}
    assert send(client, path, form_at(client, path), **said, **rows).status_code == 302
    assert type_in(drafted(acme), "zbal")["rules"][-1] == {
        "id": "R-OWN-1", **said, "refuse": {"of": "caller", "in": ["provider"]},
    }  # fmt: skip


def test_a_rule_that_would_refuse_everything_is_not_kept(page_as, adam, acme):
    client, path = page_as(adam), "types/zbal/rule/"
    answer = send(client, path, form_at(client, path), strength="BLOCK", message="Never.")
    assert answer.status_code == 400 and "would refuse every ticket" in answer.content.decode()


def test_a_rule_of_every_ticket_is_edited_the_same_way(page_as, adam, acme):
    client, path = page_as(adam), "types/every-ticket/rule/R-ALL-2/"
    assert send(client, path, form_at(client, path), message="Say the dates aloud.").status_code == 302
    rules = {row["id"]: row for row in drafted(acme)["every_type"]["rules"]}
    assert rules["R-ALL-2"]["message"] == "Say the dates aloud."


def test_what_is_not_there_is_not_found(page_as, adam):
    client = page_as(adam)
    for path in (
        "types/nothing/", "types/zbal/question/nothing/", "types/zbal/rule/R-NO/", "types/every-ticket/question/",
        "versions/99/", "versions/99/file/", "moves/99/undo/",
    ):  # fmt: skip
        assert client.get(URL + path).status_code == 404, path


def test_rows_arrive_whole_or_not_at_all():
    data = QueryDict(mutable=True)
    data.setlist("when-of", ["a"] * 22)
    for name in ("test", "value", "turned", "together"):
        data.setlist(f"when-{name}", [""] * 22)
    with pytest.raises(ValueError):
        rows_in(data, "when")


def test_a_form_that_lost_a_field_on_its_way_clears_nothing(page_as, adam, acme):
    client = page_as(adam)
    for path, name in (
        (STOP, "guide"),
        (STOP, "also"),
        (REASON, "hint"),
        ("types/zbal/rule/R-ZBAL-1/", "instead"),
    ):
        assert send(client, path, form_at(client, path), **{name: None}).status_code == 400, name
    assert drafted(acme) is None
