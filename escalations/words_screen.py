"""What the page of glossary and articles shows, as it is saved or as it was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict

from accounts.models import Company
from escalations.actions.guide_words import GLOSSARY, seen_words
from escalations.domain.guide_words import MOST_TERMS, OWN
from escalations.models import PolicyVersion
from patients.domain.intake import Wrong

Rows = Sequence[tuple[str, str]]


@dataclass
class Article:
    """An article with its form; ``typed`` is what was sent and not saved."""

    key: str
    title: str
    text: str
    seen: str
    changed: str = ""
    typed: str | None = None
    wrong: str = ""

    @property
    def shown(self) -> str:
        """What stands in its box."""
        return self.text if self.typed is None else self.typed


@dataclass
class WordsScreen:
    """The glossary and the articles of the version in force."""

    version: PolicyVersion
    company: Company
    seen: str = ""
    typed: Rows | None = None
    wrong: Mapping[tuple[int, str], Wrong] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data: dict[str, Any] = self.version.data
        self.seen = seen_words(self.data, GLOSSARY)
        self.articles = [
            Article(
                row["key"],
                row["title"],
                row.get("text", ""),
                seen_words(self.data, row["key"]),
                self._changed(self.data.get(OWN, {}).get("articles", {}).get(row["key"])),
            )
            for row in self.data.get("articles", [])
        ]

    @property
    def saved(self) -> list[tuple[str, str]]:
        """The terms in force, each with its meaning."""
        return [(row["term"], row.get("means", "")) for row in self.data.get(GLOSSARY, [])]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the glossary's form, an empty one at the end."""
        shown = list(self.saved if self.typed is None else self.typed)
        shown += [("", "")] if len(shown) < MOST_TERMS else []
        return [
            {
                "number": number,
                "term": term,
                "means": means,
                "wrong": {name: one.sentence for (row, name), one in self.wrong.items() if row == number},
            }
            for number, (term, means) in enumerate(shown)
        ]

    @property
    def unsaved(self) -> bool:
        """Whether the glossary's form says something else than what is saved."""
        return self.typed is not None and [row for row in self.typed if any(row)] != self.saved

    @property
    def unexplained(self) -> int:
        """How many terms nobody has explained yet."""
        return sum(not means for _, means in self.saved)

    @property
    def changed(self) -> str:
        """Who changed the glossary last, and when; empty while it is as shipped."""
        return self._changed(self.data.get(OWN, {}).get(GLOSSARY))

    @property
    def problems(self) -> list[dict[str, str]]:
        """What is wrong with the rows of the glossary, each with its field."""
        places = self.wrong.items()
        return [{"message": one.sentence, "href": f"#{name}-{number}"} for (number, name), one in places]

    def conflict(self, article: Article | None = None) -> dict[str, Any]:
        """What is saved now beside what was typed, after somebody else was first."""
        if article:
            form, said = f"form-{article.key}", article.changed
            changes = [{"field": article.title, "theirs": article.text, "yours": article.shown}]
        else:
            form, said, changes = "form-glossary", self.changed, self._differences()
        who, _, when = said.removeprefix("Written by ").partition(", ")
        return {"form": form, "who": who or "Somebody", "when": when, "changes": changes}

    def _differences(self) -> list[dict[str, str]]:
        """The terms that are saved otherwise than they were typed."""
        saved, typed = dict(self.saved), dict(self.typed or ())
        differ = [term for term in {**saved, **typed} if saved.get(term) != typed.get(term)]
        return [_change(term, saved.get(term), typed.get(term)) for term in differ]

    def article(self, key: str) -> Article | None:
        """The article of this key."""
        return next((one for one in self.articles if one.key == key), None)

    def _changed(self, by: Mapping[str, str] | None) -> str:
        if not by:
            return ""
        at = datetime.fromisoformat(by["at"]).astimezone(self.company.zone)
        return f"Written by {by['by']}, {at.day} {at:%B %Y, %H:%M}"


def _change(term: str, theirs: str | None, yours: str | None) -> dict[str, str]:
    words = ["not in it" if said is None else said or "not explained" for said in (theirs, yours)]
    return {"field": term, "theirs": words[0], "yours": words[1]}


def terms_in(data: QueryDict) -> list[tuple[str, str]] | None:
    """The rows of the glossary's form; ``None`` when they did not arrive whole."""
    terms, means = data.getlist("term"), data.getlist("means")
    if not terms or len(terms) != len(means) or len(terms) > MOST_TERMS + 1:
        return None
    return list(zip(terms, means, strict=True))
