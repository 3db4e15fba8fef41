"""Opening the first company at once, and dying on the way: one company or none, never a half."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from accounts.models import AccountAct, Company, SetUpCode, SetUpMark, User
from accounts.people_actions import Said
from accounts.steps import Refused
from config.setup import codes, opening
from config.setup.opening import Opening, open_first
from escalations.models import CalendarVersion, PolicyVersion
from tests.setting_up import now

pytestmark = pytest.mark.django_db(transaction=True)


def said(key: str) -> Opening:
    return Opening(key, key.capitalize(), "America/Chicago", f"{key}-admin", Said("A", "B", "", "admin"))


def attempt(key: str, digest: str, start: Barrier | None = None) -> str:
    """One opening by a connection of its own: the key, or why it was refused."""
    try:
        if start:
            start.wait(10)
        return open_first(said(key), "seven quiet lanterns", digest=digest, at=now()).company.key
    except Refused as refused:
        return str(refused)
    finally:
        connections.close_all()


def test_of_several_at_once_with_the_same_code_one_opens_a_company() -> None:
    digest = codes.admit(codes.make(at=now()), at=now())
    start, keys = Barrier(4), ["north", "south", "east", "west"]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda key: attempt(key, digest, start), keys))
    assert Company.objects.count() == User.objects.count() == PolicyVersion.objects.count() == 1
    assert sum(one in keys for one in found) == 1 and sum("was used" in one for one in found) == 3


@pytest.mark.parametrize("where", ["load_policy", "load_calendar", "seed_company"])
def test_what_dies_on_the_way_leaves_nothing_and_the_code_good(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = codes.admit(codes.make(at=now()), at=now())

    def die(*args: Any, **options: Any) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as fault:
        fault.setattr(opening, where, die)
        with pytest.raises(SystemExit):
            open_first(said("north"), "seven quiet lanterns", digest=digest, at=now())
    for model in (Company, User, AccountAct, SetUpMark, PolicyVersion, CalendarVersion):
        assert not model.objects.exists(), model
    assert SetUpCode.objects.get().used_at is None
    assert attempt("north", digest) == "north"


def test_a_company_that_a_command_made_meanwhile_closes_the_door() -> None:
    digest = codes.admit(codes.make(at=now()), at=now())
    opening.open_whole(said("south"), at=now())
    assert "There is a company on this server already" in attempt("north", digest)
    assert Company.objects.get().key == "south" and SetUpCode.objects.get().used_at is None
