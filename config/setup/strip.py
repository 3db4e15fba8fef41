"""The strip above every page while an admin is led through the set-up: where they are, and the way on."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from accounts.roles import Can
from config.setup.standing import SetUp, StepNow
from config.setup.steps import GUIDED

SAVES = ("setup:hours", "setup:holidays")
"""Pages whose own Save says that a step is well: a second button for it would pass over what is typed."""


class Strip:
    """The set-up as one page of it sees it."""

    def __init__(self, setup: SetUp, view_name: str) -> None:
        self.setup, self.view_name = setup, view_name

    @cached_property
    def here(self) -> StepNow | None:
        """The step this page belongs to."""
        return self.setup.of_page(self.view_name)

    @property
    def keep(self) -> str:
        """The button by which this step is said to be well as it is saved."""
        return self.here.keep if self.here and self.view_name not in SAVES else ""

    @cached_property
    def next(self) -> StepNow | None:
        """The step to go on with."""
        return self.setup.after(self.here.step.key if self.here else "")


def is_guided(request: HttpRequest) -> bool:
    """Whether this session is being led through a set-up."""
    return bool(request.session.get(GUIDED))


def strip_of(request: HttpRequest, user: Any, view_name: str, now: datetime) -> Strip | None:
    """The strip of a page; None where nobody is led, and on the pages of the set-up that show all of it."""
    if view_name in ("setup:guide", "setup:summary") or not is_guided(request) or not user.may(Can.SETTINGS):
        return None
    return Strip(SetUp(user, now), view_name)
