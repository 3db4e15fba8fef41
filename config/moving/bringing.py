"""Bringing a company's file in: looked at whole, then written in one transaction, or not at all.

Who dies in it leaves nothing behind. Nothing is sent for the company afterwards until an admin arms it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zlib import crc32

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils.text import slugify

from accounts.audit import acting
from accounts.models import Company, User
from accounts.people_actions import NO_PASSWORD
from accounts.roles import Role
from accounts.steps import Refused
from config.backups import known_migrations
from config.moving import emptiness
from config.moving.checking import check_rules
from config.moving.manifest import Manifest, Unfit
from config.moving.opening import Opened, digest_of, opened
from config.moving.packing import Told
from config.moving.unpacking import Unpacking, lacking
from deductibles.actions import sending
from work.models import CompanyFile

_LOCK = 0x686C6D76
_FILES = """
    SELECT count(*) FROM escalations_attachment a
        LEFT JOIN escalations_attachmentcontent c ON c.attachment_id = a.id
    WHERE a.company_id = %(company)s AND (c.id IS NULL OR octet_length(c.data) <> a.size
        OR encode(sha256(c.data), 'hex') <> a.sha256)"""
"""Attachments whose bytes are not what their row says of them."""
_COUNTERS = (
    """INSERT INTO escalations_ticketcounter (company_id, last)
        SELECT %(company)s, max(substr(number, 3)::bigint) FROM escalations_ticket
        WHERE company_id = %(company)s AND number ~ '^E-[0-9]{1,15}$' HAVING count(*) > 0
    ON CONFLICT (company_id) DO UPDATE SET last = EXCLUDED.last
    WHERE escalations_ticketcounter.last < EXCLUDED.last""",
    """INSERT INTO deductibles_controlnumbers (company_id, claim, interchange)
        SELECT %(company)s, 1000, max(control_number) FROM deductibles_submission
        WHERE company_id = %(company)s HAVING count(*) > 0
    ON CONFLICT (company_id) DO UPDATE SET interchange = EXCLUDED.interchange
    WHERE deductibles_controlnumbers.interchange < EXCLUDED.interchange""",
    """INSERT INTO deductibles_controlnumbers (company_id, claim, interchange)
        SELECT %(company)s, max(substr(number, 3)::bigint), 0 FROM deductibles_claim
        WHERE company_id = %(company)s AND number ~ '^C-[0-9]{1,15}$' HAVING count(*) > 0
    ON CONFLICT (company_id) DO UPDATE SET claim = EXCLUDED.claim
    WHERE deductibles_controlnumbers.claim < EXCLUDED.claim""",
)
"""No number that came along is given out a second time, whatever the counters of the file say."""


@dataclass
class Brought:
    """What came in, or with a dry run what would."""

    manifest: Manifest
    sha256: str
    company: Company | None = None
    renamed: dict[str, str] = field(default_factory=dict)
    admins: list[str] = field(default_factory=list)


def look(path: Path, key: str) -> Brought:
    """Check the file and the company it would go into, write nothing; Unfit with the reason if it may not."""
    with opened(path) as file:
        _refuse_unfit(file, key)
        return Brought(file.manifest, digest_of(path))


def bring_in(path: Path, key: str, *, at: datetime, told: Told = lambda table, rows: None) -> Brought:
    """Write the file into the company ``key``, which is empty or made for it; Unfit when it may not be."""
    with opened(path) as file:
        _refuse_unfit(file, key)
        brought = Brought(file.manifest, digest_of(path))
        with _refused_by_the_database(), transaction.atomic():
            _write(file, key, brought, at, told)
        return brought


def _refuse_unfit(file: Opened, key: str) -> None:
    """Everything that can be said before the first row is written."""
    newer = sorted(set(file.manifest.schema) - known_migrations())
    if newer:
        raise Unfit(
            f"It was made by a newer Holdline than this one ({newer[0][:80]}). Use that version, or a newer."
        )
    if sentence := lacking(file.manifest):
        raise Unfit(sentence)
    file.check()
    if key != slugify(key) or not 1 < len(key) <= 50:
        raise Unfit("The key has small letters, digits and dashes only: acme-billing.")
    if company := Company.objects.filter(key=key).first():
        _refuse_full(company)


def _refuse_full(company: Company) -> None:
    if found := emptiness.holds(company):
        more = f", {found[1]}" if len(found) > 1 else ""
        raise Unfit(
            f"The company {company.key} is not empty: it has {found[0]}{more}. Nothing is added to what is "
            "there; name an empty company, or a key that no company has yet."
        )


def _write(file: Opened, key: str, brought: Brought, at: datetime, told: Told) -> None:
    reason = (
        f"file {brought.sha256[:16]}… of {brought.manifest.company['key'][:50]}, "
        f"made {brought.manifest.made_at[:25]}"
    )
    company = _company(file, key)
    with acting(None, "bring company in", reason=reason, company=company.pk):
        emptiness.make_room(company)
    unpacking = Unpacking(file, company, at=at, told=told)
    unpacking.write()
    with acting(None, "bring company in", reason=reason, company=company.pk):
        Company.objects.filter(pk=company.pk).update(**unpacking.company_said)
        CompanyFile.objects.create(
            company=company, way=CompanyFile.Way.IN, state=CompanyFile.State.OVER, reason=reason,
            asked_at=at, began_at=at, finished_at=at, rows=brought.manifest.rows,
            bytes=file.path.stat().st_size, digest=brought.sha256,
        )  # fmt: skip
    check_rules(company.pk)
    _check(company)
    company.refresh_from_db()
    _disarm(company, brought, at)
    brought.company, brought.renamed = company, unpacking.renamed
    admins = User.objects.filter(NO_PASSWORD, company=company, role=Role.ADMIN, is_active=True)
    brought.admins = list(admins.order_by("pk").values_list("username", flat=True))


def _company(file: Opened, key: str) -> Company:
    """The company under a lock that no second import waits for, made if there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, crc32(key.encode()) - 2**31])
        if not cursor.fetchone()[0]:
            raise Unfit(f"Another file is just being brought into {key}. Wait for it to end.")
    company = Company.objects.select_for_update(no_key=True).filter(key=key).first()
    if company is None:
        said = file.manifest.company
        with acting(None, "bring company in"):
            return Company.objects.create(key=key, name=said["name"][:120], time_zone=said["time_zone"][:64])
    _refuse_full(company)
    return company


def _check(company: Company) -> None:
    with connection.cursor() as cursor:
        for statement in _COUNTERS:
            cursor.execute(statement, {"company": company.pk})
        cursor.execute(_FILES, {"company": company.pk})
        if cursor.fetchone()[0]:
            raise Unfit(
                "An attachment in it is not the file its row speaks of. Take it anew from where it was made."
            )


def _disarm(company: Company, brought: Brought, at: datetime) -> None:
    why = (
        f"Brought in from a file of {brought.manifest.made_at[:25]}. What was sent since may be missing here."
    )
    with suppress(Refused):  # it was disarmed already
        sending.disarm(company, why, by=None, at=at)


@contextmanager
def _refused_by_the_database() -> Iterator[None]:
    """What two people do at once may collide, and a database may go away."""
    try:
        yield
    except IntegrityError as error:
        raise Unfit(
            "Somebody worked in the company, or took a username, while the file came in. Start again."
        ) from error
    except (OperationalError, InterfaceError) as error:
        raise Unfit(
            "The database did not answer to the end. See whether it runs, then start again."
        ) from error
