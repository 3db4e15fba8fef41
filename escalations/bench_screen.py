"""The test bench for tickets: when one of a type would be due, with its waits, under what is in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from accounts.models import User
from escalations.domain.calendar_words import day_words
from escalations.domain.policy import CHANNELS
from escalations.moments import read_moment
from escalations.policies import calendar_in_force, named_calendar_of, policy_in_force, policy_of
from escalations.preview import Preview, read_preview
from escalations.screens import because_words, moment_words, said_parts
from patients.domain.intake import Wrong

WAITS = 3
"""Waits that can be typed; who tries more tries the API."""
_MOMENT = "Give a date and time, as in 2026-05-20T16:55."


class TicketBench:
    """What was typed, and what comes of it. Nothing is saved; ``wrong`` has a sentence for each field."""

    def __init__(self, user: User, typed: Mapping[str, str], now: datetime) -> None:
        self.user, self.now = user, now
        self.typed = {name: typed.get(name, "").strip()[:40] for name in _names()}
        self.asked = "type" in typed
        self.wrong: dict[str, str] = {}
        self.preview: Preview | None = None
        self.version = policy_in_force(user.company, at=now)
        self.policy = policy_of(self.version)
        self.calendar = named_calendar_of(calendar_in_force(user.company, at=now))
        if self.asked:
            self._work_out()

    def _work_out(self) -> None:
        pauses = self._pauses()
        received = self._moment("received")
        if self.wrong:
            return
        question = {
            "type": self.typed["type"],
            "channel": self.typed["channel"],
            "received_at": received.isoformat() if received else "",
            "pauses": pauses,
        }
        self.preview, wrong = read_preview(self.user, question, at=self.now)
        known = {"type": "type", "channel": "channel", "received_at": "received", "pauses": "from_1"}
        self.wrong = {known.get(name, "received"): one.sentence for name, one in wrong.items()}

    def _pauses(self) -> list[list[str | None]]:
        found: list[list[str | None]] = []
        for number in range(1, WAITS + 1):
            start, end = f"from_{number}", f"until_{number}"
            if self.typed[end] and not self.typed[start]:
                self.wrong[start] = "Say from when this wait is."
            if not self.typed[start]:
                continue
            since, until = self._moment(start), self._moment(end) if self.typed[end] else None
            if since and until and until < since:
                self.wrong[end] = "This is before the wait begins. Turn the two round."
            if since and self.typed[end] == "" and since > self.now:
                self.wrong[end] = "A wait of the future needs its end."
            if since:
                found.append([since.isoformat(), until.isoformat() if until else None])
        return found

    def _moment(self, name: str) -> datetime | None:
        try:
            return read_moment(self.typed[name], self.calendar.rules.tz)
        except Wrong as wrong:
            self.wrong[name] = wrong.sentence if wrong.code == "year" else _MOMENT
            return None

    @property
    def types(self) -> list[tuple[str, str]]:
        """Every type by its name."""
        return sorted(((one.key, one.name) for one in self.policy.types), key=lambda pair: pair[1].lower())

    @property
    def channels(self) -> tuple[str, ...]:
        """How a ticket can come in."""
        return CHANNELS

    @property
    def waits(self) -> list[dict[str, Any]]:
        """The rows of waits, as typed."""
        return [
            {"number": n, "from": self.typed[f"from_{n}"], "until": self.typed[f"until_{n}"],
             "wrong_from": self.wrong.get(f"from_{n}"), "wrong_until": self.wrong.get(f"until_{n}")}
            for n in range(1, WAITS + 1)
        ]  # fmt: skip

    @property
    def problems(self) -> list[dict[str, str]]:
        """What is wrong, each with its field."""
        return [{"message": said, "href": f"#{name}"} for name, said in self.wrong.items()]

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """What the patient would be told, dates apart."""
        return said_parts(self.preview.promise) if self.preview else []

    @property
    def window(self) -> list[tuple[str, str]]:
        """The window in words."""
        if self.preview is None:
            return []
        due = self.preview.due
        found = [("Expected from", due.expected_from), ("Due", due.due_at)]
        return [
            (name, moment_words(at, self.calendar.rules, self.now)) for name, at in found if at is not None
        ]

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """Why, day by day (K19)."""
        return [
            {
                "date": day_words(line.date),
                "counted": line.counted,
                "why": because_words(line, self.calendar),
                "off": line.counted in ("no", "day 0"),
            }
            for line in (self.preview.ledger if self.preview else ())
        ]


def _names() -> list[str]:
    waits = [f"{end}_{number}" for number in range(1, WAITS + 1) for end in ("from", "until")]
    return ["type", "channel", "received", *waits]
