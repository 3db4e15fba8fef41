"""What the schema says is what the API does: every operation asked with values schemathesis makes up.

Every case is asked by each role and by nobody; half of those with an id in their path ask for the world's own
row. Nothing may answer 5xx, with a status the schema does not name, or in another shape. The cases are the
same in every run; ``FUZZ=200 make test`` tries that many an operation instead of a handful.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular import drainage
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from accounts.models import User
from tests.access_matrix import WHO
from tests.addresses import ADDRESSES
from tests.factories import token_of
from tests.world import World

SPREAD = True
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]

EXAMPLES = int(os.environ.get("FUZZ", "8"))
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def _operations() -> dict[str, Any]:
    described = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(described)
    found = [result.ok() for result in schema.get_all_operations()]
    return {f"{one.method.upper()} {one.path}": one for one in found}


OPERATIONS = _operations()
FIXED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


def _row_in(path: str, world: World) -> str:
    """The id of the world's own row that stands in an operation's path."""
    route = path.lstrip("/")
    address = next(one for one in ADDRESSES if _same(one.route, route))
    return str(world.value(address, "key"))


def _same(route: str, path: str) -> bool:
    parts = list(zip(route.split("/"), path.split("/"), strict=False))
    fits = all(ours == theirs or (ours[:1], theirs[:1]) == ("<", "{") for ours, theirs in parts)
    return fits and route.count("/") == path.count("/")


@pytest.fixture
def callers(cast: dict[str, User]) -> dict[str, dict[str, str]]:
    """The headers of each role, and of somebody without a key."""
    keys = {role: f"Token {token_of(cast[person])}" for role, person in WHO.items()}
    return {"nobody": {}, **{role: {"Authorization": key} for role, key in keys.items()}}


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The application as a server calls it, inside the test's transaction and without a limit of calls."""
    monkeypatch.setattr("api.throttles.PerToken.get_rate", lambda self: None)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _ask(app: Any, case: Any, callers: dict[str, dict[str, str]]) -> None:
    for headers in callers.values():
        with transaction.atomic():
            answer = case.call(headers=headers, app=app)
            transaction.set_rollback(True)  # the next case finds the same world
        case.validate_response(answer, checks=CHECKS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_what_its_schema_says(
    name: str, world: World, callers: dict[str, dict[str, str]], app: Any
) -> None:
    operation = OPERATIONS[name]
    known = _row_in(operation.path, world) if "{" in operation.path else ""
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    @FIXED
    @given(case=cases, ours=st.booleans())
    def asked(case: Any, ours: bool) -> None:
        if known and ours:
            case.path_parameters = dict.fromkeys(case.path_parameters, known)
        _ask(app, case, callers)

    run: Callable[[], None] = asked
    run()


def test_every_endpoint_is_in_the_schema() -> None:
    described = [name.split(" ", 1)[1].lstrip("/") for name in OPERATIONS]
    silent = [
        one.route
        for one in ADDRESSES
        if one.route.startswith("api/v1/") and one.name != "api_not_here"
        if not any(_same(one.route, path) for path in described)
    ]
    assert silent == []


def test_nothing_of_the_schema_was_guessed() -> None:
    """What drf-spectacular warns of is a name or a type that it made up, and may make up otherwise next time."""
    drainage.reset_generator_stats()
    SchemaGenerator().get_schema(request=None, public=True)
    assert not drainage.GENERATOR_STATS
