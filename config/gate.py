"""``make check``: everything that can be said about the code without running the suite.

Every step runs, also after a failed one, so that one call shows everything there is to mend; two at a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from config import services

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "DEMO": "0",
    "DEBUG": "0",
    "SITE_URL": "https://holdline.example",
    "SECRET_KEY": "the-deploy-check-alone-" + "0123456789abcdefghijklmnop" * 2,
    "SECRETS_KEY": "Zm9yLXRoZS1kZXBsb3ktY2hlY2stYWxvbmUtOTgzNDU=",
    "EMAIL_URL": "smtp+tls://mail.holdline.example:587",
    "DATABASE_URL": "postgres://holdline@db.holdline.example/holdline",
}

IMPORT_LINTER = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True)
class Check:
    """One command of the virtualenv's Python; ``mend`` says what to do when it fails."""

    name: str
    module: list[str]
    mend: str
    env: dict[str, str] = field(default_factory=dict)


def _manage(*arguments: str) -> list[str]:
    return ["-m", "django", *arguments]


AT_A_TIME = 2
CHECKS = [
    Check(
        "migration lint",
        ["-m", "pytest", "--no-header", "tests/test_migrations.py"],
        "mend it, or say in tests/test_migrations.py why nothing that runs can break",
    ),
    Check("lint", ["-m", "ruff", "check", "."], "ruff check --fix mends some of them"),
    Check("format", ["-m", "ruff", "format", "--check", "."], "run: .venv/bin/ruff format ."),
    Check("types", ["-m", "mypy", "."], "each line above names a place"),
    Check(
        "import contracts",
        ["-c", IMPORT_LINTER],
        "docs/decisions and pyproject.toml say who may import whom",
    ),
    Check("migrations", _manage("makemigrations", "--check", "--dry-run"), "run: manage.py makemigrations"),
    Check(
        "deploy",
        _manage("check", "--deploy", "--fail-level", "WARNING"),
        "each line above says the mend",
        PRODUCTION,
    ),
    Check("printed states", _manage("print_states", "--check"), "run: manage.py print_states"),
    Check(
        "API schema",
        _manage("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null"),
        "say what the schema cannot guess with extend_schema",
    ),
    Check("printed schema", _manage("print_schema", "--check"), "run: manage.py print_schema"),
]


def main() -> int:
    """Run every check on throw-away engines; answer how it went as an exit code."""
    with tempfile.TemporaryDirectory(prefix="holdline-check-") as folder:
        try:
            engines = services.ensure(folder, throwaway=True)
        except services.EnginesError as reason:
            print(reason, file=sys.stderr)
            return 1
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": engines.database_url,
            "REDIS_URL": engines.redis_url,
            "VAR_DIR": folder,
        }
        try:
            with ThreadPoolExecutor(AT_A_TIME) as pool:  # the longest stands first
                passed = list(pool.map(lambda check: _passes(check, env), CHECKS))
            failed = [check for check, good in zip(CHECKS, passed, strict=True) if not good]
        finally:
            services.discard(folder)
    for check in failed:
        print(f"✗ {check.name}: {check.mend}")
    print(f"{len(CHECKS) - len(failed)} of {len(CHECKS)} checks passed")
    return 1 if failed else 0


def _passes(check: Check, env: dict[str, str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603
        [sys.executable, *check.module],
        cwd=ROOT,
        env={"DEMO": "1"} | env | check.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = [done.stdout.rstrip()] if done.returncode else []
    said.append(f"{'✗' if done.returncode else '✓'} {check.name} ({time.monotonic() - began:.1f} s)")
    print("\n".join(said), flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
