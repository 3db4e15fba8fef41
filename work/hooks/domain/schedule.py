"""When something is sent again, and when an endpoint is left alone or given up. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""After the first, second, … failed attempt, as Standard Webhooks advise; after the tenth there is none."""
MOST_ATTEMPTS = len(PAUSES) + 1
JITTER = 0.2
"""At most so much of a pause is added to it, so that what failed together does not come again together."""
LONGEST_ASKED = timedelta(hours=24)
"""A receiver may ask to be left alone for so long (Retry-After), and for no longer."""
LONGEST_REST = timedelta(minutes=5)
"""An endpoint that fails is tried so often at least, whatever waits for it."""
LONGEST_ASKED_REST = timedelta(hours=1)
"""The same, when the endpoint itself asks for time."""
GIVE_UP_AFTER = timedelta(days=5)
"""An endpoint that has done nothing but fail for so long is switched off."""


def pause_after(attempts: int, chance: float, asked: timedelta | None = None) -> timedelta | None:
    """How long after its n-th failed attempt a delivery waits; None when that was the last one.

    ``chance`` is any number from 0 up to 1, ``asked`` what the receiver asked for: it may lengthen the
    pause, up to :data:`LONGEST_ASKED`, and never shorten it.
    """
    if not 0 < attempts < MOST_ATTEMPTS:
        return None
    own = PAUSES[attempts - 1] * (1 + JITTER * chance)
    return max(own, min(asked, LONGEST_ASKED)) if asked is not None else own


def rest_after(failures: int, asked: timedelta | None = None) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row: 5 s, 10 s, … 5 minutes.

    Never longer than the pause of a delivery that is alone.
    """
    own = min(PAUSES[0] * 2 ** min(failures - 1, 10), LONGEST_REST)
    return max(own, min(asked, LONGEST_ASKED_REST)) if asked is not None else own


def read_retry_after(value: str, now: datetime) -> timedelta | None:
    """What ``Retry-After`` asks for, in seconds or as a date; None when it says nothing that can be read."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) < 10 else LONGEST_ASKED
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))
