"""Changing the policy's lists: keywords, errors, tests, reasons, codes, queues, addresses (R-X-8)."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from escalations.domain.lists import Entries, Typed, as_data, chosen_from, read_rows, uses_of
from escalations.domain.policy import Item, Policy, PolicyError
from escalations.models import PolicyVersion
from escalations.policies import digest_of, policy_in_force, policy_of, put_in_force
from patients.domain.intake import Wrong

STALE = "Somebody else changed this list meanwhile."


class Unusable(Exception):
    """Rows that cannot become the list: ``wrong`` by row and field, ``said`` what stands against the whole.

    ``missing`` are the entries that cannot be removed.
    """

    def __init__(
        self,
        said: Sequence[str] = (),
        wrong: Mapping[tuple[int, str], Wrong] | None = None,
        missing: Sequence[Item] = (),
    ) -> None:
        super().__init__(", ".join(said) or "wrong rows")
        self.said, self.wrong, self.missing = list(said), dict(wrong or {}), list(missing)


def seen_of(version: PolicyVersion, key: str) -> str:
    """What a form remembers of the list it shows, so that it is noticed when somebody else was first."""
    return digest_of(version.data["lists"][key]["items"])[:16]


def change_list(
    company: Company, key: str, rows: Sequence[Typed], *, seen: str, by: User, at: datetime
) -> PolicyVersion:
    """Put a version of the policy in force in which the list has these rows, in this order (R-X-8).

    The list is the company's own from then on: a newer shipped policy leaves it. Rows that say what stands
    already change nothing. Raises Refused for whoever is no admin ("role"), for a list there is not
    ("unknown"), and when somebody else was first ("stale"); :class:`Unusable` for rows that cannot be used.
    """
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
    with transaction.atomic(), acting(by, "change list"):
        Company.objects.select_for_update().get(pk=company.pk)
        version = policy_in_force(company, at=at)
        if key not in version.data["lists"]:
            raise Refused("There is no such list.", "unknown")
        if seen != seen_of(version, key):
            raise Refused(STALE, "stale")
        items = _read(version, key, rows)
        if items == list(policy_of(version).lists[key].items):
            return version
        data = _changed(version.data, key, items, by, at)
        _must_be_readable(data)
        return put_in_force(PolicyVersion, company, data, by=by, at=at)


def _read(version: PolicyVersion, key: str, rows: Sequence[Typed]) -> list[Item]:
    """The entries of the rows; :class:`Unusable` says everything that stands against them at once."""
    listing = policy_of(version).lists[key]
    chosen = chosen_from(version.data, key)
    reserved = {other for one in chosen for other in one.others}
    found: Entries = read_rows(key, rows, [one.key for one in listing.items], reserved)
    uses = uses_of(version.data, key)
    kept = {item.key for item in found.items} | {row.key for row in rows}
    missing = [one for one in listing.items if one.key in uses and one.key not in kept]
    said = [f"“{one.label}” cannot be removed: {uses[one.key]}. It may be renamed." for one in missing]
    if not found.items and not found.wrong and not missing:
        said += [f"{one.name} needs something to choose from." for one in chosen if not one.others][:1]
    if len({row.key for row in rows if row.key}) < sum(1 for row in rows if row.key):
        said.append("An entry stands twice in what was sent. Load the page again.")
    if said or found.wrong:
        raise Unusable(said, found.wrong, missing)
    return found.items


def _changed(
    data: Mapping[str, Any], key: str, items: Sequence[Item], by: User, at: datetime
) -> dict[str, Any]:
    whole: dict[str, Any] = copy.deepcopy(dict(data))
    changed = {"by": str(by), "at": at.isoformat()}
    whole["lists"][key] |= {"items": list(map(as_data, items)), "own": True, "changed": changed}
    return whole


def _must_be_readable(data: dict[str, Any]) -> None:
    try:
        Policy.from_json(data)
    except PolicyError as error:
        raise Unusable([str(error)]) from error
