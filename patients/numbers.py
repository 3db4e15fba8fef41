"""Case numbers of other apps that lead to a patient.

Escalations and deductibles know their numbers, and this room may not import them: each registers a finder
when it starts, and searching asks them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from accounts.models import User

Finder = Callable[[User, str], Sequence[int]]
"""Given who asks and one word of at most 100 characters, the ids of that person's patients with it."""

_finders: dict[str, Finder] = {}


def register(name: str, finder: Finder) -> None:
    """Ask this finder from now on; a name registered again replaces the one before."""
    _finders[name] = finder


def patients_of_number(user: User, number: str) -> list[int]:
    """Ids of the patients behind a ticket's or a claim's number, the first finder's first."""
    return [key for finder in _finders.values() for key in finder(user, number)]
