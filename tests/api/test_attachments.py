"""Files of tickets by API: uploaded, named in a filing, fetched, added to a ticket."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from escalations.files import MOST_BYTES
from escalations.models import Attachment, Ticket, TicketEvent
from patients.models import Patient
from tests.api.ticket_bodies import URL, Api
from tests.files import GOOD, REFUSED, sent

pytestmark = pytest.mark.django_db
FILES = "/api/v1/attachments/"


def send(client: Any, path: str = FILES, kind: str = "image/png", key: str = "", **more: Any) -> Any:
    """Upload a file of a kind; ``more`` are further fields."""
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(path, {"file": sent(*GOOD[kind]), **more}, format="multipart", headers=headers)


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_is_kept_and_comes_back_as_it_was(api: Api, ana: User, kind: str) -> None:
    answer = send(api(ana), kind=kind)
    name, data = GOOD[kind]
    told = answer.json()
    assert answer.status_code == 201
    assert set(told) == {"id", "filename", "kind", "size", "sha256"}
    assert (told["filename"], told["kind"], told["size"]) == (name, kind, len(data))
    again = api(ana).get(f"{FILES}{told['id']}/")
    assert again.content == data and again["Content-Type"].split(";")[0] == kind
    assert again["Content-Disposition"].startswith("attachment; ")
    assert again["X-Content-Type-Options"] == "nosniff" and "sandbox" in again["Content-Security-Policy"]
    assert again["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_what_it_says_is_refused_in_the_one_shape(api: Api, ana: User, what: str) -> None:
    name, data, words = REFUSED[what]
    answer = api(ana).post(FILES, {"file": sent(name, data)}, format="multipart")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "invalid")
    assert words in told["fields"]["file"][0]["message"]
    assert name not in answer.content.decode() and not Attachment.objects.exists()


def test_a_file_that_is_too_large_is_413(api: Api, ana: User) -> None:
    answer = api(ana).post(FILES, {"file": sent("x.txt", b"x" * (MOST_BYTES + 1))}, format="multipart")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (413, "too_large") and "25 MB" in told["message"]
    assert set(told) == {"code", "message", "fields", "problems"}


@pytest.mark.parametrize(("path", "said"), [(FILES, "52.5 MB"), (URL, "2.5 MB")])
def test_a_request_of_more_is_refused_by_its_length_alone(api: Api, ana: User, path: str, said: str) -> None:
    kind = "multipart/form-data; boundary=x"
    answer = api(ana).generic("POST", path, b"", content_type=kind, CONTENT_LENGTH="52500001")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (413, "too_large") and f" {said}" in told["message"]


@pytest.mark.parametrize(
    "body", [{}, {"file": "text"}, {"file": sent(*GOOD["image/png"]), "name": "x"}, {"other": "x"}]
)
def test_only_one_file_and_nothing_else_is_taken(api: Api, ana: User, body: dict[str, Any]) -> None:
    answer = api(ana).post(FILES, body, format="multipart")
    assert answer.status_code == 400 and answer.json()["fields"]
    assert not Attachment.objects.exists()


def test_two_files_at_once_are_refused(api: Api, ana: User) -> None:
    both = {"file": [sent(*GOOD["image/png"]), sent(*GOOD["image/gif"])]}
    answer = api(ana).post(FILES, both, format="multipart")
    assert answer.status_code == 400 and "one file" in answer.json()["fields"]["file"][0]["message"]


@pytest.mark.parametrize("body", ["{}", '{"file": "aGVsbG8="}', "[]", "null", '{"file": {"x": 1}}'])
def test_json_is_told_how_a_file_is_sent(api: Api, ana: User, body: str) -> None:
    answer = api(ana).generic("POST", FILES, body, content_type="application/json")
    assert answer.status_code == 400, answer.content


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\nnothing", b"\x00" * 100])
def test_a_broken_body_is_refused(api: Api, ana: User, body: bytes) -> None:
    kind = "multipart/form-data; boundary=x"
    assert api(ana).generic("POST", FILES, body, content_type=kind).status_code == 400
    assert api(ana).generic("POST", FILES, body, content_type="multipart/form-data").status_code == 400


def test_a_filing_names_it_and_it_belongs_to_the_ticket_then(
    api: Api, ana: User, sue: User, patient: Patient
) -> None:
    file = send(api(ana), kind="application/pdf").json()["id"]
    assert api(sue).get(f"{FILES}{file}/").status_code == 404, "not hers, and no ticket's yet"
    body = {
        "type": "missing-payment",
        "channel": "phone",
        "caller": "patient",
        "patient": str(patient.pk),
        "answers": {
            "looked": ["amd", "synergen_pay", "payment_site"],
            "payment_found": "no",
            "proof": [file],
        },
    }
    filed = api(ana).post(URL, body)
    assert filed.status_code == 201, filed.json()
    assert Attachment.objects.get().ticket_id == int(filed.json()["id"])
    assert api(sue).get(f"{FILES}{file}/").status_code == 200


def test_it_is_added_to_a_ticket_by_number_or_id(api: Api, ana: User, filed: dict[str, Any]) -> None:
    for key in (filed["number"], filed["id"]):
        assert send(api(ana), f"{URL}{key}/attachments/").status_code == 201
    assert Ticket.objects.get().attachments.count() == 2
    assert TicketEvent.objects.filter(act="attach", title="proof.png attached").count() == 2


def test_the_21st_is_refused(api: Api, ana: User, filed: dict[str, Any]) -> None:
    client, path = api(ana), f"{URL}{filed['id']}/attachments/"
    assert {send(client, path).status_code for _ in range(20)} == {201}
    answer = send(client, path)
    assert answer.status_code == 400 and answer.json()["fields"]["file"][0]["code"] == "too_many"
    assert Attachment.objects.count() == 20


def test_another_companys_file_and_ticket_are_not_there(
    api: Api, ana: User, otto: User, filed: dict[str, Any]
) -> None:
    file = send(api(ana), f"{URL}{filed['id']}/attachments/").json()["id"]
    assert api(otto).get(f"{FILES}{file}/").status_code == 404
    assert send(api(otto), f"{URL}{filed['id']}/attachments/").status_code == 404
    assert Attachment.objects.count() == 1


def test_who_only_reads_tickets_reads_files(
    api: Api, ana: User, ben: User, adam: User, filed: dict[str, Any]
) -> None:
    path = f"{URL}{filed['id']}/attachments/"
    file = send(api(ana), path).json()["id"]
    assert api(ben).get(f"{FILES}{file}/").status_code == 200
    assert [send(api(ben), where).status_code for where in (path, FILES)] == [403, 403]
    assert api(adam).get(f"{FILES}{file}/").status_code == 403


def test_the_same_key_is_answered_once(api: Api, ana: User, filed: dict[str, Any]) -> None:
    for path in (FILES, f"{URL}{filed['id']}/attachments/"):
        Attachment.objects.all().update(ticket=None)
        client, before = api(ana), Attachment.objects.count()
        first, again = send(client, path, key=f"k {path}"), send(client, path, key=f"k {path}")
        assert first.json() == again.json() and first.status_code == again.status_code == 201
        assert Attachment.objects.count() == before + 1
        other = send(client, path, kind="image/gif", key=f"k {path}")
        assert other.status_code == 409 and "another request" in other.json()["message"]


def test_a_key_is_free_after_a_refusal(api: Api, ana: User) -> None:
    client = api(ana)
    bad = {"file": sent("x.png", b"MZ")}
    assert client.post(FILES, bad, format="multipart", headers={"Idempotency-Key": "k"}).status_code == 400
    assert send(client, key="k").status_code == 201
