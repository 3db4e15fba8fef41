"""What a report is asked for, in its address: the period and the filters, shown as chips and menus."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import ClassVar

from tables.face import Chip, Menu, Option, address_with
from tables.periods import Chosen, Period, Periods


class OverAPeriod(ABC):
    """The part of a question that is alike for every report; ``page`` is its address, ``given`` what was
    said."""

    periods_offered: ClassVar[Periods]
    page: str
    today: date
    given: dict[str, str]

    @cached_property
    def chosen_period(self) -> Chosen:
        """The period as it was understood."""
        return self.periods_offered.read(self.given, today=self.today)

    @property
    def preset(self) -> str:
        """The name of the period; empty for two dates."""
        return self.chosen_period.name

    @property
    def period(self) -> Period:
        """The days that are looked at."""
        return self.chosen_period.period

    @property
    @abstractmethod
    def filters(self) -> dict[str, str]:
        """The filters that were understood, as an address has them."""

    @property
    @abstractmethod
    def chips(self) -> list[Chip]:
        """The filters in force, each with the address without it."""

    @property
    def state(self) -> dict[str, str]:
        """What the address says that was understood."""
        said = {**self.periods_offered.state_of(self.chosen_period), **self.filters}
        return {name: value for name, value in said.items() if value}

    def address(self, page: str = "", **changes: str) -> str:
        """The report with some filters changed."""
        return address_with(page or self.page, self.state, changes)

    @property
    def periods(self) -> list[Option]:
        """The periods that have a name."""
        return [
            Option(words, self.address(**{"period": key, "from": "", "to": ""}), key == self.preset)
            for key, (words, _) in self.periods_offered.named.items()
        ]

    @property
    def about(self) -> str:
        """The filters in force in words, for the line above the heading and for paper."""
        return "".join(f" · {chip.value}" for chip in self.chips)

    def menu(self, name: str, label: str, options: Iterable[tuple[str, str]]) -> Menu:
        """A filter that is not in force, with its values and their words as choices."""
        return Menu(name, label, [Option(words, self.address(**{name: value})) for value, words in options])

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The filters as fields of a form."""
        return list(self.state.items())

    @property
    def kept_undated(self) -> list[tuple[str, str]]:
        """The same without the period, for the form that chooses one."""
        return [(name, value) for name, value in self.state.items() if name not in ("period", "from", "to")]


def given_of(data: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """What an address or a form says under these names."""
    return {name: plain(data.get(name, "")) for name in names}


def plain(value: str) -> str:
    """A filter as an address may repeat it."""
    return value.replace("\x00", "").encode(errors="ignore").decode().strip()[:100]
