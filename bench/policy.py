"""What publishing a policy costs with 100,000 tickets that run (issue 8): shown in under four seconds.

One type gets another turnaround, then every type; what is shown, how long the request waits that publishes or
undoes it, and how long a worker then takes to reach all tickets.
In a process of its own, for it brings its own PostgreSQL; the size is ``BENCH_RUNNING``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

MOST_SECONDS = 4.0


def measure() -> list[dict[str, Any]]:
    """The figures, measured by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.policy"], check=True, stdout=subprocess.PIPE, text=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Fill a house with tickets that run, publish policies over them, print the figures as JSON."""
    from bench.desk import house
    from bench.reclock import _fill

    with house(tickets=0):
        _fill()
        print(json.dumps(list(_figures())))


def _figures() -> Iterator[dict[str, Any]]:
    from accounts.models import User

    adam = User.objects.get(username="adam")
    yield from _published(adam, "one type", ("itemized-bill",))
    yield from _published(adam, "every type", None)


def _published(adam: Any, what: str, keys: tuple[str, ...] | None) -> Iterator[dict[str, Any]]:
    from django.utils import timezone

    from bench.reclock import _settle
    from escalations.actions import policies as publishing
    from escalations.actions.policy_drafts import draft_of

    now = timezone.now()
    _draft(adam, keys, now)
    began = perf_counter()
    draft = draft_of(adam.company)
    assert draft is not None
    seen = publishing.preview(adam.company, draft, at=now)
    token = seen.token
    shown = perf_counter()
    publishing.publish(adam.company, note="Measured", over_open=True, token=token, by=adam, at=now)
    ended = perf_counter()
    done, worked = _reached(now)
    size = f"{done.moved:,} of {done.looked_at:,} move"
    yield _figure(f"another turnaround of {what}, shown: {size}", shown - began, MOST_SECONDS)
    yield _figure(f"another turnaround of {what}, published over open tickets", ended - shown, None)
    yield _figure(f"another turnaround of {what}, all tickets reached in the background", worked, None)
    _settle()
    began = perf_counter()
    back = publishing.preview_undo(done, at=now)
    token = back.token
    shown = perf_counter()
    publishing.undo(done, token=token, by=adam, at=now)
    ended = perf_counter()
    _, worked = _reached(now)
    yield _figure(f"another turnaround of {what}, undoing shown", shown - began, None)
    yield _figure(f"another turnaround of {what}, undoing asked for", ended - shown, None)
    yield _figure(f"another turnaround of {what}, undone in the background", worked, None)
    _settle()


def _reached(now: Any) -> tuple[Any, float]:
    """The newest change once a worker has reached all tickets, and how long that took."""
    from escalations.actions import policy_runs
    from escalations.models import PolicyRun, Reclocking

    began = perf_counter()
    for key in PolicyRun.objects.filter(state="working").values_list("pk", flat=True):
        policy_runs.work_on(key, at=now)
    assert not PolicyRun.objects.filter(state="working").exists()
    return Reclocking.objects.latest("pk"), perf_counter() - began


def _draft(adam: Any, keys: tuple[str, ...] | None, now: Any) -> None:
    """The draft in which these types, or all, take a day or an hour longer."""
    from escalations.actions.policy_drafts import change_draft, draft_of, seen_part
    from escalations.policies import policy_in_force

    def longer(row: dict[str, Any]) -> dict[str, Any]:
        for one in row["turnarounds"]:
            one["max"] = one["max"] + 1 if one["max"] is not None else None
        return row

    company = adam.company
    for key in [row["key"] for row in policy_in_force(company, at=now).data["types"]]:
        if keys is None or key in keys:
            draft = draft_of(company)
            data = draft.data if draft else policy_in_force(company, at=now).data
            part = ("types", key)
            change_draft(company, part, longer, seen=seen_part(data, part), by=adam, at=now)


def _figure(name: str, seconds: float, at_most: float | None) -> dict[str, Any]:
    return {"name": name, "value": round(seconds, 2), "unit": "s", "at_most": at_most}


if __name__ == "__main__":
    main()
