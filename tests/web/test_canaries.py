"""Patient data stays where it belongs (I8): planted canaries, searched for everywhere else.

One invented patient carries strings that occur nowhere else. She goes through everything Holdline does; after
that the logs as they are written, the broker, mails, the cache, the outbox, addresses, titles and the words of
failures are searched for her.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import pytest
import redis
import structlog
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from config.celery import app as celery
from config.tasks import sweep
from deductibles.models import Claim
from deductibles.tasks import poke_check, poke_submission
from patients.models import Patient
from tests.claim_line import DAY0, make_line
from tests.world_rows import make_webhook
from work.models import HookDelivery, OutboxMessage, Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)

PLANTED = {
    "first_name": "Zyxwilhelmina",
    "last_name": "Qvartzcanary",
    "date_of_birth": "1943-07-19",
    "sex": "F",
    "account_number": "ZQ-ACCT-7731",
    "phone": "217-555-9137",
    "email": "zq.canary@example.org",
    "line1": "7731 Zirconcanary Crescent",
    "city": "Springfield",
    "state": "IL",
    "zip": "62701",
}
MEMBER = "ZQMEMBER7731"
NOTE = "Zebracanary fell off the stretcher"
QUEUE = "canaries"
"""A queue of the broker that no worker reads, so that what was published stays to be searched."""
BIRDS = re.compile(
    r"zyxwilhelmina|qvartzcanary|1943-07-19|07/19/1943|19430719|zq-acct-7731|217.{0,2}555.{0,2}9137|zq\.canary|"
    r"zirconcanary|zqmember7731|zebracanary",
    re.IGNORECASE,
)


def found_in(text: str) -> list[str]:
    """The canaries in a text, also where it is quoted as HTML or in an address."""
    return sorted(
        {bird.lower() for form in (text, unquote_plus(unescape(text))) for bird in BIRDS.findall(form)}
    )


def explode(request: HttpRequest) -> HttpResponse:
    """What a bug looks like: the whole patient in local variables and in the database's own words."""
    patient = Patient.objects.get(last_name=PLANTED["last_name"])
    patient.pk = None
    patient.save(force_insert=True)
    raise AssertionError("the account number is unique, so this is not reached")


def explode_in_words(request: HttpRequest) -> HttpResponse:
    raise ValueError(f"cannot read {PLANTED['first_name']} {PLANTED['last_name']}, member {MEMBER}")


urlpatterns = [
    path("explode/", explode),
    path("explode-in-words/", explode_in_words),
    path("", include("config.urls")),
]


class Watch:
    """A browser of one person that writes down every address it is shown, and every title."""

    def __init__(self, client: Client, seen: list[str]) -> None:
        self.client, self.seen = client, seen

    def __call__(self, verb: str, path: str, data: Any = None, **more: Any) -> Any:
        answer = getattr(self.client, verb)(path, data, **more)
        self.seen.append(path)
        while answer.status_code == 302:
            self.seen.append(answer["Location"])
            answer = self.client.get(answer["Location"])
        if answer.get("Content-Type", "").startswith("text/html"):
            self._read(answer.content.decode())
        return answer

    def _read(self, page: str) -> None:
        self.seen += re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
        addresses = re.findall(r"\b(?:href|action|src|hx-[a-z]+)=\"([^\"]*)\"", page)
        # A tel: or mailto: link dials on this computer; it asks no server for anything.
        self.seen += [one for one in addresses if not one.startswith(("tel:", "mailto:"))]


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Everything logged, by the very formatter that writes it in production."""
    root = logging.getLogger()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    ours = settings.LOGGING["formatters"]["json"]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=ours["processors"], foreign_pre_chain=ours["foreign_pre_chain"]
        )
    )
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


@pytest.fixture
def valkey() -> Iterator[redis.Redis]:
    """The real broker; what this module published is taken out of it again."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    yield client
    client.delete(QUEUE, "planted")
    client.close()


def everything_in(client: redis.Redis) -> str:
    """Every key of the broker with its value, as text."""
    readers = {
        b"string": lambda key: [client.get(key)],
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": lambda key: list(client.smembers(key)),
        b"hash": lambda key: [part for pair in client.hgetall(key).items() for part in pair],
        b"zset": lambda key: [member for member, _ in client.zrange(key, 0, -1, withscores=True)],
    }
    parts: list[Any] = []
    for key in client.scan_iter():
        parts += [key, *readers[client.type(key)](key)]
    return "\n".join(part.decode("utf-8", "replace") for part in parts)


def everything_cached() -> str:
    """The cache's table, key and value; values are pickled and base64 coded by Django."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache")
        rows = cursor.fetchall()
    return "\n".join(f"{key} {cache.get(key.split(':', 2)[-1])!r} {value}" for key, value in rows)


def _desk(ask: Watch) -> Patient:
    """As ana: enter the patient, be refused once, search three ways, file a ticket, add a note."""
    assert ask("post", "/patients/new/", {**PLANTED, "date_of_birth": "2999-01-01"}).status_code == 400
    ask("post", "/patients/new/", PLANTED)
    patient = Patient.objects.get(last_name=PLANTED["last_name"])
    ask("get", f"/patients/{patient.pk}/")
    ask("get", f"/patients/{patient.pk}/edit/")
    for sought in (PLANTED["last_name"], PLANTED["phone"], PLANTED["account_number"]):
        assert ask("post", "/patients/", {"q": sought}).status_code == 200
        assert ask("post", "/search/", {"q": sought}).status_code == 200
    typed = {
        "type": "itemized-bill",
        "channel": "phone",
        "caller": "patient",
        "patient": patient.pk,
        "patient_q": PLANTED["last_name"],
        "answer_recipient": "patient",
        "answer_account_status": "paid",
        "note": NOTE,
    }
    assert ask("post", "/escalations/new/", {**typed, "channel": ""}).status_code == 400
    ask("post", "/escalations/new/", typed)
    ticket = patient.tickets.get()
    step = {"act": "comment", "text": NOTE, "note": NOTE, "version": ticket.version}
    ask("post", f"/escalations/{ticket.number}/steps/", step)
    ask("get", "/escalations/")
    return patient


def _by_program(client: Any, patient: Patient) -> None:
    """As ana's program: search, read, and be refused with the patient's data in the body."""
    client.get("/api/v1/patients/", {"q": PLANTED["last_name"]})
    client.get(f"/api/v1/patients/{patient.pk}/")
    refused = client.post("/api/v1/patients/", {**PLANTED, PLANTED["last_name"]: "x"})
    assert refused.status_code == 400
    assert set(found_in(refused.content.decode())) <= {"qvartzcanary"}, (
        "a field's name may come back, no value"
    )


def _bill(ask: Watch, line: Any, patient: Patient) -> None:
    """As ben and the nights: a claim held, checked, released by date and submitted, and a refused one."""
    line.patient = patient
    line.vendor.script(MEMBER, amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "1500.00"}])
    held = line.complete(MEMBER).hold
    assert held is not None
    line.check(DAY0 + timedelta(days=7))
    line.vendor.script(MEMBER, reject={"code": "72"})
    line.check(DAY0 + timedelta(days=14))
    line.check(held.release_on)
    line.submit(held.release_on)
    number = Claim.objects.get(patient=patient).number
    for page in (f"/claims/{number}/", "/claims/", "/claims/hold-for-deductible/", "/claims/submissions/"):
        assert ask("get", page).status_code == 200
    wrong = {"patient": patient.pk, "coverages-primary-member_id": MEMBER, "date_of_service": "never"}
    assert ask("post", "/claims/new/", wrong).status_code == 400


def _go_wrong(ask: Watch) -> None:
    """Bugs and mistakes: explosions, an address typed with a name in it, a forgotten password."""
    assert ask("get", "/explode/").status_code == 500
    assert ask("get", "/explode-in-words/").status_code == 500
    ask.client.get(f"/patients/{PLANTED['last_name']}/")
    ask.client.get(f"/claims/{MEMBER}/")
    ask.client.get(f"/api/v1/patients/{PLANTED['last_name']}/")
    Client(raise_request_exception=False).get("/", headers={"host": f"{PLANTED['last_name']}.example"})
    Client().post("/accounts/login/", {"login": PLANTED["email"], "password": PLANTED["account_number"]})


def _publish() -> None:
    for task in (sweep, poke_check, poke_submission):
        celery.send_task(task.name, queue=QUEUE)


def types_told() -> list[str]:
    return list(HookDelivery.objects.values_list("event_type", flat=True))


def test_a_patient_is_nowhere_but_where_she_belongs(
    settings, cast, ana, ben, page_as, api, ar_boost, tmp_path, logs, valkey
):
    """I8: never in logs, addresses, titles, mails, task arguments, cache keys or error texts."""
    settings.ROOT_URLCONF = __name__
    make_webhook(cast["adam"], at=timezone.now())
    line = make_line(cast, ar_boost, tmp_path)
    seen: list[str] = []
    desk, bill = Watch(page_as(ana), seen), Watch(page_as(ben), seen)
    patient = _desk(desk)
    _by_program(api(ana), patient)
    _bill(bill, line, patient)
    _go_wrong(desk)
    ana.email = "ana@acme.example"
    ana.save()
    desk.client.logout()
    desk("post", "/accounts/password/reset/", {"email": ana.email})
    _publish()
    assert len(mail.outbox) == 1 and valkey.llen(QUEUE) == 3 and "explode" in logs.getvalue()
    places = {
        "the logs": logs.getvalue(),
        "addresses and titles": "\n".join(seen),
        "the broker": everything_in(valkey),
        "mails": "\n".join(str(one.message()) for one in mail.outbox),
        "the cache": everything_cached(),
        "the outbox": json.dumps(list(OutboxMessage.objects.values("payload", "failure"))),
        "webhooks": json.dumps(list(HookDelivery.objects.values("event_type", "data"))),
        "failures of nights": json.dumps(list(Run.objects.values_list("failures", flat=True))),
    }
    assert {"ticket.filed", "claim.held", "claim.submitted"} <= set(types_told())
    told = {place: found_in(text) for place, text in places.items()}
    assert not any(told.values()), {place: birds for place, birds in told.items() if birds}


def test_canaries_put_there_on_purpose_are_found(logs, valkey, ana):
    """The negative control: each place gives up what was planted in it."""
    for said in (*(PLANTED[name] for name in PLANTED if found_in(PLANTED[name])), MEMBER, NOTE):
        logging.getLogger("config").warning("saved %s", said)
        valkey.set("planted", json.dumps({"args": [said]}))
        cache.set("planted", {"seen": said})
        places = (logs.getvalue(), everything_in(valkey), everything_cached(), f"/?q={quote_plus(said)}")
        assert all(set(found_in(said)) <= set(found_in(place)) for place in places), said
    assert len(found_in(logs.getvalue())) == len(BIRDS.pattern.split("|")) - 2, "a date has one writing here"


def test_a_page_that_tells_in_its_title_or_its_links_is_found():
    watch = Watch(Client(), [])
    watch._read(f'<title>{PLANTED["last_name"]}</title><a href="/x?q={MEMBER}">x</a>')
    assert found_in("\n".join(watch.seen)) == ["qvartzcanary", "zqmember7731"]
