"""What keeps files from being taken in at all: too many an hour, or nothing that can be taken (D-SUB-3)."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce, Length

from accounts.audit import acting
from accounts.models import Company
from accounts.steps import Refused
from deductibles.models import Arrival, ArrivalFile

AN_HOUR = timedelta(hours=1)
MOST_FILES_AN_HOUR = 1000
MOST_BYTES_AN_HOUR = 200 * 2**20
"""What a company may bring by hand and by the API together; what the inbox has is not counted."""


def refuse_flood(company: Company, at: datetime) -> None:
    """Refuse ("quota") more than an office brings in an hour: one script must not fill the database."""
    recent = Arrival.objects.filter(company=company, source=Arrival.Source.FILED, arrived_at__gt=at - AN_HOUR)
    size = Coalesce(Sum(Length("file__content", function="octet_length")), 0)
    found = recent.aggregate(files=Count("pk"), size=size)
    if found["files"] >= MOST_FILES_AN_HOUR or found["size"] >= MOST_BYTES_AN_HOUR:
        megabytes = MOST_BYTES_AN_HOUR // 2**20
        raise Refused(
            f"Your company brought {found['files']:,} files in the last hour. At most {MOST_FILES_AN_HOUR:,} "
            f"files or {megabytes} MB are taken in an hour by hand and by the API. Nothing was kept: bring "
            "this one later, or have it put into the inbox.",
            "quota",
        )


def tell_left(company: Company, name: str, trouble: str, *, at: datetime) -> None:
    """Have a file stand on the page that cannot even be taken: it stays in the inbox, and is told once."""
    digest = hashlib.sha256(f"left in the inbox: {name}: {trouble}".encode("utf-8", "replace")).hexdigest()
    said = f"{trouble} It was left in the inbox: look at it there, or ask the clearinghouse."
    with transaction.atomic(), acting(None, "leave in the inbox", company=company.pk):
        row, new = Arrival.objects.get_or_create(
            company=company,
            digest=digest,
            defaults={
                "name": name[:120],
                "source": Arrival.Source.INBOX,
                "arrived_at": at,
                "state": Arrival.State.ASIDE,
                "detail": said[:300],
            },
        )
        if new:
            ArrivalFile.objects.create(company=company, arrival=row, content="")
