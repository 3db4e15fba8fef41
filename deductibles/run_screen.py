"""One night's page: how it went, what it could not do, and what starting it again does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from accounts.models import User
from accounts.roles import Can
from deductibles import night_words, queries
from deductibles.models import Submission
from deductibles.night_screen import figures_of, outcome_of
from deductibles.night_words import Again, Aside, Progress
from deductibles.runs_screen import who_started
from work.models import Run

MOST_ASIDE, MOST_FILES = 200, 50


@dataclass(frozen=True)
class Sooner:
    """The night that asks what this one left open, if somebody wants it asked before 03:00 UTC."""

    on: date
    count: int


class RunScreen:
    """What the page of one run shows."""

    def __init__(self, run: Run, user: User, *, today: date, now: datetime) -> None:
        self.run, self.user, self.today, self.now = run, user, today, now
        self.whole, self._aside = night_words.parted(run.failures)

    @property
    def said(self) -> str:
        """The run in one sentence."""
        return outcome_of(self.run)

    @property
    def standing(self) -> dict[str, str]:
        """How its state is drawn."""
        state, words = night_words.standing_of(self.run)
        return {"state": state, "words": words}

    @property
    def figures(self) -> list[tuple[str, str]]:
        """The counts that matter for this kind of run."""
        return figures_of(self.run)

    @property
    def progress(self) -> Progress | None:
        """How far it has come while it is not over."""
        return night_words.progress_of(self.run)

    @property
    def took(self) -> str:
        """How long it took, or has taken so far."""
        return night_words.took(self.run, self.now)

    @cached_property
    def who(self) -> str:
        """Who started it."""
        return who_started([self.run.pk]).get(self.run.pk, "")

    @property
    def aside(self) -> list[Aside]:
        """Single claims that were set aside (D-CHK-9), the first of them."""
        return self._aside[:MOST_ASIDE]

    @property
    def more_aside(self) -> int:
        """How many more were set aside than are listed."""
        return max(len(self._aside) - MOST_ASIDE, 0)

    @property
    def opens_claims(self) -> bool:
        """Whether a claim's number leads to the claim."""
        return self.user.may(Can.READ_CLAIMS)

    @property
    def again(self) -> Again:
        """What starting it again does."""
        return night_words.again(self.run)

    @property
    def may_start(self) -> bool:
        """Whether this person may start nights."""
        return self.user.may(Can.START_NIGHTS)

    @cached_property
    def sooner(self) -> Sooner | None:
        """Today's check, where it is not over and would ask again what this one left open (D-CHK-7)."""
        left = night_words.unanswered(self.run)
        if not left or self.run.state != Run.State.DONE or self.run.target_date >= self.today:
            return None
        later = Run.objects.filter(
            company=self.run.company_id,
            kind=Run.Kind.CHECK,
            state=Run.State.DONE,
            target_date__gt=self.run.target_date,
        )
        return None if later.exists() else Sooner(self.today, left)

    @cached_property
    def files(self) -> list[Submission]:
        """The files this run wrote."""
        if not self.opens_claims or self.run.kind != Run.Kind.SUBMISSION:
            return []
        return list(queries.submissions(self.user).filter(run=self.run)[:MOST_FILES])
