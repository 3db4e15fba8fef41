"""Writing the glossary and the articles of the guide: each time a new version of the policy (R-DOC-2)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from escalations.actions.lists import Unusable
from escalations.domain.guide_words import OWN, Rows, read_article, read_terms
from escalations.models import PolicyVersion
from escalations.policies import digest_of, policy_in_force, put_in_force

GLOSSARY = "glossary"
STALE = "Somebody else changed this meanwhile."


def seen_words(data: Mapping[str, Any], key: str) -> str:
    """What a form remembers of the glossary, or of the article of this key, that it shows."""
    return digest_of(data.get(GLOSSARY, []) if key == GLOSSARY else _article(data, key))[:16]


def change_glossary(company: Company, rows: Rows, *, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Put a version in force whose glossary has these rows of term and meaning.

    Raises Refused ("role", "stale") and :class:`escalations.actions.lists.Unusable` for rows that cannot be
    used.
    """
    terms, wrong = read_terms(rows)
    if wrong:
        raise Unusable(wrong=wrong)

    def change(data: dict[str, Any]) -> None:
        data[GLOSSARY] = terms

    return _write(company, GLOSSARY, change, seen, by, at)


def write_article(
    company: Company, key: str, typed: str, *, seen: str, by: User, at: datetime
) -> PolicyVersion:
    """Put a version in force in which this article says what was typed.

    Raises Refused ("role", "unknown", "stale") and Wrong for what cannot be kept.
    """
    words = read_article(typed)

    def change(data: dict[str, Any]) -> None:
        _article(data, key)["text"] = words

    return _write(company, key, change, seen, by, at)


def _write(
    company: Company,
    key: str,
    change: Callable[[dict[str, Any]], None],
    seen: str,
    by: User,
    at: datetime,
) -> PolicyVersion:
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
    with transaction.atomic(), acting(by, "write in the guide"):
        Company.objects.select_for_update().get(pk=company.pk)
        version = policy_in_force(company, at=at)
        before = seen_words(version.data, key)
        if seen != before:
            raise Refused(STALE, "stale")
        data = copy.deepcopy(version.data)
        change(data)
        if seen_words(data, key) == before:
            return version
        own = data.setdefault(OWN, {})
        place = own if key == GLOSSARY else own.setdefault("articles", {})
        place[key] = {"by": str(by), "at": at.isoformat()}
        return put_in_force(PolicyVersion, company, data, by=by, at=at)


def _article(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] | None = next((row for row in data.get("articles", []) if row["key"] == key), None)
    if found is None:
        raise Refused("There is no such article.", "unknown")
    return found
