"""The embedded engines for one ``manage.py`` command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from config import services

NEED_NO_DATABASE = frozenset(
    {
        "help",
        "--help",
        "-h",
        "version",
        "--version",
        "compilemessages",
        "makemessages",
        "collectstatic",
        "findstatic",
    }
)


def var_dir() -> Path:
    """The folder all state lives in: VAR_DIR, else ``var`` beside manage.py."""
    return (
        Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var")
        .expanduser()
        .resolve()
    )


def start_for(argv: list[str]) -> None:
    """Start the embedded engines for the command in ``argv`` if it may need them and DATABASE_URL is unset.

    They are stopped again when the command ends, unless somebody else uses them. Ends the program with one
    plain sentence when they cannot be had.
    """
    command = argv[1] if len(argv) > 1 else "help"
    if os.environ.get("DATABASE_URL") or command in NEED_NO_DATABASE or {"--help", "-h"} & set(argv[2:]):
        return
    try:
        services.ensure(var_dir(), say=lambda words: print(f"· {words}", file=sys.stderr))
    except services.EnginesError as reason:
        raise SystemExit(str(reason)) from reason
