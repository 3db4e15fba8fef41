"""Work lists: what puts a claim on one, what takes it off, setting aside, and what the pages say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from deductibles.actions import deciding, holds
from deductibles.domain import worklists
from deductibles.models import Claim, Concern, Hold, SetAside
from deductibles.worklists import reading
from deductibles.worklists.reading import Asked, Place, counts_of, page_of
from patients.models import Payer
from tests import factories
from tests.claim_line import DAY0, Line, days, noon

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
INACTIVE = {"active": False}
NOT_FOUND = {"reject": {"code": "72", "follow_up": "C", "loop": "2100C"}}
BIRTH = {"reject": {"code": "71", "follow_up": "C", "loop": "2100C"}}
DOWN = {"outcome": "unavailable", "send": []}


@pytest.fixture
def desk(line: Line, page_as: Callable[[User], Client]) -> Iterator[Client]:
    """The biller's browser on day 0."""
    with time_machine.travel(noon(DAY0), tick=False):
        yield page_as(line.biller)


def lists_of(claim: Claim) -> set[str]:
    """The lists that what is written down puts a claim on."""
    return set(Concern.objects.filter(claim=claim).values_list("kind", flat=True))


def numbers(line: Line, kind: str, day: date = DAY0, **asked) -> list[str]:
    """The claims of a list as of a day."""
    rows, _ = page_of(kind, Asked(line.company.pk, day, **asked), None, 100)
    known = dict(Claim.objects.values_list("pk", "number"))
    return [known[row.claim_id] for row in rows]


def test_a_claim_without_a_usable_answer_is_on_the_list_until_it_is_found_out_D_HOLD_3(line: Line) -> None:
    member = line.member(**DOWN)
    claim = line.complete(member).claim
    assert (claim.status, lists_of(claim)) == ("queued", {"unknown"})
    line.vendor.script(member, amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "900.00"}])
    deciding.run_eligibility(claim, by=line.biller, at=noon(DAY0))
    assert (Claim.objects.get(pk=claim.pk).status, lists_of(claim)) == ("hold", set())


def test_a_claim_leaves_every_list_with_its_submission(line: Line) -> None:
    claim = line.complete(line.member(**DOWN)).claim
    line.submit(days(1))
    assert (Claim.objects.get(pk=claim.pk).status, lists_of(claim)) == ("submitted", set())


@pytest.mark.parametrize(
    ("script", "field"), [(NOT_FOUND, "Mend member id"), (BIRTH, "Mend birth date")], ids=["72", "71"]
)
def test_a_rejected_question_leads_to_the_field_it_names(line: Line, desk: Client, script, field) -> None:
    claim = line.complete(line.member(**script)).claim
    assert lists_of(claim) == {"unknown", "rejected"}
    page = desk.get(reverse("deductibles:work_rejected")).content.decode()
    assert claim.number in page and field in page
    assert f"({script['reject']['code']})" in page


def test_what_is_wrong_with_our_set_up_or_the_payers_is_no_work_of_a_billers(line: Line) -> None:
    for code in ("42", "41", "51"):
        claim = line.complete(line.member(reject={"code": code, "follow_up": "R", "loop": "2100A"})).claim
        assert lists_of(claim) == {"unknown"}


@pytest.mark.parametrize(
    ("flag", "script"),
    [
        ("inconsistent", {"amounts": [{"from": "2000-01-01", "annual": "500.00", "remaining": "900.00"}]}),
        ("reason_code_contradicted", {"reason_code": "Deductible Met Threshold"}),
    ],
)
def test_an_answer_that_cannot_be_acted_on_is_looked_at_until_a_better_one_comes(
    line: Line, flag: str, script
) -> None:
    hold = line.held()
    line.says(hold, **script)
    line.check(days(7))
    assert Concern.objects.get(claim=hold.claim).codes == [flag]
    assert numbers(line, "lines", days(7)) == [hold.claim.number]
    line.now_remaining(hold, "1200.00")
    line.check(days(14))
    assert lists_of(hold.claim) == set()


def test_coverage_that_ended_while_held_is_on_its_list_also_once_released(line: Line) -> None:
    hold = line.held()
    line.says(hold, **INACTIVE)
    line.check(days(7))
    assert lists_of(hold.claim) == {"coverage"}
    holds.queue(hold.claim, by=line.biller, at=noon(days(8)))
    assert lists_of(hold.claim) == {"coverage"}


def test_another_payer_takes_what_was_said_of_the_old_one_off_the_lists_D_HOLD_5(line: Line) -> None:
    claim = line.complete(line.member(**NOT_FOUND)).claim
    payer = factories.PayerFactory(company=line.company)
    amounts = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "900.00"}]
    data = {"payer": str(payer.pk), "member_id": line.member(amounts=amounts)}
    changed = deciding.change_payer(claim, data, by=line.biller, at=noon(DAY0)).claim
    assert (lists_of(claim), changed.payer) == (set(), payer)


def test_a_claim_not_answered_on_two_dates_is_listed_and_gone_with_the_next_answer_D_CHK_7(
    line: Line,
) -> None:
    hold = line.held()
    line.says(hold, **DOWN)
    line.check(days(7))
    assert lists_of(hold.claim) == set(), "one night's silence is the vendor's, not the claim's"
    for night in (8, 14):
        line.check(days(night))
    assert lists_of(hold.claim) == {"unanswered"}
    assert Concern.objects.get(claim=hold.claim).since_on == days(7)
    line.now_remaining(hold, "1200.00")
    line.check(days(15))
    assert lists_of(hold.claim) == set()


def test_a_hold_by_hand_without_an_end_is_listed_D_MAN_5(line: Line) -> None:
    ends, stays = line.enter(), line.enter()
    holds.hold_by_hand(stays, by=line.biller, at=noon(DAY0))
    line.settings(manual=True, manual_days=20)
    holds.hold_by_hand(ends, by=line.biller, at=noon(DAY0))
    assert numbers(line, "no-end") == [stays.number]


def test_what_has_not_left_is_listed_from_thirty_days_before_its_deadline(line: Line) -> None:
    Payer.objects.filter(pk=line.payer.pk).update(filing_limit_days=90)
    line.payer.refresh_from_db()
    near, far = line.enter(served=DAY0 - timedelta(days=60)), line.enter(served=DAY0 - timedelta(days=59))
    late = line.enter(served=DAY0 - timedelta(days=95))
    gone = line.complete(line.member(), served=DAY0 - timedelta(days=80)).claim
    line.submit(DAY0)
    assert Claim.objects.get(pk=gone.pk).status == "submitted"
    assert numbers(line, "deadline") == [late.number, near.number]
    assert numbers(line, "deadline", days(1)) == [late.number, near.number, far.number]
    assert numbers(line, "deadline", within=DAY0) == [late.number]
    Payer.objects.filter(pk=line.payer.pk).update(filing_limit_days=None)
    assert numbers(line, "deadline") == []


def _held_into_january(line: Line) -> Hold:
    line.settings(day=date(2026, 11, 20), max_days=60)
    Payer.objects.update(filing_limit_days=None)
    line.payer.refresh_from_db()
    return line.held(day=date(2026, 11, 20), served=date(2026, 11, 19))


def test_the_list_of_plan_years_begins_on_1_December_and_counts_dollars_by_payer(
    line: Line, page_as: Callable[[User], Client]
) -> None:
    hold = _held_into_january(line)
    assert hold.release_on == date(2027, 1, 19)
    before, first = date(2026, 11, 30), date(2026, 12, 1)
    assert numbers(line, "plan-year", before) == []
    assert "plan-year" not in [one.kind for one in counts_of(line.company.pk, before)]
    assert numbers(line, "plan-year", first) == [hold.claim.number]
    with time_machine.travel(noon(first), tick=False):
        page = page_as(line.biller).get(reverse("deductibles:work_plan_year")).content.decode()
    assert "Thursday 31 December is the last day" in page
    assert line.payer.name in page and "$850.00" in page
    with time_machine.travel(noon(before), tick=False):
        page = page_as(line.biller).get(reverse("deductibles:work_plan_year")).content.decode()
    assert "This list begins on 1 December" in page


def test_a_hold_that_ends_within_its_plan_year_is_not_on_that_list(line: Line) -> None:
    line.held()
    assert numbers(line, "plan-year", date(2026, 12, 1)) == []


def test_the_lists_are_read_by_payer_age_and_page(line: Line) -> None:
    mine = [line.complete(line.member(**DOWN), day=days(day)).claim.number for day in (0, 3, 3, 9)]
    assert numbers(line, "unknown", days(10)) == mine
    assert numbers(line, "unknown", days(10), since=days(3)) == mine[:3]
    assert numbers(line, "unknown", days(10), payer=line.payer.pk) == mine
    assert numbers(line, "unknown", days(10), payer=line.payer.pk + 1) == []
    asked = Asked(line.company.pk, days(10))
    first, counted = page_of("unknown", asked, None, 2)
    rest, _ = page_of("unknown", asked, Place(first[1].on, first[1].key), 2)
    back, _ = page_of("unknown", asked, Place(rest[0].on, rest[0].key, back=True), 2)
    assert counted == 4 and [*first, *rest] == page_of("unknown", asked, None, 9)[0] and back == first


def _put_aside(desk: Client, claim: Claim, kind: str = "unknown", **typed: str):
    data = {"until_on": days(5).isoformat(), "reason": "Asked the hospital for the card", **typed}
    return desk.post(reverse("deductibles:work_aside", args=[claim.number, kind]), data)


def test_a_claim_set_aside_comes_back_by_itself_on_its_day(line: Line, desk: Client) -> None:
    claim = line.complete(line.member(**DOWN)).claim
    assert _put_aside(desk, claim).status_code == 302
    assert numbers(line, "unknown") == [] and numbers(line, "unknown", aside=True) == [claim.number]
    assert numbers(line, "unknown", days(5)) == [claim.number]
    events = SetAside.pgh_event_models["insert"].objects.select_related("pgh_context")
    kept = [(event.pgh_context.metadata["who"], event.reason) for event in events]
    assert kept == [("ben", "Asked the hospital for the card")]
    page = desk.get(reverse("deductibles:work_unknown") + "?aside=yes").content.decode()
    assert "Asked the hospital for the card" in page


def test_a_claim_is_brought_back_before_its_day(line: Line, desk: Client) -> None:
    claim = line.complete(line.member(**DOWN)).claim
    _put_aside(desk, claim)
    assert _put_aside(desk, claim, do="back").status_code == 302
    assert numbers(line, "unknown") == [claim.number]
    assert _put_aside(desk, claim, do="back").status_code == 409


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reason": ""}, "Reason is missing"),
        ({"until_on": ""}, "Until is missing"),
        ({"until_on": "2026-05-20"}, "Until must be a day from tomorrow"),
        ({"until_on": "2026-12-31"}, "Until must be a day from tomorrow"),
        ({"until_on": "31.13.2026"}, "Until"),
        ({"reason": "x" * 301}, "Reason"),
    ],
)
def test_setting_aside_says_what_is_wrong_and_keeps_what_was_typed(
    line: Line, desk: Client, typed: dict[str, str], said: str
) -> None:
    claim = line.complete(line.member(**DOWN)).claim
    answer = _put_aside(desk, claim, **typed)
    assert answer.status_code == 400 and said in answer.content.decode()
    assert numbers(line, "unknown") == [claim.number]


def test_only_what_stands_on_a_list_is_set_aside_of_it(line: Line, desk: Client) -> None:
    claim = line.complete(line.member(**DOWN)).claim
    for kind in ("coverage", "plan-year", "no-end", "deadline"):
        assert _put_aside(desk, claim, kind).status_code == 409, kind
    assert desk.get(reverse("deductibles:work_aside", args=[claim.number, "nonsense"])).status_code == 404


def test_the_counts_stand_on_every_page_of_claims_and_on_the_lists(line: Line, desk: Client) -> None:
    line.complete(line.member(**NOT_FOUND))
    page = desk.get(reverse("deductibles:work")).content.decode()
    assert "Rejected questions" in page and "Deductible unknown" in page
    counts = {one.kind: one.said for one in counts_of(line.company.pk, DAY0)}
    assert (counts["rejected"], counts["unknown"], counts["lines"]) == ("1", "1", "0")
    assert '<span class="count">2</span>' in desk.get(reverse("deductibles:claims")).content.decode()


def test_the_lists_of_another_company_are_its_own(
    line: Line, cast: dict[str, User], page_as: Callable[[User], Client]
) -> None:
    bo = page_as(cast["bo"])
    claim = line.complete(line.member(**DOWN)).claim
    assert claim.number not in bo.get(reverse("deductibles:work_unknown")).content.decode()
    assert _put_aside(bo, claim).status_code == 404


def test_a_cursor_of_somebodys_making_is_no_address(line: Line, desk: Client) -> None:
    for cursor in ("x", "W251bGwsMSxmYWxzZV0", "WyIyMDI2LTA1LTIwIiwxLCJubyJd"):
        assert desk.get(reverse("deductibles:work_unknown"), {"cursor": cursor}).status_code == 404


def test_a_list_is_taken_away_as_a_file_without_formulas(line: Line, desk: Client) -> None:
    claim = line.complete(line.member(**NOT_FOUND)).claim
    answer = desk.post(reverse("tables:export", args=["work-rejected"]), {})
    text = b"".join(answer).decode("utf-8-sig")
    assert claim.number in text and "Member id missing or not valid (72)." in text and "2026-05-20" in text


@pytest.mark.parametrize("kind", [one.key for one in worklists.LISTS])
def test_every_list_is_read_from_an_index(line: Line, kind: str) -> None:
    """No list walks claims, holds or answers: their plans name an index and no sequential scan of those."""
    asked = Asked(line.company.pk, date(2026, 12, 5))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("EXPLAIN " + reading._sql(kind, asked, None), reading._values(asked, 101, None))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    index = {"no-end": "hold_release", "plan-year": "hold_release", "deadline": "claim_filing"}
    assert index.get(kind, "concern_list") in plan, plan


def _shown(desk: Client, **filters: str) -> str:
    return desk.get(reverse("deductibles:claims"), filters).content.decode()


def test_claims_are_filtered_by_payer_by_unknown_deductible_and_by_my_drafts(
    line: Line, desk: Client, cast: dict[str, User]
) -> None:
    unknown, known = line.complete(line.member(**DOWN)).claim, line.held().claim
    mine = line.enter()
    User.objects.filter(pk=cast["adam"].pk).update(role="biller")
    line.biller = User.objects.get(pk=cast["adam"].pk)
    theirs = line.enter()
    found = {
        "unknown": _shown(desk, unknown="yes"),
        "mine": _shown(desk, drafts="mine"),
        "payer": _shown(desk, payer=str(line.payer.pk)),
        "nobody": _shown(desk, payer=str(line.payer.pk + 1)),
        "odd": _shown(desk, payer="x", unknown="perhaps", drafts="all"),
    }
    rows = (unknown.number, known.number, mine.number, theirs.number)
    named = {key: [row for row in rows if row in page] for key, page in found.items()}
    assert named == {
        "unknown": [unknown.number],
        "mine": [mine.number],
        "payer": list(rows),
        "nobody": [],
        "odd": list(rows),
    }


def test_the_hold_page_says_where_the_filing_guard_set_the_release_date(line: Line, desk: Client) -> None:
    line.held()
    assert "by the filing guard" not in desk.get(reverse("deductibles:holds")).content.decode()
    line.held(served=DAY0 - timedelta(days=150))
    page = desk.get(reverse("deductibles:holds")).content.decode()
    assert page.count("by the filing guard") == 1 and "5 Jun" in page


def test_the_billers_home_shows_the_lists_that_have_something(line: Line, desk: Client) -> None:
    line.complete(line.member(**NOT_FOUND))
    page = desk.get("/").content.decode()
    assert reverse("deductibles:work_rejected") in page and reverse("deductibles:work_lines") not in page
