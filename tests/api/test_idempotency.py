"""``Idempotency-Key``: checked before anything is done, reserved while AR Boost is asked, kept after."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from api.models import IdempotencyKey
from deductibles.models import Claim, Snapshot
from tests.api.claim_bodies import claim_body

URL = "/api/v1/claims/"
pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def claim(api, ben, acme, ar_boost):
    return api(ben).post(URL, claim_body(acme)).json()


def _steps(claim):
    return f"{URL}{claim['id']}/steps/"


@pytest.mark.parametrize("key", ["k" * 201, "tab\tbed"])
def test_a_key_that_cannot_be_one_is_refused_before_anything_is_done(api, ben, claim, key):
    refused = api(ben).post(_steps(claim), {"act": "void"}, headers={"Idempotency-Key": key})
    assert refused.status_code == 400
    assert Claim.objects.get().status == "draft"


def test_a_refused_act_leaves_its_key_free(api, ben, claim):
    client, key = api(ben), {"Idempotency-Key": "once"}
    assert client.post(_steps(claim), {"act": "queue"}, headers=key).status_code == 409
    assert not IdempotencyKey.objects.exists()
    assert client.post(_steps(claim), {"act": "void"}, headers=key).status_code == 200


def test_a_key_that_came_with_another_request_is_a_conflict(api, ben, claim):
    client, key = api(ben), {"Idempotency-Key": "once"}
    assert client.post(_steps(claim), {"act": "void"}, headers=key).status_code == 200
    refused = client.post(_steps(claim), {"act": "complete"}, headers=key)
    assert refused.status_code == 409
    assert "another request" in refused.json()["message"]


def test_two_requests_at_once_with_one_key_ask_once(api, ben, claim, ar_boost):
    ar_boost.script("TST000100", delay=1.0)
    clients, answers = [api(ben), api(ben)], []

    def ask(client):
        path, key = f"{URL}{claim['id']}/eligibility/", {"Idempotency-Key": "ask-1"}
        answers.append(client.post(path, {}, headers=key))
        connection.close()

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "still in progress" in refused.json()["message"]
    assert Snapshot.objects.count() == 1


@pytest.mark.parametrize(("minutes", "status", "asked"), [(9, 409, 1), (11, 200, 2)])
def test_a_key_whose_process_died_may_be_used_again_after_ten_minutes(
    api, ben, claim, minutes, status, asked
):
    client, key = api(ben), {"Idempotency-Key": "ask-1"}
    path = f"{URL}{claim['id']}/eligibility/"
    client.post(path, {}, headers=key)
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    IdempotencyKey.objects.update(status=None, body=None, created_at=since)
    assert client.post(path, {}, headers=key).status_code == status
    assert Snapshot.objects.count() == asked
    if status == 200:
        assert client.post(path, {}, headers=key).status_code == 200
        assert Snapshot.objects.count() == asked
