"""A pytest plugin: throw-away PostgreSQL and Valkey for a test run that was given none.

Loaded by ``-p tests.engines`` (pyproject.toml), before Django's settings are read. With pytest-xdist only
the controlling process starts engines; its workers find their addresses in the environment. They are gone,
with their data, when the run ends, also when it is killed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from config import services
from tests import schema_cache

_folder: list[Path] = []

SETTINGS = {
    "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
    "SECRETS_KEY": "dGhpcnR5LXR3by1ieXRlcy1vbmx5LWZvci10ZXN0cyE=",
    "DEMO": "1",
    "STATIC_MANIFEST": "0",
    "ARBOOST_TOKEN": "only-for-tests",
}


def throwaway() -> services.Engines:
    """Start engines on data of their own in a new temporary folder, which becomes VAR_DIR."""
    folder = Path(tempfile.mkdtemp(prefix="holdline-test-"))
    _folder.append(folder)
    os.environ["VAR_DIR"] = str(folder)
    return services.ensure(folder, throwaway=True)


def _prepare_environment() -> None:
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if not missing:
        return
    engines = throwaway()
    found = {"DATABASE_URL": engines.database_url, "REDIS_URL": engines.redis_url}
    os.environ.update({name: found[name] for name in missing})
    if "DATABASE_URL" in missing:
        schema_cache.restore(engines.database_url)


def _stop() -> None:
    while _folder:
        folder = _folder.pop()
        services.discard(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """A wrapper, so that it comes before pytest-django reads the settings."""
    asked = set(early_config.invocation_params.args)
    if "PYTEST_XDIST_WORKER" not in os.environ and not asked & {"--help", "-h", "--version"}:
        try:
            _prepare_environment()
        except services.EnginesError as error:
            raise pytest.UsageError(str(error)) from error
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _stop()
