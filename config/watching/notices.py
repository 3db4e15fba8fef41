"""The banners above a page: a night that did not run, and processes that fell silent.

Asked of the database at most once a minute for each company; the sentences depend on who reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import caches
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, User
from accounts.roles import Can
from config.watching.nights import Trouble, Watch, watch
from deductibles.gateways.wire import MEND
from work.background.standing import SILENT as SILENT_AFTER
from work.background.standing import long_words
from work.models import ConnectionKind, Heartbeat, Run

REMEMBER_SOUND, REMEMBER_TROUBLE = 60, 10
"""Seconds; a mended trouble must not stand on the page for another minute."""

_NAMES = {Run.Kind.CHECK: "check", Run.Kind.SUBMISSION: "submission"}
_DUE = {Run.Kind.CHECK: "It was due at 03:00 UTC.", Run.Kind.SUBMISSION: "It follows the check of 03:00 UTC."}
_MEANS = {
    Run.Kind.CHECK: "Claims whose time is up or whose deductible is met are released when it runs.",
    Run.Kind.SUBMISSION: "Released claims wait in the queue until it runs.",
}
_PAGES = {
    ConnectionKind.ARBOOST: "deductibles:connection_arboost",
    ConnectionKind.CLEARINGHOUSE: "deductibles:connection_clearinghouse",
}
_UNENDED = (
    "The minute’s sweep does not come to its end.",
    "some of what is due is not done by itself. The page says which step, and what to do.",
)
_SILENT = {
    Heartbeat.Kind.BEAT: ("The scheduler is silent.", "nothing starts by itself until it runs again."),
    Heartbeat.Kind.WORKER: ("No worker answers.", "nights and messages to vendors wait until one runs."),
}


@dataclass(frozen=True)
class Notice:
    """One banner: ``tone`` as in the banner component, a link with the words of ``action``."""

    tone: str
    title: str
    text: str
    url: str = ""
    action: str = ""


def notices_for(user: User, now: datetime | None = None) -> list[Notice]:
    """What this person should know before anything else, the gravest first."""
    if not user.may(Can.READ_NIGHTS):
        return []
    now = now or timezone.now()
    try:
        found = _remembered(user.company_id, now)
    except DatabaseError:
        return []  # the page itself will say so; a banner must not be what fails
    may_start = user.may(Can.START_NIGHTS)
    nights = [notice for each in found.companies for notice in _of_nights(each.troubles, may_start)]
    silence = _of_silence(found, now) if may_start else ()
    watches = user.may(Can.WATCH_EMERGENCIES)
    read = [*_of_taken_out(found, user), *_of_emergencies(found, user, now)] if watches else ()
    vendors = [
        *_of_refusals(found),
        *_of_connections(found, user),
        *_of_untold(found),
        *_of_hooks(found),
    ]
    return [*read, *silence, *nights, *(vendors if user.may(Can.SETTINGS) else ())]


def _remembered(company_id: int, now: datetime) -> Watch:
    key = f"watch:{company_id}"
    found = caches["local"].get(key)
    if found is None:
        found = watch(Company.objects.filter(pk=company_id), now)
        troubled = any(
            each.troubles
            or each.refusing
            or each.failing
            or each.emergencies
            or each.hooks_off
            or each.taken_out
            for each in found.companies
        )
        sound = not troubled and not list(_of_silence(found, now))
        caches["local"].set(key, found, REMEMBER_SOUND if sound else REMEMBER_TROUBLE)
    return found


def _of_nights(troubles: tuple[Trouble, ...], may_start: bool) -> list[Notice]:
    """One banner for each trouble; check and submission in the same trouble share one."""
    if len(troubles) == 2 and troubles[0].what == troubles[1].what != "late":
        return [_of_night(troubles[0], may_start, "check and submission")]
    return [_of_night(trouble, may_start, _NAMES[Run.Kind(trouble.kind)]) for trouble in troubles]


def _of_night(trouble: Trouble, may_start: bool, name: str) -> Notice:
    kind, they = Run.Kind(trouble.kind), "They are" if " and " in name else "It is"
    title, how = {
        "missing": (f"Last night’s {name} did not run.", _DUE[kind]),
        "failed": (f"Last night’s {name} failed.", f"{they} tried again every 15 minutes."),
        "late": (f"Last night’s {name} has not finished.", _begun(trouble.began_at)),
    }[trouble.what]
    action = "Start it" if may_start and trouble.what != "late" else "See the runs"
    tone = "soon" if trouble.what == "late" else "breach"
    return Notice(tone, title, f"{how} {_MEANS[kind]}", reverse("deductibles:runs"), action)


def _of_refusals(found: Watch) -> Iterator[Notice]:
    """One banner for all payers that refuse our questions: who mends them finds each on the Runs page."""
    names = [name for each in found.companies for name in each.refusing]
    if not names:
        return
    title = f"{names[0]} refuses our questions."
    if len(names) > 1:
        title = f"{len(names)} payers refuse our questions: {', '.join(names[:3])}{' …' * (len(names) > 3)}."
    text = "The set-up must be mended. Until then a night asks one question of each, and the rest wait."
    yield Notice("breach", title, text, reverse("deductibles:runs"), "See what to mend")


def _of_connections(found: Watch, user: User) -> Iterator[Notice]:
    """Who can mend a connection is led to its page, where a test says which step fails."""
    for failing in (failing for each in found.companies for failing in each.failing):
        since = failing.since.astimezone(user.company.zone)
        kind = ConnectionKind(failing.kind)
        title = f"{kind.label} has been failing since {since:%H:%M} on {since.day} {since:%B}."
        yield Notice(
            "breach", title, failing.why.removesuffix(MEND).strip(), reverse(_PAGES[kind]), "Mend it"
        )


def _of_untold(found: Watch) -> Iterator[Notice]:
    """One hold that AR Boost does not understand; while the whole connection fails, that says enough."""
    broken = {failing.kind for each in found.companies for failing in each.failing}
    if ConnectionKind.ARBOOST in broken or not any(each.untold for each in found.companies):
        return
    text = "Its claims are checked at night all the same. The connection says which, and why."
    url = reverse(_PAGES[ConnectionKind.ARBOOST])
    yield Notice("soon", "AR Boost could not be told of every hold.", text, url, "See which")


def _of_emergencies(found: Watch, user: User, now: datetime) -> Iterator[Notice]:
    """For a day the supervisors and the other admins are told who opened the pages of patients, and why."""
    for one in (one for each in found.companies for one in each.emergencies):
        if one.person_id == user.pk:
            continue
        lasts, zone = one.over_at > now, user.company.zone
        title = f"{one.who.strip()} {'reads' if lasts else 'read'} patients in an emergency."
        times = f"{one.opened_at.astimezone(zone):%H:%M} to {one.over_at.astimezone(zone):%H:%M}"
        yield Notice(
            "soon", title, f"{times}: “{one.reason}”", reverse("emergency:page"), "See what was read"
        )


def _of_taken_out(found: Watch, user: User) -> Iterator[Notice]:
    """For a day the supervisors and the other admins are told who asked for everything, and why."""
    for one in (one for each in found.companies for one in each.taken_out):
        if one.person_id != user.pk:
            at = one.asked_at.astimezone(user.company.zone)
            title = f"{one.who.strip()} asked at {at:%H:%M} for a file with everything."
            yield Notice("soon", title, f"“{one.reason}”", reverse("everything:page"), "See the files")


def _of_hooks(found: Watch) -> Iterator[Notice]:
    """Webhooks that switched themselves off, until somebody switches them on or off."""
    hooks = [hook for each in found.companies for hook in each.hooks_off]
    if not hooks:
        return
    names = ", ".join(name for _, name in hooks[:3]) + " …" * (len(hooks) > 3)
    title = "A webhook has switched itself off."
    if len(hooks) > 1:
        title = f"{len(hooks)} webhooks have switched themselves off."
    url = reverse("hooks:endpoint", args=[hooks[0][0]]) if len(hooks) == 1 else reverse("hooks:list")
    yield Notice("soon", title, f"Nothing is sent to {names} any more.", url, "See why")


def _begun(at: datetime | None) -> str:
    return f"It began at {at:%H:%M} UTC and goes on by itself." if at else "It waits for a worker."


def _of_silence(found: Watch, now: datetime) -> Iterator[Notice]:
    """Processes that fell silent; while none of them is, a sweep that does not come to its end."""
    since = min((each.since for each in found.companies if each.since), default=now)
    silent = {kind: now - max(found.seen.get(kind) or since, since) for kind in Heartbeat.Kind}
    gone = [kind for kind in _SILENT if silent[kind] > SILENT_AFTER]
    for kind in gone:
        title, means = _SILENT[kind]
        how = (
            f"It was last seen {long_words(silent[kind])} ago"
            if found.seen.get(kind)
            else "It was never seen"
        )
        yield Notice("breach", title, f"{how}; {means}", reverse("runs:routines"), "See what waits")
    if not gone and silent[Heartbeat.Kind.SWEEP] > SILENT_AFTER:
        title, means = _UNENDED
        last = found.seen.get(Heartbeat.Kind.SWEEP)
        how = f"It last did {long_words(silent[Heartbeat.Kind.SWEEP])} ago" if last else "It never did"
        yield Notice("soon", title, f"{how}; {means}", reverse("runs:routines"), "See which step")
