"""Two people, or a person and a night, on the same claims at the same moment: one wins, each is told (Build 4).

Real transactions in threads. What is shown, what was done and what the audit has are one number.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.models import User
from accounts.steps import Refused
from deductibles import submitting
from deductibles.actions import claims, holds
from deductibles.actions.settings import save_provider
from deductibles.invariants import assert_invariants
from deductibles.models import Claim, Hold, SubmissionItem
from tests.api.test_holds import hold_many
from tests.claim_line import PROVIDER, Line, days, noon, status_of
from work import outbox

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)
AT = noon(days(1))
PAGE, API = "/claims/hold-for-deductible/", "/api/v1/holds/"
MANY = 400


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do all of these at the same moment, each in a session of its own; their results or refusals."""
    ready = threading.Barrier(len(works))

    def do(work: Callable[[], Any]) -> Any:
        try:
            ready.wait(20)
            return work()
        except Refused as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(do, works))


@pytest.fixture
def rows(cast: dict[str, User]) -> list[Hold]:
    return list(hold_many(cast["ben"].company, MANY))


@pytest.fixture
def eve(cast: dict[str, User]) -> User:
    """A second biller of the same company."""
    return User.objects.create(company=cast["ben"].company, username="eve", role="biller", password="!")


def ids_of(rows: list[Hold]) -> list[int]:
    return [row.pk for row in rows]


def audited(act: str) -> Counter[str]:
    """How many claims each person moved by this act, as the audit has it."""
    events = Claim.pgh_event_models["update"].objects.filter(pgh_context__metadata__act=act)  # type: ignore[attr-defined]
    return Counter(events.values_list("pgh_context__metadata__who", flat=True))


class TestTwoBillers:
    def test_each_claim_has_one_winner_and_the_other_is_told_by_number(
        self, rows: list[Hold], ben: User, eve: User
    ) -> None:
        ids = ids_of(rows)
        found = at_once(
            lambda: holds.queue_holds(ben.company, ids, by=ben, at=AT),
            lambda: holds.queue_holds(ben.company, list(reversed(ids)), by=eve, at=AT),
        )
        assert sum(one.done for one in found) == MANY
        assert all(one.done + len(one.skipped) == MANY for one in found), "shown = done + skipped"
        assert audited("queue") == Counter(
            {who.username: one.done for who, one in zip((ben, eve), found, strict=True) if one.done}
        )
        told = [each for one in found for each in one.skipped]
        assert len(told) == MANY and all("Queue for submission" in each.why and each.claim for each in told)
        assert Claim.objects.filter(status="queued").count() == MANY

    def test_halves_that_overlap_are_each_done_once(self, rows: list[Hold], ben: User, eve: User) -> None:
        ids = ids_of(rows)
        mine, theirs = at_once(
            lambda: holds.queue_holds(ben.company, ids[: MANY * 3 // 4], by=ben, at=AT),
            lambda: holds.queue_holds(ben.company, ids[MANY // 4 :], by=eve, at=AT),
        )
        assert mine.done + theirs.done == MANY and len(mine.skipped) + len(theirs.skipped) == MANY // 2
        assert audited("queue").total() == MANY

    def test_queueing_against_clearing_leaves_no_claim_lost(
        self, rows: list[Hold], ben: User, eve: User
    ) -> None:
        ids = ids_of(rows)
        queued, cleared = at_once(
            lambda: holds.queue_holds(ben.company, ids, by=ben, at=AT),
            lambda: holds.clear_holds(ben.company, ids, by=eve, at=AT),
        )
        assert queued.done == MANY and cleared.done in (0, MANY)
        assert cleared.done + len(cleared.skipped) == MANY
        assert all("suspended and unpaid" in each.why for each in cleared.skipped)
        assert Hold.objects.filter(cleared_at=None).count() == MANY - cleared.done
        assert Claim.objects.filter(status="queued").count() == MANY

    def test_taking_back_against_clearing_has_one_winner_a_claim(
        self, rows: list[Hold], ben: User, eve: User
    ) -> None:
        ids = ids_of(rows)
        holds.queue_holds(ben.company, ids, by=ben, at=AT)
        back, cleared = at_once(
            lambda: holds.unqueue_holds(ben.company, ids, by=ben, at=AT),
            lambda: holds.clear_holds(ben.company, ids, by=eve, at=AT),
        )
        assert back.done + cleared.done == MANY
        assert Claim.objects.filter(status="hold").count() == back.done
        assert Hold.objects.filter(active=True, cleared_at=None).count() == back.done

    def test_a_claim_that_is_voided_meanwhile_is_not_queued(
        self, rows: list[Hold], ben: User, eve: User
    ) -> None:
        victim = rows[-1].claim
        queued, voided = at_once(
            lambda: holds.queue_holds(ben.company, ids_of(rows), by=ben, at=AT),
            lambda: claims.void(victim, by=eve, at=AT),
        )
        assert not isinstance(voided, Refused) and status_of(victim) == "void"
        assert queued.done + len(queued.skipped) == MANY and queued.done >= MANY - 1


class TestDoubleClicks:
    def test_two_clicks_on_the_page_queue_once_and_the_second_names_them(
        self, rows: list[Hold], ben: User, page_as: Callable[[User], Client]
    ) -> None:
        some = ids_of(rows)[:50]
        desks = page_as(ben), page_as(ben)
        pages = at_once(*(
            lambda desk=desk: desk.post(f"{PAGE}queue/", {"queue": some}, follow=True) for desk in desks
        ))  # fmt: skip
        assert [page.status_code for page in pages] == [200, 200]
        said = [page.content.decode() for page in pages]
        assert sum("50 claims queued for submission." in page for page in said) == 1
        assert sum("50 claims left as they were" in page for page in said) == 1
        assert audited("queue") == Counter({"ben": 50})

    def test_two_calls_of_the_api_do_fifty_once_and_one_key_gets_one_answer(
        self, rows: list[Hold], ben: User, api: Callable[[User], Any]
    ) -> None:
        some, more = ids_of(rows)[:50], ids_of(rows)[50:60]
        callers = api(ben), api(ben)
        found = at_once(*(lambda one=one: one.post(f"{API}queue/", {"ids": some}).json() for one in callers))
        assert sorted(one["done"] for one in found) == [0, 50]
        assert sorted(len(one["skipped"]) for one in found) == [0, 50]
        same = at_once(*(
            lambda one=one: one.post(f"{API}queue/", {"ids": more}, HTTP_IDEMPOTENCY_KEY="twice") for one in callers
        ))  # fmt: skip
        answers = {answer.status_code: answer.json() for answer in same}
        assert answers.pop(200) == {"done": 10, "skipped": []}
        assert set(answers) <= {409}, "while the first is under way the second is told so"
        assert audited("queue") == Counter({"ben": 60})


class TestNights:
    def test_taking_back_while_the_file_is_written_is_refused_and_the_claim_goes(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who waited for the lock must see the file that was written meanwhile, or a held claim is sent."""
        hold = line.held()
        holds.queue(hold.claim, by=line.biller, at=AT)
        writing = threading.Event()
        save = submitting._save

        def slowly(*given: Any) -> Any:
            row = save(*given)
            writing.set()
            _until_somebody_waits()
            return row

        monkeypatch.setattr(submitting, "_save", slowly)

        def take_back() -> Any:
            writing.wait(20)
            return holds.unqueue_holds(line.company, [hold.pk], by=line.biller, at=AT)

        run, back = at_once(lambda: line.submit(days(1)), take_back)
        assert back.done == 0 and "in a file that is being handed over" in back.skipped[0].why
        assert (run.submitted, status_of(hold.claim)) == (1, "submitted")
        outbox.deliver(at=noon(days(1)))
        assert_invariants(at=noon(days(1)))

    def test_many_taken_back_while_the_night_submits_are_in_a_file_or_on_hold(
        self, line: Line, ben: User
    ) -> None:
        save_provider(line.company, PROVIDER, by=line.admin, at=AT)
        held = [line.held() for _ in range(12)]
        holds.queue_holds(line.company, ids_of(held), by=ben, at=AT)
        run, back = at_once(
            lambda: line.submit(days(1)),
            lambda: holds.unqueue_holds(line.company, ids_of(held), by=ben, at=AT),
        )
        assert back.done + len(back.skipped) == 12 == back.done + run.submitted
        assert SubmissionItem.objects.count() == run.submitted
        assert Counter(Claim.objects.values_list("status", flat=True)) == Counter(
            {state: count for state, count in (("hold", back.done), ("submitted", run.submitted)) if count}
        )
        outbox.deliver(at=noon(days(1)))
        assert_invariants(at=noon(days(1)))

    def test_a_night_begun_twice_at_once_is_one_night(self, line: Line) -> None:
        hold = line.held()
        holds.queue(hold.claim, by=line.biller, at=AT)
        runs = at_once(lambda: line.submit(days(1)), lambda: line.submit(days(1)))
        assert {run.pk for run in runs} == {runs[0].pk}
        assert SubmissionItem.objects.count() == 1 and len(list(line.outbox.glob("*"))) == 1


def _until_somebody_waits() -> None:
    """Wait until another session waits for a lock of ours."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited")
