"""A company's file written to a disk, for whoever runs the server."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from accounts.audit import acting
from accounts.models import Company
from config.moving.manifest import Unfit
from config.moving.packing import Packed, Told, pack
from work.models import CompanyFile

REASON = "export_company"


def write_to(path: Path, key: str, *, at: datetime, told: Told = lambda table, rows: None) -> Packed:
    """Write the company into a new file that its owner alone reads, and note that in its audit.

    An existing file is never written over; one that was cut short is called ``….partial``.
    """
    company = Company.objects.filter(key=key).first()
    if company is None:
        raise Unfit(f"There is no company with the key {key[:50]}.")
    if path.exists():
        raise Unfit(f"{path} is there already. Give another name; nothing is written over.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            packed = pack(company, file, at=at, told=told)
            file.flush()
            os.fsync(file.fileno())
        _note(company, packed, at)
        partial.rename(path)
    except OSError as error:
        raise Unfit(
            f"{partial} cannot be written: {error.strerror}. Give a folder that is there and has room."
        ) from error
    return packed


def _note(company: Company, packed: Packed, at: datetime) -> None:
    with acting(None, "take everything out", reason=REASON, company=company.pk):
        CompanyFile.objects.create(
            company=company, way=CompanyFile.Way.OUT, state=CompanyFile.State.OVER, reason=REASON,
            asked_at=at, began_at=at, finished_at=at, rows=packed.manifest.rows, bytes=packed.bytes,
            digest=packed.sha256,
        )  # fmt: skip
