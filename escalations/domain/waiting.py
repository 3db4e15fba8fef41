"""How long a call has rung, in words; two minutes are enough (R-PTP-1). Pure."""

from __future__ import annotations

ENOUGH = 120
"""Seconds after which a queue may be given up (R-PTP-1)."""
KEEP_WAITING, PASSED = "keep waiting, {left} to go", "two minutes have passed"
"""What is said before and after; static/js/transfer.js says the same while the clock runs."""


def clock_words(seconds: int) -> str:
    """Seconds as a running clock shows them: "1:12", "1:02:05"."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def waiting_words(seconds: int) -> str:
    """Whether to keep waiting, and how much longer."""
    return PASSED if seconds >= ENOUGH else KEEP_WAITING.format(left=clock_words(ENOUGH - max(seconds, 0)))
