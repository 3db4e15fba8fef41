"""What the pages of the editor share: the draft, or what is in force, and where things stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse

from accounts.models import Company, User
from escalations.actions.policy_drafts import draft_of, seen_part
from escalations.domain.policy_parts import Part, changed_parts
from escalations.domain.policy_problem import Problem
from escalations.models import PolicyDraft, PolicyVersion
from escalations.policies import policy_in_force

EVERY = "every-ticket"
"""What the rules of all types are called in addresses."""
Data = Mapping[str, Any]


class Desk:
    """The policy that an admin edits: the draft if there is one, else the version in force."""

    def __init__(self, user: User, now: datetime) -> None:
        self.user, self.now = user, now
        self.company: Company = user.company
        self.draft: PolicyDraft | None = draft_of(self.company)

    @cached_property
    def version(self) -> PolicyVersion:
        """The version in force."""
        return policy_in_force(self.company, at=self.now)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The policy as it is edited."""
        data: dict[str, Any] = self.draft.data if self.draft else self.version.data
        return data

    @cached_property
    def changed(self) -> set[Part]:
        """The parts in which the draft differs from the version it was begun from."""
        return set(changed_parts(self.draft.base.data, self.draft.data)) if self.draft else set()

    def kind(self, key: str) -> dict[str, Any] | None:
        """The type of this key; the rules of every type as if they were one that asks nothing."""
        if key == EVERY:
            return {"key": "", "name": "Every ticket", "questions": [], **self.data["every_type"]}
        return next((row for row in self.data["types"] if row["key"] == key), None)

    def seen(self, key: str) -> str:
        """What a form remembers of the type it shows."""
        return seen_part(self.data, part_of(key))

    @property
    def began(self) -> str:
        """Who began the draft, from which version and when."""
        if self.draft is None:
            return ""
        when = when_words(self.draft.began_at, self.company)
        return f"begun by {self.draft.began_by} from version {self.draft.base.number}, {when}"

    @property
    def last(self) -> str:
        """Who changed the draft last, and when."""
        draft = self.draft
        return f"{draft.changed_by}, {when_words(draft.changed_at, self.company)}" if draft else ""


def part_of(key: str) -> Part:
    """The part of the data that a type's page edits."""
    return ("general", "every_type") if key == EVERY else ("types", key)


def when_words(at: datetime, company: Company) -> str:
    """A moment on the company's clock: "20 May 2026, 10:05"."""
    local = at.astimezone(company.zone)
    return f"{local.day} {local:%B %Y, %H:%M}"


def mend_url(problem: Problem) -> str:
    """Where a problem is mended; empty where no page does."""
    if problem.what == "rule":
        return reverse("policy:rule", args=[problem.type or EVERY, problem.name]) if problem.name else ""
    if problem.what == "which":
        return reverse("policy:fork", args=[problem.name]) if problem.name else reverse("policy:which")
    if not problem.type:
        return ""
    if problem.what == "question":
        return reverse("policy:question", args=[problem.type, problem.name])
    return reverse("policy:type", args=[problem.type])
