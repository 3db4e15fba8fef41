"""Is the house in order: what a company needs before its work can run, and where each thing is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Value
from django.urls import reverse

from accounts.models import Company, User
from accounts.roles import Role
from config.runs.looking import Look
from deductibles.connections.screen import screens_of
from deductibles.domain.money import dollars
from deductibles.models import DeductibleSettings, provider_in_force, settings_in_force
from deductibles.night_screen import nights_of
from escalations.models import CalendarVersion, PolicyVersion
from work.background.reading import Asked


@dataclass(frozen=True)
class Check:
    """One thing that should be so; ``url`` and ``mend`` lead to where it is changed."""

    text: str
    note: str
    done: bool
    url: str = ""
    mend: str = ""


def checks_of(user: User, now: datetime) -> list[Check]:
    """Every check of the person's company, in the order in which a new company meets them."""
    company = user.company
    return [
        provider_check(company),
        monitoring_check(settings_in_force(company.pk)),
        *_connections(company, now),
        _night(company, now),
        _work(user, now),
        *_versions(user),
        _itemized(company),
    ]


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 ticket", "1,204 tickets"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def people_by_role(user: User) -> list[tuple[str, int]]:
    """How many active people the company has in each role; a role with nobody counts zero."""
    people = User.objects.filter(company_id=user.company_id, is_active=True).order_by()
    counts = dict(people.values_list("role").annotate(Count("pk")))
    return [(role.value.capitalize(), counts.get(role.value, 0)) for role in Role]


def provider_check(company: Company) -> Check:
    """As whom the company bills."""
    found = provider_in_force(company.pk)
    note = f"{found.name}, NPI {found.npi}" if found else "Without it no claim can be submitted."
    return Check("Billing provider", note, bool(found), reverse("deductibles:provider"), "Enter it")


def monitoring_check(now: DeductibleSettings) -> Check:
    """Whether claims are held by themselves, and by which numbers."""
    note = (
        f"On: {now.max_days} days at most, from {dollars(now.monitor_above)} a year, down to "
        f"{dollars(now.dollar_threshold)} remaining. Version {now.version}."
        if now.automatic
        else "Off: no claim is held until it is switched on."
    )
    url = reverse("deductibles:settings")
    return Check("Automated deductible monitoring", note, now.automatic, url, "Switch it on")


def _connections(company: Company, now: datetime) -> list[Check]:
    """A connection that nothing went over yet counts as in order; one that fails does not."""
    checks = []
    for screen in screens_of(company, now):
        state, words = screen.standing
        sound = bool(screen.found.address) and state != "breached"
        note = f"{words}." if sound else f"{words}. {screen.say}"
        mend = "Mend it" if screen.found.address else "Connect it"
        checks.append(Check(screen.title, note, sound, reverse(screen.about.url_name), mend))
    return checks


def _night(company: Company, now: datetime) -> Check:
    nights = nights_of(company, now)
    said = nights.missed or nights.last or "The first one is at 03:00 UTC."
    return Check("Nightly check", said, not nights.missed, reverse("deductibles:runs"), "See the runs")


def _work(user: User, now: datetime) -> Check:
    """Work in the background: in order unless something stands still."""
    under_way = Look(user, Asked(), now).under_way
    still = [row for row in under_way if row.life.still]
    note = f"{len(under_way)} under way." if under_way else "Nothing is under way."
    if still:
        note = f"{still[0].kind.label} stands still. {still[0].life.still}"
    return Check("Background work", note, not still, reverse("runs:list"), "See what to do")


def _versions(user: User) -> list[Check]:
    kinds: dict[str, Any] = {"Escalation types": PolicyVersion, "Business calendar": CalendarVersion}
    columns = ("name", "number", "created_at")
    policies, calendars = (
        kind.objects.visible_to(user)
        .filter(superseded_at=None)
        .annotate(name=Value(name))
        .values_list(*columns)
        for name, kind in kinds.items()
    )
    in_force = {name: (number, at) for name, number, at in policies.union(calendars, all=True)}
    checks = []
    for name in kinds:
        found = in_force.get(name)
        note = "The shipped one comes into force with the first ticket."
        if found:
            since = found[1].astimezone(user.company.zone)
            note = f"Version {found[0]}, in force since {since.day} {since:%B %Y}."
        checks.append(Check(name, note, bool(found)))
    return checks


def _itemized(company: Company) -> Check:
    address = company.itemized_bill_address
    note = (
        f"Insurers are told {address}."
        if address
        else "Insurers who ask for one cannot be told where to write."
    )
    return Check("Address for itemized bills", note, bool(address), reverse("company"), "Enter it")
