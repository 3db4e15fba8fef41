"""A token may be made for less than its person may: then every door asks that, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.actions import issue_token
from accounts.models import ApiToken, User
from accounts.roles import Can, own_capabilities
from tests.factories import PatientFactory
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db
TICKETS, PATIENTS, HOLDS = "/api/v1/escalations/", "/api/v1/patients/", "/api/v1/holds/"


def client_of(person: User, *may_do: Can) -> APIClient:
    now = datetime.now(UTC)
    key = issue_token(person, name=f"{may_do}", by=None, at=now, lifetime=timedelta(days=1), may_do=may_do)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


def test_one_that_only_reads_patients_reads_patients_and_nothing_else(ana: User) -> None:
    client = client_of(ana, Can.READ_PATIENTS)
    assert client.get(PATIENTS).status_code == 200
    refused = client.post(PATIENTS, {"first_name": "Ina"}, format="json")
    assert refused.status_code == 403
    assert (
        refused.json()["message"]
        == "This token may not change patients: it was made for less. Make one that may."
    )
    assert client.get(TICKETS).status_code == 403
    assert (
        "role" in client.get(HOLDS).json()["message"]
        or "made for less" in client.get(HOLDS).json()["message"]
    )


def test_one_of_a_supervisor_for_working_tickets_directs_none(ana: User, sue: User, acme: Any) -> None:
    ticket = file_ticket(ana, patient=PatientFactory(company=acme).pk, at=datetime.now(UTC))
    steps = f"{TICKETS}{ticket.number}/steps/"
    for person in (client_of(sue, Can.READ_TICKETS, Can.WORK_TICKETS), client_of(sue)):
        found = person.get(f"{TICKETS}{ticket.number}/")
        assert found.status_code == 200
    limited, whole = client_of(sue, Can.READ_TICKETS, Can.WORK_TICKETS, Can.READ_PATIENTS), client_of(sue)
    said = {"act": "assign", "user": "ana"}
    assert "assign" not in limited.get(f"{TICKETS}{ticket.number}/").json()["steps"]
    assert limited.post(steps, said, format="json").status_code == 403
    assert limited.post(steps, {"act": "comment", "note": "Rang back."}, format="json").status_code == 200
    assert whole.post(steps, said, format="json").status_code == 200


def test_none_does_more_than_its_person_may(ana: User) -> None:
    assert client_of(ana, Can.READ_CLAIMS).get(HOLDS).status_code == 403


class TestThePage:
    URL = "/accounts/tokens/"

    def made(self, page_as: Any, person: User, **typed: Any) -> Any:
        from tests.web.test_people import signed_in

        return signed_in(person).post(self.URL, {"name": "nightly", "lifetime": "30", **typed})

    def test_makes_one_that_only_reads(self, page_as: Any, ben: User) -> None:
        answer = self.made(page_as, ben, reach="read")
        assert answer.status_code == 200
        token = ApiToken.objects.get(user=ben, name="nightly")
        assert token.limits == {one for one in own_capabilities("biller") if one.value.startswith("read")}
        assert b"read patients, read tickets, read claims" in answer.content

    def test_makes_one_for_what_is_ticked_and_says_so_when_nothing_is(self, page_as: Any, ben: User) -> None:
        nothing = self.made(page_as, ben, reach="some")
        assert nothing.status_code == 400 and b"Tick at least one thing" in nothing.content
        assert b'value="nightly"' in nothing.content
        foreign = self.made(page_as, ben, reach="some", may_do=["change settings"])
        assert foreign.status_code == 400
        self.made(page_as, ben, reach="some", may_do=["work on claims", "read claims"])
        assert ApiToken.objects.get(user=ben, name="nightly").may_do == "read claims,work on claims"


def test_the_command_makes_one_for_less_and_names_what_there_is(ben: User) -> None:
    out = StringIO()
    call_command("create_token", "ben", "--may", "read claims", stdout=out)
    assert ApiToken.objects.get(user=ben).limits == {Can.READ_CLAIMS}
    with pytest.raises(CommandError, match="may not 'change settings'. What there is: read patients"):
        call_command("create_token", "ben", "--may", "change settings")
