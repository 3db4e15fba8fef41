"""The rest of the policy as forms: similar types, defaults, what is filled in, order, ladder, names (K13, R-X-9)."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from accounts.models import User
from escalations import policies
from escalations.domain.policy_checks import problems
from escalations.policies import policy_in_force, shipped_policy
from tests.factories import PatientFactory
from tests.tickets import filed
from tests.web.policy_form import URL, drafted, form_at, now, send, type_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]
SHIPPED = shipped_policy()
STOP, ZBAL = "types/stop-claim/", "types/zbal/"


def saved(client: Any, path: str, **changes: Any) -> None:
    answer = send(client, path, form_at(client, path), **changes)
    assert answer.status_code == 302, unescape(answer.content.decode())[-3000:]


def refused(client: Any, path: str, said: str, **changes: Any) -> None:
    answer = send(client, path, form_at(client, path), **changes)
    page = unescape(answer.content.decode())
    assert answer.status_code == 400 and said in page, said
    kept = (one for name, one in changes.items() if not name.endswith((".who", ".key", ".from")))
    assert all(one in page for one in kept), "what was typed is kept"


# --- similar types and the article ---------------------------------------------------------------------------


def test_similar_types_are_added_changed_and_taken_out(page_as, adam, acme):
    client, was = page_as(adam), type_in(SHIPPED, "zbal")["neighbours"]
    saved(client, ZBAL, **{"near.0.say": "A balance is to be added.", "near.1.type": "", "near.1.say": "",
                           "near.4.type": "appeal", "near.4.say": "The insurer is disputed."})  # fmt: skip
    assert type_in(drafted(acme), "zbal")["neighbours"] == [
        {"type": "synergen", "say": "A balance is to be added."}, *was[2:],
        {"type": "appeal", "say": "The insurer is disputed."},
    ]  # fmt: skip
    assert problems(drafted(acme)) == []
    assert "“The insurer is disputed.”" in unescape(client.get(f"{URL}publish/").content.decode())


def test_a_similar_type_that_cannot_be_is_told(page_as, adam):
    client = page_as(adam)
    refused(client, ZBAL, "Choose another type", **{"near.0.type": "zbal"})
    refused(client, ZBAL, "Choose another type", **{"near.4.say": "Only words"})
    refused(client, ZBAL, "is missing", **{"near.0.say": ""})
    refused(client, ZBAL, "named twice", **{"near.1.type": "synergen"})
    assert send(client, ZBAL, form_at(client, ZBAL), **{"near.0.say": None}).status_code == 400, "torn"


def test_the_article_of_a_type_is_chosen(page_as, adam, acme):
    client = page_as(adam)
    saved(client, STOP, article="turnaround-times-2024")
    assert type_in(drafted(acme), "stop-claim")["article"] == "turnaround-times-2024"
    saved(client, "types/appeal/", article="")
    assert "article" not in type_in(drafted(acme), "appeal")
    refused(client, STOP, "choose one of those offered", article="nothing", name="Kept name")


# --- defaults and what is filled in --------------------------------------------------------------------------


def test_what_is_taken_where_nothing_is_answered(page_as, adam, acme):
    client = page_as(adam)
    scenario, sent = "types/zbal/question/scenario/", "types/insurance-update/question/sent_on/"
    saved(client, scenario, default="Compassionate Care approved at 100%")
    kind = type_in(drafted(acme), "zbal")
    assert kind["questions"][0]["default"] == "full_approval" and problems(drafted(acme)) == []
    assert 'value="Compassionate Care approved at 100%"' in client.get(URL + scenario).content.decode()
    refused(client, scenario, "does not offer “Something”", default="Something")
    refused(client, "types/zbal/question/payment_received/", "answer yes or no", default="perhaps")
    refused(client, sent, "", default="yesterday")
    for typed, kept in (("", None), ("Today", "today")):
        saved(client, sent, default=typed)
        rows = {row["key"]: row for row in type_in(drafted(acme), "insurance-update")["questions"]}
        assert rows["sent_on"].get("default") == kept
    fields = form_at(client, scenario)
    fields["option-key"], fields["option-label"] = fields["option-key"][:1], fields["option-label"][:1]
    answer = send(client, scenario, fields)
    assert answer.status_code == 400 and "does not offer" in answer.content.decode(), "its answer is gone"


def test_what_a_suggestion_fills_in_is_changed_in_words(page_as, adam, acme):
    client, path = page_as(adam), "types/every-ticket/rule/R-X-7 SOS/"
    refused(client, path, "does not offer “Weather”", **{"carry.0.value": "Weather"})
    refused(client, path, "not both", **{"carry.1.value": "3"})
    refused(client, path, "Choose the question", **{"carry.2.key": "nothing", "carry.2.value": "3"})
    refused(client, path, "offered", **{"carry.1.from": "password"})
    saved(client, path, **{"carry.1.key": "", "carry.1.from": "", "carry.1.value": ""})
    rules = {f"{row['id']} {row.get('part', '')}": row for row in drafted(acme)["every_type"]["rules"]}
    assert rules["R-X-7 SOS"]["carry"] == {"reasons": ["unresolved"]}
    path = "types/every-ticket/rule/R-STOP-2 heard/"
    saved(client, path, suggest="refund")
    fields = form_at(client, path)
    key = type_in(SHIPPED, "refund")["questions"][0]["key"]
    assert fields["carry.0.key"] == [""], "saved with a type, it can be said what is filled in"
    saved(client, path, **{"carry.0.key": key, "carry.0.from": "note"})
    rules = {f"{row['id']} {row.get('part', '')}": row for row in drafted(acme)["every_type"]["rules"]}
    assert rules["R-STOP-2 heard"]["carry"] == {key: "=note"}
    assert problems(drafted(acme)) == []


def test_what_an_answer_of_which_ticket_fills_in_and_their_order(page_as, adam, acme):
    client, path = page_as(adam), "which/question/provider/"
    saved(client, path, **{"way.0.fill.0.value": "The patient", "way.1.rule": "R-X-9"})
    ways = next(row for row in drafted(acme)["which_ticket"] if row["key"] == "provider")["ways"]
    assert ways[0]["prefill"] == {"raised_by": "patient"} and ways[1]["rule"] == "R-X-9"
    refused(client, path, "does not offer", **{"way.0.fill.0.value": "A neighbour"})
    fields = form_at(client, path)
    assert send(client, path, {**fields, "way.0.fill.0.key": None}).status_code == 400, "torn"
    answer = send(client, path, fields, do="down:ways:0")
    assert answer.url == URL + path
    moved = next(row for row in drafted(acme)["which_ticket"] if row["key"] == "provider")["ways"]
    assert moved[:2] == [ways[1], ways[0]]
    for forged in ("up:ways:0", "down:ways:99", "down:ways:x", "sideways:ways:0"):
        assert send(client, path, form_at(client, path), do=forged).status_code == 302
    now_ = next(row for row in drafted(acme)["which_ticket"] if row["key"] == "provider")["ways"]
    assert now_ == moved


def test_the_questions_of_which_ticket_change_places(page_as, adam, acme):
    client = page_as(adam)
    seen = form_at(client, "which/")["seen"][0]
    assert client.post(f"{URL}which/", {"seen": seen, "do": "down:forks:who"}).status_code == 302
    assert [row["key"] for row in drafted(acme)["which_ticket"]][:2] == ["patient", "who"]
    assert client.post(f"{URL}which/", {"seen": seen, "do": "down:forks:who"}).status_code == 409
    assert client.post(f"{URL}which/", {"do": "down:forks:who"}).status_code == 400


# --- order of types, ladder, reasons, names ------------------------------------------------------------------


def test_the_order_of_the_types_is_the_order_in_which_they_are_offered(page_as, adam, ana, acme):
    client = page_as(adam)
    keys = [row["key"] for row in SHIPPED["types"]]
    saved(client, "order/", **{"place.zbal": "1"})
    assert [row["key"] for row in drafted(acme)["types"]] == ["zbal", *keys[:-1]]
    saved(client, "order/", do="up:types:appeal")
    saved(client, "order/", do="down:types:nothing")
    assert [row["key"] for row in drafted(acme)["types"]][:2] == ["appeal", "zbal"]
    for wrong in ("0", "21", "first", "٣"):
        refused(client, "order/", "Give a place from 1 to 20", **{"place.zbal": wrong})
    eve = User.objects.create(
        username="eve", first_name="Eve", last_name="Example", company=acme, role="admin"
    )
    fields = form_at(client, "order/")
    saved(page_as(eve), "order/", **{"place.refund": "1"})
    answer = send(client, "order/", fields, **{"place.refund": "2"})
    assert answer.status_code == 409 and "Place of Refund Request" in answer.content.decode()
    token = client.get(f"{URL}publish/").context["screen"].seen.token
    client.post(f"{URL}publish/", {"token": token, "note": "By how often"})
    offered = [row["key"] for row in page_as(ana).get("/api/v1/escalation-types/").json()]
    assert offered[:3] == ["refund", "appeal", "zbal"]


def test_who_is_told_of_a_late_ticket_is_changed(page_as, adam, acme):
    client = page_as(adam)
    saved(client, "general/", **{"rung.1.who": "", "rung.1.hours": "", "rung.2.hours": "3"})
    assert drafted(acme)["ladder"] == [
        {"who": "assignee", "after_staffed_hours": 0}, {"who": "supervisor", "after_staffed_hours": 3},
    ]  # fmt: skip
    said = unescape(client.get(f"{URL}publish/").content.decode())
    assert "→ whoever has the ticket, then the supervisors after 3 staffed hours" in said
    for name, value, words in (
        ("rung.0.who", "boss", "Choose who is told"),
        ("rung.1.who", "assignee", "Nobody is told twice"),
        ("rung.0.hours", "-1", "Give a whole number"),
    ):
        refused(client, "general/", words, **{name: value})
    nobody = {f"rung.{n}.who": "" for n in range(3)}
    refused(client, "general/", "Somebody has to be told", **nobody)


def test_a_reason_to_wait_goes_with_the_types_that_allow_it_and_not_while_tickets_wait(
    page_as, adam, ana, acme
):
    from escalations import actions

    client = page_as(adam)
    ticket = filed("refund", ana, PatientFactory(company=acme), now())
    actions.act(ticket, "wait", by=ana, at=now(), facts={"reason": "patient"})
    saved(client, "general/", **{"reason.1.gone": "yes", "reason.2.gone": "yes", "warn.week": ""})
    found = drafted(acme)
    assert [row["key"] for row in found["wait_reasons"]] == ["insurer", "colleagues"]
    assert not any({"patient", "provider"} & set(row["waits"]) for row in found["types"])
    assert "week" not in found["warn_before"]
    said = unescape(client.get(f"{URL}publish/").content.decode())
    assert "no longer allows “patient”, and 1 open ticket is waiting for that" in said
    assert "Tickets counted in weeks are warned about before they are due: 1 → not at all" in said


def test_lists_and_articles_are_named_added_and_taken_out(page_as, adam, acme):
    client = page_as(adam)
    saved(client, "names/", **{
        "list.onc_tests.label": "Tests of oncology", "list.label": "Weather words", "list.about": "Said of rain.",
        "article.appeals.title": "All about appeals", "article.title": "How to dispute",
    })  # fmt: skip
    found = drafted(acme)
    assert found["lists"]["onc_tests"]["label"] == "Tests of oncology"
    assert found["lists"]["onc_tests"]["items"] == SHIPPED["lists"]["onc_tests"]["items"]
    assert found["lists"]["weather_words"] == {
        "label": "Weather words",
        "about": "Said of rain.",
        "items": [],
    }
    assert [row["title"] for row in found["articles"]] == [
        "All about appeals",
        "Turnaround Times 2024",
        "How to dispute",
    ]
    saved(client, "types/zbal/", article="how_to_dispute")
    saved(client, "names/", **{"list.callback_queues.gone": "yes", "article.how_to_dispute.gone": "yes"})
    said = unescape(client.get(f"{URL}publish/").content.decode())
    assert (
        "takes its answers from a list there is not" in said and "names the article “how_to_dispute”" in said
    )
    refused(client, "names/", "Another list has this name", **{"list.label": "Addresses"})
    refused(client, "names/", "is missing", **{"article.appeals.title": " "})
    refused(client, "names/", "cannot be printed", **{"list.label": "a\x00b"})
    assert (
        send(client, "names/", form_at(client, "names/"), **{"list.addresses.about": None}).status_code == 400
    )


def test_lists_and_articles_of_our_own_survive_a_newer_shipped_policy(page_as, adam, acme):
    client = page_as(adam)
    saved(client, "names/", **{"list.label": "Weather words", "article.title": "How to dispute"})
    saved(client, "types/zbal/", article="how_to_dispute")
    token = client.get(f"{URL}publish/").context["screen"].seen.token
    assert client.post(f"{URL}publish/", {"token": token, "note": "Ours"}).status_code == 302
    policies.load_policy(acme, by=None, at=now())
    data = policy_in_force(acme, at=now()).data
    assert "weather_words" in data["lists"] and type_in(data, "zbal")["article"] == "how_to_dispute"
    assert "How to dispute" in [row["title"] for row in data["articles"]]


# --- conditions in two levels --------------------------------------------------------------------------------


def test_rows_stand_together_where_all_must_hold_and_one_of_two_is_enough(page_as, adam, acme):
    client, path = page_as(adam), "types/wo-code-error/rule/R-WO-3 untold/"

    def when() -> Any:
        rules = type_in(drafted(acme), "wo-code-error")["rules"]
        return next(row["when"] for row in rules if row.get("part") == "untold")

    fields = form_at(client, path)
    assert fields["when-together"][:4] == ["", "", "", "with"] and fields["when-test"][3] == "in_list"
    fields["when-together"][3] = ""
    assert send(client, path, fields).status_code == 302
    assert list(when()) == ["all"] and len(when()["all"]) == 4
    fields = form_at(client, path)
    fields["when-together"][1], fields["when-joined"] = "with", ["any"]
    assert send(client, path, fields).status_code == 302
    assert list(when()) == ["any"] and list(when()["any"][0]) == ["all"] and len(when()["any"]) == 3
    assert problems(drafted(acme)) == []


def test_nothing_of_a_shipped_condition_is_kept_as_it_is_for_want_of_rows():
    from escalations.domain.condition_rows import rows_of, subjects_of

    every = {"questions": [], **SHIPPED["every_type"]}
    for kind in [*SHIPPED["types"], every]:
        subjects = subjects_of(SHIPPED, kind["questions"])
        for row in (*kind["questions"], *kind["rules"]):
            for name in ("when", "refuse"):
                rows = rows_of(row.get(name), subjects, SHIPPED["lists"]).rows
                kept = [one for one in rows if one.is_kept]
                assert not kept or row["id"] == "R-X-6", (kind.get("key"), row)
