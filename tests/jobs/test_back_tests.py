"""Back-tests over an invented history of which the truth is known: what they say, and how their worker fares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_django
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import Company, User
from accounts.steps import Refused
from config.demo.people import make_patients
from config.demo.years import living, written
from config.demo.years.truth import History, TrueRates
from deductibles.actions import back_testing
from deductibles.actions.moves import Invalid
from deductibles.domain import back_sums, hold, replay
from deductibles.models import BackTest, BackTestPart, DeductibleSettings, Payment
from deductibles.worth import back_result, back_running, back_words, histories, resampling
from patients.models import Payer
from tests import factories
from tests.api.test_holds import hold_many
from tests.jobs.back_test_truth import REASONS, TODAY, lines_of, ours, story, truth_of, under

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
CLAIMS = 1200
NUMBERS = {"max_days": "45", "dollar_threshold": "0", "monitor_above": "250"}
PERIOD = {"from_on": "2024-10-01", "until_on": f"{TODAY}"}


@pytest.fixture(scope="module")
def history(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[History]:
    """Two years under the same settings, written into a company once for the whole file."""
    with django_db_blocker.unblock(), transaction.atomic():
        ben = factories.make_cast()["ben"]
        lived = living.live(CLAIMS, today=TODAY, seed=7, settings=living.settings_of(TODAY, versions=1))
        written.make_rules(ben.company, lived)
        written.write(
            ben.company, lived, patients=make_patients(ben.company, 9, at=factories.LONG_AGO), by=ben
        )
        connection.check_constraints()  # once here, instead of after each test
        yield lived
        transaction.set_rollback(True)


@pytest.fixture
def ben(history: History, db: None) -> User:
    return factories.find_cast()["ben"]


@pytest.fixture
def acme(ben: User) -> Company:
    return ben.company


def begun(by: User, **changes: Any) -> BackTest:
    """A back-test that waits for its worker."""
    return back_testing.begin(by.company, {**PERIOD, **NUMBERS, **changes}, by=by, at=AT)[0]


def done(by: User, **changes: Any) -> BackTest:
    """A back-test that was worked on to its end."""
    row = begun(by, **changes)
    back_running.work_on(row.pk, at=AT)
    row.refresh_from_db()
    assert row.state == "done"
    return row


def test_the_settings_in_force_give_what_happened_to_every_claim(ben: User, history: History) -> None:
    row = done(ben)
    lines, claims = list(lines_of(row).values()), ours(history)
    assert len(lines) == len(claims) == row.result["claims"]
    for line, claim in zip(lines, claims, strict=True):
        reason, on = truth_of(claim)
        assert (line.now_on, reason in REASONS[line.now_kind]) == (on, True)
        assert (line.now_kind == "not_held") == (claim.hold is None)
    held = sum(one.hold is not None for one in claims)
    assert row.result["truth"] == {
        "held": held, "same": held, "let_go": len(claims) - held, "let_go_same": len(claims) - held
    }  # fmt: skip


def test_what_was_stored_says_the_same_reason_as_the_replay_to_the_letter(ben: User) -> None:
    row, kinds = begun(ben), Counter[str]()
    bench = back_running.Bench(row)
    for page in histories.pages(row):
        for past in page.pasts:
            fate = bench.judge(past).now
            assert replay.same(fate, past.happened)
            kinds[fate.reason if fate.is_held else "let go"] += 1
    assert {hold.MET, hold.MET_FIRST, hold.ELAPSED, hold.BY_HAND, "let go", ""} <= set(kinds)


def test_the_same_numbers_on_both_sides_move_no_claim(ben: User) -> None:
    result = done(ben).result
    assert result["pairs"]["same_day"] == result["pairs"]["compared"] > 800
    assert result["gain"]["now"] == result["gain"]["new"]


def test_shorter_days_and_a_higher_threshold_are_what_the_truth_would_have_made_of_them(
    ben: User, history: History
) -> None:
    """Told by the truth alone: the first answer at or below the threshold, or the day that ends the hold."""
    lines = lines_of(done(ben, max_days="20", dollar_threshold="300"))
    told = Counter[str]()
    for line, claim in zip(lines.values(), ours(history), strict=True):
        if claim.payer.max_days or claim.payer.dollar_threshold or claim.hold is None:
            continue
        kind, on = under(claim, 20, Decimal(300))
        assert (line.new_kind, line.new_on) == (kind, f"{on}")
        told[kind] += 1
    assert {"met", "elapsed", "by_hand", "not_held"} <= set(told)


def test_longer_days_are_not_known_where_nobody_asked_and_say_so(ben: User, history: History) -> None:
    lines = lines_of(done(ben, max_days="90"))
    lost = 0
    for line, claim in zip(lines.values(), ours(history), strict=True):
        if claim.hold is not None and claim.hold.reason == hold.ELAPSED and not claim.payer.max_days:
            assert line.new_kind in ("unknown", "guard", "elapsed", "waiting")
            lost += line.new_kind == "unknown"
            if line.new_kind == "unknown":
                assert line.new_on > f"{claim.hold.released_on}"
    assert lost > 50


def test_a_claim_that_was_never_held_is_not_known_when_it_would_have_been(
    ben: User, acme: Company, history: History
) -> None:
    senior = Payer.objects.get(company=acme, payer_id="YA006")
    row = done(ben, own_payer=str(senior.pk), own_monitor_above="0")
    small = [
        (line.now_kind, line.new_kind)
        for line, claim in zip(lines_of(row).values(), ours(history), strict=True)
        if claim.not_held == "annual_small"
    ]
    assert set(small) == {("not_held", "unknown")} and len(small) > 20
    assert row.result["pairs"]["unknown"] == {"now": 0, "new": len(small), "both": 0}
    assert row.result["sides"]["now"]["why"]["annual_small"] == len(small)


def test_the_gain_of_each_claim_is_the_difference_of_two_stories_told_by_the_truth(
    ben: User, history: History
) -> None:
    """At once, and after holding until either day: told from the truth with fractions, by code of its own."""
    row, rates, told = done(ben, max_days="20", dollar_threshold="300"), TrueRates(), 0
    for line, claim in zip(lines_of(row).values(), ours(history), strict=True):
        paid = claim.payment
        if paid is None or paid.too_late or paid.tells == "paid":
            assert len(line.gains) == 1
        elif len(line.gains) == 2:
            for gain, kind, days, left in (
                (line.gains[0], line.now_kind, line.now_days, line.now_left),
                (line.gains[1], line.new_kind, line.new_days, line.new_left),
            ):
                told_by_it = 0 if kind == "not_held" else story(claim, days, Decimal(left or 0), rates)
                assert abs(gain - told_by_it * 100) <= 1
                told += kind != "not_held"
    assert told > 400 and row.result["gain"]["claims"] > 300
    assert row.result["range"][0] < row.result["range"][1]


def test_a_denial_for_time_that_is_paid_after_all_counts_as_paid(ben: User) -> None:
    row = begun(ben)

    def paid() -> dict[int, Any]:
        return {past.id: past.paid for page in histories.pages(row) for past in page.pasts if past.paid}

    before = paid()
    key = next(key for key, one in before.items() if one.paid and not one.too_late)
    posted = Payment.objects.get(claim=key, posted_at__isnull=False)
    Payment.objects.create(
        company=ben.company, claim=posted.claim, number=posted.number, paid=0, at=AT, filed_too_late=True,
        arrival=posted.arrival, charged=posted.charged,
    )  # fmt: skip
    assert paid()[key] == before[key]


def test_the_same_seed_gives_the_same_range_and_few_differences_give_none() -> None:
    """Beside scipy's own bootstrap, which draws every claim."""
    import numpy
    from scipy import stats

    values = [(-1) ** place * place * 100 + 900 for place in range(60)]
    one = resampling.range_of_sum(values, alike=400, seed=5)
    assert one == resampling.range_of_sum(values, alike=400, seed=5) and one is not None
    assert one[0] < sum(values) < one[1]
    assert resampling.range_of_sum(values[:29], alike=400, seed=5) is None
    whole = numpy.array([*values, *([0] * 400)], dtype=float)
    other = stats.bootstrap(
        (whole,), numpy.sum, confidence_level=0.9, method="percentile", n_resamples=2000, rng=3
    ).confidence_interval
    assert one == pytest.approx((other.low, other.high), rel=0.1, abs=2500)


def test_one_payer_is_looked_at_alone_and_another_has_numbers_of_its_own(ben: User, acme: Company) -> None:
    mutual = Payer.objects.get(company=acme, payer_id="YA002")
    alone = done(ben, payer=str(mutual.pk)).result
    assert set(alone["payers"]) == {str(mutual.pk)} and alone["claims"] > 100
    own = done(ben, own_payer=str(mutual.pk), own_max_days="10").result
    moved = {key: sums[4] for key, sums in own["payers"].items()}
    assert moved.pop(str(mutual.pk)) > 20 and not any(moved.values())


def test_the_period_is_that_of_the_decision(ben: User, history: History) -> None:
    row = done(ben, from_on="2026-03-01", until_on="2026-03-31")
    wanted = [one for one in ours(history) if date(2026, 3, 1) <= one.entered_on <= date(2026, 3, 31)]
    assert row.result["claims"] == len(wanted) > 10
    assert done(ben, from_on="2026-11-02").result["claims"] == 0


def test_settings_saved_meanwhile_change_nothing_of_a_back_test(ben: User, acme: Company) -> None:
    row = begun(ben)
    DeductibleSettings.objects.create(company=acme, version=2, automatic=False, created_at=AT)
    back_running.work_on(row.pk, at=AT)
    row.refresh_from_db()
    assert row.result["truth"]["same"] == row.result["truth"]["held"] > 0


def test_a_claim_of_which_the_first_answer_is_not_stored_is_left_out_and_counted(
    ben: User, acme: Company
) -> None:
    hold_many(acme, 2, first=90_000, started_on=TODAY - timedelta(days=3))
    result = done(ben, from_on="2026-10-28").result
    assert result["left_out"] == 2
    assert any(said.startswith("Left out: 2 claims of this time") for said in back_words.unknown(result))


class Killed(BaseException):
    """The worker is gone."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 300 claims."""
    monkeypatch.setattr(histories, "PAGE", 150)


def test_a_worker_that_dies_is_followed_by_one_that_goes_on_behind_it(
    ben: User, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = done(ben).result
    row, keep, parts = begun(ben), back_testing.keep_part, list[int]()

    def dying(*args: Any, **kept: Any) -> bool:
        if len(parts) in (2, 4):
            parts.append(0)
            raise Killed
        parts.append(args[1])
        return keep(*args, **kept)

    monkeypatch.setattr(back_testing, "keep_part", dying)
    for _ in range(2):
        with pytest.raises(Killed):
            back_running.work_on(row.pk, at=AT)
    assert back_running.work_on(row.pk, at=AT)
    row.refresh_from_db()
    assert parts == [1, 2, 0, 3, 0, 4] and row.done == CLAIMS
    assert row.state == "done" and _without_chance(row.result) == _without_chance(whole)


def _without_chance(result: Any) -> Any:
    return {name: value for name, value in result.items() if name != "range"}


def test_a_worker_that_died_before_the_end_was_written_leaves_only_the_end_to_do(
    ben: User, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = begun(ben)

    def dying(row: BackTest) -> Any:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(back_result, "of", dying)
        with pytest.raises(Killed):
            back_running.work_on(row.pk, at=AT)
    before = row.parts.count()
    back_running.work_on(row.pk, at=AT)
    row.refresh_from_db()
    assert (row.state, row.parts.count()) == ("done", before)


def test_one_that_ends_every_worker_is_given_up_with_a_sentence(
    ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = begun(ben)

    def failing(*args: Any, **kept: Any) -> Any:
        raise ValueError("this claim cannot be read")

    monkeypatch.setattr(back_sums, "add", failing)
    for _ in range(back_running.MOST_ATTEMPTS + 1):
        back_running.catch_up(at=AT)
    row.refresh_from_db()
    assert (row.state, row.note) == ("failed", back_running.GIVEN_UP)
    assert not back_running.work_on(row.pk, at=AT)


def test_a_sweep_stops_when_its_time_is_up_and_the_next_goes_on(ben: User, small: None) -> None:
    row = begun(ben)
    back_running.work_on(row.pk, at=AT, seconds=0)
    row.refresh_from_db()
    assert (row.state, row.done) == ("running", 300)
    assert back_running.catch_up(at=AT) == 1
    row.refresh_from_db()
    assert row.state == "done"


def test_a_cancelled_one_stops_at_its_next_part_and_keeps_nothing(
    ben: User, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, keep = begun(ben), back_testing.keep_part

    def cancelled_meanwhile(*args: Any, **kept: Any) -> bool:
        kept_it = keep(*args, **kept)
        if args[1] == 2:
            back_testing.cancel(row, by=ben, at=AT)
        return kept_it

    monkeypatch.setattr(back_testing, "keep_part", cancelled_meanwhile)
    back_running.work_on(row.pk, at=AT)
    row.refresh_from_db()
    assert (row.state, row.cancelled_by, row.result) == ("cancelled", ben, None)
    assert not BackTestPart.objects.filter(of=row).exists()
    with pytest.raises(Refused, match="over: cancelled"):
        back_testing.cancel(row, by=ben, at=AT)


def test_a_company_has_three_under_way_at_most_and_the_same_question_once(ben: User) -> None:
    first = begun(ben)
    assert begun(ben).pk == first.pk
    begun(ben, max_days="20"), begun(ben, max_days="21")
    with pytest.raises(Refused, match="3 back-tests of your company are waiting or under way"):
        begun(ben, max_days="22")
    back_testing.cancel(first, by=ben, at=AT)
    assert begun(ben, max_days="22").state == "waiting"


def test_the_command_does_it_without_a_worker_and_says_what_came_out(ben: User, capsys: Any) -> None:
    begun(ben)
    call_command("back_test")
    assert "1 back-tests worked on." in capsys.readouterr().out
    options = {**PERIOD, **NUMBERS, "max_days": "20", "until_on": "2026-11-02"}
    call_command("back_test", company="acme", **options)
    said = capsys.readouterr().out
    assert "Median days held:" in said and "whose outcome is known under both" in said


def test_what_became_of_each_claim_goes_after_a_while_and_the_sums_stay(ben: User) -> None:
    row = done(ben)
    assert back_testing.forget_old(at=AT + timedelta(days=80)) == 0
    assert back_testing.forget_old(at=AT + timedelta(days=95)) == 1
    row.refresh_from_db()
    assert row.result["claims"] and row.emptied_at and not row.parts.exists()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"from_on": "2026-12-24", "until_on": "2026-12-31"}, "from_on", "in the future"),
        ({"from_on": "2026-05-02", "until_on": "2026-05-01"}, "until_on", "before the first"),
        ({"from_on": "2001-01-01", "until_on": "2001-12-31"}, "from_on", "No claim was decided in this time"),
        ({"max_days": "366"}, "max_days", "from 1 to 365"),
        ({"max_days": ""}, "max_days", "is missing"),
        ({"dollar_threshold": "-5"}, "dollar_threshold", "cannot be negative"),
        ({"dollar_threshold": ""}, "dollar_threshold", "is missing"),
        ({"monitor_above": "1e3"}, "monitor_above", "not an amount"),
        ({"monitor_above": "99999999999"}, "monitor_above", "the largest there can be"),
        ({"payer": "999999999"}, "payer", "no such payer here"),
        ({"own_max_days": "10"}, "own_payer", "Say whose numbers these are"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_a_sentence(
    ben: User, typed: dict[str, str], field: str, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        begun(ben, **typed)
    assert said in refused.value.fields[field][0][1]
    assert not BackTest.objects.exists()


def test_numbers_of_one_payer_on_the_claims_of_another_contradict_each_other(
    ben: User, acme: Company
) -> None:
    one, other = Payer.objects.filter(company=acme)[:2]
    with pytest.raises(Invalid) as refused:
        begun(ben, payer=str(one.pk), own_payer=str(other.pk), own_max_days="10")
    assert "nothing would change" in refused.value.fields["own_payer"][0][1]
