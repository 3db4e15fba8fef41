"""The sweep: everything due, once. It needs neither worker nor broker."""

from __future__ import annotations

from datetime import datetime

from deductibles import nightly
from work import outbox


def sweep(*, at: datetime) -> dict[str, int]:
    """Catch up missed nights, then deliver what waits in the outbox; give the counts of both."""
    runs = nightly.catch_up(at=at)
    delivered = 0
    while sent := outbox.deliver(at=at):
        delivered += sent
    return {"nights": len(runs), "delivered": delivered}
