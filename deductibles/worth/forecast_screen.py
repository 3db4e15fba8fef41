"""The page of the forecast: the newest whose error is known, of the company or of one payer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.urls import reverse

from accounts.models import User
from deductibles.domain import days
from deductibles.models import Forecast
from deductibles.worth import forecast_words as words
from deductibles.worth.forecast_chart import Chart, Series, chart_of
from deductibles.worth.history import day_of
from deductibles.worth.kept import HIGH, LOW, MIDDLE, TOP, Day, days_of, sums_of
from patients.domain.intake import Wrong
from patients.models import Payer
from tables.face import Chip, Menu, Option, address_with

NONE, SHORT, MEASURING, SHOWN = "none", "short", "measuring", "shown"
FILES = ("days", "error")
"""What may be taken as a file."""


@dataclass(frozen=True)
class Readout:
    """One figure above the charts."""

    value: str
    what: str
    detail: str


@dataclass(frozen=True)
class Table:
    """A table as it is read, and as a file has it (plain numbers)."""

    key: str
    title: str
    heads: list[str]
    rows: list[list[str]]
    plain: list[list[str]]


class ForecastScreen:
    """Everything the page shows of one payer, or of all. ``wrong`` are filters that were left out, by
    name."""

    def __init__(self, user: User, given: Mapping[str, str], *, today: date) -> None:
        self.user, self.today, self.year = user, today, today.year
        self.page = reverse("deductibles:worth_forecast")
        self.wrong: dict[str, Wrong] = {}
        self.payer = self._payer(given.get("payer", ""))

    # --- what is asked for ------------------------------------------------------------------

    @cached_property
    def newest(self) -> Forecast | None:
        """The company's newest forecast whose error was measured, else the newest."""
        rows = Forecast.objects.visible_to(self.user).filter(payer=None).order_by("-made_on")
        found = list(rows[:3])
        return next((row for row in found if row.error is not None), found[0] if found else None)

    @cached_property
    def payers(self) -> list[tuple[int, str]]:
        """The payers that have a forecast of that day."""
        if self.newest is None:
            return []
        rows = Forecast.objects.visible_to(self.user).filter(made_on=self.newest.made_on, payer__isnull=False)
        named = rows.order_by("payer__name", "payer").values_list("payer", "payer__name")
        return [(int(key), name) for key, name in named]

    def _payer(self, said: str) -> Payer | None:
        """The payer filtered by; what is not known is said and left out."""
        if not said:
            return None
        key = int(said) if said.isascii() and said.isdigit() and len(said) <= 18 else 0
        found = Payer.objects.visible_to(self.user).filter(pk=key).first()
        if found is None:
            sentence = "There is no such payer here. Choose one of the list; all payers are shown."
            self.wrong["payer"] = Wrong("not_found", sentence)
        return found

    @cached_property
    def row(self) -> Forecast | None:
        """The forecast that is shown."""
        if self.newest is None or self.payer is None:
            return self.newest
        rows = Forecast.objects.visible_to(self.user).filter(made_on=self.newest.made_on)
        return rows.filter(payer=self.payer).first()

    @property
    def state(self) -> str:
        """``shown`` only with a known error; else why not."""
        if self.newest is None:
            return NONE
        if self.newest.days is None:
            return SHORT
        if self.row is None:
            return NONE
        return SHOWN if (self.row.error or {}).get("enough") else MEASURING

    @cached_property
    def replayed(self) -> int:
        """How many of the days before it are forecast by now."""
        if self.newest is None:
            return 0
        rows = Forecast.objects.visible_to(self.user).filter(payer=None, made_on__lt=self.newest.made_on)
        return rows.count()

    # --- words ------------------------------------------------------------------------------

    @property
    def over(self) -> str:
        """The line above the heading."""
        return f"Claims · {self.payer.name if self.payer else 'all payers'}"

    @property
    def lead(self) -> str:
        """What is to come, or why nothing is said."""
        if self.state == SHOWN and self.row is not None:
            return words.lead(self.row.days["sums"], self.row.held, self.row.made_on, self.year)
        return "Releases and cash of the next 30 days, shown only with the error that earlier forecasts had."

    @property
    def why_not(self) -> str:
        """Why no figure is shown."""
        if self.state == SHORT and self.newest is not None:
            return words.not_enough(self.newest.basis)
        if self.state == MEASURING and self.row is not None:
            compared = (self.row.error or {}).get("forecasts", 0)
            done = words.LOOKS_BACK + 1 if self.row.error is not None else self.replayed
            return words.measuring(done, compared)
        if self.payer is not None and self.newest is not None:
            return "No claim of this payer was held that day, or is on its way to it."
        return "It is made after each nightly check, from the history of your own holds."

    @property
    def made(self) -> str:
        """Of which night it is, in words."""
        return days.spoken(self.row.made_on, self.year) if self.row else ""

    @property
    def basis(self) -> list[str]:
        """What it rests on."""
        return words.basis(self.row.basis) if self.row and self.row.basis else []

    @property
    def error_said(self) -> list[str]:
        """How earlier ones fared."""
        error = self.row.error if self.row else None
        if not error:
            return []
        return [one for one in (words.error_sentence(error), words.cash_sentence(error)) if one]

    @property
    def chips(self) -> list[Chip]:
        """The payer in force."""
        return [Chip("Payer", self.payer.name, self.page)] if self.payer else []

    @property
    def menus(self) -> list[Menu]:
        """The payers to choose from."""
        if self.payer or not self.payers:
            return []
        options = [
            Option(name, address_with(self.page, {}, {"payer": str(key)})) for key, name in self.payers
        ]
        return [Menu("payer", "Payer", options)]

    # --- figures ----------------------------------------------------------------------------

    @cached_property
    def days(self) -> list[Day]:
        """The days that may be shown; none without a known error."""
        return days_of(self.row) if self.row is not None and self.state == SHOWN else []

    @property
    def readouts(self) -> list[Readout]:
        """Thirty days together, and how far off earlier ones were."""
        if self.row is None or not self.days:
            return []
        found = [
            self._sum("claims", "released in 30 days", lambda one: f"{one:,.0f}"),
            self._sum("dollars", "that they bill", words.money),
            self._sum("cash", "come in", words.money),
        ]
        one = self.row.error["claims"]
        off = Readout(
            f"{one['off']:.1f}", "claims off on a day, on average", f"of {one['mean']:.1f} released on a day"
        )
        under = Readout(words.percent(one["under"]), "of days at most P90", "90% were aimed at")
        return [*(each for each in found if each), under, off]

    def _sum(self, kind: str, what: str, said: Any) -> Readout | None:
        sums = sums_of(self.row, kind) if self.row is not None else None
        return None if sums is None else Readout(said(sums[MIDDLE]), what, words.span(sums, said))

    @property
    def releases(self) -> Chart | None:
        """Releases a day."""
        return self._chart("claims", "Releases on each of the next 30 days", lambda one: f"{one:,.0f}")

    @property
    def cash(self) -> Chart | None:
        """Cash a day; None where too little was ever paid to say."""
        if not self.days or self.days[0].cash is None:
            return None
        return self._chart("cash", "Cash on each of the next 30 days", words.money)

    def _chart(self, kind: str, title: str, said: Any) -> Chart | None:
        if not self.days:
            return None
        rows = [getattr(day, kind) for day in self.days]
        most = max(range(len(rows)), key=lambda place: rows[place][MIDDLE])
        on = days.spoken(self.days[most].on, self.year)
        sentence = (
            f"The most, {said(rows[most][MIDDLE])}, on {on}; nine times in ten "
            f"{words.span(rows[most], said)} that day."
        )
        return chart_of(
            Series(
                [day.on for day in self.days],
                *([row[place] for row in rows] for place in (MIDDLE, HIGH, LOW, TOP)),
            ),
            title=title,
            said=sentence,
            words=said,
        )

    @property
    def track(self) -> Chart | None:
        """What was said of each past day a week before, and what happened."""
        rows = self._track
        if not rows:
            return None
        under = sum(actual <= high for _, _, high, actual in rows)
        return chart_of(
            Series(
                [on for on, *_ in rows],
                [row[1] for row in rows],
                [row[2] for row in rows],
                actual=[row[3] for row in rows],
            ),
            title="Forecast a week before, and what happened",
            said=f"On {under} of these {len(rows)} days no more claims were released than P90 had said.",
            words=lambda one: f"{one:,.0f}",
        )

    @property
    def _track(self) -> list[tuple[date, float, float, float]]:
        error = (self.row.error if self.row and self.state == SHOWN else None) or {}
        return [(day_of(on), middle, high, actual) for on, middle, high, actual in error.get("track", [])]

    # --- tables -----------------------------------------------------------------------------

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables, by the key of their file."""
        return {one.key: one for one in (self._days_table(), self._error_table())} if self.days else {}

    def _days_table(self) -> Table:
        heads = ["Day", "Releases P50", "P90", "band", "Billed P50", "P90", "Cash P50", "P90", "band"]
        rows, plain = [], []
        for day in self.days:
            claims, dollars, cash = day.claims, day.dollars, day.cash
            rows.append(
                [
                    days.weekday(day.on, self.year),
                    f"{claims[MIDDLE]:,.0f}",
                    f"{claims[HIGH]:,.0f}",
                    words.span(claims, lambda one: f"{one:,.0f}"),
                    words.money(dollars[MIDDLE]),
                    words.money(dollars[HIGH]),
                    *_cash_cells(cash),
                ]
            )
            plain.append([day.on.isoformat(), *_plain(claims), *_plain(dollars), *_plain(cash)])
        return Table("days", "The next 30 days", heads, rows, plain)

    def _error_table(self) -> Table:
        heads = ["Days ahead", "Days compared", "At most P90", "Within the band", "Off P50", "Released"]
        rows, plain = [], []
        for place, week in enumerate(self.row.error["weeks"] if self.row and self.row.error else []):
            if week is None:
                continue
            ahead = f"{place * 7 + 1} to {min(place * 7 + 7, 30)}"
            rows.append(
                [
                    ahead,
                    f"{week['days']:,}",
                    words.percent(week["under"]),
                    words.percent(week["inside"]),
                    f"{week['off']:.1f}",
                    f"{week['mean']:.1f}",
                ]
            )
            plain.append([ahead, *(str(week[name]) for name in ("days", "under", "inside", "off", "mean"))])
        return Table("error", "How earlier forecasts fared", heads, rows, plain)

    def file_heads(self, key: str) -> list[str]:
        """The heads of a file, where none stands above another."""
        if key == "error":
            return self.tables[key].heads
        parts = ("5%", "P50", "P90", "95%")
        return ["Day", *(f"{kind} {part}" for kind in ("Releases", "Billed", "Cash") for part in parts)]

    def made_at(self) -> datetime | None:
        """When it was worked out."""
        return self.row.made_at if self.row else None


def _cash_cells(cash: tuple[float, ...] | None) -> list[str]:
    if cash is None:
        return ["unknown"] * 3
    return [words.money(cash[MIDDLE]), words.money(cash[HIGH]), words.span(cash, words.money)]


def _plain(quantiles: tuple[float, ...] | None) -> list[str]:
    """Numbers of a file; empty where nobody knows."""
    return ["" if quantiles is None else f"{one:g}" for one in quantiles or (0, 0, 0, 0)]
