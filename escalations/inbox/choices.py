"""The page on which somebody chooses how they are told, as it is saved or as it was typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from functools import cached_property
from typing import Any

from django.http import QueryDict

from accounts.models import User
from accounts.roles import Can
from escalations.actions.notice_choices import SHIPPED, Choice
from escalations.domain.notices import APP, KINDS, MAIL, WAYS, Quiet, read_quiet, read_ways, ways_of
from escalations.inbox.queries import refusal_of
from escalations.models import MailRefusal, NoticeChoice

_WAY_WORDS = {APP: "in the app", MAIL: "by mail"}
_BOXES = frozenset(f"{kind.key}.{way}" for kind in KINDS for way in WAYS)


@dataclass(frozen=True)
class Box:
    """One way of a kind: whether it is ticked."""

    way: str
    value: str
    label: str
    on: bool


class ChoicesScreen:
    """The form of choices. ``version`` is that of what is saved; nothing saved yet reads as version 1."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.row = NoticeChoice.objects.filter(user=user).first()
        row = self.row or NoticeChoice()
        self.version = row.version if self.row else SHIPPED
        self.saved = Choice(
            {kind.key: list(ways_of(kind.key, row.ways)) for kind in KINDS},
            row.quiet_from,
            row.quiet_until,
            row.digest,
        )
        self.chosen = {f"{key}.{way}" for key, ways in self.saved.ways.items() for way in ways}
        self.quiet_from, self.quiet_until = _shown(row.quiet_from), _shown(row.quiet_until)
        self.digest = row.digest
        self.quiet: Quiet | None = None
        self.whole = True

    def take(self, posted: QueryDict) -> None:
        """What was typed stands in the form from now on."""
        self.chosen = set(posted.getlist("ways"))
        self.quiet_from, self.quiet_until = posted.get("quiet_from", ""), posted.get("quiet_until", "")
        self.digest = bool(posted.get("digest"))
        self.quiet = read_quiet(self.quiet_from, self.quiet_until)
        version = posted.get("version", "")
        plain = version.isascii() and version.isdigit() and len(version) < 10
        self.whole = plain and int(version) >= SHIPPED and self.chosen <= _BOXES
        self.seen = int(version) if self.whole else self.version

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong with what was typed, by field."""
        return {name: one.sentence for name, one in self.quiet.wrong.items()} if self.quiet else {}

    @property
    def problems(self) -> list[dict[str, str]]:
        """The same for the summary, each with the field that mends it."""
        return [{"message": said, "href": f"#{name}"} for name, said in self.wrong.items()]

    @property
    def typed(self) -> Choice:
        """What was typed, as it would be saved."""
        quiet = self.quiet or read_quiet(self.quiet_from, self.quiet_until)
        return Choice(read_ways(self.chosen), quiet.since, quiet.until, self.digest)

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """A row for each kind, with its boxes."""
        return [
            {"kind": kind, "boxes": [self._box(kind.key, kind.label, way) for way in WAYS]} for kind in KINDS
        ]

    def _box(self, key: str, label: str, way: str) -> Box:
        value = f"{key}.{way}"
        return Box(way, value, f"{label}, {_WAY_WORDS[way]}", value in self.chosen)

    @property
    def works(self) -> bool:
        """Whether this person's day begins with tickets, so that there is a digest for them."""
        return self.user.may(Can.WORK_TICKETS)

    @cached_property
    def refusal(self) -> MailRefusal | None:
        """That mails to this person are refused."""
        return refusal_of(self.user)

    @property
    def refused_on(self) -> str:
        """When the mail server last refused the address."""
        if self.refusal is None:
            return ""
        local = self.refusal.at.astimezone(self.user.company.zone)
        return f"{local:%A} {local.day} {local:%B} {local.year}, {local:%H:%M}"

    def differences(self) -> list[dict[str, str]]:
        """What is saved now beside what was typed, where they differ."""
        saved, typed = self.saved, self.typed
        pairs = [
            (kind.label, _ways_words(saved.ways[kind.key]), _ways_words(typed.ways[kind.key]))
            for kind in KINDS
        ]
        pairs += [
            ("Quiet hours", _quiet_words(saved), _quiet_words(typed)),
            ("The start of the day by mail", _on_off(saved.digest), _on_off(typed.digest)),
        ]
        return [{"field": name, "theirs": a, "yours": b} for name, a, b in pairs if a != b]


def _shown(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def _ways_words(ways: list[str]) -> str:
    return " and ".join(_WAY_WORDS[way] for way in ways) or "not at all"


def _quiet_words(choice: Choice) -> str:
    if choice.quiet_from is None:
        return "none"
    return f"{_shown(choice.quiet_from)} to {_shown(choice.quiet_until)}"


def _on_off(on: bool) -> str:
    return "on" if on else "off"
