"""What a company says of itself: its name, its zone, its kind of work, where insurers write to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.steps import Refused, Unfit, digest_of

NO_ZONE = "There is no such time zone. Choose one of the list, such as America/Chicago."
STALE = "Somebody changed the company while you were typing."


@dataclass(frozen=True)
class Said:
    """Everything of a company that an admin may change; its key stands in commands and folders, and stays."""

    name: str
    time_zone: str
    is_ambulance: bool
    itemized_bill_address: str


def said_of(company: Company) -> Said:
    """What is saved."""
    return Said(company.name, company.time_zone, company.is_ambulance, company.itemized_bill_address)


def seen_of(company: Company) -> str:
    """What a form about this company has seen."""
    return digest_of([str(value) for value in asdict(said_of(company)).values()])


def read_zone(said: str) -> str:
    """A time zone there is; Unfit for any other word."""
    try:
        ZoneInfo(said)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unfit({"time_zone": NO_ZONE}) from error
    return said


def change_company(said: Said, *, seen: str | None, by: User) -> Company:
    """Change one's own company; Refused ("stale") when somebody changed it since ``seen``.

    From the next request on its dates are dates of the new zone; the business calendar has a zone of its
    own, by which tickets are due.
    """
    read_zone(said.time_zone)
    with transaction.atomic(), acting(by, "change company"):
        kept = Company.objects.select_for_update().get(pk=by.company_id)
        if seen is not None and seen != seen_of(kept):
            raise Refused(STALE, "stale")
        if said != said_of(kept):
            Company.objects.filter(pk=kept.pk).update(**asdict(said))
        return Company.objects.get(pk=kept.pk)
