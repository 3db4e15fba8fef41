"""The pages on which a draft is looked at, published, compared with other versions, and taken back (K13)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from escalations.models import Publication, Reclocking
from escalations.policies import policy_in_force
from tests.factories import PatientFactory
from tests.tickets import filed
from tests.web.policy_form import URL, drafted, form_at, in_force, now, send, type_in

pytestmark = pytest.mark.django_db
SUPERVISOR, SYNERGEN = "types/supervisor/", "types/synergen/"


@pytest.fixture
def client_(page_as, adam, acme):
    """Adam’s browser."""
    return page_as(adam)


def page(answer: Any) -> str:
    return unescape(answer.content.decode())


def token_in(answer: Any) -> str:
    return re.search(r'name="token" value="([^"]+)"', answer.content.decode())[1]


def longer(client: Any, days: str = "4") -> None:
    """Let supervisors have so many days, in the draft."""
    send(client, SUPERVISOR, form_at(client, SUPERVISOR), **{"max.any": days})


def publish(client: Any, **changes: Any) -> Any:
    seen = client.get(f"{URL}publish/")
    return client.post(f"{URL}publish/", {"token": token_in(seen), "note": "More time", **changes})


def test_the_first_page_has_every_type_with_its_times_and_begins_a_draft(client_, acme):
    answer = page(client_.get(URL))
    assert "Stop Claim" in answer and "up to 60 business days" in answer and "30–45 business days" in answer
    assert client_.post(URL, {"do": "begin"}).status_code == 302 and drafted(acme) == in_force(acme)
    assert "begun by Adam Example from version 1" in page(client_.get(URL))
    assert client_.post(URL, {"do": "begin"}).status_code == 409
    assert client_.post(URL, {"do": "discard", "revision": "7"}).status_code == 409
    assert client_.post(URL, {"do": "discard", "revision": "1"}).status_code == 302 and drafted(acme) is None
    assert client_.post(URL, {"do": "begin", "version": "99"}).status_code == 404
    for act in ("", "nothing", "update", "discard"):
        assert client_.post(URL, {"do": act}).status_code in (400, 409)


def test_a_publish_says_first_what_changes_and_which_tickets_move(client_, ana, acme):
    ticket = filed("supervisor", ana, PatientFactory(company=acme, last_name="Quillfeather"), now())
    longer(client_)
    fields = form_at(client_, "types/synergen/question/portal_error/")
    send(client_, "types/synergen/question/portal_error/", fields, required=None)
    said = page(client_.get(f"{URL}publish/"))
    assert "Supervisor Escalation: up to 2 business days → up to 4 business days" in said
    assert "is no longer required" in said and "1 of 1 open ticket gets another due date" in said
    assert ticket.number in said and "Quillfeather" not in said


def test_publishing_needs_a_note_and_keeps_what_was_typed(client_, acme):
    longer(client_)
    answer = publish(client_, note=" ", over_open="yes")
    assert answer.status_code == 400 and "The note is missing" in page(answer)
    assert re.search(r'name="over_open" value="yes" checked', answer.content.decode())
    answer = publish(client_, note="x" * 600)
    assert answer.status_code == 400 and "x" * 600 in page(answer)
    assert policy_in_force(acme, at=now()).number == 1


def test_a_version_is_published_put_over_open_tickets_and_taken_back(client_, ana, acme):
    ticket = filed("supervisor", ana, PatientFactory(company=acme), now())
    was = ticket.due_at
    longer(client_)
    assert publish(client_, over_open="yes").url == URL
    ticket.refresh_from_db()
    assert ticket.due_at > was and Publication.objects.get().note == "More time"
    listed = page(client_.get(URL))
    assert "More time" in listed and "1 of 1 clocks moved" in listed and "Undo" in listed
    undo = f"{URL}moves/{Reclocking.objects.get().pk}/undo/"
    seen = client_.get(undo)
    assert "Version 1 comes back" in page(seen) and client_.post(undo, {"token": "x"}).status_code == 409
    assert client_.post(undo, {"token": token_in(seen)}).url == URL
    ticket.refresh_from_db()
    assert ticket.due_at == was and ticket.policy_version.number == 1
    assert client_.get(undo).status_code == 409 and "Undo" not in page(client_.get(URL)).split("Versions")[1]


def test_without_a_draft_there_is_nothing_to_publish(client_):
    assert "There is no draft" in page(client_.get(f"{URL}publish/"))
    assert client_.post(f"{URL}publish/", {"note": "x", "token": "1.x.1.x"}).status_code == 409


def test_what_stands_against_it_is_said_with_the_way_there(client_, ana, acme):
    filed("supervisor", ana, PatientFactory(company=acme), now())
    send(client_, SUPERVISOR, form_at(client_, SUPERVISOR), do="remove:type")
    send(client_, SYNERGEN, form_at(client_, SYNERGEN), do="down:questions:scenario")
    said = page(client_.get(f"{URL}publish/"))
    assert "It cannot be published yet." in said and 'id="publish-form"' not in said
    assert "Supervisor Escalation is gone, and 1 open ticket is of it" in said
    assert "is asked after it" in said and f'href="{URL}types/synergen/question/' in said
    answer = client_.post(f"{URL}publish/", {"note": "x", "token": "1.x.1.x"})
    assert answer.status_code == 409 and policy_in_force(acme, at=now()).number == 1


def test_somebody_elses_version_is_taken_in_first(client_, acme):
    longer(client_)
    client_.post(
        "/settings/glossary/",
        {"what": "glossary", "seen": _seen(client_), "term": ["Zed"], "means": ["A letter."]},
    )
    assert policy_in_force(acme, at=now()).number == 2
    said = page(client_.get(URL))
    assert "Version 2 was published since" in said and "“Zed” is new" in said
    assert "Take in what it changed" in page(client_.get(f"{URL}publish/"))
    client_.post(URL, {"do": "update"})
    assert publish(client_).status_code == 302
    now_in_force = in_force(acme)
    assert now_in_force["glossary"] == [{"term": "Zed", "means": "A letter."}]
    assert type_in(now_in_force, "supervisor")["turnarounds"][0]["max"] == 4


def _seen(client: Any) -> str:
    text = client.get("/settings/glossary/").content.decode().partition('id="form-glossary"')[2]
    return re.search(r'name="seen" value="(\w+)"', text)[1]


def test_any_two_versions_are_compared_and_an_older_one_begins_a_draft(client_, acme):
    for days in ("3", "4"):
        longer(client_, days)
        publish(client_, note=f"{days} days")
    said = page(client_.get(f"{URL}versions/3/"))
    assert "up to 3 business days → up to 4 business days" in said and "4 days" in said
    said = page(client_.get(f"{URL}versions/3/?against=1"))
    assert "From version 1 to version 3" in said and "up to 2 business days → up to 4 business days" in said
    assert client_.get(f"{URL}versions/3/?against=77").status_code == 404
    assert client_.get(f"{URL}versions/3/?against=x").status_code == 200
    listed = page(client_.get(f"{URL}versions/"))
    assert listed.index("Version 3") < listed.index("Version 2") < listed.index("Version 1")
    assert client_.post(URL, {"do": "begin", "version": "1"}).status_code == 302
    assert type_in(drafted(acme), "supervisor")["turnarounds"][0]["max"] == 2


def test_a_type_that_is_switched_off_is_not_offered_and_says_so(client_, page_as, ana, acme):
    send(client_, SUPERVISOR, form_at(client_, SUPERVISOR), off="yes")
    publish(client_)
    desk = page_as(ana)
    form = desk.get("/escalations/new/").content.decode()
    assert 'value="supervisor"' not in form and 'value="zbal"' in form
    said = {"type": "supervisor", "channel": "phone", "caller": "patient", "do": "file"}
    assert "is switched off" in page(desk.post("/escalations/new/", said))
    assert page(desk.get("/guide/")).count("switched off: no new ticket of it") == 1
    assert "supervisor" not in {one["key"] for one in desk.get("/api/v1/escalation-types/").json()}
