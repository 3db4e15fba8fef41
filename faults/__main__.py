"""``python -m faults [name …] [--holds N]``: do every fault, count it, look what became of every claim.

Each scenario is played twice: as Holdline is, when nothing may be wrong; then, with few holds, its protection
taken away, when something must be. Exit code 1 when either is not so, or a fault never happened.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from typing import Any

from faults.house import house

HOLDS = 10_000


def main() -> int:
    """Play what is asked for; answer how it went."""
    from faults.playing import Theatre

    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the house is cleared away
    with house() as vendor:
        theatre = Theatre(vendor, asked.holds, asked.names)
        began = time.monotonic()
        failed = theatre.play()
        took = time.monotonic() - began
    print(f"\n{len(theatre.played)} scenarios in {took:.0f} s: ", end="")
    print(f"these failed: {', '.join(failed)}." if failed else "every one held, every control was red.")
    return 1 if failed else 0


def _arguments() -> Any:
    from faults.playing import names

    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"default all: {' '.join(names())}")
    parser.add_argument("--holds", type=int, default=HOLDS, help="held claims of a scenario (default 10,000)")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in names()]
    if unknown:
        parser.error(f"there is no scenario {unknown[0]}; there are: {' '.join(names())}")
    return asked


if __name__ == "__main__":
    raise SystemExit(main())
