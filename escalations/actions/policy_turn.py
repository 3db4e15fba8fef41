"""Two admins change a company's policy in turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused


@contextmanager
def turn(company: Company, by: User, act: str) -> Iterator[None]:
    """A transaction of an admin that holds the company's row; Refused ("role") for whoever is none.

    Whoever files a ticket meanwhile does not wait for it.
    """
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
    with transaction.atomic(), acting(by, act):
        Company.objects.select_for_update(no_key=True).get(pk=company.pk)
        yield
