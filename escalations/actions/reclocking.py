"""Putting another calendar, or another policy, over the clocks that run (K13, K14).

What an admin saw before is what is done, or nothing is. All running tickets move in few statements and one
transaction, or in two that commit one right after the other when they are many; what dies in between is
finished by the next sweep. A ticket that somebody moves meanwhile is worked out again and never written over.
Cycles that ended, promises that were given and breaches that were recorded stay; a breach whose due moment
moved says where to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from escalations.actions.reclock_beside import Beside
from escalations.actions.reclock_telling import tell_people
from escalations.actions.reclock_writing import BATCH, BUSY, Part, Under
from escalations.domain.calendar_edit import NamedCalendar
from escalations.domain.reclock import ALWAYS, Outlook, Since, affects_from
from escalations.domain.states import RUNNING
from escalations.models import CalendarVersion, PolicyVersion, Reclocking, Ticket
from escalations.policies import calendar_in_force, calendar_of, digest_of, put_in_force
from escalations.running import movable, no_cycles, what_if

log = structlog.get_logger(__name__)

CATCHES_UP = timedelta(minutes=30)
"""For so long after a change, tickets whose filing was under way are looked for."""
STALE = "Somebody changed the calendar meanwhile. Look again at what would move, then decide."
UNSEEN = "This is another calendar than the one you looked at. Look at what would move, then decide."
OTHERWISE = "Tickets moved meanwhile, so other clocks would move than you saw. Look again, then decide."


@dataclass(frozen=True)
class Previewed:
    """What an admin is shown before a change, and the seal under which it may be applied.

    ``base`` is the version in force that it was worked out against.
    """

    base: CalendarVersion
    calendar: NamedCalendar
    outlook: Outlook

    @property
    def token(self) -> str:
        """Names what was shown: the version before, the calendar, and what it does to which tickets."""
        newest = self.outlook.newest
        return f"{self.base.pk}.{_named(self.calendar)}.{newest}.{self.outlook.seal(newest)[:40]}"


def _named(calendar: NamedCalendar) -> str:
    return digest_of(calendar.to_json())[:24]


def preview(company: Company, calendar: NamedCalendar, *, at: datetime) -> Previewed:
    """What putting this calendar in force would do to the clocks that run; nothing is written.

    Raises TimeRuleError when a running ticket would be due outside the years a calendar reaches.
    """
    base = calendar_in_force(company, at=at)
    since = _earlier(affects_from(calendar_of(base), calendar.rules), *map(_since, _unfinished(company)))
    return Previewed(base, calendar, what_if(company, calendar=calendar.rules, at=at, since=since))


def change_calendar(
    company: Company, calendar: NamedCalendar, *, token: str, by: User, at: datetime
) -> Reclocking:
    """Put a calendar in force and move the running clocks, as it was previewed under ``token``.

    Raises Refused for whoever is no admin ("role") and when what would be done is not what was shown
    ("stale"): somebody changed the calendar, or tickets moved.
    """
    with Beside[Part](by) as beside:
        done = _change(company, calendar, token, by=by, at=at, beside=beside)
    return _whole(done, beside, at=at)


def undo_change(change: Reclocking, *, token: str, by: User, at: datetime) -> Reclocking:
    """Put the calendar from before a change in force again and move the running clocks back (K14).

    Only the newest change can be undone, and once: Refused ("undone", "older") otherwise, and as
    :func:`change_calendar`.
    """
    with Beside[Part](by) as beside, transaction.atomic(), acting(by, "undo change of calendar"):
        company = _locked(change.company_id)
        change = Reclocking.objects.select_related("calendar").get(pk=change.pk)
        before = calendar_before(change)
        done = _change(company, before, token, by=by, at=at, undoes=change, beside=beside)
    return _whole(done, beside, at=at)


def calendar_before(change: Reclocking) -> NamedCalendar:
    """The calendar that was in force before a change; Refused when the change cannot be undone."""
    version = change.calendar
    if version is None:
        raise Refused("That change was not one of the calendar.", "unknown")
    if Reclocking.objects.filter(undoes=change).exists():
        raise Refused("This change was undone already.", "undone")
    if version.superseded_at is not None:
        raise Refused("The calendar was changed again since. Undo the newest change first.", "older")
    versions = CalendarVersion.objects.filter(company_id=change.company_id, number__lt=version.number)
    return NamedCalendar.from_json(versions.latest("number").data)


def _locked(company_id: int) -> Company:
    """The company's row, locked: two admins change its calendar in turn."""
    return Company.objects.select_for_update(no_key=True).get(pk=company_id)


def _change(
    company: Company,
    calendar: NamedCalendar,
    token: str,
    *,
    by: User,
    at: datetime,
    undoes: Reclocking | None = None,
    beside: Beside[Part],
) -> Reclocking:
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
    base, named, newest, seal = (token.split(".") + [""] * 4)[:4]
    with transaction.atomic(), acting(by, "change calendar"):
        company = _locked(company.pk)
        if base and str(calendar_in_force(company, at=at).pk) != base:
            raise Refused(STALE, "stale")
        if named != _named(calendar) or not (newest.isascii() and newest.isdigit() and len(newest) <= 18):
            raise Refused(UNSEEN, "stale")
        version = put_in_force(CalendarVersion, company, calendar.to_json(), by=by, at=at)
        if str(version.pk) == base:
            raise Refused("This calendar is in force already.", "same")
        return reclock(
            company, calendar=version, by=by, at=at, undoes=undoes, seen=(int(newest), seal), beside=beside
        )


def _whole(done: Reclocking, beside: Beside[Part], *, at: datetime) -> Reclocking:
    """The change when its second half is committed too; one that got lost there is made up for at once."""
    if not done.unfinished:
        return done
    if beside.committed:
        with acting(done.by, "reclock"):
            _finished(done)
    else:
        _caught_up(done.company, at)
    done.refresh_from_db(fields=["unfinished"])
    return done


def _finished(newest: Reclocking) -> None:
    """This change and those before it have reached every ticket."""
    _unfinished(newest.company).filter(pk__lte=newest.pk).update(unfinished=False)


def _unfinished(company: Company) -> QuerySet[Reclocking]:
    """Changes of the calendar of which a part was not committed, as far as is known."""
    rows = Reclocking.objects.filter(company=company, unfinished=True, calendar__isnull=False)
    return rows.select_related("calendar", "by").defer("calendar__data").order_by("pk")


def reclock(
    company: Company,
    *,
    calendar: CalendarVersion | None = None,
    policy: PolicyVersion | None = None,
    by: User | None,
    at: datetime,
    undoes: Reclocking | None = None,
    seen: tuple[int, str] | None = None,
    beside: Beside[Part] | None = None,
) -> Reclocking:
    """Put all running tickets under a version of the calendar, of the policy, or both (K13, K14).

    Of a calendar alone only those are read and written that it can move; the others come to the same under
    the one before. ``seen`` is the newest ticket that was shown and the seal of what was shown; Refused
    ("stale") when the consequences are others now, or ("busy") when tickets keep moving. ``beside`` may write
    half of them; the change is unfinished then until that is committed.
    """
    under = Under(company, calendar, policy, by, at, undone=undoes is not None)
    with no_cycles(), _unless_busy(), transaction.atomic(), acting(by, "reclock", company=company.pk):
        before = list(_unfinished(company))
        since = _earlier(_moves_from(calendar), *map(_since, before)) if calendar and not policy else ALWAYS
        found = under.outlook(since=since)
        if seen is not None and not found.seal(seen[0]).startswith(seen[1] or "-"):
            raise Refused(OTHERWISE, "stale")
        moved = under.write(found, beside)
        done = Reclocking.objects.create(
            company=company, calendar=calendar, policy=policy, at=at, by=by, undoes=undoes,
            looked_at=found.looked_at, moved=len(moved), breaches=len(found.breaches),
            unbreaches=len(found.unbreaches), unfinished=True if beside and beside.has_part else None,
        )  # fmt: skip
        if before and calendar and not done.unfinished:
            _finished(done)
        tell_people(done, moved, what=under.what)
    return done


def _moves_from(version: CalendarVersion) -> Since:
    """From which due moment on a version of the calendar may move clocks that ran under the one before."""
    older = CalendarVersion.objects.filter(company_id=version.company_id, number__lt=version.number)
    before = older.order_by("-number").defer("data").first()
    return affects_from(calendar_of(before), calendar_of(version)) if before else ALWAYS


def _since(change: Reclocking) -> Since:
    """From which due moment on a change of the calendar may have moved clocks."""
    return _moves_from(change.calendar) if change.calendar else ALWAYS


def _earlier(*all_of: Since) -> Since:
    """From which due moment on any of several changes may move clocks."""
    return Since(min(one.weeks for one in all_of), min(one.others for one in all_of))


@contextmanager
def _unless_busy() -> Iterator[None]:
    """Two who wait for each other's tickets: the database ends it, or the patience of one of two connections
    does, and the whole is refused."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") in ("40P01", "55P03"):
            raise Refused(BUSY, "busy") from error
        raise


def catch_up(company: Company, *, at: datetime) -> int:
    """Put tickets under the calendar in force whose dates were being worked out when it changed: by a filing,
    a reopening, or a step that moved them past what has changed. And those that a change did not reach whose
    process died between its two commits: in the name of whoever made it, and nobody is told once more.

    Gives back how many. The sweep asks for half an hour after a change, and until it is finished; each is one
    transaction.
    """
    version = calendar_in_force(company, at=at)
    left = list(_unfinished(company))
    newest = left[-1] if left else None
    by = newest.by if newest else None
    with transaction.atomic(), acting(by, "reclock", company=company.pk):
        left_out = _overtaken(version, at) | _not_reached(version, left)
        rows = Ticket.objects.filter(left_out, company=company, status__in=RUNNING)
        late = list(rows.values_list("pk", flat=True)[:BATCH])
        if late:
            undone = newest is not None and newest.undoes_id is not None
            under = Under(company, version, None, by, at, undone=undone)
            under.write(under.outlook(late))
        if newest and len(late) < BATCH:
            _finished(newest)
    return len(late)


def _overtaken(version: CalendarVersion, at: datetime) -> Q:
    """Tickets under a calendar that lately was in force, which the one in force may move."""
    lately = CalendarVersion.objects.filter(company_id=version.company_id, superseded_at__gte=at - CATCHES_UP)
    found = Q(pk=None)
    for one in lately.defer("data"):
        since = affects_from(calendar_of(one), calendar_of(version))
        found |= Q(calendar_version=one) & (movable(since) if since != ALWAYS else Q())
    return found


def _not_reached(version: CalendarVersion, unfinished: Sequence[Reclocking]) -> Q:
    """Tickets that unfinished changes may move and that are not under the calendar in force."""
    if not unfinished:
        return Q(pk=None)
    since = _earlier(*map(_since, unfinished))
    return ~Q(calendar_version=version) & (movable(since) if since != ALWAYS else Q())


def catch_up_all(*, at: datetime) -> int:
    """:func:`catch_up` for every company whose calendar changed lately, or of which a change is unfinished;
    gives back how many tickets moved."""
    recent = Q(at__gte=at - CATCHES_UP) | Q(unfinished=True)
    changes = Reclocking.objects.filter(recent, calendar__isnull=False)
    companies = Company.objects.filter(pk__in=changes.values("company"))
    return sum(_caught_up(company, at) for company in companies)


def _caught_up(company: Company, at: datetime) -> int:
    """One company's; tickets that keep moving are looked at again by the next sweep, and hold up no other."""
    try:
        return catch_up(company, at=at)
    except Refused as refused:
        log.warning("reclock_put_off", company=company.pk, code=refused.code)
        return 0
