"""Every way on which a ticket comes to be filed or to be of another type, as the tests of the guard rails walk
it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from escalations.models import Ticket
from patients.models import Patient
from tests.filing_cases import ONE_A_CLAUSE, VIOLATIONS, Violation, bad_body, file_good, mark, somebody

API = "/api/v1/escalations/"
NEW = "/escalations/new/"
ANSWER = "answer_"


@dataclass
class Desk:
    """Who tries it: an agent and a supervisor, by program and by browser."""

    agent: User
    supervisor: User
    api: Callable[[User], APIClient]
    page: Callable[[User], Client]

    @cached_property
    def program(self) -> APIClient:
        """The agent's program."""
        return self.api(self.agent)

    @cached_property
    def directing(self) -> APIClient:
        """The supervisor's program."""
        return self.api(self.supervisor)

    @cached_property
    def browser(self) -> Client:
        """The agent's browser."""
        return self.page(self.agent)


@dataclass(frozen=True)
class Tried:
    """What came of an attempt: the answer, the rules it names, and the rows as they were and are."""

    status: int
    rules: set[str]
    before: Any
    after: Any


Way = Callable[[Desk, Violation], Tried]


def rows() -> Any:
    """Every ticket that was filed, as far as a filing or a change of type writes it, and how many there are."""
    filed = Ticket.objects.exclude(status="draft").order_by("pk")
    return list(filed.values_list("pk", "status", "type", "channel", "answers", "acknowledged", "version"))


def form_of(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A body of the API as the filing page sends it."""
    plain = {name: body[name] or "" for name in ("type", "channel", "caller", "patient", "note")}
    answers = {ANSWER + name: _typed(value) for name, value in body["answers"].items()}
    return {**plain, **answers, "acknowledged": body["acknowledged"], **more}


def _typed(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _prepared(desk: Desk, one: Violation) -> tuple[Patient, dict[str, Any]]:
    patient = somebody(desk.agent)
    mark(patient, one.facts, desk.agent)
    return patient, bad_body(one, patient, desk.agent)


def _named(answer: Any) -> set[str]:
    return {problem["rule"] for problem in answer.json().get("problems", [])}


def by_page(desk: Desk, one: Violation, *, do: str = "file") -> Tried:
    """The form of the filing page, sent off."""
    _, body = _prepared(desk, one)
    return _sent(desk.browser, NEW, form_of(body, do=do))


def by_page_with_a_link(desk: Desk, one: Violation) -> Tried:
    """The button of the filing page that goes on with a second, linked ticket."""
    return by_page(desk, one, do="link")


def by_draft_of_the_page(desk: Desk, one: Violation) -> Tried:
    """Kept as a draft on the filing page, then filed from there."""
    _, body = _prepared(desk, one)
    number = _draft_of_the_page(desk, body)
    return _sent(desk.browser, NEW, form_of(body, do="file", draft_ticket=number))


def _sent(client: Client, url: str, form: dict[str, Any]) -> Tried:
    before = rows()
    answer = client.post(url, form)
    rules: set[str] = set()
    if answer.status_code == 400:
        rules = {problem["rule"] for problem in answer.context["screen"].problems}
        shown = answer.content.decode()
        assert all(rule in shown for rule in rules), "the page names the rule"
    return Tried(answer.status_code, rules, before, rows())


def _draft_of_the_page(desk: Desk, body: dict[str, Any]) -> str:
    answer = desk.browser.post(NEW, form_of(body, do="draft"))
    assert answer.status_code == 302, answer.status_code
    return Ticket.objects.filter(status="draft").latest("pk").number


def by_api(desk: Desk, one: Violation) -> Tried:
    """One call of the API."""
    _, body = _prepared(desk, one)
    return _called(desk.program, API, body)


def by_draft_of_the_api(desk: Desk, one: Violation) -> Tried:
    """Kept as a draft by API, then filed with nothing changed."""
    _, body = _prepared(desk, one)
    client = desk.program
    draft = client.post(API, {**body, "draft": True})
    assert draft.status_code == 201, draft.json()
    return _called(client, f"{API}{draft.json()['number']}/steps/", {"act": "file"})


def by_changes_to_a_draft(desk: Desk, one: Violation) -> Tried:
    """A draft of nothing but its type, filed by API with all the rest as changes."""
    _, body = _prepared(desk, one)
    client = desk.program
    draft = client.post(API, {"type": one.type, "draft": True})
    given = {name: value for name, value in body.items() if name != "type"}
    return _called(client, f"{API}{draft.json()['number']}/steps/", {"act": "file", **given})


def by_api_from_a_draft_of_the_page(desk: Desk, one: Violation) -> Tried:
    """Kept as a draft on the filing page, then filed by API."""
    _, body = _prepared(desk, one)
    number = _draft_of_the_page(desk, body)
    return _called(desk.program, f"{API}{number}/steps/", {"act": "file"})


def by_change_of_type(desk: Desk, one: Violation) -> Tried:
    """A good ticket of another type, changed into this one by a supervisor."""
    patient, body = _prepared(desk, one)
    ticket = _another(desk, patient, body)
    return _called(desk.directing, f"{API}{ticket.number}/steps/", _retype(body))


def by_page_of_the_type(desk: Desk, one: Violation) -> Tried:
    """The page of a change of type, sent off by a supervisor."""
    patient, body = _prepared(desk, one)
    ticket = _another(desk, patient, body)
    form = {name: value for name, value in form_of(body, do="save").items() if name not in ("caller", "note")}
    return _sent(desk.page(desk.supervisor), f"/escalations/{ticket.number}/type/", form)


def by_change_of_answers(desk: Desk, one: Violation) -> Tried:
    """A good ticket of this type; only its answers are changed, and what is known of its patient."""
    patient = somebody(desk.agent)
    ticket = file_good(one.type, patient, desk.agent)
    body = bad_body(one, patient, desk.agent)
    mark(patient, one.facts, desk.agent)
    return _called(desk.directing, f"{API}{ticket.number}/steps/", _retype(body))


def _another(desk: Desk, patient: Patient, body: dict[str, Any]) -> Ticket:
    """A good ticket of a type that asks next to nothing, for the same call."""
    other = "requisition-form" if body["type"] != "requisition-form" else "do-not-contact"
    return file_good(other, patient, desk.agent, caller=body["caller"], note=body["note"])


def _retype(body: dict[str, Any]) -> dict[str, Any]:
    return {"act": "retype", **{name: body[name] for name in ("type", "answers", "acknowledged")}}


def _called(client: APIClient, url: str, body: dict[str, Any]) -> Tried:
    before = rows()
    answer = client.post(url, body)
    return Tried(answer.status_code, _named(answer), before, rows())


@dataclass(frozen=True)
class Path:
    """One way: the address it goes through, and the act where the address takes several.

    ``tries`` are the violations tried on it. A clause of which none is tried needs its reason in ``why_not``.
    """

    name: str
    address: str
    act: str
    walk: Way
    tries: tuple[Violation, ...] = tuple(ONE_A_CLAUSE)
    why_not: str = ""


def _but(left_out: Callable[[Violation], bool]) -> tuple[Violation, ...]:
    return tuple(one for one in ONE_A_CLAUSE if not left_out(one))


_STEPS = "api-escalation-steps"
PATHS = [
    Path("API", "api-escalations", "", by_api, tuple(VIOLATIONS)),
    Path("page", "escalations:new", "", by_page),
    Path(
        "page, then a linked one",
        "escalations:new",
        "",
        by_page_with_a_link,
        _but(lambda one: one.strength != "BLOCK"),
        "the button is read by the same lines as the one of “page”",
    ),
    Path("draft of the page", "escalations:new", "", by_draft_of_the_page),
    Path("draft by API", _STEPS, "file", by_draft_of_the_api),
    Path("changes to a draft", _STEPS, "file", by_changes_to_a_draft),
    Path("draft of the page by API", _STEPS, "file", by_api_from_a_draft_of_the_page),
    Path(
        "change of type",
        _STEPS,
        "retype",
        by_change_of_type,
        _but(lambda one: one.rule == "R-ALL-1"),
        "a ticket that runs has its channel, caller and patient already",
    ),
    Path(
        "page of the type",
        "escalations:retype",
        "",
        by_page_of_the_type,
        _but(lambda one: one.rule == "R-ALL-1"),
        "a ticket that runs has its channel, caller and patient already",
    ),
    Path(
        "change of answers",
        _STEPS,
        "retype",
        by_change_of_answers,
        _but(lambda one: one.of_the_call),
        "a change of answers leaves channel, caller, patient and note as they were filed",
    ),
]
