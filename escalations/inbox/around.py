"""Who watches a ticket, and whom its notes name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from accounts.models import User
from escalations.domain.notices import named_in, pieces
from escalations.models import Ticket, Watcher

_MOST_SHOWN = 12
_MOST_NAMES = 200


class Around:
    """The people around a ticket, read in one query when the page first asks for them.

    ``texts`` are the notes of its timeline. A watcher who has left is not shown.
    """

    def __init__(self, ticket: Ticket, user: User, texts: Iterable[str]) -> None:
        self.ticket, self.user = ticket, user
        self._names = list(dict.fromkeys(name for text in texts for name in named_in(text)))[:_MOST_NAMES]

    @cached_property
    def _people(self) -> list[User]:
        watches = Exists(Watcher.objects.filter(ticket=self.ticket, user=OuterRef("pk")))
        people = User.objects.filter(company_id=self.ticket.company_id).annotate(
            known_as=Lower("username"), watches=watches
        )
        rows = people.filter(Q(watches=True, is_active=True) | Q(known_as__in=self._names))
        return list(rows.order_by("first_name", "last_name", "username"))

    @cached_property
    def watchers(self) -> list[User]:
        """Who watches the ticket."""
        return [one for one in self._people if one.watches and one.is_active]  # type: ignore[attr-defined]

    @property
    def shown(self) -> list[User]:
        """As many of them as the page names."""
        return self.watchers[:_MOST_SHOWN]

    @property
    def more(self) -> int:
        """How many watch it besides."""
        return len(self.watchers) - len(self.shown)

    @property
    def watching(self) -> bool:
        """Whether this person does."""
        return any(one.pk == self.user.pk for one in self.watchers)

    @cached_property
    def named(self) -> frozenset[str]:
        """The usernames that the notes name and that are somebody's, in small letters."""
        names = set(self._names)
        return frozenset(one.username.lower() for one in self._people if one.username.lower() in names)

    @property
    def told_anyway(self) -> str:
        """Why this person hears of the ticket without watching it; empty when they do not."""
        if self.ticket.assignee_id == self.user.pk:
            return "It is yours, so you are told of everything anyway."
        if self.ticket.filed_by_id == self.user.pk:
            return "You filed it, so you are told how it ends anyway."
        return ""

    def pieces(self, text: str) -> list[tuple[str, bool]]:
        """A note in pieces, each with whether it names somebody."""
        return pieces(text, self.named)
