"""What came out of a back-test, in words: every number says what it counts, and on how many claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from deductibles.domain import back_sums, days, replay
from deductibles.domain.money import dollars, signed
from deductibles.models import BackTest
from deductibles.worth.resampling import FEWEST

_State = BackTest.State
_KINDS = (
    (replay.MET, "Deductible met"),
    (replay.ELAPSED, "Days used up"),
    (replay.GUARD, "Filing guard"),
    (replay.BY_HAND, "Taken by a person"),
    (replay.WAITING, "Still held"),
    (replay.UNKNOWN, "Not known"),
)
KIND_WORDS = {replay.NOT_HELD: "Not held", **dict(_KINDS)}


def numbers(kept: Mapping[str, Any]) -> str:
    """Numbers as they are kept, in words; those that are null are the company's."""
    found = [
        None if kept["max_days"] is None else f"{count(kept['max_days'], 'day')} at most",
        None if kept["dollar_threshold"] is None else f"threshold {_money(kept['dollar_threshold'])}",
        None if kept["monitor_above"] is None else f"annual {_money(kept['monitor_above'])} or more",
    ]
    return ", ".join(each for each in found if each) or "the company’s numbers"


def instead(row: BackTest) -> str:
    """What is tried in place of what is in force."""
    force = row.terms["in_force"]
    tried = numbers(row.terms["proposed"])
    if not force["automatic"] or force["max_days"] is None:
        return f"Tried: {tried}. In force: no claim is held automatically."
    return f"Tried: {tried}. In force: {numbers(force)}."


def period(row: BackTest, year: int) -> str:
    """The days between which the claims were decided."""
    return f"{days.plain(row.from_on, year)} to {days.plain(row.until_on, year)}"


def standing(row: BackTest) -> str:
    """Where a back-test stands, for the list."""
    if row.state == _State.RUNNING:
        return f"Under way, {row.done:,} claims looked at"
    if row.state == _State.DONE:
        return f"Done, {row.done:,} claims looked at"
    return str(row.get_state_display())


def _money(text: str) -> str:
    return dollars(Decimal(text))


def money(cents: int) -> str:
    """Cents as dollars, below zero with its sign."""
    return signed(Decimal(cents) / 100)


def count(number: int, one: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def outcome(result: Any) -> str:
    """What came out: what holding would have brought more or less, and how sure that is."""
    pairs, gain = result["pairs"], result["gain"]
    if not pairs["compared"]:
        return "Of no claim is it known what became of it under both, so nothing can be compared."
    moved = pairs["compared"] - pairs["same_day"]
    on = f"Of {count(pairs['compared'], 'claim')} whose outcome is known under both"
    if not moved:
        return f"{on}, every one would have gone out on the same day."
    early, late = (pairs[way]["claims"] for way in ("earlier", "later"))
    gone = f"{on}, {early:,} would have gone out earlier and {late:,} later."
    if not gain["claims"]:
        return f"{gone} What that is worth is not known: of none of them is enough known about its payment."
    difference = gain["new"] - gain["now"]
    if not result["moved_gains"]:
        return f"{gone} Of those that are paid none would have brought more or less."
    if not result["range"]:
        few = f"{result['moved_gains']:,} of the paid ones differ, {FEWEST} are needed"
        return f"{gone} What that is worth: not enough history ({few})."
    low, high = result["range"]
    more = "more" if difference >= 0 else "less"
    sure = "" if low > 0 or high < 0 else " It may as well be nothing: the range has zero in it."
    return (
        f"{gone} By the estimate holding would have brought {money(abs(difference))} {more}, with a range of "
        f"{money(low)} to {money(high)} (90 %), on {count(gain['claims'], 'paid claim')}.{sure}"
    )


def briefly(result: Any) -> str:
    """The same in one short sentence, for a list."""
    pairs, gain = result["pairs"], result["gain"]
    moved = pairs["compared"] - pairs["same_day"]
    if not pairs["compared"]:
        return "Nothing can be compared."
    on = f"of {count(pairs['compared'], 'claim')} compared"
    if not moved:
        return f"Every one {on} would have gone out on the same day."
    early, late = (pairs[way]["claims"] for way in ("earlier", "later"))
    worth = ""
    if gain["claims"] and result["range"]:
        difference = gain["new"] - gain["now"]
        worth = f"; {money(abs(difference))} {'more' if difference >= 0 else 'less'} by the estimate"
    return f"{early:,} earlier and {late:,} later {on}{worth}."


@dataclass(frozen=True)
class Line:
    """One line of the table: what, and its value on either side; ``part`` marks one that is part of the line
    above."""

    what: str
    now: str
    new: str
    part: bool = False


def side_by_side(result: Any, guard_days: int) -> list[Line]:
    """The numbers in force and those tried, line by line."""
    now, new = (result["sides"][side] for side in back_sums.SIDES)

    def line(what: str, of: Any, part: bool = False) -> Line:
        return Line(what, of(now), of(new), part)

    def kind(name: str) -> Any:
        return lambda side: f"{side['kinds'].get(name, 0):,}"

    gain, medians = result["gain"], result["medians"]
    found = [
        line("Held", lambda side: f"{_held(side):,}"),
        *(line(what, kind(name), True) for name, what in _KINDS),
        line("Not held", kind(replay.NOT_HELD)),
        line("Billed by what was held", lambda side: money(_held_dollars(side))),
        Line("Median days held", _median(medians["now"]), _median(medians["new"])),
        line(
            f"Went out within {count(guard_days, 'day')} of the deadline", lambda side: f"{side['inside']:,}"
        ),
        line("Went out after the deadline", lambda side: f"{side['past']:,}"),
    ]
    if gain["claims"]:
        what = f"What holding brought, estimated ({count(gain['claims'], 'claim')})"
        found.append(Line(what, money(gain["now"]), money(gain["new"])))
    return found


def _held(side: Any) -> int:
    return int(sum(side["kinds"].values()) - side["kinds"].get(replay.NOT_HELD, 0))


def _held_dollars(side: Any) -> int:
    return int(sum(side["billed"].values()) - side["billed"].get(replay.NOT_HELD, 0))


def _median(found: float | None) -> str:
    return "none" if found is None else f"{found:g}"


def moved(result: Any) -> list[str]:
    """What would have come in earlier and later: what is billed, and the shares of payer and patient."""
    found = []
    for name in ("earlier", "later"):
        way = result["pairs"][name]
        if not way["claims"]:
            continue
        mean = way["days"] / way["claims"]
        said = (
            f"{name.capitalize()}: {count(way['claims'], 'claim')}, {money(way['billed'])} billed, "
            f"by {mean:,.1f} days on average."
        )
        paid = way["claims"] - way["unpaid"]
        if paid:
            told = paid - way["share_unknown"]
            said += (
                f" Of the {paid:,} that are paid, payers paid {money(way['payer'])} and patients owed "
                f"{money(way['patient'])}" + ("." if told == paid else f" (known of {told:,}).")
            )
        found.append(said)
    return found


def unknown(result: Any) -> list[str]:
    """What nobody can know, and of how many claims."""
    pairs, gain = result["pairs"], result["gain"]
    lost = pairs["unknown"]
    found = []
    if sum(lost.values()):
        found.append(
            f"{count(sum(lost.values()), 'claim')} would have been held longer than anybody asked about them "
            f"({lost['new']:,} under the numbers tried, {lost['now']:,} under those in force, "
            f"{lost['both']:,} under both): a claim is asked about while it is held, one never held once. "
            "They are not compared."
        )
    if pairs["waiting"]:
        found.append(
            f"{count(pairs['waiting'], 'claim')} would still be held on the last day looked at, under one or "
            "both. They are not compared."
        )
    if result["left_out"]:
        left = count(result["left_out"], "claim")
        found.append(f"Left out: {left} of this time of which the answer they were held on is not stored.")
    out = gain["left_out"]
    why = (
        (back_sums.UNPAID, "are not paid yet"),
        (back_sums.NO_ALLOWED, "have a payment that does not say what was allowed"),
        (back_sums.NO_REMAINING, "have no amount that remained when they went out"),
        (back_sums.TOO_LATE, "were denied as filed too late"),
    )
    missing = [f"{out[name]:,} {said}" for name, said in why if out.get(name)]
    if missing:
        found.append(f"Compared, but without an estimate of their worth: {'; '.join(missing)}.")
    found.append(
        "AR Boost is asked every seven days: a deductible met between two questions shows at the second."
    )
    found.append("What people did with a claim, such as queueing it by hand, they do here too.")
    return found


def trust(result: Any) -> list[str]:
    """How the replay of the numbers in force fares beside what happened, and how near the estimate comes."""
    truth, measure = result["truth"], result["measure"]
    found = []
    if truth["held"]:
        found.append(
            f"Put to the {count(truth['held'], 'claim')} that were held, the numbers in force today give "
            f"the day and the reason that happened for {truth['same']:,} "
            f"({_percent(truth['same'], truth['held'])})."
            + (
                " The others were held under other numbers, or a night did not run."
                if truth["same"] < truth["held"]
                else ""
            )
        )
    if truth["let_go"]:
        found.append(
            f"Of the {count(truth['let_go'], 'claim')} that were not held, the numbers in force today would "
            f"not hold {truth['let_go_same']:,} either ({_percent(truth['let_go_same'], truth['let_go'])})."
        )
    found.append(_nearness(measure))
    return found


def _nearness(measure: Any) -> str:
    """How near what the answers say comes to what the payers applied."""
    what = "The estimate takes what remained by the last answer for what the payer applies to the deductible."
    told = count(measure["claims"], "paid claim")
    if measure["claims"] < FEWEST:
        return f"{what} How near that comes is not known yet: it rests on {told}, {FEWEST} are needed."
    off, more = (money(abs(round(measure[name] / measure["claims"]))) for name in ("off", "more"))
    return f"{what} On {told} it was off by {off} on average, {more} too {_way(measure['more'])}."


def _way(more: int) -> str:
    return "high" if more >= 0 else "low"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}"


def payer_line(name: str, sums: list[int]) -> dict[str, Any]:
    """One payer's line of the table."""
    of = dict(zip(back_sums.PAYER, sums, strict=True))
    gain = money(of["gain"]) if of["gained"] else "not known"
    return {**of, "name": name, "gain": gain}
