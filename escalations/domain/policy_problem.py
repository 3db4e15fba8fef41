"""One thing that stands against publishing a policy. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What stands against publishing, in words.

    ``type`` is the key of the type it is in, ``what`` ("type", "question", "rule", "which", "whole") and
    ``name`` say where. ``count`` is how many open tickets need what is gone.
    """

    words: str
    type: str = ""
    what: str = "type"
    name: str = ""
    count: int = 0
