"""``make run``: everything on one machine, in one terminal, until Ctrl-C.

Standard library and our own plain modules only: Django is started in the processes this one looks after.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

from accounts.demo import CAST, PASSWORD
from config import prepared, services
from config.address import Address, NoAddress, free_port
from config.engines import var_dir
from config.services.locks import open_lock, try_lock
from config.services.places import places_of, plain, refuse_another_users_data
from config.supervisor import Child, GivenUp, Supervisor, die_with_parent, signals_as

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 120.0
LOOK_AT_ENGINES_EVERY = 3.0
ACCESS_LOG = "%(t)s %(m)s %(U)s %(s)s %(b)s %(D)sus"
"""Without the query: a search may name a patient (I8)."""


QUIET = ["-W", "ignore:You're running the worker with superuser privileges"]
"""Celery's advice to root. The demo may be root's; its tasks carry ids in JSON, no pickles."""


class Stopped(Exception):
    """Somebody asked us to end."""


class CannotRun(Exception):
    """The text is one plain sentence for the person at the keyboard."""


def main() -> int:
    """Run everything until asked to stop. Answers 1 after one sentence when it cannot."""
    if os.environ.get("MAKELEVEL"):
        die_with_parent()  # make was killed: nobody is left to press Ctrl-C
    site = Site()
    try:
        with signals_as(site.asked_to_stop):
            try:
                site.start()
                site.serve()
            finally:
                site.stop()
    except Stopped:
        return 0
    except (CannotRun, NoAddress, services.EnginesError, GivenUp) as reason:
        return _complain(str(reason))
    except OSError as error:
        return _complain(plain(error, Path(error.filename or site.var)))
    return 0


class Site:
    """One ``make run``: its steps in the order a person sees them."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.var = var_dir()
        self.supervisor = Supervisor(say, ROOT)
        self.env = dict(os.environ)
        self.embedded = not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
        self.preparing: dict[str, subprocess.Popen[str]] = {}
        self.stopping = self.hurry = False

    def asked_to_stop(self, number: int) -> None:
        """First time: stop in order. Second time: stop by force."""
        if self.stopping:
            self.hurry = True
            return
        self.stopping = True
        raise Stopped(signal.Signals(number).name)

    def start(self) -> None:
        """Bring up engines, database and all processes, telling each step."""
        self.address = Address.from_environment(os.environ)
        if self.embedded:
            refuse_another_users_data(places_of(self.var))
        self._make_folders()
        self._refuse_second_run()
        self.address.refuse_if_busy()
        self._set_environment()
        if self.env["DEMO"] == "1":
            self._start_stand_ins()
        if not prepared.static_is_current(self.var):
            self._begin("static")
        if self.embedded:
            self._start_engines()
        if not prepared.database_is_current(self.var, self.env["DATABASE_URL"]):
            self._begin("database")
        self._finish_preparing()
        self._start_web()

    def serve(self) -> None:
        """Say where the site is once it answers, then look after it until asked to stop."""
        deadline = time.monotonic() + READY_SECONDS
        while not self.address.answers():
            self._tend(0.1)
            if time.monotonic() > deadline:
                raise CannotRun(
                    f"The site did not answer within {READY_SECONDS:.0f} seconds; see {self.var / 'log'}."
                )
        self._start_celery()
        self._welcome()
        look_again = 0.0
        while True:
            self._tend(0.5)
            if self.embedded and time.monotonic() > look_again:
                self._mend_engines()
                look_again = time.monotonic() + LOOK_AT_ENGINES_EVERY

    def _tend(self, seconds: float) -> None:
        """Python drops an exception that a signal raises inside a destructor, so ask again here."""
        if self.stopping:
            raise Stopped
        self.supervisor.tend(seconds)

    def stop(self) -> None:
        """End every process started here, then the engines unless somebody else uses them."""
        self.stopping = True
        if self.supervisor.children:
            say("stopping")
        for process in self.preparing.values():
            process.terminate()
        self.supervisor.stop(lambda: self.hurry)
        if self.embedded:
            with contextlib.suppress(services.EnginesError, OSError):
                services.leave(self.var)
        if self.supervisor.children:
            say(f"stopped; the data stays in {self.var}")

    def _make_folders(self) -> None:
        for folder in (self.var, self.var / "log"):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / ".writable").write_text("")
                (folder / ".writable").unlink()
            except OSError as error:
                raise CannotRun(plain(error, folder)) from error

    def _refuse_second_run(self) -> None:
        """One ``make run`` for each VAR_DIR; the lock goes when this process does."""
        self.lock = open_lock(self.var, "run")
        if not try_lock(self.lock):
            raise CannotRun(
                f"Another make run already uses {self.var}; end that one, or give this one a folder and "
                "a port of its own: VAR_DIR=/some/folder PORT=8001 make run"
            )

    def _set_environment(self) -> None:
        self.env["VAR_DIR"] = str(self.var)
        self.env["PORT"] = str(self.address.port)
        self.env["DJANGO_SETTINGS_MODULE"] = "config.settings"
        self.env["PYTHONUNBUFFERED"] = "1"
        self.env.setdefault("DEMO", "1")
        self.env.setdefault("LOG_LEVEL", "WARNING")  # a line for each request would bury what matters here
        for name, value in _secrets(self.var / "secrets.env").items():
            self.env[name] = self.env.get(name) or value
        if self.embedded:
            engines = services.addresses(self.var)
            self.env["DATABASE_URL"] = self.env.get("DATABASE_URL") or engines.database_url
            self.env["REDIS_URL"] = self.env.get("REDIS_URL") or engines.redis_url

    def _start_stand_ins(self) -> None:
        """The sandboxes in place of AR Boost and the clearinghouse, each unless the real one was named."""
        told = {"PORT": self.env["PORT"]}
        first = free_port(self.address.port + 1)
        if not self.env.get("ARBOOST_URL"):
            told |= self._start_arboost(first)
        if not self.env.get("CLEARINGHOUSE_URL"):
            folder = self.var / "clearinghouse"
            folder.mkdir(mode=0o700, exist_ok=True)
            port = str(free_port(first + 1))
            self._child(
                "clearinghouse",
                ["sandbox.clearinghouse", "--port", port, "--folder", str(folder)],
                quiet=True,
            )
            say(f"the stand-in for the clearinghouse takes files from {folder}")
        _write_private(self.var / "run.env", told)

    def _start_arboost(self, port: int) -> dict[str, str]:
        """Start AR Boost's stand-in; answer how ``manage.py`` reaches it."""
        token = self.env.setdefault("ARBOOST_TOKEN", secrets.token_urlsafe(24))
        self.env["ARBOOST_URL"] = f"http://127.0.0.1:{port}"
        state = str(self.var / "arboost-stand-in.json")
        arguments = ["--port", str(port), f"--token={token}", "--state", state]
        self._child("arboost", ["sandbox.arboost", *arguments], quiet=True)
        say(f"the stand-in for AR Boost answers on {self.env['ARBOOST_URL']}")
        return {"ARBOOST_URL": self.env["ARBOOST_URL"], "ARBOOST_TOKEN": token}

    def _start_engines(self) -> None:
        began = time.monotonic()
        services.ensure(self.var, say=say)
        say(f"PostgreSQL and Valkey run{_took(began)}")

    def _begin(self, part: str) -> None:
        """Start to prepare static files or database; the two need nothing of each other."""
        self.preparing[part] = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "config.prepare", part],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,
            preexec_fn=die_with_parent,  # noqa: PLW1509  single-threaded
        )

    def _finish_preparing(self) -> None:
        """Tell what was prepared and wait for its end. Raises CannotRun when a part could not be."""
        if not self.preparing:
            say("database, policy and static files are up to date")
        for part, process in list(self.preparing.items()):
            for line in process.stdout or ():
                say(line.rstrip())
            if process.wait():
                raise CannotRun(f"The {part} could not be prepared; the reason is above.")
            del self.preparing[part]
            if part == "static":
                prepared.mark_static(self.var)
            else:
                prepared.mark_database(self.var, self.env["DATABASE_URL"])

    def _start_web(self) -> None:
        binds = [word for bind in self.address.binds() for word in ("--bind", bind)]
        access = ["--access-logfile", str(self.var / "log" / "access.log"), "--access-logformat", ACCESS_LOG]
        workers = ["--workers", "2", "--graceful-timeout", "5", "--log-level", "warning"]
        config = ["--config", "python:config.gunicorn"]
        self._child("web", ["gunicorn", *config, "config.wsgi", *binds, *workers, *access])

    def _start_celery(self) -> None:
        """After the first page: three Djangos starting at once would make a person wait for theirs."""
        celery = ["celery", "-A", "config", "--quiet"]
        self._child("worker", [*celery, "worker", "-c", "2", "--loglevel", "WARNING", "--without-mingle"])
        schedule = ["-s", str(self.var / "beat-schedule"), "--pidfile", "", "--loglevel", "WARNING"]
        self._child("beat", [*celery, "beat", *schedule])

    def _child(self, name: str, module: list[str], *, quiet: bool = False) -> None:
        log = self.var / "log" / f"{name}.log"
        self.supervisor.add(Child(name, [sys.executable, *QUIET, "-m", *module], self.env, log, quiet))

    def _mend_engines(self) -> None:
        found = services.status(self.var)
        if not (found.postgres_pid and found.valkey_pid):
            say("PostgreSQL or Valkey has ended; starting it again")
            self._start_engines()

    def _welcome(self) -> None:
        lines = ["", f"  Holdline is at {self.address.url}   ({time.monotonic() - self.began:.1f} s)"]
        if self.env["DEMO"] == "1":
            lines += ["", f"  Sign in with the password  {PASSWORD}  as one of"]
            lines += [f"    {name:<6}{role:<12}{company}" for name, role, company in CAST]
        else:
            lines += [
                "",
                "  No company yet? The set-up asks for a code: .venv/bin/python manage.py setup_code",
            ]
        say(
            "\n".join([*lines, "", f"  Logs and data are in {self.var}. Ctrl-C stops everything.", ""]),
            bullet="",
        )


def say(words: str, bullet: str = "· ") -> None:
    """Tell the terminal, which may be gone already."""
    with contextlib.suppress(OSError):
        print(f"{bullet}{words}", flush=True)


def _complain(sentence: str) -> int:
    with contextlib.suppress(OSError):
        print(f"\n{sentence}", file=sys.stderr, flush=True)
    return 1


def _took(began: float) -> str:
    return f" ({time.monotonic() - began:.1f} s)"


def _secrets(path: Path) -> dict[str, str]:
    """This folder's own secrets, made once; whoever holds the file can sign in as anybody."""
    found: dict[str, str] = {}
    if path.exists():
        pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
        found = {name.strip(): value.strip() for name, value in pairs}
    wanted = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SECRETS_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
    }
    if not wanted.keys() <= found.keys():
        found = wanted | found
        _write_private(path, found)
    return found


def _write_private(path: Path, values: dict[str, str]) -> None:
    """Replace a file only its owner may read, whole or not at all."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    new.replace(path)


if __name__ == "__main__":
    sys.exit(main())
