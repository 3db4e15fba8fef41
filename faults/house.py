"""A throw-away house for one run: engines and AR Boost's stand-in of its own, gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TOKEN = "only-for-faults"  # noqa: S105


@contextmanager
def house() -> Iterator[Any]:
    """Django on engines of its own; gives AR Boost's stand-in, a process of its own."""
    from config import services
    from tests.sandboxes import arboost

    folder = Path(tempfile.mkdtemp(prefix="holdline-faults-"))
    before = dict(os.environ)
    os.environ.update(_settings(folder))
    try:
        engines = services.ensure(folder, throwaway=True)
        os.environ.update({"DATABASE_URL": engines.database_url, "REDIS_URL": engines.redis_url})
        with arboost(token=TOKEN) as vendor:
            os.environ["ARBOOST_URL"] = vendor.url
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            yield vendor
    finally:
        services.discard(folder)
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.clear()
        os.environ.update(before)


def _settings(folder: Path) -> dict[str, str]:
    return {
        "VAR_DIR": str(folder),
        "DEMO": "1",
        "STATIC_MANIFEST": "0",
        "LOG_LEVEL": "INFO",
        "SECRET_KEY": "only-for-faults-" + "0123456789" * 5,
        "SECRETS_KEY": "dGhpcnR5LXR3by1ieXRlcy1vbmx5LWZvci10ZXN0cyE=",
        "ARBOOST_TOKEN": TOKEN,
        "CLEARINGHOUSE_URL": f"file://{folder}/clearinghouse",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
