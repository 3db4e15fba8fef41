"""Publishing a policy, putting it over open tickets, and taking that back (K13).

What an admin saw before is what is done, or nothing is. Open tickets keep the version they were filed under
until the new one is put over them; then they can have theirs back, each its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import OperationalError

from accounts.models import Company, User
from accounts.steps import Refused
from escalations.actions import policy_runs
from escalations.actions.policy_turn import turn
from escalations.actions.reclock_telling import tell_people
from escalations.actions.reclock_writing import BUSY, Under
from escalations.actions.reclocking import OTHERWISE, catch_up, reclock
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.policy import Policy
from escalations.domain.policy_checks import problems
from escalations.domain.policy_difference import Difference, differences
from escalations.domain.policy_needed import taken_away
from escalations.domain.policy_parts import with_marks
from escalations.domain.policy_problem import Problem
from escalations.domain.reclock import Change, Outlook
from escalations.domain.turnaround import TimeRuleError
from escalations.models import PolicyDraft, PolicyMove, PolicyRun, PolicyVersion, Publication, Reclocking
from escalations.policies import (
    calendar_in_force,
    calendar_of,
    digest_of,
    policy_in_force,
    policy_of,
    put_in_force,
)
from escalations.policy_over import (
    by_version,
    joined,
    needed_by_open,
    outlook_under,
    planned_for_many,
    put_under_calendar_in_force,
    still_under,
)
from escalations.running import no_cycles, what_if
from patients.domain.intake import text

NO_DRAFT = "There is no draft. Somebody published it or threw it away."
OVERTAKEN = "A version was published since this draft was begun. Take in what it changed, then look again."
UNSEEN = "The draft is not the one you looked at. Look at it again, then publish."
UNFIT = "The draft cannot be published yet: it contradicts itself, or takes away what open tickets need."
SAME = "The draft says what is in force already, so there is nothing to publish."
LONGEST_NOTE = 500

read_note = text("The note", LONGEST_NOTE, required=True)


@dataclass(frozen=True)
class Previewed:
    """What publishing the draft would change, and the seal under which it may be published.

    ``outlook`` is what putting it over open tickets would do, ``None`` while it cannot be published.
    ``beyond`` says why it cannot be put over them.
    """

    draft: PolicyDraft
    base: PolicyVersion
    changes: Sequence[Difference]
    problems: Sequence[Problem]
    outlook: Outlook | None = None
    beyond: str = ""

    @property
    def is_overtaken(self) -> bool:
        """Whether another version was published since the draft was begun."""
        return self.draft.base_id != self.base.pk

    @property
    def may_be_published(self) -> bool:
        """Whether nothing stands against publishing it."""
        return bool(self.changes) and not self.problems and not self.is_overtaken

    @cached_property
    def token(self) -> str:
        """Names what was shown: the version before, the draft, and what it does to which tickets."""
        found = self.outlook or Outlook()
        return f"{self.base.pk}.{_named(self.draft.data)}.{found.newest}.{found.seal(found.newest)[:40]}"


def _named(data: Any) -> str:
    return digest_of(data)[:24]


def preview(company: Company, draft: PolicyDraft, *, at: datetime) -> Previewed:
    """What publishing the draft would change and do; nothing is written."""
    base = policy_in_force(company, at=at)
    changes = differences(base.data, draft.data)
    wrong = [*problems(draft.data), *taken_away(draft.data, needed_by_open(company))]
    if wrong or draft.base_id != base.pk or not changes:
        return Previewed(draft, base, changes, wrong)
    try:
        found = outlook_under(company, Policy.from_json(draft.data), at=at)
    except TimeRuleError as refused:
        return Previewed(draft, base, changes, wrong, beyond=refused.message)
    return Previewed(draft, base, changes, wrong, found)


@dataclass(frozen=True)
class Published:
    """A version that was published, and what it did to open tickets if it was put over them.

    ``run`` is there when they are many: it has begun and reaches them part by part.
    """

    version: PolicyVersion
    moved: Reclocking | None
    run: PolicyRun | None = None


def publish(company: Company, *, note: str, over_open: bool, token: str, by: User, at: datetime) -> Published:
    """Put the draft in force as a new version; ``over_open`` puts it over the tickets that run as well.

    Raises Wrong for a note that cannot be kept; Refused for whoever is no admin ("role"), without a draft
    ("unknown"), for what was not shown ("stale"), for what stands against it ("unfit"), for nothing new
    ("same"), and while tickets keep moving or a version is on its way through them ("busy").
    """
    words = read_note(note)
    base, named, newest, seal = (token.split(".") + [""] * 4)[:4]
    with turn(company, by, "publish policy"):
        draft = PolicyDraft.objects.select_related("base").filter(company=company).first()
        if draft is None:
            raise Refused(NO_DRAFT, "unknown")
        if policy_runs.is_under_way(company):
            raise Refused(policy_runs.UNDER_WAY, "busy")
        current = policy_in_force(company, at=at)
        if draft.base_id != current.pk:
            raise Refused(OVERTAKEN, "stale")
        if base != str(current.pk) or named != _named(draft.data) or not _is_key(newest):
            raise Refused(UNSEEN, "stale")
        if not differences(current.data, draft.data):
            raise Refused(SAME, "same")
        if problems(draft.data) or taken_away(draft.data, needed_by_open(company)):
            raise Refused(UNFIT, "unfit")
        data = with_marks(draft.data, current.data, {"by": str(by), "at": at.isoformat()})
        version = put_in_force(PolicyVersion, company, data, by=by, at=at)
        Publication.objects.create(company=company, version=version, note=words)
        draft.delete()
        if not over_open:
            return Published(version, None)
        return _put_over(company, version, (int(newest), seal), by, at)


def _is_key(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) <= 18


def _put_over(
    company: Company, version: PolicyVersion, seen: tuple[int, str], by: User, at: datetime
) -> Published:
    """Put a version over all running tickets, and keep which version each had; many are left to a run."""
    catch_up(company, at=at)
    before = by_version(company)
    count = sum(map(len, before.values()))
    if count > policy_runs.AT_ONCE:
        done = _foreseen(company, version, seen, by, at)
    else:
        with planned_for_many():
            put_under_calendar_in_force(company, at=at)
            done = reclock(company, policy=version, by=by, at=at, seen=seen)
    PolicyMove.objects.bulk_create(
        PolicyMove(company=company, change=done, version_id=key, tickets=tickets)
        for key, tickets in before.items()
        if key != version.pk
    )
    return Published(version, done, policy_runs.begin(done, count) if done.unfinished else None)


def _foreseen(
    company: Company, version: PolicyVersion, seen: tuple[int, str], by: User, at: datetime
) -> Reclocking:
    """The change that is to reach the tickets, if it does to them what was shown."""
    found = outlook_under(company, policy_of(version), at=at)
    if not found.seal(seen[0]).startswith(seen[1] or "-"):
        raise Refused(OTHERWISE, "stale")
    return Reclocking.objects.create(
        company=company, policy=version, at=at, by=by, looked_at=found.looked_at, moved=0, breaches=0,
        unbreaches=0, unfinished=True,
    )  # fmt: skip


# --- taking it back -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Back:
    """What taking a change back would do by the calendar in force, and its seal."""

    change: Reclocking
    before: PolicyVersion
    groups: Sequence[tuple[PolicyVersion, Outlook]]
    outlook: Outlook
    calendar: BusinessCalendar

    @property
    def token(self) -> str:
        """Names what was shown."""
        return f"{self.change.policy_id}.{self.outlook.newest}.{self.outlook.seal(self.outlook.newest)[:40]}"


def preview_undo(change: Reclocking, *, at: datetime) -> Back:
    """What it would do to give the tickets of a change back the version each had; nothing is written.

    Only the newest version can be taken back, once, and not while it is on its way through the tickets:
    Refused ("undone", "older", "unknown", "busy") otherwise.
    """
    moves = list(change.policy_moves.select_related("version").order_by("version_id"))
    version, before = _versions_of(change, moves)
    rules = calendar_of(calendar_in_force(change.company, at=at))
    groups = []
    for move in moves:
        tickets = still_under(change.company, version.pk, move.tickets)
        if tickets:
            policy = policy_of(move.version)
            found = what_if(change.company, calendar=rules, policy=policy, at=at, only=tickets)
            groups.append((move.version, found))
    every = [found for _, found in groups]
    looked_at = sum(len(one.touched) + len(one.same) for one in every)
    clocks = [clock.ticket for one in every for clock in one.same]
    clocks += [touched.clock.ticket for one in every for touched in one.touched]
    return Back(change, before, groups, joined(every, looked_at, max(clocks, default=0)), rules)


def _versions_of(change: Reclocking, moves: Sequence[PolicyMove]) -> tuple[PolicyVersion, PolicyVersion]:
    version = PolicyVersion.objects.defer("data").filter(pk=change.policy_id or 0).first()
    if version is None or not moves:
        raise Refused("That change was not one of the policy.", "unknown")
    if Reclocking.objects.filter(undoes=change).exists():
        raise Refused("This change was undone already.", "undone")
    if policy_runs.is_under_way(change.company):
        raise Refused(policy_runs.UNDER_WAY, "busy")
    if version.superseded_at is not None:
        raise Refused(
            "The policy was changed again since. Begin a draft from an older version instead.", "older"
        )
    older = PolicyVersion.objects.filter(company_id=change.company_id, number__lt=version.number)
    return version, older.latest("number")


def undo(change: Reclocking, *, token: str, by: User, at: datetime) -> Reclocking:
    """Put the policy from before in force again and give open tickets back the version each had (K13).

    Tickets filed since keep the version they were filed under. Where they are many a run does it, and the
    change that is given back is ``unfinished``. Raises Refused as :func:`preview_undo`, and ("stale") when
    what would be done is not what was shown.
    """
    company = change.company
    with turn(company, by, "undo change of policy"), no_cycles(), _unless_busy(), planned_for_many():
        change = Reclocking.objects.select_related("policy", "company").get(pk=change.pk)
        seen = preview_undo(change, at=at)
        if token != seen.token:
            raise Refused(OTHERWISE, "stale")
        version = put_in_force(PolicyVersion, company, seen.before.data, by=by, at=at)
        words = f"Undid version {change.policy.number}" if change.policy else "Undid a version"
        Publication.objects.create(company=company, version=version, note=words)
        many = seen.outlook.looked_at > policy_runs.AT_ONCE
        moved = [] if many else _given_back(company, seen, by, at)
        done = Reclocking.objects.create(
            company=company, policy=version, at=at, by=by, undoes=change, looked_at=seen.outlook.looked_at,
            moved=len(moved), breaches=0 if many else len(seen.outlook.breaches),
            unbreaches=0 if many else len(seen.outlook.unbreaches), unfinished=many or None,
        )  # fmt: skip
        if many:
            policy_runs.begin(done, sum(len(one.tickets) for one in change.policy_moves.all()))
        else:
            tell_people(done, moved, what="policy")
    return done


def _given_back(company: Company, seen: Back, by: User, at: datetime) -> list[Change]:
    """Give each ticket back the version it had; the changes that moved a date."""
    put_under_calendar_in_force(company, at=at)
    return [
        one
        for before, found in seen.groups
        for one in Under(company, None, before, by, at, undone=True).write(found)
    ]


@contextmanager
def _unless_busy() -> Iterator[None]:
    """Two who wait for each other's tickets: the database ends it, and the whole is refused."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") == "40P01":
            raise Refused(BUSY, "busy") from error
        raise
