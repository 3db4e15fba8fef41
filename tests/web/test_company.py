"""Settings, Company: what the company says of itself is changed by an admin, and by one at a time."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

pytestmark = pytest.mark.django_db
URL = "/settings/company/"
GOOD = {
    "name": "Acme Billing of the Lakes",
    "time_zone": "America/Denver",
    "itemized_bill_address": "bills@example.com",
}


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def seen(client: Any) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', client.get(URL).content.decode())
    assert found
    return found[1]


def test_an_admin_changes_it_and_the_audit_tells_what(page_as, adam, acme):
    client = page_as(adam)
    assert client.post(URL, GOOD | {"seen": seen(client)}).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.time_zone, acme.is_ambulance) == (GOOD["name"], "America/Denver", False)
    page = client.get("/settings/audit/").content.decode()
    act = re.search(r'href="(/settings/audit/[0-9a-f-]{36}/)">Change company<', page)
    assert act
    said = words(client.get(act[1]))
    assert "Company changed" in said and "America/Chicago America/Denver" in said


def test_the_second_of_two_is_told_and_loses_nothing(page_as, adam, acme):
    client = page_as(adam)
    old = seen(client)
    client.post(URL, GOOD | {"seen": old})
    late = client.post(URL, GOOD | {"name": "Acme of the Hills", "seen": old})
    assert late.status_code == 409
    assert GOOD["name"] in words(late) and 'value="Acme of the Hills"' in late.content.decode()
    acme.refresh_from_db()
    assert acme.name == GOOD["name"]
    found = re.search(r'name="seen" value="([^"]*)"', late.content.decode())
    assert (
        found and client.post(URL, GOOD | {"name": "Acme of the Hills", "seen": found[1]}).status_code == 302
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter the name"),
        ({"name": "x" * 121}, "at most 120"),
        ({"name": "Acme\u202e"}, "Acme"),
        ({"time_zone": "Moon/Crater"}, "There is no such time zone"),
        ({"time_zone": "../../etc/passwd"}, "There is no such time zone"),
        ({"time_zone": "America"}, "There is no such time zone"),
        ({"itemized_bill_address": "nobody"}, "This is no mail address"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(page_as, adam, acme, typed, said):
    answer = page_as(adam).post(URL, GOOD | typed)
    assert answer.status_code == 400 and said in words(answer)
    acme.refresh_from_db()
    assert acme.name != GOOD["name"]
