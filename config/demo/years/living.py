"""Has an invented history happen: day by day by the domain's rules; a seed always tells the same. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from config.demo.years.truth import (
    CENT,
    DAY,
    Answer,
    Habit,
    History,
    Path,
    TrueClaim,
    TrueHold,
    TruePayer,
    TruePayment,
    TrueSettings,
    entered_at,
    night_at,
)
from deductibles.domain import cadence, filing, hold

YEARS = timedelta(days=730)
PRICES = (420, 610, 850, 980, 1240, 1560)
SEASONS = (1.7, 1.5, 1.3, 1.1, 1.0, 0.9, 0.8, 0.8, 0.9, 1.0, 1.1, 1.2)
"""How fast deductibles are eaten, by month: quickly when the year is young."""
HORIZON = timedelta(days=160)
"""How far a path is known: longer than any claim of a history is held and waits for its payment."""
SILENT, MANUAL, QUEUED_BY_HAND = 0.03, 0.02, 0.004
"""How likely a question stays without an answer, a claim is held by hand, a day has it queued by hand."""
TOO_LATE, POSTED_BY_HAND, TELLS_LITTLE = 0.008, 0.06, 0.4
WRITTEN_OFF_AFTER = timedelta(days=40)

HABITS = (
    Habit(140, (1000, 1500, 2500), Decimal("0.20"), (0.55, 0.75), (9, 20)),
    Habit(260, (500, 1000, 2000), Decimal("0.10"), (0.60, 0.85), (6, 14)),
    Habit(70, (1500, 3000, 5000), Decimal("0.30"), (0.45, 0.65), (12, 30)),
    Habit(180, (800, 1500), Decimal("0.20"), (0.50, 0.70), (8, 16), year_starts=7),
    Habit(110, (1000, 2000, 4000), Decimal("0.25"), (0.55, 0.80), (15, 40)),
    Habit(200, (300, 900, 1800), Decimal("0.00"), (0.70, 0.95), (5, 12)),
)
PAYERS = (
    TruePayer("YA001", "Harrow Valley Health", HABITS[0], 180),
    TruePayer("YA002", "Plainfield Mutual", HABITS[1], 365),
    TruePayer("YA003", "Oxbow County Plan", HABITS[2], 120, max_days=21),
    TruePayer("YA004", "Tinsmiths Fund", HABITS[3], 90),
    TruePayer("YA005", "Copperline Choice", HABITS[4], None, dollar_threshold=Decimal(250)),
    TruePayer("YA006", "Saltmarsh Senior", HABITS[5], 365, monitor_above=Decimal(500)),
)
"""Payers of a history that is written into a company of its own."""


def settings_of(today: date, *, versions: int = 2) -> tuple[TrueSettings, ...]:
    """Settings from two years before ``today``; the second version has fewer days and a higher threshold."""
    first = TrueSettings(1, entered_at(today - YEARS - 2 * DAY), 45, Decimal(0), Decimal(250))
    second = TrueSettings(2, entered_at(today - YEARS / 2), 30, Decimal(100), Decimal(250))
    return (first, second)[:versions]


def live(
    claims: int,
    *,
    today: date,
    seed: int = 1,
    payers: Sequence[TruePayer] = PAYERS,
    settings: Sequence[TrueSettings] = (),
    lasting: timedelta = YEARS,
    quiet: timedelta = timedelta(0),
) -> History:
    """Have so many claims entered evenly over the time before ``today``, and each go its way.

    In the ``quiet`` days before today none is entered, so that those of before come to their end.
    """
    chance = Random(seed)  # noqa: S311  invented claims, not secrets
    given = tuple(settings) or settings_of(today)
    begins, span = today - lasting, (lasting - quiet).days
    entered = sorted(begins + timedelta(days=chance.randrange(span)) for _ in range(claims))
    one = _Life(chance, tuple(payers), given, today)
    lived = tuple(one.of(number, on) for number, on in enumerate(entered))
    return History(lived, tuple(payers), given, begins, today - quiet, today, seed)


def year_end(day: date, starts: int) -> date:
    """The last day of the plan year that ``day`` lies in."""
    year = day.year + 1 if day.month >= starts else day.year
    return date(year, starts, 1) - DAY


@dataclass
class _Life:
    """Who decides how each claim goes: chance, the payers, the settings, and the day on which we look."""

    chance: Random
    payers: tuple[TruePayer, ...]
    settings: tuple[TrueSettings, ...]
    today: date
    rules: dict[tuple[int, str], hold.Rules] = field(default_factory=dict)

    def of(self, number: int, on: date) -> TrueClaim:
        """One claim, entered on this day."""
        chance = self.chance
        payer = self.payers[int(len(self.payers) * chance.random() ** 1.3)]
        annual = Decimal(chance.choice(payer.habit.annuals))
        total = Decimal(chance.choice(PRICES)) + Decimal(chance.randrange(4, 40)) * Decimal("18.50")
        claim = TrueClaim(
            number=number,
            payer=payer,
            date_of_service=on - timedelta(days=chance.choice((2, 3, 3, 4, 5, 8, 12))),
            entered_on=on,
            total=total,
            allowed=(total * Decimal(chance.uniform(*payer.habit.allows))).quantize(CENT),
            annual=annual,
            path=self._path(payer.habit, annual, on),
            proven_until=year_end(on, payer.habit.year_starts),
            hold=None,
            not_held="",
            submitted_on=on,
            payment=None,
        )
        return self._paid(self._held(claim))

    def _path(self, habit: Habit, annual: Decimal, on: date) -> Path:
        """From the day of entry on: eaten by other claims, and whole again with each plan year."""
        chance = self.chance
        ends = year_end(on, habit.year_starts)
        gone = 1 - (ends - on).days / 366
        met = min(1.0, chance.random() * (0.35 + 1.6 * gone)) if chance.random() > 0.12 else 1.0
        left = Decimal(round(int(annual) * 100 * (1 - met))) * CENT
        days, amounts, day = [on], [left], on
        while day < on + HORIZON:
            day += timedelta(days=1 + int(chance.expovariate(1 / 9)))
            if day > ends:
                left, ends = annual, year_end(ends + DAY, habit.year_starts)
            bite = Decimal(int(chance.lognormvariate(0, 0.9) * habit.weekly * SEASONS[day.month - 1] * 100))
            left = max(Decimal(0), left - bite * CENT)
            days.append(day)
            amounts.append(left)
        return _with_new_years(Path(tuple(days), tuple(amounts)), annual, habit.year_starts)

    def _in_force(self, at: datetime) -> TrueSettings:
        known = [one for one in self.settings if one.since <= at]
        return known[-1] if known else self.settings[0]

    def _rules(self, settings: TrueSettings, payer: TruePayer) -> hold.Rules:
        key = settings.version, payer.code
        if key not in self.rules:
            self.rules[key] = hold.rules_for(settings, payer)
        return self.rules[key]

    def _held(self, claim: TrueClaim) -> TrueClaim:
        """Decide by the rules, and if it is held live through its nights."""
        on, payer = claim.entered_on, claim.payer
        settings = self._in_force(entered_at(on))
        deadline = filing.deadline(claim.date_of_service, payer.filing_limit_days)
        if settings.manual_days and self.chance.random() < MANUAL:
            return self._by_hand(claim, settings, deadline)
        facts = hold.Facts(
            today=on,
            usable=True,
            may_hold=True,
            annual=claim.annual,
            remaining=claim.remaining_at_entry,
            payer_name=payer.name,
            deadline_on=deadline,
        )
        decision = hold.decide(facts, self._rules(settings, payer))
        if not decision.hold:
            return replace(claim, not_held=decision.reason)
        assert decision.release_on is not None
        version = settings.version
        row = TrueHold(
            on, "automatic", version, version, decision.why, decision.release_on, decision.release_on, ()
        )
        lived = self._nights(claim, row, deadline)
        return replace(claim, hold=lived, submitted_on=lived.released_on)

    def _by_hand(self, claim: TrueClaim, settings: TrueSettings, deadline: date | None) -> TrueClaim:
        """Held by a biller for the manual days; nobody is asked (D-MAN-2…4)."""
        on = claim.entered_on
        assert settings.manual_days is not None
        when = filing.release_date(on, settings.manual_days, deadline, settings.guard_days)
        why = ("Held by hand.", when.sentence)
        row = TrueHold(on, "manual", settings.version, settings.version, why, when.on, when.on, ())
        if when.on < self.today:
            row = replace(row, released_on=when.on, reason=hold.ELAPSED, release_why=(when.sentence,))
        return replace(claim, hold=row, submitted_on=row.released_on)

    def _nights(self, claim: TrueClaim, row: TrueHold, deadline: date | None) -> TrueHold:
        """Every night until it is released or until today: settings, proof that is there, question, days."""
        on, answers, open_for = row.held_on, list[Answer](), None
        left, proven = claim.remaining_at_entry, claim.proven_until
        decided: TrueSettings | None = None
        while (on := on + DAY) < self.today:
            if self.chance.random() < QUEUED_BY_HAND:
                return self._gone(row, answers, on, hold.BY_HAND, ())
            settings = self._in_force(night_at(on))
            if settings is not decided:
                decided, rules = settings, self._rules(settings, claim.payer)
                assert rules.max_days is not None
                when = filing.release_date(row.held_on, rules.max_days, deadline, rules.guard_days)
                if when.on != row.release_on:
                    row = replace(row, release_on=when.on, settings_now=settings.version)
            if left <= rules.dollar_threshold and proven >= on:
                verdict = hold.judge(hold.Answered(True, left), rules.dollar_threshold, first_nightly=False)
                return self._gone(row, answers, on, verdict.reason_code, verdict.why)
            open_for = on if cadence.is_due(row.held_on, on) else open_for
            if open_for is not None and self.chance.random() >= SILENT:
                left, proven = claim.path.on(on), year_end(on, claim.payer.habit.year_starts)
                first = not answers
                answers.append(Answer(open_for, on, left, proven))
                open_for = None
                verdict = hold.judge(hold.Answered(True, left), rules.dollar_threshold, first_nightly=first)
                if verdict.release:
                    return self._gone(row, answers, on, verdict.reason_code, verdict.why)
            if row.release_on <= on:
                return self._gone(row, answers, on, hold.ELAPSED, (when.sentence,))
        return replace(row, answers=tuple(answers))

    def _gone(
        self, row: TrueHold, answers: list[Answer], on: date, reason: str, why: tuple[str, ...]
    ) -> TrueHold:
        return replace(row, answers=tuple(answers), released_on=on, reason=reason, release_why=why)

    def _paid(self, claim: TrueClaim) -> TrueClaim:
        """What the payer made of it, once it was sent and had its time; the service's plan year counts."""
        if claim.submitted_on is None:
            return claim
        chance, habit = self.chance, claim.payer.habit
        on = claim.submitted_on + timedelta(days=chance.randint(*habit.pays_after))
        luck, hand, tells = chance.random(), chance.random(), chance.random()
        if on >= self.today:
            return claim
        if claim.hold is not None and luck < TOO_LATE:
            off = on + WRITTEN_OFF_AFTER
            nothing = Decimal("0.00")
            denied = TruePayment(on, nothing, nothing, nothing, too_late=True)
            return replace(claim, payment=replace(denied, written_off_on=off if off < self.today else None))
        last = year_end(claim.date_of_service, habit.year_starts)
        taken = min(claim.allowed, claim.path.on(min(on, last)))
        shared = ((claim.allowed - taken) * habit.co_insurance).quantize(CENT, ROUND_HALF_UP)
        payment = TruePayment(on, claim.allowed - taken - shared, taken, shared)
        if hand < POSTED_BY_HAND:
            payment = replace(payment, by_hand=True, tells="paid" if tells < TELLS_LITTLE else "all")
        return replace(claim, payment=payment)


def _with_new_years(path: Path, annual: Decimal, starts: int) -> Path:
    """A step on the first day of each plan year, on which the whole deductible is there again."""
    first, last = path.days[0], path.days[-1]
    new: dict[date, Decimal] = {}
    begins = year_end(first, starts) + DAY
    while begins <= last:
        new[begins] = annual
        begins = year_end(begins, starts) + DAY
    steps = {**new, **dict(zip(path.days, path.left, strict=True))}
    days = tuple(sorted(steps))
    return Path(days, tuple(steps[day] for day in days))
