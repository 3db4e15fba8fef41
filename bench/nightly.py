"""The nightly check over a bare loop, its database part over a loop of rows, and its memory (speed 7, 8, 9).

All of one run, on an own throw-away PostgreSQL and with AR Boost's stand-in as a process of its own. The bare
loop is what one would write for this one night: fetch what is due by SQL, ask over HTTP in the same batches
and as many at a time, believe the amounts, and change the holds of a batch by one statement that the audit's
triggers see. It reads no 271, keeps no answer, and locks, fences and releases nothing.

Which vendor the bar (7) is read with: one that takes ``DELAY``, a second, for a batch of up to 500. AR Boost
has to ask payers, and a payer has twenty seconds for one eligibility question by the rules of the trade (CAQH
CORE, real time); the contract gives a batch sixty. A second is a fast vendor, so the bar is read on the side
that is harder on us: the longer a batch takes, the nearer to 1 the ratio is, whatever we do. Both loops are
measured with a vendor that answers at once as well, out of a tenth of a millisecond of processor time a
claim. No bar is on that: it shows what reading and keeping an answer costs beside a loop that does neither.

With a second a batch and four under way the vendor gives half a millisecond a claim: what the night does for
one, reading, weighing and writing, must stay below that for the two to end together. Where others work on the
same processors it does not, and the ratio is theirs as well as ours: beside each time stands how much of a
processor the process got.

The database part (8) is what a night reads and writes for weighed answers, as many at a time as it writes
together, over a loop that leaves the same behind row by row with the ORM: answers, holds, questions, what
lay with a biller, claims that are released and AR Boost told of them. Planning and weighing are in neither.
The two take turns, three each, and their medians are compared: each lasts two seconds, and a machine may have
other work in them.
The memory (9) is the peak of a process that does the night and nothing else. Sizes are in ``BENCH_HELD``;
the smaller one is there for the memory. A million needs twenty minutes and 8 GB of disk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

SIZES = [int(size) for size in os.environ.get("BENCH_HELD", "100000,1000000").split(",")]
TARGET = date(2026, 11, 30)
BATCH, AT_A_TIME = 500, 4
ROWS_ONE_BY_ONE = 400
ROWS_AT_HAND = 20_000
TOKEN = "only-for-measuring"  # noqa: S105
OVER_BARE, OVER_ROWS, MEMORY_GROWTH = 1.5, 50.0, 1.2
DELAY = 1.0
TURNS = 3
_SIDES = (
    ("night", "night", DELAY),
    ("night at once", "night", 0),
    ("bare", "bare", DELAY),
    ("bare at once", "bare", 0),
    *((f"{what} {turn}", what, 0) for turn in range(TURNS) for what in ("at_hand", "one_by_one")),
)
"""What is measured, by which function, and how many seconds the stand-in takes for a batch."""
_TICKS = os.sysconf("SC_CLK_TCK")


def measure() -> list[dict[str, Any]]:
    """The figures, measured by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.nightly"], check=True, stdout=subprocess.PIPE, text=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Fill a company for each size, run its nights, print the figures as JSON."""
    from bench.desk import house
    from bench.holding import fill, night_before, settle
    from tests.sandboxes import arboost

    runs = []
    with house(tickets=0), arboost(token=os.environ.get("ARBOOST_TOKEN", TOKEN)) as vendor:
        for size in SIZES:
            company = fill(f"held{size}", size, TARGET)
            found: dict[str, Any] = {"held": size}
            # Nights go first, on the colder tables: what the loop believes, a night would release unasked.
            for day, (name, what, delay) in enumerate(_SIDES):
                target = TARGET + timedelta(days=day)
                night_before(company, target)
                vendor.call("DELETE", "/_requests")
                vendor.script("*", **({"delay": delay} if delay else {}))
                before = _processor_seconds(vendor.process.pid)
                found[name] = _child(what, company.key, target, vendor.url)
                found[name]["vendor"] = _processor_seconds(vendor.process.pid) - before
                settle()
            print(json.dumps(found), file=sys.stderr)
            runs.append(found)
    print(json.dumps(list(_figures(runs))))


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _child(what: str, company: str, target: date, address: str) -> dict[str, Any]:
    """One measurement in a process that does nothing else, so that its memory is that of the work."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bench.nightly", what, company, target.isoformat()],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "ARBOOST_URL": address},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def child(what: str, key: str, day: str) -> None:
    """What one such process does; prints seconds, claims and peak memory."""
    import django

    django.setup()
    from django.db import connection

    from accounts.models import Company
    from bench import nightly_sides

    company = Company.objects.get(key=key)
    connection.ensure_connection()
    began, worked = perf_counter(), process_time()
    found = getattr(nightly_sides, what)(company, date.fromisoformat(day))
    found.setdefault("seconds", perf_counter() - began)
    found["processor"] = process_time() - worked
    print(json.dumps({**found, "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    """The most memory this process ever had; its usage counts would begin with those of its parent."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(kilobytes) / 1024, 1)


def _figures(runs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for run in runs:
        size = f"{run['held']:,} held"
        yield from _over_bare(run, "", f"{size}, {DELAY:.0f} s a batch", OVER_BARE)
        yield from _over_bare(run, " at once", f"{size}, answers at once", None)
        yield _many_over_one(run, size)
        yield _value(f"nightly check, {size}: peak memory", run["night"]["peak_mb"], "MB", None)
    if len(runs) > 1:
        growth = runs[-1]["night"]["peak_mb"] / runs[0]["night"]["peak_mb"]
        name = f"nightly check, peak memory: {runs[-1]['held']:,} held over {runs[0]['held']:,}"
        yield _value(name, round(growth, 2), "×", MEMORY_GROWTH)


def _over_bare(run: dict[str, Any], how: str, said: str, at_most: float | None) -> Iterator[dict[str, Any]]:
    night, bare = run[f"night{how}"], run[f"bare{how}"]
    for name, side in (("nightly check", night), ("bare loop", bare)):
        yield _value(f"{name}, {said}: {side['claims']:,} asked", round(side["seconds"], 1), "s", None)
        busy = side["processor"] / side["seconds"]
        yield _value(f"{name}, {said}: the processor it got", round(busy, 2), "×", None)
    busy = night["vendor"] / night["seconds"]
    yield _value(f"the stand-in's processor in it, {said}", round(busy, 2), "×", None)
    ratio = (night["seconds"] / night["claims"]) / (bare["seconds"] / bare["claims"])
    yield _value(f"nightly check over bare loop, {said}", round(ratio, 2), "×", at_most)


def _many_over_one(run: dict[str, Any], size: str) -> dict[str, Any]:
    ours, bare = (
        median(_rate(run[f"{what} {turn}"]) for turn in range(TURNS)) for what in ("at_hand", "one_by_one")
    )
    name = f"database part over row by row, {size}"
    sides = {"ours_per_second": ours, "bare_per_second": bare}
    return {"name": name, **sides, "ratio": round(ours / bare, 1), "bar": OVER_ROWS}


def _rate(side: dict[str, Any]) -> float:
    rate: float = side["claims"] / side["seconds"]
    return rate


def _value(name: str, value: float, unit: str, at_most: float | None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "at_most": at_most}


if __name__ == "__main__":
    child(*sys.argv[1:]) if len(sys.argv) > 1 else main()
