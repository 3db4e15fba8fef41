"""What holds beside the types, and the questions of "Which ticket?", as forms of the same draft (R-X-9, K13)."""

from __future__ import annotations

from html import unescape

import pytest

from accounts.models import User
from escalations.actions.policy_drafts import import_draft
from escalations.domain.policy_checks import problems
from escalations.policies import shipped_policy
from tests.web.policy_form import URL, drafted, form_at, in_force, now, send, type_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]
SHIPPED = shipped_policy()
FORKS = [row["key"] for row in SHIPPED["which_ticket"]]


def fork(data, key):
    return next(row for row in data["which_ticket"] if row["key"] == key)


def test_opened_and_saved_they_stay_as_they_are(page_as, adam, acme):
    client = page_as(adam)
    for path in ("general/", *(f"which/question/{key}/" for key in FORKS)):
        assert send(client, path, form_at(client, path)).status_code == 302, path
    assert drafted(acme) is None


def test_limits_warnings_and_reasons_to_wait_are_changed(page_as, adam, acme):
    client = page_as(adam)
    changes = {
        "backdating_days": "10", "waiting_days": "0", "reopen.max": "4", "reopen.unit": "business_hour",
        "warn.week": "2", "reason.0.label": "Waiting for the plan", "reason.4.label": "Waiting for the court",
        "reason.4.words": "court, judge ,",
    }  # fmt: skip
    assert send(client, "general/", form_at(client, "general/"), **changes).status_code == 302
    found = drafted(acme)
    assert (found["limits"]["backdating_days"], found["limits"]["waiting_days"]) == (10, 0)
    assert (
        found["reopen"] == {"min": None, "max": 4, "unit": "business_hour"}
        and found["warn_before"]["week"] == 2
    )
    reasons = found["wait_reasons"]
    assert reasons[0] == {**SHIPPED["wait_reasons"][0], "label": "Waiting for the plan"}
    assert reasons[-1] == {
        "key": "waiting_for_the_court",
        "label": "Waiting for the court",
        "words": ["court", "judge"],
    }
    path = "types/refund/"
    send(client, path, form_at(client, path), **{"wait.waiting_for_the_court": "stands"})
    assert type_in(drafted(acme), "refund")["waits"]["waiting_for_the_court"] is True
    assert problems(drafted(acme)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("backdating_days", "-1"), ("backdating_days", ""), ("warn.week", "0"), ("waiting_days", "1e3"),
        ("reopen.max", "0"), ("reopen.max", ""), ("reopen.min", "9"), ("reopen.unit", "eternity"),
        ("reason.0.label", ""), ("reason.0.label", "x" * 81), ("reason.0.words", "a\x00"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_and_kept_as_typed(page_as, adam, acme, name, value):
    client = page_as(adam)
    answer = send(client, "general/", form_at(client, "general/"), **{name: value})
    assert answer.status_code == 400 and "error-summary" in answer.content.decode() and drafted(acme) is None


def test_two_admins_the_second_is_told_side_by_side(page_as, adam, acme):
    eve = User.objects.create(
        username="eve", first_name="Eve", last_name="Example", company=acme, role="admin"
    )
    client = page_as(adam)
    for path, name, values in (
        ("general/", "backdating_days", ("11", "12")),
        ("which/question/who/", "label", ("Hers?", "His?")),
    ):
        fields = form_at(client, path)
        other = page_as(eve)
        assert send(other, path, form_at(other, path), **{name: values[0]}).status_code == 302
        answer = send(client, path, fields, **{name: values[1]})
        page = unescape(answer.content.decode())
        assert (
            answer.status_code == 409 and "Eve Example saved" in page and all(one in page for one in values)
        )


def test_an_answer_of_which_ticket_leads_elsewhere_and_a_question_is_added(page_as, adam, acme):
    client, path = page_as(adam), "which/question/provider/"
    fields = form_at(client, path)
    way = fork(SHIPPED, "provider")["ways"][0]
    assert way["prefill"], "what it fills in is kept while it leads to the same type"
    changes = {"way.0.say": "A provider may dispute.", "way.5.to": "none", "way.5.say": ""}
    assert send(client, path, fields, **changes).status_code == 400, "what to do instead is needed"
    assert (
        send(client, path, fields, **{"way.0.say": "A provider may dispute.", "way.1.label": ""}).status_code
        == 302
    )
    found = fork(drafted(acme), "provider")["ways"]
    assert found[0] == {**way, "why": "A provider may dispute."}
    assert [one["label"] for one in found] == [
        one["label"] for one in fork(SHIPPED, "provider")["ways"] if "cannot go on" not in one["label"]
    ]
    new = {
        "label": "What about the weather?",
        "way.0.label": "It rains",
        "way.0.to": "none",
        "way.0.say": "Wait.",
    }
    assert send(client, "which/new/", form_at(client, "which/new/"), **new).status_code == 302
    assert drafted(acme)["which_ticket"][-1] == {
        "key": "what_about_the_weather", "label": "What about the weather?",
        "ways": [{"label": "It rains", "none": "Wait."}],
    }  # fmt: skip
    path = "which/question/what_about_the_weather/"
    assert send(client, path, form_at(client, path), do="remove").status_code == 302
    assert [row["key"] for row in drafted(acme)["which_ticket"]] == FORKS
    assert send(client, "which/new/", form_at(client, "which/new/"), **new).status_code == 302
    assert problems(drafted(acme)) == [] and in_force(acme)["which_ticket"] == SHIPPED["which_ticket"]
    assert "What about the weather?" in client.get(f"{URL}which/").content.decode()


def test_no_answer_is_dropped_in_silence_where_there_are_as_many_as_there_may_be(page_as, adam, acme):
    client, path = page_as(adam), "which/question/who/"
    many = [{"label": f"Answer {n}", "none": "Wait."} for n in range(14)]
    forks = [{**one, "ways": many} if one["key"] == "who" else one for one in SHIPPED["which_ticket"]]
    import_draft(acme, {**SHIPPED, "which_ticket": forks}, instead=False, by=adam, at=now())
    fields = form_at(client, path)
    assert "way.13.label" in fields and "way.14.label" not in fields, "no row for one more"
    assert send(client, path, fields, **{"way.0.label": "First"}).status_code == 302
    assert [one["label"] for one in fork(drafted(acme), "who")["ways"]] == ["First"] + [
        one["label"] for one in many[1:]
    ]
    more = {"way.14.label": "One more", "way.14.to": "none", "way.14.say": "Wait."}
    answer = send(client, path, form_at(client, path), **more)
    assert answer.status_code == 400 and "at most 12 answers" in answer.content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"label": ""}, {"way.0.to": "type:nothing"}, {"way.0.to": ""}, {"way.0.to": "ask:who"},
        {"way.3.to": "type:refund"}, {"label": "x" * 201}, {"way.0.label": "", "way.1.label": "", "way.2.label": ""},
    ],
)  # fmt: skip
def test_an_answer_that_leads_nowhere_is_refused(page_as, adam, acme, changes):
    client, path = page_as(adam), "which/question/who/"
    answer = send(client, path, form_at(client, path), **changes)
    assert answer.status_code == 400 and drafted(acme) is None
    assert client.post(URL + path, {"do": "save"}).status_code == 400
    assert client.get(f"{URL}which/question/nothing/").status_code == 404
