"""Claim forms that were not finished: found again, listed, and laid beside what was saved meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from deductibles.domain import money, states
from deductibles.forms.claim import ClaimForm, initial_of
from deductibles.models import Claim, EntryDraft
from patients.models import Patient, Payer

MOST = 8
_LOOKED_AT = 200
"""How many of the company's newest drafts are looked through for this person's."""


@dataclass(frozen=True)
class Kept:
    """A form as it was typed, under the name it gave itself."""

    key: str
    said: dict[str, list[str]]
    updated_at: datetime


@dataclass(frozen=True)
class Unfinished:
    """One that waits: ``key`` for a typed form, which can be thrown away; none for a draft that was saved."""

    name: str
    url: str
    at: datetime
    key: str = ""


def kept_by(user: User, key: str, claim: Claim | None) -> Kept | None:
    """What this person's form of that name kept, about this claim or a new one."""
    row = EntryDraft.objects.filter(user=user, key=key, claim=claim).exclude(said={}).first()
    return Kept(row.key, row.said, row.updated_at) if row else None


def unfinished(user: User, claim: Claim | None, *, but: str) -> list[Unfinished]:
    """What this person began and did not finish, newest first; for a claim, the forms of that claim."""
    rows = EntryDraft.objects.filter(user=user, claim=claim).exclude(said={}).exclude(key=but)
    kept = list(rows.order_by("-updated_at")[:MOST])
    if claim is not None:
        path = reverse("deductibles:claim_edit", args=[claim.number])
        return [Unfinished("Changes not saved", _resume(path, row), row.updated_at, row.key) for row in kept]
    found = [*_typed(user, kept), *_saved(user)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _typed(user: User, rows: list[EntryDraft]) -> Iterator[Unfinished]:
    ids = {first for row in rows if re.fullmatch(r"[0-9]{1,18}", first := _patient_of(row), re.ASCII)}
    known = {str(one.pk): one for one in Patient.objects.visible_to(user).filter(pk__in=ids)} if ids else {}
    for row in rows:
        patient = known.get(_patient_of(row))
        name = str(patient) if patient else "No patient yet"
        yield Unfinished(name, _resume(reverse("deductibles:claim_new"), row), row.updated_at, row.key)


def _events() -> Any:
    """The history of claims, as the database keeps it."""
    model: Any = Claim
    return model.pgh_event_models["insert"]


def _patient_of(row: EntryDraft) -> str:
    return str((row.said.get("patient") or [""])[0])


def _saved(user: User) -> Iterator[Unfinished]:
    """Claims in status draft that this person entered."""
    drafts = Claim.objects.visible_to(user).filter(status=states.DRAFT).order_by("-pk")
    newest = list(drafts.values_list("pk", flat=True)[:_LOOKED_AT])
    history = _events().objects.filter(pgh_obj_id__in=newest, version=1)
    own = history.filter(pgh_context__metadata__user=user.pk).values("pgh_obj_id")
    mine = Claim.objects.filter(pk__in=own).select_related("patient").order_by("-changed_at")
    for claim in mine[:MOST]:
        path = reverse("deductibles:claim_edit", args=[claim.number])
        yield Unfinished(f"{claim.number}, {claim.patient}", path, claim.changed_at)


def _resume(path: str, row: EntryDraft) -> str:
    return f"{path}?{urlencode({'resume': row.key})}"


# --- two people at one draft ----------------------------------------------------------------------


def conflict_of(claim: Claim, form: ClaimForm, user: User) -> dict[str, Any]:
    """Who changed the draft meanwhile, when, and each field that differs from what ``user`` typed."""
    history = _events().objects.filter(pgh_obj_id=claim.pk)
    last = history.select_related("pgh_context").order_by("-pgh_id").first()
    context = last.pgh_context.metadata if last and last.pgh_context else {}
    at = claim.changed_at.astimezone(user.company.zone)  # type: ignore[union-attr]
    own = context.get("user") == user.pk
    who = context.get("user") or 0
    other = None if own else User.objects.filter(pk=who, company=user.company).first()
    return {
        "who": "you" if own else str(other or context.get("who", "")),
        "title": "You saved this in another window meanwhile." if own else "",
        "when": f"{at.day} {at:%B %Y, %H:%M}",
        "changes": list(_differing(claim, form)),
    }


def _differing(claim: Claim, form: ClaimForm) -> Iterator[dict[str, str]]:
    stored = {name: value for name, value in initial_of(claim).items() if name != "version"}
    payers = {str(one.pk): one.name for one in Payer.objects.filter(company_id=claim.company_id)}
    for name, field in form.fields.items():
        if name in ("version", "patient"):
            continue
        theirs, yours = _words(stored.get(name)), _words(_sent(form, name))
        if _plain(theirs) == _plain(yours) or {theirs, yours} <= {"", "self"}:
            continue
        names = payers if name.endswith("-payer") else {}
        label = str(field.label)
        yield {"field": label, "theirs": names.get(theirs, theirs), "yours": names.get(yours, yours)}


def _sent(form: ClaimForm, name: str) -> Any:
    data: Any = form.data
    return data.getlist(name) if name == "ambulance-conditions" else data.get(name, "")


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return {True: "yes", "on": "yes", False: "", None: ""}.get(value, str(value).strip())


def _plain(text: str) -> str:
    """How two texts are compared: an amount is the same with its dollar sign and commas."""
    try:
        return str(money.parse(text))
    except money.NotMoney:
        return " ".join(text.replace(",", " ").upper().split())
