"""Which policy and which calendar are in force, and the versions that were (R-ALL-3, K1, K13, K14)."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import holidays
import structlog
import yaml
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.audit import acting
from accounts.models import Company, User
from escalations.domain.calendar_edit import NamedCalendar
from escalations.domain.guide_words import with_own_words
from escalations.domain.policy import Policy, PolicyError
from escalations.domain.policy_parts import with_own_parts
from escalations.domain.states import RUNNING
from escalations.domain.turnaround import BusinessCalendar
from escalations.models import CalendarVersion, PolicyVersion, Ticket, Version

log = structlog.get_logger(__name__)

SHIPPED = Path(__file__).with_name("policy")
_HOURS = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
YEARS_BACK, YEARS_AHEAD = 2, 10

V = TypeVar("V", bound=Version)


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    """The files of ``policy/`` as one policy: a file a type, in the order ``general.yaml`` gives."""
    data = _read("general.yaml")
    data["lists"] = _read("lists.yaml")
    data["types"] = [_read(f"types/{key}.yaml") for key in data["types"]]
    return data | _read("which_ticket.yaml") | _read("words.yaml")


def _read(name: str) -> Any:
    """One file, by the quick reader where it is to be had; both know plain data only."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((SHIPPED / name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


def shipped_policy() -> dict[str, Any]:
    """The policy data Holdline comes with."""
    return copy.deepcopy(_shipped())


def first_calendar(company: Company, on: date) -> dict[str, Any]:
    """What a company begins with, in its zone: see :func:`usual_calendar`."""
    return usual_calendar(company.time_zone, on)


def usual_calendar(zone: str, on: date) -> dict[str, Any]:
    """Monday to Friday, 09:00 to 18:00, and the US federal holidays of the years around ``on`` (K1)."""
    years = range(on.year - YEARS_BACK, on.year + YEARS_AHEAD + 1)
    federal = sorted(day.isoformat() for day in holidays.UnitedStates(years=years))
    return {"zone": zone, "hours": _HOURS, "holidays": federal, "exceptions": []}


@lru_cache(maxsize=64)
def _federal(year: int) -> Any:
    return holidays.UnitedStates(years=year)


def holiday_name(on: date) -> str:
    """What a US federal holiday is called, such as "Thanksgiving Day"; empty for any other date."""
    return str(_federal(on.year).get(on, ""))


def date_name(calendar: NamedCalendar, on: date) -> str:
    """What a company calls a holiday or an exception; a holiday it did not name as the federal list does."""
    return calendar.names.get(on) or (holiday_name(on) if on in calendar.rules.holidays else "")


def policy_in_force(company: Company, *, at: datetime) -> PolicyVersion:
    """The company's policy; a company met for the first time gets the shipped one.

    One query brings the calendar too, for :func:`calendar_beside`.
    """
    rows = _in_force_of(PolicyVersion, company).annotate(beside=_calendar_beside())
    found = rows.first()
    if found is None:
        return load_policy(company, by=None, at=at)
    found.company = company
    return found


def calendar_in_force(company: Company, *, at: datetime) -> CalendarVersion:
    """The company's calendar; a company met for the first time gets the usual one for its zone."""
    return _in_force(CalendarVersion, company) or load_calendar(company, by=None, at=at)


def calendar_beside(version: PolicyVersion, *, at: datetime) -> CalendarVersion:
    """The calendar that was in force when this policy was read; a policy read otherwise is asked again."""
    row = getattr(version, "beside", None)
    if row is None:
        return calendar_in_force(version.company, at=at)
    calendar = _calendar_in(row)
    calendar.company = version.company
    return calendar


def with_calendar(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Tickets with the calendar in force beside each, so that :func:`calendar_for` asks no more."""
    return rows.annotate(calendar_now=_calendar_beside())


def calendar_for(ticket: Ticket) -> CalendarVersion:
    """What anything that is worked out of a ticket now goes by: while it runs, the calendar in force (K14).

    The version that a running ticket names may be older: its stored moments were worked out under that one,
    and are the same under this. One query, none for a ticket that was read by :func:`with_calendar`.
    """
    if ticket.status not in RUNNING:
        return ticket.calendar_version
    row = getattr(ticket, "calendar_now", None)
    if row is not None:
        return _calendar_in(row)
    rows = CalendarVersion.objects.filter(company=ticket.company_id, superseded_at=None)
    return rows.defer("data").get()


def _calendar_beside() -> Subquery:
    """The calendar in force of the company of a row, as JSON without its data."""
    rows = CalendarVersion.objects.filter(company=OuterRef("company"), superseded_at=None)
    facts = JSONObject(id="id", company_id="company_id", number="number", digest="digest")
    return Subquery(rows.values(row=facts))


def _calendar_in(row: dict[str, Any]) -> CalendarVersion:
    names = [one.attname for one in CalendarVersion._meta.concrete_fields if one.attname in row]
    return CalendarVersion.from_db(CalendarVersion.objects.db, names, [row[name] for name in names])


def load_policy(company: Company, *, by: User | None, at: datetime) -> PolicyVersion:
    """Put the shipped policy in force, as a new version unless it is in force already.

    Lists that an admin changed, words that one wrote and types that one edited stay as they are (R-X-8,
    R-DOC-2). Where they and the shipped policy do not fit together any more, the company keeps what it has.
    """
    data = shipped_policy()
    current = _in_force(PolicyVersion, company)
    if current is not None:
        own = {key: row for key, row in current.data.get("lists", {}).items() if row.get("own")}
        data["lists"] |= own
        data = with_own_parts(with_own_words(data, current.data), current.data)
    try:
        _kept(Policy, digest_of(data), lambda: data)
    except PolicyError as unfit:
        if current is None:
            raise
        log.warning("shipped_policy_unfit", company=company.pk, version=current.number, why=str(unfit))
        return current
    return put_in_force(PolicyVersion, company, data, by=by, at=at)


def load_calendar(company: Company, *, by: User | None, at: datetime) -> CalendarVersion:
    """Give the company a first calendar; one that has a calendar keeps it."""
    data = first_calendar(company, at.astimezone(company.zone).date())
    BusinessCalendar.from_json(data)
    return _in_force(CalendarVersion, company) or put_in_force(CalendarVersion, company, data, by=by, at=at)


def put_in_force(
    kind: type[V], company: Company, data: dict[str, Any], *, by: User | None, at: datetime
) -> V:
    """Supersede the version in force by one with this data; the same data again changes nothing.

    The company's row is locked, so that two admins saving at once make two versions in turn; whoever files a
    ticket meanwhile does not wait for it.
    """
    digest = digest_of(data)
    with transaction.atomic(), acting(by, f"put {kind._meta.verbose_name} in force"):
        Company.objects.select_for_update(no_key=True).get(pk=company.pk)
        current = _in_force(kind, company)
        if current is not None and current.digest == digest:
            return current
        if current is not None:
            _rows(kind).filter(pk=current.pk).update(superseded_at=at)
        number = current.number + 1 if current is not None else 1
        version = kind(company=company, number=number, data=data, digest=digest, created_at=at, created_by=by)
        version.save()
        return version


def digest_of(data: Any) -> str:
    """SHA-256 of the data in canonical JSON."""
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def policy_of(version: PolicyVersion) -> Policy:
    """The parsed policy; versions never change, so each is parsed once a process."""
    return _parsed(Policy, version)


def calendar_of(version: CalendarVersion) -> BusinessCalendar:
    """The parsed calendar, with its laid out table, shared by all tickets under it."""
    return named_calendar_of(version).rules


def named_calendar_of(version: CalendarVersion) -> NamedCalendar:
    """The parsed calendar with what its dates are called."""
    found: NamedCalendar = _parsed(NamedCalendar, version)
    return found


_KEPT: dict[tuple[type, str], Any] = {}
_MOST_KEPT = 256


def _parsed(kind: Any, version: Version) -> Any:
    return _kept(kind, version.digest, lambda: version.data)


def _kept(kind: Any, digest: str, data: Callable[[], Any]) -> Any:
    """What the data of this digest says, parsed now or before; the data is asked for only now."""
    key = (kind, digest)
    found = _KEPT.get(key)
    if found is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        found = _KEPT[key] = kind.from_json(data())
    return found


def _in_force(kind: type[V], company: Company) -> V | None:
    found: V | None = _in_force_of(kind, company).first()
    return found


def _in_force_of(kind: type[V], company: Company) -> Any:
    """The version in force, without its data: what was parsed before is found by its digest."""
    return _rows(kind).filter(company=company, superseded_at=None).defer("data")


def _rows(kind: type[V]) -> Any:
    """All versions of a kind."""
    return kind._default_manager
