"""The date a hold ends by time says the same in SQL, for many holds, and in Python, for one (D-CHK-4)."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest
from django.db import connection

from deductibles.actions import holding, release_dates
from deductibles.models import DeductibleSettings, Hold
from tests.claim_line import DAY0, Line, days

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db


def in_sql(settings: DeductibleSettings, row: Hold, **where: str) -> date | None:
    said = release_dates.release_on_sql(**where)
    values: dict[str, Any] = {"hold": row.pk, "own": row.payer and row.payer.max_days}
    values["limit"] = row.payer and row.payer.filing_limit_days
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {said} FROM deductibles_hold h JOIN deductibles_claim c ON c.id = h.claim_id"
            " LEFT JOIN patients_payer p ON p.id = h.payer_id WHERE h.id = %(hold)s",
            {**values, **release_dates.values(settings)},
        )
        found: date | None = cursor.fetchone()[0]
        return found


PAYER = {"own_days": "%(own)s::int", "limit": "%(limit)s::int"}
"""As on a payer's page, whose numbers are proposed and stand in no row yet."""


@pytest.mark.parametrize(("own", "limit"), list(product([None, 9], [None, 20, 400])))
@pytest.mark.parametrize(("kind", "waived"), [("automatic", False), ("manual", False), ("manual", True)])
def test_both_give_the_same_date(
    line: Line, kind: str, waived: bool, own: int | None, limit: int | None
) -> None:
    line.payer.max_days, line.payer.filing_limit_days = own, limit
    line.payer.save()
    row = line.held(served=DAY0)
    for automatic, manual, kept in product([True, False], [True, False], [days(12), days(3), None]):
        if kept is None and kind == "automatic":
            continue
        Hold.objects.filter(pk=row.pk).update(kind=kind, guard_waived=waived, release_on=kept)
        settings = DeductibleSettings(
            company=line.company,
            automatic=automatic,
            max_days=30,
            manual=manual,
            manual_days=15,
            guard_days=14,
        )
        one = Hold.objects.select_related("claim", "payer").get(pk=row.pk)
        wanted = holding.release_date_of(one, settings)
        assert in_sql(settings, one) == in_sql(settings, one, **PAYER) == (wanted and wanted.on)
