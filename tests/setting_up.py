"""What the tests of the first run need: a server without a company, a company that was just opened."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

from accounts.models import User
from accounts.people_actions import Said
from config.setup.opening import Opening, open_whole

COMPANY = {
    "name": "North Valley Billing",
    "key": "",
    "time_zone": "America/Denver",
    "first_name": "Nora",
    "last_name": "Vance",
    "username": "Nora",
    "email": "nora@northvalley.example",
    "password1": "seven quiet lanterns",
    "password2": "seven quiet lanterns",
}
"""The form that opens a company, as somebody fills it in."""


def now() -> datetime:
    return datetime.now(UTC)


def words(answer: Any) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def opened(**more: Any) -> User:
    """The first admin of a company that was just opened and has nothing else."""
    said = Opening(
        "north", "North Valley Billing", "America/Denver", "nora", Said("Nora", "Vance", "", "admin")
    )
    return open_whole(Opening(**{**vars(said), **more}), at=now())
