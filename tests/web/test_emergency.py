"""Emergency reading: an admin reads patients for half an hour, after saying why, and everybody learns of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import InternalError, transaction
from django.test import Client

from accounts import emergency
from accounts.demo import PASSWORD
from accounts.models import AccountAct, EmergencyReading, User
from accounts.roles import IN_EMERGENCY, Can, Role, may
from accounts.steps import Refused
from config.watching.notices import notices_for
from patients.models import Patient, PatientReading
from tests.access_matrix import MATRIX
from tests.addresses import ADDRESSES
from tests.factories import PatientFactory, token_of
from tests.world import World
from work import outbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]
PAGE, OPEN, END = "/settings/emergency/", "/settings/emergency/open/", "/settings/emergency/end/"
REASON = "Nobody else on duty, hospital asks"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    caches["local"].clear()


def now() -> datetime:
    return datetime.now(UTC)


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def signed_in(person: User) -> Any:
    """A browser in which the person typed their password, and once more just now."""
    if not person.check_password(PASSWORD):  # to choose it anew would end the other sessions
        person.set_password(PASSWORD)
        person.save()
    client = Client(raise_request_exception=False)
    client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def his(adam: User) -> Any:
    """The admin's browser, with the pages open."""
    client = signed_in(adam)
    assert client.post(OPEN, {"reason": REASON}).url == "/patients/"
    return client


@pytest.fixture
def someone(acme: Any) -> Patient:
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak")


def test_an_admin_reads_patient_ticket_and_claim_and_each_reading_is_kept_with_the_reason(
    adam: User, sue: User, his: Any, someone: Patient, world: World, page_as: Any
) -> None:
    assert "Nowak" in words(his.post("/patients/", {"q": "nowak"}))
    page = his.get(f"/patients/{someone.pk}/")
    assert page.status_code == 200 and "Nowak" in words(page)
    assert "Emergency reading until" in words(page) and REASON in words(page)
    assert f"/patients/{someone.pk}/edit/" not in page.content.decode(), "nothing to write is offered"
    ticket, claim = world.numbers["escalations"], world.numbers["claims"]
    assert "Watch it" not in words(his.get(f"/escalations/{ticket}/"))
    for path in (
        f"/escalations/{ticket}/",
        f"/claims/{claim}/",
        f"/escalations/of-patient/{world.rows['patients']}/",
        f"/claims/of-patient/{world.rows['patients']}/",
    ):
        assert his.get(path).status_code == 200, path
    doors = PatientReading.objects.filter(user=adam).values_list("door", flat=True)
    assert set(doors) == {"page", "ticket", "claim", "tickets", "claims"}
    hers = words(page_as(sue).get(f"/patients/{someone.pk}/"))
    assert f"in an emergency: “{REASON}”" in hers


def test_nothing_but_these_pages_is_open_and_nothing_can_be_written(
    adam: User, his: Any, world: World
) -> None:
    """Every address, by every verb: whatever an admin may not do otherwise stays refused, save OPENS."""
    client, refused = his, 0
    for address in (one for one in ADDRESSES if one.name in MATRIX and one.name != "api_not_here"):
        path = address.path(world)
        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            expected = MATRIX[address.name][verb]["admin"]
            if expected != "refused" or verb in emergency.OPENS.get(address.name, ()):
                continue
            said = client.generic(verb, path, "{}", content_type="application/json")
            assert said.status_code in (403, 405), f"{verb} {address.name} answers {said.status_code}"
            refused += 1
    assert refused > 100
    assert {name for name, verbs in emergency.OPENS.items() if "POST" in verbs} == {"patients:list"}
    of_one = {name.rpartition(":")[2] for name in emergency.OPENS} - {"list"}
    assert of_one == {"patient", "of_patient", "ticket", "file", "file_thumbnail", "claim"}


def test_a_token_and_another_session_of_the_admin_read_nothing(
    adam: User, his: Any, someone: Patient, page_as: Any
) -> None:
    program = Client(headers={"Authorization": f"Token {token_of(adam)}"})
    assert program.get(f"/api/v1/patients/{someone.pk}/").status_code == 403
    assert his.get(f"/api/v1/patients/{someone.pk}/").status_code == 403
    assert page_as(adam).get(f"/patients/{someone.pk}/").status_code == 403
    elsewhere = signed_in(adam)
    assert elsewhere.post(OPEN, {"reason": "Another place"}).status_code == 302
    assert elsewhere.get(f"/patients/{someone.pk}/").status_code == 200
    assert his.get(f"/patients/{someone.pk}/").status_code == 403, (
        "what another session opened is not its own"
    )
    his.post("/accounts/logout/")
    assert signed_in(adam).get(f"/patients/{someone.pk}/").status_code == 403


def test_it_ends_after_half_an_hour_by_hand_and_with_the_role(adam: User, his: Any, someone: Patient) -> None:
    path, row = f"/patients/{someone.pk}/", EmergencyReading.objects.get()
    assert row.ends_at - row.opened_at == timedelta(minutes=30)
    User.objects.filter(pk=adam.pk).update(role="agent")
    assert "Emergency reading until" not in words(his.get("/escalations/"))
    User.objects.filter(pk=adam.pk).update(role="admin")
    assert his.get(path).status_code == 403, "what was over does not come back"
    his.post(OPEN, {"reason": REASON})
    assert EmergencyReading.objects.count() == 1, "the same reason again is the same opening"
    assert his.get(path).status_code == 200
    assert "ended" in words(his.post(END, follow=True))
    assert his.get(path).status_code == 403
    assert list(adam.account_acts.values_list("kind", "said").order_by("id")) == [
        ("glass", REASON),
        ("shut", "after 0 minutes"),
    ]
    assert list(emergency.lasting_of(adam, now())) == []


def test_when_its_time_is_over_the_page_is_shut_again(adam: User, his: Any, someone: Patient) -> None:
    early = now() - timedelta(minutes=31)
    emergency.end_reading(adam, at=now())
    old = emergency.open_reading(adam, reason="Earlier", at=early)
    session = his.session
    session[emergency.FIELD] = old.pk
    session.save()
    refused = his.get(f"/patients/{someone.pk}/")
    assert refused.status_code == 403
    assert "In an emergency you can read it all the same" in words(refused)
    assert emergency.FIELD not in his.session


def test_a_reason_is_needed_and_the_password_once_more(adam: User, page_as: Any) -> None:
    adam.set_password(PASSWORD)
    adam.save()
    assert "reauthenticate" in page_as(adam).post(OPEN, {"reason": REASON}).url
    client = signed_in(adam)
    for reason, said in (
        ("", "Say why in a few words"),
        ("x" * 181, "at most 180"),
        ("a\u202eb", "Use letters"),
    ):
        answer = client.post(OPEN, {"reason": reason})
        assert answer.status_code == 400 and said in words(answer)
    assert not EmergencyReading.objects.exists()


def test_the_others_learn_of_it_by_a_notice_and_a_mail_and_on_the_account(
    adam: User, sue: User, ana: User, his: Any, someone: Patient, page_as: Any
) -> None:
    User.objects.filter(pk=sue.pk).update(email="sue@example.com")
    his.post(OPEN, {"reason": "A second one"})
    his.get(f"/patients/{someone.pk}/")
    caches["local"].clear()  # they are looked up once a minute
    (last, first, *_) = notices_for(sue)
    assert "reads patients in an emergency" in last.title and "A second one" in last.text
    assert "read patients in an emergency" in first.title and REASON in first.text
    assert not any("emergency" in one.title for one in [*notices_for(adam), *notices_for(ana)])
    outbox.deliver(at=now())
    (sent,) = mail.outbox
    assert sent.to == ["sue@example.com"] and "opened the pages of patients" in sent.body
    assert "A second one" not in sent.body, "a reason may name somebody"
    hers = words(page_as(sue).get(PAGE))
    assert "A second one" in hers and "Read: Casimir Nowak ." in hers
    assert "1 patient read." in words(his.get(PAGE)) and "Nowak" not in words(his.get(PAGE))
    assert "Emergency reading opened" in words(his.get(f"/settings/people/{adam.pk}/"))


def test_another_company_sees_and_reads_nothing_of_it(
    adam: User, olga: User, his: Any, other: Any, page_as: Any
) -> None:
    theirs: Any = PatientFactory(company=other)
    assert his.get(f"/patients/{theirs.pk}/").status_code == 404
    assert REASON not in words(page_as(olga).get(PAGE))
    assert not any("emergency" in one.title for one in notices_for(olga))


def test_only_an_admin_opens_and_what_was_opened_stays_as_it_was(sue: User, his: Any) -> None:
    with pytest.raises(Refused, match="role admin"):
        emergency.open_reading(sue, reason="x", at=now())
    for change in ({"reason": "other"}, {"ends_at": now() + timedelta(days=1)}):
        with pytest.raises(InternalError), transaction.atomic():
            EmergencyReading.objects.update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        EmergencyReading.objects.all().delete()
    assert AccountAct.objects.filter(kind="glass").count() == 1


def test_an_emergency_opens_no_capability_but_reading() -> None:
    assert {Can.READ_PATIENTS, Can.READ_TICKETS, Can.READ_CLAIMS} == IN_EMERGENCY
    assert [role for role in Role if may(role, Can.BREAK_GLASS)] == [Role.ADMIN]
