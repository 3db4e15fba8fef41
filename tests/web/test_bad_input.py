"""Bad input gets a clear error and loses nothing: every value of tests/bad_values.py, at every door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import User
from tests.access_matrix import MATRIX, UNSAFE
from tests.addresses import ADDRESSES
from tests.api.claim_bodies import switch_on
from tests.bad_input import ENDPOINTS, FORMS, NEW_PATIENT, PATIENT_IN_PLACE, Door
from tests.bad_input_elsewhere import ELSEWHERE
from tests.bad_values import ACCEPTED, LARGE, REFUSED, TOO_MANY, WRONG_TYPES
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]

BY_NAME = {address.name: address for address in ADDRESSES}
FORM = "application/x-www-form-urlencoded"
FRAME = {"q", "next", "theme", "density", "single_keys"}
"""Fields of the frame that stands around every form."""
LEDGERS = (
    "django_session",
    "accounts_",
    "api_",
    "axes_",
    "pghistory_",
    "work_lease",
    "patients_patientreading",
)
"""Tables that a refused request may well write: who is signed in, who tried, what was asked before."""


@pytest.fixture
def world(world: World) -> World:
    switch_on(world.company)
    return world


def census() -> dict[str, int]:
    """How many rows every table of ours has."""
    tables = {model._meta.db_table for model in apps.get_models() if model._meta.managed}
    ours = sorted(name for name in tables if not name.startswith(LEDGERS))
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in ours))  # noqa: S608
        return dict(cursor.fetchall())


def _laid(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The body with the value at the dotted path."""
    whole = deepcopy(body)
    *inner, last = path.split(".")
    target: Any = whole
    for name in inner:
        target = target[int(name)] if name.isdigit() else target[name]
    target[int(last) if last.isdigit() else last] = value
    return whole


def _bad_of(kind: str, *, by_program: bool) -> Iterator[Any]:
    # What a form sends is decoded before anybody reads it: a lone surrogate is U+FFFD by then, which is text.
    yield from (value for value in REFUSED[kind] if by_program or "\ud800" not in value)
    if by_program:
        yield from WRONG_TYPES.get(kind, [])


def _shown(value: Any) -> str:
    return f"{value!r:.60}"


# --- the table is whole ---------------------------------------------------------------------------------


def test_every_endpoint_that_takes_a_body_has_a_row() -> None:
    writes = {
        name
        for name, verbs in MATRIX.items()
        if name in BY_NAME and any("in" in verbs[verb].values() for verb in UNSAFE)
    }
    assert writes - ENDPOINTS.keys() - FORMS.keys() - ELSEWHERE.keys() == set(), (
        "give it a row in bad_input.py"
    )
    assert (ENDPOINTS.keys() | FORMS.keys() | ELSEWHERE.keys()) - writes == set(), "these are gone"
    assert not ELSEWHERE.keys() & (ENDPOINTS.keys() | FORMS.keys())


# --- the API --------------------------------------------------------------------------------------------


def _sent(client: Any, name: str, world: World, body: Any, verb: str) -> Any:
    """As a program sends it: what no UTF-8 has is escaped."""
    path = BY_NAME[name].path(world)
    return client.generic(verb, path, json.dumps(body), content_type="application/json")


def _wrong_answer(answer: Any, path: str, value: Any) -> list[str]:
    """What a refusal by the API lacks."""
    if not 400 <= answer.status_code < 500:
        return [f"{_shown(value)} answers {answer.status_code}"]
    told = answer.json()
    lacks = []
    if not told["message"].endswith("."):
        lacks.append(f"{_shown(value)} is refused without a sentence")
    top = path.split(".")[0]
    named = told["fields"].keys() | {str(one.get("field", "")) for one in told["problems"]}
    inner = path.rsplit(".", 1)[-1]
    if answer.status_code == 400 and not any(one.split(".")[0] in (top, "address", inner) for one in named):
        lacks.append(f"{_shown(value)} is refused without naming {path}, but {sorted(named)}")
    if (
        isinstance(value, str)
        and len(value) > 12
        and value.isprintable()
        and value in answer.content.decode()
    ):
        lacks.append(f"{_shown(value)} comes back in the refusal")
    return lacks


@pytest.mark.parametrize("name", ENDPOINTS)
def test_no_bad_value_gets_through_the_api(name: str, world: World, cast: dict[str, User], api: Any) -> None:
    """A 4xx with a sentence that names the field, nothing saved, nothing echoed."""
    door = ENDPOINTS[name]
    client, good, before = api(cast[door.who]), door.good(world), census()
    found: list[str] = []
    for path, kind in door.kinds.items():
        for value in _bad_of(kind, by_program=True):
            answer = _sent(client, name, world, _laid(good, path, value), door.verb)
            found += [f"{path}: {what}" for what in _wrong_answer(answer, path, value)]
    for extra in (_laid(good, "nobody_knows_this", 1), [good], "text", None, 7):
        if extra is None and name == "api-claim-eligibility":
            continue  # nothing at all asks AR Boost, like {}
        answer = _sent(client, name, world, extra, door.verb)
        if not 400 <= answer.status_code < 500:
            found.append(f"{_shown(extra)} answers {answer.status_code}")
    changed = {table: rows for table, rows in census().items() if rows != before[table]}
    assert not found and not changed, "\n".join([*found, f"rows more or less: {changed}"])


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_body_of_ten_megabytes_is_too_large(
    name: str, world: World, cast: dict[str, User], api: Any
) -> None:
    door = ENDPOINTS[name]
    answer = _sent(api(cast[door.who]), name, world, {**door.good(world), "note": LARGE}, door.verb)
    assert answer.status_code == 413 and "2.5 MB" in answer.json()["message"]


@pytest.mark.parametrize("name", [name for name, door in ENDPOINTS.items() if door.ids])
def test_five_thousand_and_one_ids_are_too_many(
    name: str, world: World, cast: dict[str, User], api: Any
) -> None:
    door = ENDPOINTS[name]
    sent = {**door.good(world), door.ids: TOO_MANY}
    answer = _sent(api(cast[door.who]), name, world, sent, door.verb)
    assert answer.status_code == 400 and "5,000" in json.dumps(answer.json())


@pytest.mark.parametrize("said", ACCEPTED["money"])
def test_money_as_people_write_it_is_understood(
    said: str, world: World, cast: dict[str, User], api: Any
) -> None:
    client = api(cast["ben"])
    body = {"name": "Northline", "payer_id": "NB001", "dollar_threshold": said}
    kept = _sent(client, "api-payers", world, body, "POST")
    charged = _sent(
        client,
        "api-claims",
        world,
        _laid(ENDPOINTS["api-claims"].good(world), "charges.0.amount", said),
        "POST",
    )
    assert (kept.status_code, charged.status_code) == (201, 201), charged.json()
    plain = f"{float(said.strip('$').replace(',', '')):.2f}"
    assert (kept.json()["dollar_threshold"], charged.json()["charges"][0]["amount"]) == (plain, plain)


# --- the forms ------------------------------------------------------------------------------------------


class Typed(HTMLParser):
    """What stands in a page's fields, and which of them are marked as wrong."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, list[str]] = {}
        self.wrong: set[str] = set()
        self.alert = False
        self._area = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        self.alert = self.alert or given.get("role") == "alert" or "summary" in (given.get("class") or "")
        if given.get("aria-invalid") == "true":
            self.wrong.add(name)
        if tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self._keep(name, given.get("value") or "on")
        elif tag == "textarea":
            self._area = name
            self._keep(name, "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self._keep(self._select, given.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def _keep(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


def _same(kept: str, typed: str) -> bool:
    """Whether the form shows what was typed; what cannot be printed may be gone."""
    plain = "".join(letter for letter in typed if letter.isprintable() or letter in "\n\t")
    return kept.strip() == typed.strip() or kept.strip() == plain.strip() or plain[:500] == kept[:500]


def _lost(page: Typed, typed: dict[str, str], path: str) -> list[str]:
    """What was typed and stands in the form no more; a choice that does not exist cannot stand there."""
    return [
        name
        for name, value in typed.items()
        if name not in (path, "version", "patient", "do") and value
        if not (path == "type" and name.startswith("answer_"))  # another type asks other questions
        if not any(_same(kept, value) for kept in page.values.get(name, []))
    ]


def _wrong_page(answer: Any, typed: dict[str, str], path: str, kind: str) -> list[str]:
    """What a refusal by a page lacks."""
    value = typed[path]
    if not 400 <= answer.status_code < 500:
        return [f"{_shown(value)} answers {answer.status_code}"]
    page = Typed(answer.content.decode())
    lacks = [f"{_shown(value)} loses {name}" for name in _lost(page, typed, path)]
    if answer.status_code == 400 and not page.wrong and not page.alert:
        lacks.append(f"{_shown(value)} is refused without a sentence beside a field or above the form")
    shown = page.values.get(path, [])
    if (
        kind not in ("choice", "version")
        and value.isprintable()
        and not any(_same(one, value) for one in shown)
    ):
        lacks.append(f"{_shown(value)} is not in its own field any more, but {_shown(shown)}")
    return lacks


def _posted(client: Any, name: str, world: World, typed: dict[str, Any]) -> Any:
    """As a broken browser sends it: a lone surrogate as its three bytes."""
    return client.post(BY_NAME[name].path(world), urlencode(typed, errors="surrogatepass"), content_type=FORM)


@pytest.mark.parametrize(
    ("name", "door"),
    [*FORMS.items(), ("escalations:new", PATIENT_IN_PLACE), ("deductibles:claim_new", NEW_PATIENT)],
    ids=[*FORMS, "escalations:new-patient", "deductibles:claim_new-patient"],
)
def test_no_bad_value_gets_through_a_form(
    name: str, door: Door, world: World, cast: dict[str, User], page_as: Any
) -> None:
    """A 4xx with a sentence, everything typed still in the form, nothing saved."""
    client, good, before = page_as(cast[door.who]), door.good(world), census()
    found: list[str] = []
    for path, kind in door.kinds.items():
        for value in _bad_of(kind, by_program=False):
            typed = {**good, path: value}
            answer = _posted(client, name, world, typed)
            found += [f"{path}: {what}" for what in _wrong_page(answer, typed, path, kind)]
    changed = {table: rows for table, rows in census().items() if rows != before[table]}
    assert not found and not changed, "\n".join([*found, f"rows more or less: {changed}"])


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_ten_megabytes_is_too_large(
    name: str, world: World, cast: dict[str, User], page_as: Any
) -> None:
    door = FORMS[name]
    answer = _posted(page_as(cast[door.who]), name, world, {**door.good(world), "note": LARGE})
    assert answer.status_code == 413 and "2.5 MB" in answer.content.decode()


@pytest.mark.parametrize("name", FORMS)
def test_every_text_field_of_a_form_has_a_kind(
    name: str, world: World, cast: dict[str, User], page_as: Any
) -> None:
    """A field that nobody gave a kind would be tried by nothing."""
    door = FORMS[name]
    page = Typed(page_as(cast[door.who]).get(BY_NAME[name].path(world)).content.decode())
    known = door.kinds.keys() | door.good(world).keys() | {"csrfmiddlewaretoken", "", *FRAME}
    unknown = {one for one in page.values if one not in known}
    families = tuple({one.split("-")[0] + "-" for one in door.kinds if "-" in one})
    assert {one for one in unknown if not one.startswith(families or ("-",))} <= door_extras(name)


def door_extras(name: str) -> set[str]:
    """Hidden and searching fields of a page that carry nothing typed into the form."""
    return {
        "patients:new": {"known"},
        "escalations:new": {
            *("patient_q", "acknowledged", "type", "do", "type_was", "key", "touched"),
            *PATIENT_IN_PLACE.kinds,
        },
        "deductibles:claim_new": {
            *("rows", "coverages", "key", "do", "patient", "sought"),
            *NEW_PATIENT.kinds,
            *("new-sex", "new-line1", "new-line2", "new-city"),
        },
        "deductibles:claim_edit": {"rows", "coverages", "key", "do", "patient"},
        "deductibles:settings": {"seen"},
        "deductibles:provider": {"version"},
        "deductibles:runs": {"order", "shown", "name", "ordering"},  # of the list's columns and views
    }.get(name, set())


# --- a session that ended in the middle of a form ---------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_a_form_sent_after_the_session_ended_is_kept(
    name: str, world: World, cast: dict[str, User], page_as: Any, client: Any
) -> None:
    """Nothing typed is lost: it comes along through signing in, sealed, and is offered again."""
    door, path = FORMS[name], BY_NAME[name].path(world)
    before = census()
    headers = {"origin": "http://testserver", "referer": f"http://testserver{path}"}
    answer = client.post(path, door.good(world), headers=headers)
    assert census() == before
    page = answer.content.decode()
    assert answer.status_code in (200, 401, 403, 440) and 'name="kept_form"' in page, answer.status_code
    typed = [value for value in door.good(world).values() if isinstance(value, str) and len(value) > 5]
    assert not any(value in page for value in typed if value not in path), "sealed, not shown"


def test_every_door_has_its_reason() -> None:
    assert all(ELSEWHERE.values())
    assert all(isinstance(door, Door) and door.kinds for door in (*ENDPOINTS.values(), *FORMS.values()))
