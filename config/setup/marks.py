"""What an admin says of the steps of the set-up: well as it stands, left for later; and that it is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import SetUpMark, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from config.setup.steps import BY_KEY

State = SetUpMark.State
WHOLE = ""
"""The step of the mark that is about the set-up as a whole."""
NO_STEP = "This is no step of the set-up."


def keep(step: str, *, by: User, at: datetime, said: Mapping[str, Any] | None = None) -> None:
    """Note that a step is well as it stands; ``said`` is what its page wants to open with again."""
    _mark(step, State.KEPT, by, at, dict(said or {}))


def skip(step: str, *, by: User, at: datetime) -> None:
    """Leave a step for later; what was said of it before is forgotten, what was set stays set."""
    _mark(step, State.SKIPPED, by, at, {})


def finish(*, by: User, at: datetime) -> None:
    """End the set-up: nobody is led to it any more. Its pages stay where they are."""
    _mark(WHOLE, State.FINISHED, by, at, {})


def _mark(step: str, state: State, by: User, at: datetime, said: dict[str, Any]) -> None:
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
    if step != WHOLE and step not in BY_KEY:
        raise Refused(NO_STEP, "unknown")
    with transaction.atomic(), acting(by, "set-up"):
        SetUpMark.objects.update_or_create(
            company_id=by.company_id, step=step, defaults={"state": state, "said": said, "by": by, "at": at}
        )
