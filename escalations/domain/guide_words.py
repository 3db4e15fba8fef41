"""The words of the guide that an admin writes: the glossary and the articles (R-DOC-1, R-DOC-2). Pure.

What was written here is the company's own: a newer shipped policy leaves it, see :func:`with_own_words`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from escalations.domain.answers import long_text
from patients.domain.intake import Wrong, read_all, text

OWN = "own_words"
"""Where the policy's data keeps who wrote what: ``{"glossary": {by, at}, "articles": {key: {by, at}}}``."""
MOST_TERMS, LONGEST_TERM, LONGEST_MEANING, LONGEST_ARTICLE = 300, 60, 400, 20_000

Rows = Sequence[tuple[str, str]]


def read_terms(rows: Rows) -> tuple[list[dict[str, str]], dict[tuple[int, str], Wrong]]:
    """The glossary from its rows of term and meaning, by the alphabet; what is wrong by row and field."""
    found: dict[str, dict[str, str]] = {}
    wrong: dict[tuple[int, str], Wrong] = {}
    readers = {
        "term": text("The term", LONGEST_TERM, required=True),
        "means": text("The meaning", LONGEST_MEANING),
    }
    for number, row in enumerate(rows):
        if not any(said.strip() for said in row):
            continue
        clean, faults = read_all(readers, dict(zip(readers, row, strict=True)))
        wrong |= {(number, name): problem for name, problem in faults.items()}
        key = clean.get("term", "").casefold()
        if key in found:
            wrong[number, "term"] = Wrong("twice", f"“{clean['term']}” stands twice. Keep it once.")
        elif key:
            found[key] = clean if clean.get("means") else {"term": clean["term"]}
    if len(found) > MOST_TERMS:
        wrong[0, "term"] = Wrong("too_many", f"A glossary has at most {MOST_TERMS} terms.")
    return [found[key] for key in sorted(found)], wrong


read_article = long_text("The article", LONGEST_ARTICLE)
"""Reads what an article says: paragraphs, without characters that cannot be kept."""


def with_own_words(data: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """The data with the glossary and the articles that somebody of the company has written."""
    own = current.get(OWN)
    if not own:
        return data
    if "glossary" in own:
        data["glossary"] = current["glossary"]
    mine = own.get("articles", {})
    written = {row["key"]: row for row in current.get("articles", []) if row["key"] in mine}
    shipped = {row["key"]: row for row in data.get("articles", [])}
    data["articles"] = list({**shipped, **written}.values())
    return {**data, OWN: own}
