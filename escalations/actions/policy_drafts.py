"""The draft of the next policy: begun, changed, brought up to date, thrown away (K13).

A company has one draft. Two admins may work in it at once: whoever saves a part that somebody else has saved
meanwhile is told. A draft changes nothing for anybody until it is published.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import Company, User
from accounts.steps import Refused
from escalations.actions.policy_turn import turn
from escalations.domain.policy_parts import (
    ORDER,
    Part,
    brought_together,
    parts_of,
    with_marks_of,
    without_marks,
)
from escalations.models import PolicyDraft, PolicyVersion
from escalations.policies import digest_of, policy_in_force

STALE = "Somebody else saved this meanwhile."
THERE = "There is a draft already. Publish it or throw it away first."
NONE = "There is no draft. Somebody published it or threw it away."

SEVERAL = "several"
"""The kind of a part that is several of the general ones, which one form edits, as in ``"limits reopen"``."""

Change = Callable[[dict[str, Any]], dict[str, Any] | None]
"""Gives a part as it would be, ``None`` to take it out."""


def draft_of(company: Company) -> PolicyDraft | None:
    """The company's draft, with who began and who changed it."""
    rows = PolicyDraft.objects.filter(company=company)
    return rows.select_related("base", "began_by", "changed_by").defer("base__data").first()


def seen_part(data: dict[str, Any], part: Part) -> str:
    """What a form remembers of the part it shows, so that it is noticed when somebody else was first."""
    return digest_of(_value(data, part))[:16]


def _value(data: dict[str, Any], part: Part) -> Any:
    """A part's data; of :data:`SEVERAL` those of each name."""
    kind, key = part
    if kind == SEVERAL:
        return {name: data.get(name) for name in key.split()}
    return parts_of(data).get(part)


def begin_draft(
    company: Company, version: PolicyVersion | None = None, *, by: User, at: datetime
) -> PolicyDraft:
    """Begin the draft: with what is in force, or with what an older version said.

    Raises Refused ("role"), and ("there") when there is one.
    """
    with turn(company, by, "begin draft of policy"):
        if PolicyDraft.objects.filter(company=company).exists():
            raise Refused(THERE, "there")
        base = policy_in_force(company, at=at)
        data = base.data
        if version is not None:  # with the marks of today: who changed what back then is history
            data = with_marks_of(without_marks(version.data), base.data)
        return _begun(company, base, data, by, at)


def change_draft(
    company: Company,
    part: Part,
    change: Change,
    *,
    seen: str,
    by: User,
    at: datetime,
    follow: Callable[[dict[str, Any]], None] | None = None,
) -> PolicyDraft | None:
    """Change one part of the draft; the first change begins it. ``follow`` lets the rest follow it.

    Gives back the draft, ``None`` when nothing was changed and there is none. Raises Refused ("role"),
    ("unknown") for a part there is not, ("stale") when somebody else saved it meanwhile.
    """
    with turn(company, by, "change draft of policy"):
        draft = PolicyDraft.objects.select_related("base").filter(company=company).first()
        base = draft.base if draft else policy_in_force(company, at=at)
        data = copy.deepcopy(draft.data if draft else base.data)
        current = _value(data, part)
        if current is None:
            raise Refused("This is no longer in the policy.", "unknown")
        if seen != seen_part(data, part):
            raise Refused(STALE, "stale")
        new = change(copy.deepcopy(current))
        if new == current:
            return draft
        _put(data, part, new)
        if follow is not None:
            follow(data)
        return _kept(draft, data, by, at) if draft else _begun(company, base, data, by, at)


def _put(data: dict[str, Any], part: Part, new: dict[str, Any] | None) -> None:
    kind, key = part
    if kind == "types":
        place = next(n for n, row in enumerate(data["types"]) if row["key"] == key)
        data["types"][place : place + 1] = [] if new is None else [new]
    elif part == ORDER and new is not None:
        places = {one: place for place, one in enumerate(new)}
        data["types"].sort(key=lambda row: places.get(row["key"], len(places)))
    elif kind == SEVERAL and new is not None:
        data.update({name: value for name, value in new.items() if value is not None})
    elif kind == "general" and new is not None:
        data[key] = new


def add_type(company: Company, row: dict[str, Any], *, by: User, at: datetime) -> PolicyDraft:
    """Add a type behind the others. Raises Refused ("role"), ("there") when its key is taken."""
    with turn(company, by, "change draft of policy"):
        draft = PolicyDraft.objects.select_related("base").filter(company=company).first()
        base = draft.base if draft else policy_in_force(company, at=at)
        data = copy.deepcopy(draft.data if draft else base.data)
        if any(one["key"] == row["key"] for one in data["types"]):
            raise Refused("There is a type of this key already.", "there")
        data["types"].append(row)
        return _kept(draft, data, by, at) if draft else _begun(company, base, data, by, at)


def import_draft(
    company: Company, data: dict[str, Any], *, instead: bool, by: User, at: datetime
) -> PolicyDraft:
    """Make the draft of a policy out of a file; nothing is published by it.

    ``data`` was read and checked for its shape. Raises Refused ("role"), ("there") when there is a draft and
    it is not said to be taken ``instead``.
    """
    with turn(company, by, "import draft of policy"):
        draft = PolicyDraft.objects.filter(company=company).first()
        if draft is not None and not instead:
            raise Refused(THERE, "there")
        base = policy_in_force(company, at=at)
        whole = with_marks_of(data, base.data)
        if draft is None:
            return _begun(company, base, whole, by, at)
        draft.base, draft.began_at, draft.began_by = base, at, by
        return _kept(draft, whole, by, at)


def discard_draft(company: Company, *, revision: int, by: User, at: datetime) -> None:
    """Throw the draft away as it was seen. Raises Refused ("role"), ("unknown"), ("stale")."""
    with turn(company, by, "discard draft of policy"):
        draft = PolicyDraft.objects.filter(company=company).first()
        if draft is None:
            raise Refused(NONE, "unknown")
        if draft.revision != revision:
            raise Refused(
                "Somebody changed the draft meanwhile. Look at it before you throw it away.", "stale"
            )
        draft.delete()


def bring_up_to_date(company: Company, *, by: User, at: datetime) -> PolicyDraft:
    """Take into the draft what was published since it was begun; what both changed stays as the draft has it.

    Raises Refused ("role"), ("unknown") when there is no draft.
    """
    with turn(company, by, "bring draft of policy up to date"):
        draft = PolicyDraft.objects.select_related("base").filter(company=company).first()
        if draft is None:
            raise Refused(NONE, "unknown")
        current = policy_in_force(company, at=at)
        if current.pk == draft.base_id:
            return draft
        data, _ = brought_together(draft.base.data, draft.data, current.data)
        draft.base = current
        return _kept(draft, data, by, at)


def _begun(
    company: Company, base: PolicyVersion, data: dict[str, Any], by: User, at: datetime
) -> PolicyDraft:
    return PolicyDraft.objects.create(
        company=company, base=base, data=data, began_at=at, began_by=by, changed_at=at, changed_by=by
    )


def _kept(draft: PolicyDraft, data: dict[str, Any], by: User, at: datetime) -> PolicyDraft:
    draft.data, draft.changed_by, draft.changed_at = data, by, at
    draft.revision += 1
    draft.save()
    return draft
