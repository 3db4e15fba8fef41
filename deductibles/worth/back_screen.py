"""What the pages of back-tests show, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from accounts.roles import Can
from deductibles.actions.back_testing import UNDER_WAY
from deductibles.domain import back_terms, conflicts, days
from deductibles.domain.conflicts import Conflict
from deductibles.models import BackTest
from deductibles.worth import back_words as words
from deductibles.worth.back_chart import Chart, chart_of
from deductibles.worth.back_words import Line
from patients.models import Payer

MOST_LISTED = 50
MOST_PAYERS = 40
_State = BackTest.State


def list_of(user: Any) -> QuerySet[BackTest]:
    """The company's back-tests, newest first, each with the numbers it ``tried``.

    Without what came out, and without its terms: they name every payer there was.
    """
    rows = BackTest.objects.visible_to(user).select_related("by", "payer", "own_payer")
    return rows.defer("result", "terms").annotate(tried=F("terms__proposed")).order_by("-pk")


def payers_of(user: Any) -> list[Payer]:
    """The payers a back-test can be about."""
    return list(Payer.objects.visible_to(user).order_by("name", "pk"))


@dataclass(frozen=True)
class Listed:
    """One line of the list."""

    row: BackTest
    numbers: str
    period: str
    outcome: str

    @classmethod
    def of(cls, row: Any, year: int) -> Listed:
        """The line of one back-test of :func:`list_of`."""
        return cls(row, words.numbers(row.tried), words.period(row, year), words.standing(row))


class Screen:
    """One back-test. ``today`` is the company's date."""

    def __init__(self, row: BackTest, user: Any, today: date) -> None:
        self.row, self.user, self.today = row, user, today

    @property
    def url(self) -> str:
        """This page."""
        return reverse("deductibles:worth_test", args=[self.row.pk])

    @property
    def under_way(self) -> bool:
        """Whether Holdline works on it, so that the page looks again by itself."""
        return self.row.state in UNDER_WAY

    @property
    def lead(self) -> str:
        """What is tried, and on which claims."""
        row, year = self.row, self.today.year
        of = f" of {row.payer.name}" if row.payer else ""
        return f"{words.instead(row)} On claims{of} decided from {words.period(row, year)}."

    @property
    def own(self) -> str:
        """The numbers that are tried for one payer alone, if any."""
        if self.row.own_payer is None:
            return ""
        return f"Tried for {self.row.own_payer.name} alone: {words.numbers(self.row.terms['own'])}."

    @property
    def progress(self) -> dict[str, Any]:
        """How far it has come."""
        row = self.row
        whole = max(row.claims, row.done, 1)
        said = f"{row.done:,} of about {row.claims:,} claims looked at"
        waits = "Waiting for a worker." if row.state == _State.WAITING else said
        return {"done": row.done, "whole": whole, "words": waits}

    @property
    def result(self) -> Any:
        """What came out, None until it is done."""
        return self.row.result if self.row.state == _State.DONE else None

    @property
    def is_empty(self) -> bool:
        """Whether no claim at all belonged to it."""
        return self.result is not None and not self.result["claims"]

    @property
    def said(self) -> str:
        """What came out, in a sentence or two."""
        return words.outcome(self.result)

    @property
    def lines(self) -> list[Line]:
        """Both sides beside each other."""
        return words.side_by_side(self.result, self.row.terms["in_force"]["guard_days"])

    @property
    def moved(self) -> list[str]:
        """What would have come in earlier, and what later."""
        return words.moved(self.result)

    @property
    def unknown(self) -> list[str]:
        """What nobody can know, and how many claims that is."""
        return words.unknown(self.result)

    @property
    def trust(self) -> list[str]:
        """How far the replay itself can be trusted: put to what happened."""
        return words.trust(self.result)

    @cached_property
    def chart(self) -> Chart | None:
        """How soon claims go out on either side."""
        curve = self.result["curve"]
        return chart_of(curve["now"], curve["new"], self.result["pairs"]["compared"])

    @cached_property
    def payers(self) -> list[dict[str, Any]]:
        """Payer by payer, those with the most claims first."""
        names = {key: payer["name"] for key, payer in self.row.terms["payers"].items()}
        found = sorted(self.result["payers"].items(), key=lambda item: (-item[1][0], item[0]))
        return [words.payer_line(names.get(key, "No payer"), sums) for key, sums in found[:MOST_PAYERS]]

    @property
    def more_payers(self) -> int:
        """How many payers are not listed."""
        return max(len(self.result["payers"]) - MOST_PAYERS, 0)

    @cached_property
    def conflicts(self) -> Sequence[Conflict]:
        """Where the numbers tried contradict themselves or a payer's filing limit: said, not refused."""
        proposed, payers = back_terms.as_settings(self.row.terms)
        found = conflicts.of(proposed, payers, has_provider=True)
        return [one for one in found if one.field in back_terms.NUMBERS]

    @property
    def may_open_settings(self) -> bool:
        """Whether this person may look at these numbers in the settings."""
        return bool(self.user.may(Can.SETTINGS)) and self.result is not None

    @property
    def has_lines(self) -> bool:
        """Whether what became of each claim is kept still and this person may read claims."""
        kept = self.result is not None and self.row.emptied_at is None and not self.is_empty
        return kept and bool(self.user.may(Can.READ_CLAIMS))

    @property
    def took(self) -> str:
        """How long it took."""
        row = self.row
        if row.started_at is None or row.finished_at is None:
            return ""
        seconds = max(row.finished_at - row.started_at, timedelta(0)).total_seconds()
        return "less than a second" if seconds < 1 else f"{seconds:,.0f} seconds"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Who asked for it, when, and what it rests on."""
        row, zone = self.row, self.row.company.zone
        at = row.created_at.astimezone(zone)
        asked = f"{days.weekday(at.date(), self.today.year)}, {at:%H:%M}"
        found = [
            ("Asked for", f"{asked}, by {row.by or 'a command'}"),
            ("Numbers in force", f"version {row.terms['in_force']['version'] or 'none saved'}"),
            ("Last day looked at", days.weekday(row.seen_until, self.today.year)),
            ("Took", self.took),
            ("Cancelled by", f"{row.cancelled_by}" if row.cancelled_by else ""),
        ]
        return [(term, value) for term, value in found if value]
