"""People: who may sign in, invited, changed, disabled and helped by an admin."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InternalError, transaction
from django.test import Client

from accounts import people_actions as actions
from accounts.demo import PASSWORD
from accounts.models import AccountAct, ApiToken, Company, User
from accounts.people_actions import Said
from accounts.steps import Refused, Unfit
from tests.factories import PatientFactory, token_of
from tests.world_rows import file_ticket
from work import outbox

pytestmark = pytest.mark.django_db

LIST, NEW = "/settings/people/", "/settings/people/new/"
LONG = "Correct-Horse-Battery-9"
INVITED = {"first_name": "Ina", "last_name": "Example", "username": "Ina", "email": "ina@example.com"}


def now() -> datetime:
    return datetime.now(UTC)


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def path(person: User, *rest: str) -> str:
    return "/".join([f"/settings/people/{person.pk}", *rest, ""])


def signed_in(person: User, password: str = PASSWORD) -> Client:
    """A browser in which the person typed their password just now."""
    person.set_password(password)
    person.save()
    client = Client(raise_request_exception=False)
    answer = client.post("/accounts/login/", {"login": person.username, "password": password})
    assert answer.status_code == 302, words(answer)
    client.post("/accounts/reauthenticate/", {"password": password})
    return client


def mailed_link() -> str:
    outbox.deliver(at=now())
    found = re.search(r"http://\S+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def choose_password(link: str, password: str = LONG) -> Any:
    """Open the link as its person does, in a browser that nobody is signed in to."""
    client = Client()
    answer = client.get(link, follow=True)
    return client.post(answer.redirect_chain[-1][0], {"password1": password, "password2": password})


def test_who_is_invited_gets_a_link_chooses_a_password_and_signs_in(adam: User, page_as: Any) -> None:
    answer = page_as(adam).post(NEW, {**INVITED, "role": "biller"}, follow=True)
    assert "Ina Example is invited" in words(answer) and "has not chosen a password yet" in words(answer)
    ina = User.objects.get(username="ina")
    assert (ina.company_id, ina.role) == (adam.company_id, "biller")
    link = mailed_link()
    assert mail.outbox[-1].to == ["ina@example.com"] and "Your username is ina." in mail.outbox[-1].body
    assert choose_password(link).status_code == 302
    client = Client()
    assert client.post("/accounts/login/", {"login": "ina", "password": LONG}).status_code == 302
    assert client.get("/claims/").status_code == 200
    assert "used up" in words(Client().get(link, follow=True)), "the link works once"


def test_without_a_mail_address_a_link_is_shown_once_and_works(adam: User) -> None:
    client = signed_in(adam)
    client.post(NEW, {**INVITED, "email": "", "role": "agent"})
    ina = User.objects.get(username="ina")
    outbox.deliver(at=now())
    assert not mail.outbox
    shown = client.post(path(ina, "unlock", "link"))
    found = re.search(r"http://\S+?(/accounts/password/reset/key/[^<\s]+)", unescape(shown.content.decode()))
    assert found and "no-store" in shown["Cache-Control"]
    choose_password(found[1])
    assert Client().post("/accounts/login/", {"login": "ina", "password": LONG}).status_code == 302
    assert list(ina.account_acts.values_list("kind", flat=True).order_by("id")) == ["invite", "link"]


def test_a_link_is_shown_only_to_who_typed_the_password_lately(adam: User, ana: User, page_as: Any) -> None:
    adam.set_password(PASSWORD)
    adam.save()
    answer = page_as(adam).post(path(ana, "unlock", "link"))
    assert answer.status_code == 302 and "reauthenticate" in answer.url
    assert not AccountAct.objects.exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"username": "ANA"}, "Somebody signs in with this name already"),
        ({"username": "a"}, "two letters or more"),
        ({"username": "anä"}, "letters without accents"),
        ({"username": "two words"}, "letters without accents"),
        ({"first_name": ""}, "Enter the first name"),
        ({"last_name": "x\u202ey"}, "Use letters, digits and spaces"),
        ({"email": "ina"}, "This is no mail address"),
        ({"email": "ina@example.com\r\nBcc: all@example.com"}, "This is no mail address"),
        ({"role": "owner"}, "Choose one of the four roles"),
        ({"role": ""}, "Choose a role"),
        ({"first_name": "x\0y"}, "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_is_kept(
    adam: User, ana: User, page_as: Any, said: dict[str, str], sentence: str
) -> None:
    count = User.objects.count()
    answer = page_as(adam).post(NEW, {**INVITED, "role": "agent", **said})
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert 'value="Example"' in answer.content.decode() or "last_name" in said
    assert User.objects.count() == count


def test_a_role_counts_from_the_next_click_on(adam: User, ana: User, page_as: Any) -> None:
    hers, his = page_as(ana), page_as(adam)
    assert hers.get("/claims/").status_code == 403
    page = his.get(path(ana)).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    kept = vars(actions.said_of(ana))
    assert his.post(path(ana), {**kept, "role": "biller", "seen": seen[1]}).status_code == 302
    assert hers.get("/claims/").status_code == 200
    assert "role from agent to biller" in words(his.get(path(ana)))


def test_of_two_admins_the_second_is_told_and_keeps_what_was_typed(
    adam: User, ana: User, page_as: Any
) -> None:
    seen, kept = actions.seen_of(ana), actions.said_of(ana)
    actions.change(ana, Said("Anna", *list(vars(kept).values())[1:]), seen=seen, by=adam, at=now())
    sent = {**vars(kept), "last_name": "Otherwise", "seen": seen}
    answer = page_as(adam).post(path(ana), sent)
    assert answer.status_code == 409
    said = words(answer)
    assert "Adam" in said and "Anna" in said and 'value="Otherwise"' in answer.content.decode()
    ana.refresh_from_db()
    assert (ana.first_name, ana.last_name) == ("Anna", kept.last_name)


def test_who_is_disabled_is_out_at_once_and_leaves_tickets_to_be_seen(
    adam: User, ana: User, page_as: Any
) -> None:
    patient: Any = PatientFactory(company=ana.company)
    ticket = file_ticket(ana, patient=patient.pk, at=now())
    type(ticket).objects.filter(pk=ticket.pk).update(assignee=ana)
    hers, key = signed_in(ana), token_of(ana)
    his = page_as(adam)
    assert his.post(path(ana, "disable"), {"reason": ""}).status_code == 400
    assert "One open ticket is theirs" in words(his.get(path(ana)))
    answer = his.post(path(ana, "disable"), {"reason": "left the company"}, follow=True)
    assert "can sign in no more" in words(answer) and "left the company" in words(answer)
    assert hers.get("/").status_code == 302
    program = Client(headers={"Authorization": f"Token {key}"})
    assert program.get("/api/v1/escalations/").status_code == 401
    assert not UserSession.objects.filter(user=ana).exists()
    assert not ApiToken.objects.live(now()).filter(user=ana).exists()
    refused = Client().post("/accounts/login/", {"login": "ana", "password": PASSWORD}, follow=True)
    assert refused.wsgi_request.user.is_anonymous
    his.post(path(ana, "enable"))
    assert Client().post("/accounts/login/", {"login": "ana", "password": PASSWORD}).status_code == 302
    assert program.get("/api/v1/escalations/").status_code == 401, "a token that was revoked stays so"


def test_the_last_admin_cannot_be_taken_away(adam: User, page_as: Any) -> None:
    """An admin who was only invited is none yet."""
    his = page_as(adam)
    his.post(NEW, {**INVITED, "role": "admin"})
    ina = User.objects.get(username="ina")
    with pytest.raises(Refused, match="Nobody else is an admin"):
        actions.disable(adam, reason="x", by=ina, at=now())
    kept = vars(actions.said_of(adam))
    answer = his.post(path(adam), {**kept, "role": "agent", "seen": actions.seen_of(adam)})
    assert answer.status_code == 400 and "Nobody changes their own role" in words(answer)
    assert his.post(path(adam, "disable"), {"reason": "x"}).status_code == 409
    adam.refresh_from_db()
    assert adam.is_active and adam.role == "admin"


def test_an_admin_who_is_one_no_more_does_nothing(adam: User, ana: User) -> None:
    User.objects.filter(pk=adam.pk).update(role="agent")
    with pytest.raises(Refused, match="you are an admin no more"):
        actions.disable(ana, reason="x", by=adam, at=now())


def test_a_lost_second_factor_is_taken_away_with_its_reason(adam: User, ana: User) -> None:
    Authenticator.objects.create(user=ana, type="totp", data={"secret": "x"})
    his = signed_in(adam)
    assert his.post(path(ana, "unlock", "factor"), {"reason": " "}).status_code == 400
    answer = his.post(path(ana, "unlock", "factor"), {"reason": "lost her phone"}, follow=True)
    assert "password alone" in words(answer) and "lost her phone" in words(answer)
    assert not Authenticator.objects.filter(user=ana).exists()
    assert his.post(path(ana, "unlock", "factor"), {"reason": "again"}).status_code == 409


def test_sessions_and_tokens_are_ended_for_somebody(adam: User, ana: User, page_as: Any) -> None:
    hers, key, his = signed_in(ana), token_of(ana), page_as(adam)
    his.post(path(ana, "sign-out"))
    assert hers.get("/").status_code == 302
    his.post(path(ana, "tokens"))
    program = Client(headers={"Authorization": f"Token {key}"})
    assert program.get("/api/v1/escalations/").status_code == 401
    assert his.post(path(ana, "tokens")).status_code == 409


def test_a_link_for_somebody_disabled_meanwhile_is_not_mailed(adam: User, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(email="ana@example.com")
    actions.send_link(ana, by=adam, at=now())
    actions.disable(ana, reason="left", by=adam, at=now())
    outbox.deliver(at=now())
    assert not mail.outbox
    with pytest.raises(Refused, match="disabled"):
        actions.send_link(ana, by=adam, at=now())


def test_another_companys_people_are_not_there(adam: User, otto: User, page_as: Any) -> None:
    his = page_as(adam)
    assert otto.username not in words(his.get(LIST))
    assert his.get(path(otto)).status_code == 404
    for act in ("disable", "enable", "mail", "sign-out", "tokens"):
        assert his.post(path(otto, act), {"reason": "x"}).status_code == 404
    assert his.post(path(adam, "assign")).status_code == 400


def test_the_list_parts_who_is_here_invited_and_disabled_and_is_searched(
    adam: User, ana: User, ben: User, page_as: Any
) -> None:
    for person in (ana, ben):
        person.set_password(PASSWORD)
        person.save()
    his = page_as(adam)
    his.post(NEW, {**INVITED, "role": "agent"})
    actions.disable(ben, reason="left", by=adam, at=now())
    assert "ana" in words(his.get(LIST)) and "Ina" not in words(his.get(LIST))
    assert "Ina" in words(his.get(f"{LIST}?show=invited"))
    assert "ben" in words(his.get(f"{LIST}?show=disabled"))
    assert "ana" in words(his.get(f"{LIST}?name=AN"))
    assert "Nobody of that name" in words(his.get(f"{LIST}?name=zz"))
    assert his.get(f"{LIST}?show=%00&name=%00%ED%A0%80").status_code == 200


def test_what_was_done_is_kept(adam: User, ana: User) -> None:
    actions.disable(ana, reason="left", by=adam, at=now())
    act = ana.account_acts.get()
    for spoil in (lambda: AccountAct.objects.update(said=""), lambda: act.delete()):
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            spoil()


def test_a_company_is_opened_with_its_first_admin(capsys: Any) -> None:
    call_command("create_company", "north", "North Billing", "--admin=Nora", "--zone=America/Denver")
    said = capsys.readouterr()
    choose_password(said.out.strip().partition("/accounts/")[2].join(["/accounts/", ""]))
    client = Client()
    assert client.post("/accounts/login/", {"login": "nora", "password": LONG}).status_code == 302
    assert client.get(LIST).status_code == 200
    assert Company.objects.get(key="north").time_zone == "America/Denver"
    for wrong in (["north", "x"], ["Not a key", "x"], ["fine", "x", "--zone=Mars/Base"]):
        with pytest.raises(CommandError):
            call_command("create_company", *wrong, "--admin=other")
    with pytest.raises(CommandError, match="signs in with this name"):
        call_command("create_company", "south", "South", "--admin=NORA")
    assert not Company.objects.filter(key="south").exists()


def test_an_account_made_twice_at_once_is_made_once(adam: User) -> None:
    said = Said("Ina", "Example", "", "agent")
    actions.invite(said, username="ina", by=adam, at=now())
    with pytest.raises(Unfit):
        actions.invite(said, username="ina", by=adam, at=now() + timedelta(seconds=1))
