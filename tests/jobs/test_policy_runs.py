"""A version is put over many open tickets part by part: left, died in, gone on with, told once, undone (K13)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Company, User
from accounts.steps import Refused
from config.sweeping import sweep
from escalations import actions
from escalations.actions import policies as publishing
from escalations.actions import policy_runs
from escalations.actions.policy_drafts import begin_draft, change_draft, draft_of, seen_part
from escalations.models import Notification, PolicyRun, PolicyVersion, Reclocking, Ticket, TicketEvent
from escalations.policies import policy_in_force, put_in_force
from patients.models import Patient
from tests.actions.reclocking_case import MONDAY, calendar_now, due, put, with_exceptions
from tests.factories import PatientFactory
from tests.tickets import filed
from tests.web.policy_form import URL

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(minutes=20)
"""When the lease of somebody dead has run out."""
SUPERVISOR = ("types", "supervisor")
WEDNESDAY, FRIDAY = "Wed 05-13 18:00", "Fri 05-15 18:00"


class Killed(BaseException):
    """The worker is gone."""


class Reset(Exception):
    """Put everything back as it was before."""


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_runs, "AT_ONCE", 3)
    monkeypatch.setattr(policy_runs, "PART", 2)


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme)


@pytest.fixture
def desk(ana: User, patient: Patient, acme: Company) -> list[Ticket]:
    """Five of ana's that are due on Wednesday, of two versions of the policy."""
    found = []
    for number in range(5):
        if number == 3:
            data = copy.deepcopy(policy_in_force(acme, at=MONDAY).data)
            data["limits"]["waiting_days"] = 9
            put_in_force(PolicyVersion, acme, data, by=None, at=MONDAY)
        found.append(actions.act(filed("supervisor", ana, patient, MONDAY), "take", by=ana, at=MONDAY))
    Notification.objects.all().delete()
    return found


def four_days(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"turnarounds": [{"channel": "any", "min": None, "max": 4, "unit": "business_day"}]}


def edited(company: Company, by: User, change: Callable[..., Any] = four_days) -> None:
    data = begin_draft(company, by=by, at=MONDAY).data
    change_draft(company, SUPERVISOR, change, seen=seen_part(data, SUPERVISOR), by=by, at=MONDAY)


def published(company: Company, by: User, *, over_open: bool = True) -> publishing.Published:
    draft = draft_of(company)
    assert draft is not None
    token = publishing.preview(company, draft, at=MONDAY).token
    return publishing.publish(company, note="More", over_open=over_open, token=token, by=by, at=MONDAY)


def begun(company: Company, by: User) -> PolicyRun:
    """A version of four days that is on its way through the tickets."""
    edited(company, by)
    run = published(company, by).run
    assert run is not None
    return run


def standing(desk: list[Ticket]) -> list[tuple[str, int]]:
    return [(due(one), one.policy_version.number) for one in desk]


def told() -> list[tuple[str, str]]:
    rows = Notification.objects.order_by("recipient__username", "pk")
    return list(rows.values_list("recipient__username", "words"))


def code_of(call: Callable[..., Any], *said: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        call(*said, **more)
    return refused.value.code


def lines() -> list[int]:
    return list(TicketEvent.objects.filter(act="reclock").order_by("ticket").values_list("ticket", flat=True))


def test_what_is_published_counts_at_once_and_reaches_open_tickets_part_by_part(
    acme, ana, adam, patient, desk
):
    run = begun(acme, adam)
    assert (run.planned, run.done, run.change.unfinished) == (5, 0, True)
    assert [one for one, _ in standing(desk)] == [WEDNESDAY] * 5 and told() == []
    assert due(filed("supervisor", ana, patient, MONDAY)) == FRIDAY, "who files now goes by it"
    policy_runs.work_on(run.pk, at=MONDAY, seconds=0)
    assert [one for one, _ in standing(desk)] == [FRIDAY] * 2 + [WEDNESDAY] * 3 and told() == []
    assert sweep(at=LATER)["policies"] == 1 and sweep(at=LATER)["policies"] == 0
    assert standing(desk) == [(FRIDAY, 3)] * 5 and lines() == [one.pk for one in desk]
    run.refresh_from_db()
    run.change.refresh_from_db()
    change = run.change
    assert (run.state, change.moved, change.looked_at, change.unfinished) == ("done", 5, 5, False)
    assert told() == [
        ("adam", "Version 3 of the rules has reached all open tickets: 5 due dates moved."),
        ("ana", "5 of your tickets have other due dates since the policy changed."),
    ]


def test_it_comes_to_the_same_as_done_at_once(acme, ana, adam, desk, monkeypatch):
    def all_there_is() -> list[Any]:
        names = ("due_at", "warn_at", "late_from", "expected_from", "policy_version__number", "version")
        rows = list(Ticket.objects.order_by("pk").values_list(*names))
        change = Reclocking.objects.latest("pk")
        return [
            rows,
            lines(),
            change.moved,
            change.breaches,
            change.unbreaches,
            change.looked_at,
            told()[-1:],
        ]

    found = []
    for at_once in (3, 5_000):
        monkeypatch.setattr(policy_runs, "AT_ONCE", at_once)
        try:
            with transaction.atomic():
                edited(acme, adam)
                done = published(acme, adam)
                assert (done.run is None) == (at_once == 5_000)
                sweep(at=LATER)
                found.append(all_there_is())
                raise Reset
        except Reset:
            pass
    assert found[0] == found[1] and found[0][2] == 5


def killed_at(number: int) -> Callable[..., Any]:
    """A database that hears nothing any more from the statement of this number on."""
    left = [number]

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
        return execute(sql, params, many, context)

    return run


def test_a_run_that_dies_on_any_statement_is_finished_once_by_the_next(acme, adam, desk):
    run = begun(acme, adam)
    died = 0
    for number in range(0, 400, 3):
        try:
            with transaction.atomic():
                ended = _dies_and_is_taken_up(run, number, desk)
                raise Reset
        except Reset:
            if ended:
                break
            died += 1
    assert died > 15


def _dies_and_is_taken_up(run: PolicyRun, number: int, desk: list[Ticket]) -> bool:
    """Whether the first worker came to its end before the statement of this number."""
    try:
        with connection.execute_wrapper(killed_at(number)):
            policy_runs.work_on(run.pk, at=MONDAY)
        ended = True
    except Killed:
        ended = False
    policy_runs.work_on(run.pk, at=LATER)
    run.refresh_from_db()
    assert (run.state, run.done, run.moved) == ("done", 5, 5), f"statement {number}"
    assert standing(desk) == [(FRIDAY, 3)] * 5, f"statement {number}"
    assert lines() == [one.pk for one in desk] and len(told()) == 2, f"statement {number}"
    return ended


def test_nothing_else_is_published_or_undone_while_it_is_on_its_way(acme, adam, desk):
    run = begun(acme, adam)
    edited(acme, adam, lambda row: row | {"name": "Supervisors"})
    assert code_of(published, acme, adam) == "busy"
    assert code_of(publishing.preview_undo, run.change, at=MONDAY) == "busy"
    assert code_of(policy_runs.go_on, run.change, by=adam, at=MONDAY) == "unknown"
    policy_runs.work_on(run.pk, at=MONDAY)
    assert published(acme, adam, over_open=False).version.number == 4


def test_undoing_gives_each_its_own_version_back_part_by_part_and_once(acme, adam, desk):
    before = standing(desk)
    assert [number for _, number in before] == [1, 1, 1, 2, 2]
    run = begun(acme, adam)
    policy_runs.work_on(run.pk, at=MONDAY)
    Notification.objects.all().delete()
    token = publishing.preview_undo(run.change, at=MONDAY).token
    back = publishing.undo(run.change, token=token, by=adam, at=MONDAY)
    assert back.unfinished and standing(desk) == [(FRIDAY, 3)] * 5
    assert code_of(publishing.undo, run.change, token=token, by=adam, at=MONDAY) == "undone"
    policy_runs.work_on(back.run.pk, at=MONDAY, seconds=0)
    assert standing(desk) == before[:2] + [(FRIDAY, 3)] * 3
    policy_runs.work_on(back.run.pk, at=LATER)
    back.refresh_from_db()
    assert standing(desk) == before and (back.moved, back.unfinished) == (5, False)
    assert len(told()) == 2 and "undone" in TicketEvent.objects.filter(act="reclock").latest("pk").title


def test_what_happens_to_tickets_meanwhile_is_not_written_over(acme, ana, sue, adam, desk):
    run = begun(acme, adam)
    actions.act(desk[0], "resolve", by=sue, at=MONDAY, facts={"outcome": "Done on the account"})
    put(acme, with_exceptions(calendar_now(acme), may_15=()), adam)
    policy_runs.work_on(run.pk, at=MONDAY)
    assert due(desk[0]) == WEDNESDAY and desk[0].policy_version.number == 1
    assert [due(one) for one in desk[1:]] == ["Mon 05-18 18:00"] * 4, "by the calendar of meanwhile"
    run.refresh_from_db()
    assert (run.moved, run.done) == (4, 5)


def test_one_that_fails_again_and_again_is_stopped_says_so_and_is_gone_on_with(
    acme, adam, sue, desk, page_as, monkeypatch
):
    run = begun(acme, adam)
    policy_runs.work_on(run.pk, at=MONDAY, seconds=0)

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("A failure of the machine")

    with monkeypatch.context() as broken:
        broken.setattr(policy_runs, "still_under", fails)
        for minute in range(policy_runs.MOST_ATTEMPTS + 1):
            policy_runs.catch_up(at=MONDAY + timedelta(minutes=minute))
    run.refresh_from_db()
    assert (run.state, run.done) == ("stopped", 2)
    client, path = page_as(adam), f"{URL}moves/{run.change_id}/"
    assert "stopped after 2 of 5 tickets" in client.get(path).content.decode()
    assert "It was stopped while it was put over open tickets: 2 of 5" in client.get(URL).content.decode()
    assert code_of(policy_runs.go_on, run.change, by=sue, at=LATER) == "role"
    assert client.post(path, {"do": "again"}).status_code == 302
    assert "2 of 5 tickets are done" in client.get(path).content.decode()
    assert client.post(path, {"do": "again"}).status_code == 409, "it goes on already"
    policy_runs.catch_up(at=LATER)
    assert standing(desk) == [(FRIDAY, 3)] * 5
    assert "5 due dates were moved" in client.get(path).content.decode()


def test_a_stopped_one_can_be_undone_and_is_then_not_gone_on_with(acme, adam, desk):
    before, run = standing(desk), begun(acme, adam)
    policy_runs.work_on(run.pk, at=MONDAY, seconds=0)
    PolicyRun.objects.update(state="stopped")
    token = publishing.preview_undo(run.change, at=MONDAY).token
    publishing.undo(run.change, token=token, by=adam, at=MONDAY)
    policy_runs.catch_up(at=MONDAY)
    assert standing(desk) == before
    assert code_of(policy_runs.go_on, run.change, by=adam, at=MONDAY) == "older"


def test_it_is_not_begun_when_tickets_moved_since_it_was_shown(acme, adam, desk):
    edited(acme, adam)
    token = publishing.preview(acme, draft_of(acme), at=MONDAY).token
    Ticket.objects.filter(pk=desk[0].pk).update(status="resolved")
    said = {"note": "x", "over_open": True, "token": token, "by": adam, "at": MONDAY}
    assert code_of(publishing.publish, acme, **said) == "stale"
    assert not PolicyRun.objects.exists() and policy_in_force(acme, at=MONDAY).number == 2


def test_two_workers_the_second_leaves_it_to_the_first(acme, adam, desk):
    run = begun(acme, adam)
    with connection.execute_wrapper(_while_working(run)):
        assert policy_runs.work_on(run.pk, at=MONDAY)
    assert lines() == [one.pk for one in desk]


def _while_working(run: PolicyRun) -> Callable[..., Any]:
    """Somebody rings a second time in the middle of the work."""
    rung = []

    def execute(call: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "escalations_policymove" in sql and not rung:
            rung.append(policy_runs.work_on(run.pk, at=MONDAY))
            assert rung == [False]
        return call(sql, params, many, context)

    return execute


def test_the_page_of_a_large_change_says_how_far_it_is(acme, adam, desk, page_as):
    edited(acme, adam)
    client = page_as(adam)
    token = client.get(f"{URL}publish/").context["screen"].seen.token
    answer = client.post(f"{URL}publish/", {"token": token, "note": "More", "over_open": "yes"})
    change = Reclocking.objects.get()
    assert answer.url == f"{URL}moves/{change.pk}/"
    page = client.get(answer.url).content.decode()
    assert "0 of 5 tickets are done" in page and 'max="5"' in page and "Look again" in page
    assert "being put over 5 open tickets" in page
    assert "0 of 5 are done" in client.get(URL).content.decode()
    sweep(at=LATER)
    page = client.get(answer.url).content.decode()
    assert "reached all 5 open tickets. 5 due dates were moved." in page and "every 3s" not in page
    undo = f"{URL}moves/{change.pk}/undo/"
    answer = client.post(undo, {"token": client.get(undo).context["screen"].token})
    assert answer.url == f"{URL}moves/{Reclocking.objects.latest('pk').pk}/"
    assert "Version 2 is undone" not in client.get(answer.url).content.decode()
    assert "Version 3 is undone" in client.get(answer.url).content.decode()
