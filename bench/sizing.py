"""``python -m bench.sizing``: how large a machine, from the figures of the newest ``make bench``.

It measures nothing. What a claim of a night costs is what ``bench.nightly`` found at its largest size; what
the bench did not measure is left open rather than guessed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "var" / "bench.json"
HOUSES = (2_000, 20_000, 200_000, 1_000_000)
"""Held claims of one company; a night asks about every seventh."""
_NIGHT = re.compile(r"nightly check, ([\d,]+) held, (1 s a batch|answers at once): ([\d,]+) asked")
_PEAK = re.compile(r"nightly check, ([\d,]+) held: peak memory")


def main() -> int:
    """Print the table as Markdown; 1 when there is nothing to make it from."""
    try:
        report = json.loads((Path(sys.argv[1]) if len(sys.argv) > 1 else FILE).read_text())
    except (OSError, ValueError):
        print("There are no figures yet: run make bench first.", file=sys.stderr)
        return 1
    print(f"Figures of commit {report.get('commit', '?')}.\n")
    print("\n".join(table(report["figures"])))
    return 0


def table(figures: Iterable[Mapping[str, Any]]) -> list[str]:
    """The lines of the table: for each size of a company, minutes of a night and memory of its worker."""
    rows = list(figures)
    slow, quick, memory = _costs(rows, "1 s a batch"), _costs(rows, "answers at once"), _peak(rows)
    lines = [
        "| held claims | asked in a night | its minutes, a vendor of a second for 500 | one that answers at once | worker's memory |",  # noqa: E501
        "|---|---|---|---|---|",
    ]
    for held in HOUSES:
        asked = held // 7
        shown = (_minutes(slow, asked), _minutes(quick, asked), f"{memory:,.0f} MB" if memory else "–")
        lines.append(f"| {held:,} | {asked:,} | {' | '.join(shown)} |")
    return lines


def _costs(rows: Iterable[Mapping[str, Any]], how: str) -> float | None:
    """Seconds a claim asked about, at the largest size that was measured; None when none was."""
    found = [
        (match, row["value"]) for row in rows if (match := _NIGHT.match(row["name"])) and match[2] == how
    ]
    sized = [(_number(match[1]), value / _number(match[3])) for match, value in found if _number(match[3])]
    return max(sized)[1] if sized else None


def _peak(rows: Iterable[Mapping[str, Any]]) -> float | None:
    found = [(_number(match[1]), row["value"]) for row in rows if (match := _PEAK.match(row["name"]))]
    return max(found)[1] if found else None


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _minutes(cost: float | None, asked: int) -> str:
    if cost is None:
        return "–"
    minutes = cost * asked / 60
    return "under 1" if minutes < 1 else f"{minutes:,.0f}"


if __name__ == "__main__":
    raise SystemExit(main())
