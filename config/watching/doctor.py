"""``manage.py doctor``: what is sound, what is not, and the mend of each, in the order one would look.

Every check answers findings and never raises; while the database is down, what needs it says so and the rest
goes on. No finding repeats a secret, an address with a password in it, or anything about a patient.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import Company
from config import checks
from config.watching import health, safety, walls
from config.watching.nights import Trouble, Watch, watch
from config.watching.notices import SILENT_AFTER
from config.watching.routines import steps_watched
from deductibles import questions
from deductibles.domain.sftp import is_sftp
from deductibles.gateways import arboost, clearinghouse
from deductibles.gateways.wire import MEND, Unavailable
from deductibles.invariants import violations
from work import heartbeats
from work.background.standing import silence
from work.models import Heartbeat

SOUND, DOUBTFUL, WRONG = "✓", "!", "✗"
OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRESQL = 15
EXTENSIONS = ("pg_trgm", "unaccent")
LEAST_FREE = 1_000_000_000
CLOCK_MAY_DIFFER = timedelta(seconds=2)
CONNECT_SECONDS = 3.0
LONGEST_LOOK_MS = 60_000
MOST_TOLD = 10


@dataclass(frozen=True)
class Finding:
    """One line: ``level`` is a mark, ``mend`` a sentence that is empty when all is well."""

    check: str
    level: str
    said: str
    mend: str = ""


class Doctor:
    """One examination at one moment; ``find`` walks through all checks."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.database_answers = False

    def find(self) -> Iterator[Finding]:
        """Every finding, in order."""
        yield from _python()
        yield from _settings()
        yield from _in_words("database", self._database)
        for name, check in self._behind_the_database():
            if self.database_answers:
                yield from _in_words(name, check)
            else:
                yield Finding(name, DOUBTFUL, "was not looked at, because the database does not answer")
        for name, check in OUTSIDE:
            yield from _in_words(name, check)

    def _database(self) -> Iterator[Finding]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000, now()")
            version, clock = cursor.fetchone()
        self.database_answers = True
        mend = "" if version >= OLDEST_POSTGRESQL else f"Upgrade to PostgreSQL {OLDEST_POSTGRESQL} or newer."
        yield Finding("database", WRONG if mend else SOUND, f"PostgreSQL {version} answers", mend)
        apart = abs(clock - timezone.now())
        mend = "" if apart <= CLOCK_MAY_DIFFER else "Let both machines keep time by NTP."
        said = f"this clock and the database's differ by {apart.total_seconds():.1f} s"
        yield Finding("clock", DOUBTFUL if mend else SOUND, said, mend)

    def _behind_the_database(self) -> list[tuple[str, Callable[[], Iterator[Finding]]]]:
        return [
            ("migrations", _migrations),
            ("extensions", _extensions),
            ("company keys", _company_keys),
            ("triggers", _triggers),
            ("demo password", _demo_password),
            ("companies", _companies),
            ("time zones", _time_zones),
            ("processes", self._processes),
            ("routines", self._routines),
            ("nights", self._nights),
            ("claims", self._claims),
            ("AR Boost", _ar_boost),
        ]

    def _processes(self) -> Iterator[Finding]:
        ages = heartbeats.ages(heartbeats.last_seen(), self.now)
        for kind, mend in _START.items():
            yield _of_age(kind, ages[kind], mend)
        beats = heartbeats.alive(Heartbeat.Kind.BEAT, since=self.now - timedelta(minutes=1))
        if len(beats) > 1:
            said = f"{len(beats)} schedulers run; every night stays single, every sweep is asked for twice"
            yield Finding("beat", DOUBTFUL, said, "Stop all but one beat.")

    def _routines(self) -> Iterator[Finding]:
        """Which step of the sweep is overdue or fails; while a process is silent, that says enough."""
        seen = heartbeats.last_seen()
        if silence(seen, self.now):
            yield Finding("routines", DOUBTFUL, "the steps of the sweep wait for a process that is silent")
            return
        found = steps_watched(seen, self.now)
        for one in found:
            if one.is_wrong:
                said = f"“{one.step.title}” ({one.step.key}) is {one.does.value}"
                yield Finding("routines", WRONG, said, one.why)
        if not any(one.is_wrong for one in found):
            yield Finding(
                "routines", SOUND, f"none of the {len(found)} steps of the sweep is overdue or fails"
            )

    def _claims(self) -> Iterator[Finding]:
        """What must hold of every claim, hold and night (I1…I5, I7, I9, I10), asked of the whole database."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(LONGEST_LOOK_MS)])
                found = violations(at=self.now)
        except OperationalError:
            said = f"looking at all of them took longer than {LONGEST_LOOK_MS // 1000} s"
            yield Finding("claims", DOUBTFUL, said, "Look again at a quieter hour.")
            return
        for each in found[:MOST_TOLD]:
            yield Finding(
                "claims", WRONG, str(each), "Look at its Audit Logs; no sweep mends this, report it."
            )
        if len(found) > MOST_TOLD:
            yield Finding("claims", WRONG, f"and {len(found) - MOST_TOLD} more like these")
        if not found:
            yield Finding("claims", SOUND, "none is lost, doubled, late, or released without proof")

    def _nights(self) -> Iterator[Finding]:
        found = watch(Company.objects.order_by("pk"), self.now)
        bad = [(each.company_id, trouble) for each in found.companies for trouble in each.troubles]
        for company, trouble in bad:
            yield _of_night(company, trouble)
        if not bad:
            yield Finding("nights", SOUND, _all_nights(found))


def _in_words(name: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A check's findings; one that fails says so by type, for messages may carry passwords."""
    try:
        yield from check()
    except DatabaseError as error:
        mend = "Start PostgreSQL, and see that DATABASE_URL names its host, port, role and database."
        yield Finding(name, WRONG, f"the database does not answer ({type(error).__name__})", mend)
    except Exception as error:
        yield Finding(name, WRONG, f"could not be looked at ({type(error).__name__})", "Look into the log.")


def _python() -> Iterator[Finding]:
    found = sys.version_info[:2]
    mend = "" if found >= OLDEST_PYTHON else "Make the virtual environment anew with Python 3.11 or newer."
    yield Finding("Python", WRONG if mend else SOUND, f"Python {sys.version.split()[0]}", mend)


def _settings() -> Iterator[Finding]:
    for problem in safety.refusals(settings.START):
        yield Finding("settings", WRONG, f"{problem.said} ({problem.id})", problem.mend)
    for problem in safety.warnings(settings.START):
        yield Finding("settings", DOUBTFUL, f"{problem.said} ({problem.id})", problem.mend)
    shape = "production" if settings.PRODUCTION else "a demo" if settings.DEMO else "a developer's machine"
    yield Finding("settings", SOUND, f"this is {shape} at {settings.SITE_URL}")
    if settings.PRODUCTION:
        yield Finding("secrets", SOUND, "SECRET_KEY and SECRETS_KEY are set, long and different")
    elif not (os.environ.get("SECRET_KEY") and os.environ.get("SECRETS_KEY")):
        yield Finding("secrets", DOUBTFUL, "the demo's built-in secrets serve", "`make run` makes its own.")


def _migrations() -> Iterator[Finding]:
    waiting = health.waiting_migrations()
    if waiting:
        said = f"{len(waiting)} migrations wait, the first is {waiting[0]}"
        yield Finding("migrations", WRONG, said, "Run: manage.py migrate")
    else:
        yield Finding("migrations", SOUND, "the database has every migration")


def _extensions() -> Iterator[Finding]:
    missing = set(EXTENSIONS) - set(walls.column("SELECT extname FROM pg_extension"))
    mend = f"Create as a superuser: CREATE EXTENSION {', '.join(sorted(missing))};" if missing else ""
    said = f"missing: {', '.join(sorted(missing))}" if missing else f"{', '.join(EXTENSIONS)} are there"
    yield Finding("extensions", WRONG if missing else SOUND, said, mend)


def _company_keys() -> Iterator[Finding]:
    """Every reference between rows of companies has its second wall, the key over (company, id)."""
    wanted = walls.wanted_keys()
    missing = sorted(wanted - walls.keyed_columns())
    said = f"{len(missing)} missing, the first is {missing[0]}" if missing else f"all {len(wanted)} are there"
    mend = "Restore the schema from migrations: a row could point into another company." if missing else ""
    yield Finding("company keys", WRONG if missing else SOUND, said, mend)


def _triggers() -> Iterator[Finding]:
    wanted = walls.wanted_triggers()
    missing = sorted(wanted - walls.triggers_there())
    said = f"{len(missing)} missing, the first is {missing[0]}" if missing else f"all {len(wanted)} are there"
    mend = (
        "Run: manage.py pgtrigger install"
        if set(missing) <= walls.listed_triggers()
        else "Restore the schema from migrations."
    )
    yield Finding("triggers", WRONG if missing else SOUND, said, mend if missing else "")


def _demo_password() -> Iterator[Finding]:
    if not settings.PRODUCTION:
        yield Finding("demo password", SOUND, "belongs to a demo")
        return
    found = checks.with_demo_password()
    said = (
        f"{len(found)} accounts have it (ids {', '.join(map(str, found[:10]))})" if found else "nobody has it"
    )
    mend = "Deactivate them or change their passwords: manage.py changepassword <name>." if found else ""
    yield Finding("demo password", WRONG if found else SOUND, said, mend)


def _companies() -> Iterator[Finding]:
    count = Company.objects.count()
    mend = "" if count else f"Make the set-up code and open {settings.SITE_URL}/setup/: manage.py setup_code"
    said = f"{count} here" if count else "none yet: nobody can sign in"
    yield Finding("companies", SOUND if count else DOUBTFUL, said, mend)


def _time_zones() -> Iterator[Finding]:
    unknown = []
    for key, zone in Company.objects.order_by("pk").values_list("key", "time_zone"):
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            unknown.append(key)
    said = f"not known here: those of {', '.join(unknown)}" if unknown else "every company's is known"
    mend = "Correct the company's zone, or install the tzdata of this system." if unknown else ""
    yield Finding("time zones", WRONG if unknown else SOUND, said, mend)


_START = {
    Heartbeat.Kind.BEAT: "Start exactly one: celery -A config beat",
    Heartbeat.Kind.WORKER: "Start one: celery -A config worker",
    Heartbeat.Kind.SWEEP: "Look for task_failed in the worker's log; by hand: manage.py sweep",
}


def _of_age(kind: str, age: int | None, mend: str) -> Finding:
    if age is None:
        return Finding(kind, WRONG, "was never seen", mend)
    silent = age > SILENT_AFTER.total_seconds()
    return Finding(kind, WRONG if silent else SOUND, f"was seen {age} s ago", mend if silent else "")


def _of_night(company: int, trouble: Trouble) -> Finding:
    what = {"missing": "did not run", "failed": "failed", "late": "began and has not finished"}[trouble.what]
    said = f"the {trouble.kind} of {trouble.night:%Y-%m-%d} {what} (company {company})"
    level = DOUBTFUL if trouble.what == "late" else WRONG
    return Finding("nights", level, said, "Start it on the Runs page, or run: manage.py sweep")


def _all_nights(found: Watch) -> str:
    return f"every night that was due is done ({len(found.companies)} companies)"


def _ar_boost() -> Iterator[Finding]:
    """Each company's own connection, asked whether hold for deductible is switched on (D-CONF-9)."""
    for company in Company.objects.order_by("pk"):
        conn = questions.connection(company)
        if conn is None:
            mend = "An admin enters it in Settings, Connections; or set ARBOOST_URL and ARBOOST_TOKEN."
            yield Finding("AR Boost", DOUBTFUL, f"is not connected for {company.key}", mend)
            continue
        try:
            on = arboost.agency(conn)
        except Unavailable as problem:
            mend = "Its test in Settings, Connections says which step fails."
            yield Finding("AR Boost", WRONG, f"for {company.key}: {problem}", mend)
            continue
        mend = "" if on else "Ask AR Boost to switch hold for deductible on for this agency."
        said = f"answers for {company.key}; hold for deductible is {'on' if on else 'off'}"
        yield Finding("AR Boost", SOUND if on else DOUBTFUL, said, mend)


def _broker() -> Iterator[Finding]:
    said = health.broker()
    mend = "" if said == "answers" else "Start Redis or Valkey, and see that REDIS_URL leads to it."
    level = {"answers": SOUND, "slow": DOUBTFUL}.get(said, WRONG)
    yield Finding("broker", level, said, mend)


def _static_files() -> Iterator[Finding]:
    hashed = getattr(staticfiles_storage, "hashed_files", None)
    if settings.DEBUG or hashed is None:
        yield Finding("static files", SOUND, "are served from the source")
        return
    mend = "" if hashed else "Run: manage.py collectstatic --noinput"
    said = f"{len(hashed)} gathered" if hashed else "were not gathered"
    yield Finding("static files", SOUND if hashed else WRONG, said, mend)


def _disk() -> Iterator[Finding]:
    folder = Path(settings.VAR_DIR)
    if not os.access(folder, os.W_OK):
        mend = "Make it for this user, or point VAR_DIR elsewhere."
        yield Finding("disk", WRONG, f"{folder} is missing or closed to this user", mend)
        return
    free = shutil.disk_usage(folder).free
    mend = "" if free >= LEAST_FREE else "Make room: files for the clearinghouse are written here."
    yield Finding("disk", DOUBTFUL if mend else SOUND, f"{free / 1e9:.1f} GB free for {folder}", mend)


def _mail() -> Iterator[Finding]:
    if "smtp" not in settings.EMAIL_BACKEND:
        yield Finding("mail", SOUND if not settings.PRODUCTION else DOUBTFUL, "goes to no mail server")
        return
    yield _connects("mail", settings.EMAIL_HOST, int(settings.EMAIL_PORT or 25))


def _clearinghouse() -> Iterator[Finding]:
    """Each company's own; who shares an address shares its findings, unless each signs in there."""
    told: set[str] = set()
    for company in Company.objects.order_by("pk"):
        url = (way := questions.way_to_clearinghouse(company)).url
        if url in told and not is_sftp(url):
            continue
        told.add(url)
        if not url:
            mend = "Set CLEARINGHOUSE_URL; claims wait till then."
            yield Finding("clearinghouse", DOUBTFUL, f"is not connected for {company.key}", mend)
        elif (parts := urlsplit(url)).scheme == "file":
            yield _folder(Path(unquote(parts.path)))
        elif is_sftp(url):
            yield _signs_in(company, way)
        else:
            yield _connects("clearinghouse", parts.hostname or "", parts.port or 443)


def _signs_in(company: Company, way: clearinghouse.Way) -> Finding:
    try:
        with clearinghouse.visit(way, company.key):
            return Finding("clearinghouse", SOUND, f"{way.url} lets {company.key} in")
    except Unavailable as problem:
        said = f"{company.key}: {problem}".removesuffix(MEND).strip(" .")
        return Finding("clearinghouse", WRONG, said, "See Settings, Connections, and docs/operations.md.")


def _folder(folder: Path) -> Finding:
    """The folder, or the nearest one above it that is there, for the first hand-over makes the rest."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding("clearinghouse", SOUND, f"{folder} can be written")
    return Finding("clearinghouse", WRONG, f"{folder} cannot be written", "Let this user write there.")


def _connects(name: str, host: str, port: int) -> Finding:
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except OSError as error:
        said = f"{host}:{port} cannot be reached ({type(error).__name__})"
        return Finding(name, WRONG, said, "See the address and the way out of this network.")
    return Finding(name, SOUND, f"{host}:{port} can be reached")


OUTSIDE: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
    *(("broker", _broker), ("static files", _static_files), ("disk", _disk), ("mail", _mail)),
    ("clearinghouse", _clearinghouse),
]


def as_rows(findings: list[Finding]) -> list[dict[str, str]]:
    """For ``--json``: the same findings with words for marks."""
    words = {SOUND: "sound", DOUBTFUL: "doubtful", WRONG: "wrong"}
    return [asdict(each) | {"level": words[each.level]} for each in findings]
