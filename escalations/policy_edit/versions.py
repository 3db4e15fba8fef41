"""The pages of the versions: all of them, and one beside another."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Company
from escalations.domain.policy_difference import by_place, differences
from escalations.models import PolicyVersion
from escalations.policy_edit.desk import Desk
from escalations.policy_edit.history import Past, newest, told

A_PAGE = 40


def number_in(said: str | None) -> int:
    """The number of a version that was asked for; 0 for none."""
    return int(said) if said and said.isascii() and said.isdigit() and len(said) <= 9 else 0


class VersionsScreen:
    """The versions, forty a page."""

    def __init__(self, company: Company, before: str = "") -> None:
        found = newest(company, A_PAGE + 1, before=number_in(before) or None)
        self.past, self.more = found[:A_PAGE], found[A_PAGE:]

    @property
    def older(self) -> str:
        """Where older ones are."""
        if not self.more:
            return ""
        return f"{reverse('policy:versions')}?{urlencode({'before': self.past[-1].number})}"


class VersionScreen:
    """One version beside another: the one before it, unless another is asked for."""

    def __init__(self, desk: Desk, version: PolicyVersion, other: PolicyVersion | None) -> None:
        self.desk, self.version = desk, version
        self.company: Company = desk.company
        self.other = other or self._before()
        self.past: Past = told(self.company, [version])[0]

    def _before(self) -> PolicyVersion | None:
        rows = PolicyVersion.objects.filter(company=self.company, number__lt=self.version.number)
        return rows.order_by("-number").first()

    @cached_property
    def places(self) -> dict[str, list[str]]:
        """What it says otherwise, by place; from the older to the newer whatever was asked for."""
        if self.other is None:
            return {}
        older, newer = sorted((self.other, self.version), key=lambda one: one.number)
        return by_place(differences(older.data, newer.data))

    @property
    def numbers(self) -> tuple[int, int]:
        """The two versions, the older first."""
        one, two = self.version.number, self.other.number if self.other else self.version.number
        return min(one, two), max(one, two)

    @cached_property
    def others(self) -> list[int]:
        """The versions it may be put beside, the newest hundred."""
        rows = PolicyVersion.objects.filter(company=self.company).exclude(pk=self.version.pk)
        return list(rows.order_by("-number").values_list("number", flat=True)[:100])
