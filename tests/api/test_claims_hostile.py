"""Hostile and mistaken values on every field of a claim: 400 with a sentence, never 500, nothing kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deductibles.models import Claim, Snapshot
from tests.api.claim_bodies import claim_body
from tests.hostile import HOSTILE as EVERYWHERE

URL = "/api/v1/claims/"
HOSTILE: list[Any] = [*EVERYWHERE, False, 0, 1.5, "1e3", "1.234", [], ["x"], {}, "0000-00-00", "9999-12-31"]
FIELDS = [
    "patient",
    "date_of_service",
    "place_of_service",
    "coverages",
    "coverages.0.rank",
    "coverages.0.payer",
    "coverages.0.member_id",
    "coverages.0.group_number",
    "coverages.0.relationship",
    "coverages.0.subscriber",
    "diagnoses",
    "diagnoses.0",
    "charges",
    "charges.0.code",
    "charges.0.modifiers",
    "charges.0.units",
    "charges.0.amount",
    "charges.0.diagnosis_pointers",
    "ambulance",
    "ambulance.reason",
    "ambulance.miles",
    "ambulance.patient_weight",
    "ambulance.emergency",
    "ambulance.conditions",
    "ambulance.pickup",
    "ambulance.pickup.state",
    "ambulance.pickup.zip",
    "provider",
]


def sent(client: Any, path: str, body: Any) -> Any:
    """Post as a stranger would: also text that no UTF-8 has, escaped."""
    return client.generic("POST", path, json.dumps(body), content_type="application/json")


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *inner, last = path.split(".")
    target: Any = body
    for name in inner:
        target = target[int(name)] if name.isdigit() else target[name]
    if last.isdigit():
        target[int(last)] = value
    else:
        target[last] = value


@pytest.mark.parametrize("field", FIELDS)
def test_a_hostile_value_is_refused_with_a_sentence_or_kept_as_plain_text(api, ben, acme, field):
    client = api(ben)
    good = claim_body(acme)
    for value in HOSTILE:
        body = claim_body(acme, patient=_Row(good["patient"]), payer=_Row(good["coverages"][0]["payer"]))
        _put(body, field, value)
        answer = sent(client, URL, body)
        assert answer.status_code in (201, 400), (field, str(value)[:40], answer.status_code)
        if answer.status_code == 400:
            told = answer.json()
            assert told["message"].endswith("."), (field, str(value)[:40])
            for rows in told["fields"].values():
                assert all(row["message"].endswith(".") for row in rows), rows
                assert "DROP TABLE" not in str(rows)
        else:
            assert client.get(f"{URL}{answer.json()['id']}/").status_code == 200


class _Row:
    """Stands where ``claim_body`` wants a row and only its id counts."""

    def __init__(self, key: str) -> None:
        self.pk = key


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("charges.0.amount", "1.000,00"),
        ("charges.0.amount", "1e3"),
        ("charges.0.amount", "NaN"),
        ("charges.0.amount", "-5"),
        ("charges.0.units", "0"),
        ("date_of_service", "2026-02-30"),
        ("date_of_service", "2999-01-01"),
        ("place_of_service", "00"),
        ("coverages.0.rank", "fourth"),
        ("charges", [{}] * 51),
        ("coverages", [{"rank": "primary"}, {"rank": "primary"}]),
        ("ambulance.pickup.state", "ZZ"),
        ("nickname", "x"),
    ],
)
def test_a_mistaken_value_keeps_nothing(api, ben, acme, field, value):
    body = claim_body(acme)
    _put(body, field, value)
    assert api(ben).post(URL, body).status_code == 400
    assert not Claim.objects.exists()


@pytest.mark.parametrize("field", ["patient", "provider", "coverages.0.payer"])
def test_an_id_that_is_not_there_is_not_found_and_keeps_nothing(api, ben, acme, field):
    body = claim_body(acme)
    _put(body, field, "999999999")
    assert api(ben).post(URL, body).status_code == 404
    assert not Claim.objects.exists()


def test_everything_wrong_is_said_at_once(api, ben, acme):
    body = claim_body(acme, date_of_service="soon", place_of_service="zz")
    body["charges"][0]["amount"] = "lots"
    body["coverages"][0]["payer"] = "nobody"
    fields = api(ben).post(URL, body).json()["fields"]
    assert set(fields) == {"date_of_service", "place_of_service", "charges.0.amount", "coverages.0.payer"}


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'"x"', b"NaN", b'{"act":"void","act":"void"}', b""])
@pytest.mark.parametrize("tail", ["", "{}/steps/", "{}/eligibility/"])
def test_a_body_that_is_no_json_object_is_refused(api, ben, acme, body, tail):
    claim = api(ben).post(URL, claim_body(acme)).json()
    path = URL + tail.format(claim["id"])
    answer = api(ben).generic("POST", path, body, content_type="application/json")
    if body == b"" and tail.endswith("eligibility/"):
        # Nothing at all asks AR Boost, like {}: it is not connected here, and no amount comes of it.
        assert answer.status_code == 200
        assert answer.json()["reading"]["usable"] is False
    else:
        assert answer.status_code == 400
        assert answer.json()["message"]


@pytest.mark.parametrize("act", HOSTILE)
def test_an_act_nobody_knows_is_refused(api, ben, acme, act):
    claim = api(ben).post(URL, claim_body(acme)).json()
    answer = sent(api(ben), f"{URL}{claim['id']}/steps/", {"act": act})
    assert answer.status_code == 400
    assert answer.json()["message"].endswith(".")
    assert Claim.objects.get().status == "draft"


@pytest.mark.parametrize("act", ["suspend", "release", "submit", "reopen", "lose_sight"])
def test_what_holdline_does_itself_is_refused_to_people(api, ben, acme, act):
    claim = api(ben).post(URL, claim_body(acme)).json()
    assert api(ben).post(f"{URL}{claim['id']}/steps/", {"act": act}).status_code == 403


@pytest.mark.parametrize("field", ["payer", "member_id", "group_number", "relationship", "subscriber"])
def test_a_hostile_new_payer_is_refused(api, ben, acme, field):
    client = api(ben)
    claim = client.post(URL, claim_body(acme)).json()
    payer = claim["coverages"][0]["payer"]
    for value in HOSTILE:
        body = {"act": "change_payer", "payer": payer, "member_id": "NEW1", field: value}
        answer = sent(client, f"{URL}{claim['id']}/steps/", body)
        assert answer.status_code in (200, 400), (field, str(value)[:40])
        if field == "payer" or (field == "subscriber" and not isinstance(value, dict | None)):
            assert answer.status_code == 400, (field, str(value)[:40])


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_answer_is_not_filed(api, ben, acme, value):
    claim = api(ben).post(URL, claim_body(acme)).json()
    answer = sent(api(ben), f"{URL}{claim['id']}/eligibility/", {"x12_271": value})
    assert answer.status_code == 400, answer.json()
    assert answer.json()["message"].endswith(".")
    assert not Snapshot.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("coverages.0.member_id", "ß" * 40),
        ("charges.0.code", "ß" * 10),
        ("charges.0.modifiers", ["ŉŉ"]),
        ("diagnoses.0", "ß" * 8),
    ],
)
def test_a_code_that_grows_in_capital_letters_is_too_long(api, ben, acme, field, value):
    body = claim_body(acme)
    _put(body, field, value)
    assert api(ben).post(URL, body).status_code == 400
    assert not Claim.objects.exists()
