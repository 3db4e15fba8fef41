"""What describes a deductible line apart from its place and its amount, and the pin of a person (D-CLM-4).

A pin outlives the answer it was chosen in: next week's file has other lines in other places. It is therefore
kept as the words of the line that stay the same, and whatever carries the same words is the pinned line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Described:
    """The marks of one EB*C line that say which deductible it is, without amount, dates and position.

    ``service`` EB03, ``level`` EB02, ``insurance`` EB04, ``plan`` EB05, ``time`` EB06, ``network`` EB12,
    ``procedure`` EB13, ``circumstances`` the III segments, ``message`` the letters of the MSG segments:
    their digits are amounts and dates, which change.
    """

    service: tuple[str, ...] = ()
    level: str = ""
    insurance: str = ""
    plan: str = ""
    time: str = ""
    network: str = ""
    procedure: str = ""
    circumstances: tuple[str, ...] = ()
    message: str = ""

    @property
    def deductible(self) -> "Described":
        """The same without time period and message: what the lines of one deductible share."""
        return replace(self, time="", message="")

    def as_json(self) -> dict[str, object]:
        """The marks as plain values, as a pin is stored and a trail tells them."""
        return {
            "service": list(self.service),
            "level": self.level,
            "insurance": self.insurance,
            "plan": self.plan,
            "time": self.time,
            "network": self.network,
            "procedure": self.procedure,
            "circumstances": list(self.circumstances),
            "message": self.message,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Described":
        """The marks as they were stored; what a later version added is blank."""
        words = ("level", "insurance", "plan", "time", "network", "procedure", "message")
        level, insurance, plan, time, network, procedure, message = (str(kept.get(n) or "") for n in words)
        service, circumstances = (tuple(kept.get(n) or ()) for n in ("service", "circumstances"))
        return cls(service, level, insurance, plan, time, network, procedure, circumstances, message)


@dataclass(frozen=True)
class Pin:
    """The line a person wants followed; ``said`` names who and when ("pinned by ben on 3 May 2026")."""

    line: Described
    said: str = "pinned"
