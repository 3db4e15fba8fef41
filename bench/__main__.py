"""``python -m bench``: measure every figure, print a table, write var/bench.json."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import bench
from bench import sizing

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run every module of this package that has ``measure()``; fail when a bar is missed."""
    rows = [row for name in _modules() for row in _rows(importlib.import_module(f"bench.{name}"))]
    report = {"commit": _commit(), "python": sys.version.split()[0], "figures": rows}
    target = ROOT / "var" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(report, indent=1))
    print(f"commit {report['commit']}, Python {report['python']}\n")
    print(f"{'figure':<58}{'ours/s':>12}{'bare/s':>12}{'ratio':>8}{'bar':>7}")
    for row in rows:
        print(_line(row))
    print("\n" + "\n".join(sizing.table(rows)))
    missed = [row["name"] for row in rows if _is_missed(row)]
    print(f"\n{'Missed: ' + ', '.join(missed) if missed else 'Every bar is held.'} Written to {target}.")
    return 1 if missed else 0


def _modules() -> list[str]:
    return sorted(info.name for info in pkgutil.iter_modules(bench.__path__) if not info.name.startswith("_"))


def _rows(module: Any) -> list[dict[str, Any]]:
    if not hasattr(module, "measure"):
        return []
    found = module.measure()
    return found if isinstance(found, list) else [found]


def _is_missed(row: dict[str, Any]) -> bool:
    """Whether a ratio is below its bar, or a value above what it may be at most."""
    if "value" in row:
        return row["at_most"] is not None and row["value"] > row["at_most"]
    return bool(row.get("bar")) and row["ratio"] < row["bar"]


def _line(row: dict[str, Any]) -> str:
    if "value" in row:
        most = f"at most {row['at_most']}" if row["at_most"] is not None else "no bar"
        return f"{row['name']:<58}{row['value']:>12,} {row['unit']:<4} {most}"

    def number(name: str, form: str) -> str:
        return format(row[name], form) if row.get(name) is not None else "–"

    return (
        f"{row['name']:<58}{number('ours_per_second', ',.0f'):>12}{number('bare_per_second', ',.0f'):>12}"
        f"{number('ratio', '.2f'):>8}{number('bar', '.2f'):>7}"
    )


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    return done.stdout.strip() or "no commit"


if __name__ == "__main__":
    raise SystemExit(main())
