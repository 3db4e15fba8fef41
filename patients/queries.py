"""Finding patients."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q, QuerySet

from patients.models import Patient


def find_patients(user: Any, sought: str) -> QuerySet[Patient]:
    """Patients of the user's company by name, account number, phone or date of birth.

    Every word must be found in the first or last name, or the whole text in one of the others.
    """
    rows = Patient.objects.visible_to(user).order_by("last_name", "first_name", "id")
    words = sought.split()[:5]
    if not words:
        return rows
    by_name = Q()
    for word in words:
        by_name &= Q(first_name__istartswith=word) | Q(last_name__istartswith=word)
    whole = Q(account_number__iexact=sought.strip())
    digits = re.sub(r"\D", "", sought)
    if len(digits) >= 7:
        whole |= Q(phone__endswith=digits[-10:])
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d)", sought.strip()):
        whole |= Q(date_of_birth=sought.strip())
    return rows.filter(by_name | whole)
