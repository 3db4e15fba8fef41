"""An emergency: for half an hour, after saying why, an admin may read patients, tickets and claims.

An admin has no patient pages. When nobody else is there and somebody must know, the admin opens them, and
everybody who answers for it learns of that: a record on the account, a notice above the pages and a mail for
the other admins and the supervisors. What was read is kept by ``patients.reading``, as always; the reason is
that of the opening within which it was read. An opening belongs to one session and opens :data:`OPENS` alone:
no list, no export, no endpoint, and never a write.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from accounts import letters
from accounts.audit import acting
from accounts.models import AccountAct, EmergencyReading, User
from accounts.roles import Can, may, refusal, roles_that_may
from accounts.steps import Refused

LASTS = timedelta(minutes=30)
KIND = "emergency letter"
"""The kind under which its mail waits in the outbox."""
FIELD = "emergency"
"""Where a session keeps the opening that belongs to it."""
_READ = frozenset({"GET", "HEAD"})
OPENS = {
    "patients:list": _READ | {"POST"},  # a search is posted, and writes nothing but that it was made
    "patients:patient": _READ,
    "escalations:of_patient": _READ,
    "escalations:ticket": _READ,
    "escalations:file": _READ,
    "escalations:file_thumbnail": _READ,
    "deductibles:of_patient": _READ,
    "deductibles:claim": _READ,
}
"""What an opening opens: the pages of one patient, ticket or claim, by which verbs, and finding a patient."""


def open_reading(person: User, *, reason: str, at: datetime) -> EmergencyReading:
    """Let the person read for half an hour; asked twice for one reason it is one, another ends the first.

    Raises :class:`Refused` for who may not.
    """
    with transaction.atomic(), acting(person, "open emergency reading", reason=reason):
        kept = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not kept.may(Can.BREAK_GLASS):
            raise Refused(refusal(Can.BREAK_GLASS), "role")
        lasting = list(lasting_of(kept, at))
        same = next((one for one in lasting if one.reason == reason), None)
        if same is not None:
            return same
        for one in lasting:
            _end(one, at)
        made = EmergencyReading.objects.create(
            company_id=kept.company_id, person=kept, reason=reason, opened_at=at, ends_at=at + LASTS
        )
        _told(kept, AccountAct.Kind.GLASS, reason, at)
        for watcher in watchers_of(kept).exclude(email=""):
            payload = {"emergency": made.pk, "user": watcher.pk}
            letters.put(kept.company_id, KIND, payload, at=at)
        return made


def end_reading(person: User, *, at: datetime) -> bool:
    """End what the person has open, in whichever session; False when nothing was."""
    with transaction.atomic(), acting(person, "end emergency reading"):
        kept = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        lasting = list(lasting_of(kept, at))
        for one in lasting:
            _end(one, at)
        return bool(lasting)


def _end(one: EmergencyReading, at: datetime) -> None:
    EmergencyReading.objects.filter(pk=one.pk, ended_at=None).update(ended_at=at)
    minutes = int((at - one.opened_at).total_seconds()) // 60
    _told(one.person, AccountAct.Kind.SHUT, f"after {minutes} minute{'' if minutes == 1 else 's'}", at)


def _told(person: User, kind: AccountAct.Kind, said: str, at: datetime) -> None:
    AccountAct.objects.create(
        company_id=person.company_id, person=person, kind=kind, said=said[:200], by=person, at=at
    )


def lasting_of(person: User, at: datetime) -> QuerySet[EmergencyReading]:
    """What the person has open at this moment."""
    rows = EmergencyReading.objects.filter(person=person, ended_at=None, opened_at__lte=at, ends_at__gt=at)
    return rows.select_related("person")


def watchers_of(person: User) -> QuerySet[User]:
    """Who answers for it: the company's supervisors and its other admins."""
    roles = roles_that_may(Can.WATCH_EMERGENCIES)
    people = User.objects.filter(company_id=person.company_id, is_active=True, role__in=roles)
    return people.exclude(pk=person.pk)


def over_by() -> Any:
    """The moment at which an opening is over, as an expression over its columns."""
    return Coalesce("ended_at", "ends_at")


def enter(request: HttpRequest, opened: EmergencyReading) -> None:
    """Have this session be the one that reads."""
    request.session[FIELD] = opened.pk


def begin(request: Any, view_name: str, at: datetime) -> None:
    """Find the session's opening, and let its person read if it is of a page that is opened.

    ``request.emergency`` is it while it lasts; one that is over is forgotten.
    """
    key = request.session.get(FIELD)
    if key is None or not request.user.is_authenticated:
        return
    found = lasting_of(request.user, at).filter(pk=key).first()
    if found is None or not may(request.user.role, Can.BREAK_GLASS):
        del request.session[FIELD]
        return
    request.emergency = found
    request.user.reads_in_emergency = request.method in OPENS.get(view_name, ())


def send(emergency_id: int, user_id: int) -> None:
    """Mail that somebody opened patients' pages: who and when, and where the rest stands (I8)."""
    opened = EmergencyReading.objects.select_related("person__company").filter(pk=emergency_id).first()
    to = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if opened is None or to is None:
        return
    local = opened.opened_at.astimezone(opened.person.company.zone)
    said = [
        f"{opened.person} ({opened.person.username}) opened the pages of patients in an emergency.",
        f"That was on {local:%-d %B %Y at %H:%M}, for 30 minutes at most.",
        f"The reason, and what was read, stand here:\n{settings.SITE_URL.rstrip('/')}/settings/emergency/",
    ]
    EmailMessage(
        "Pages of patients were opened in an emergency",
        "\n\n".join(said) + "\n",
        to=[to.email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
