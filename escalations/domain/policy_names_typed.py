"""What the lists and the articles of a policy are called, and which of them there are. Pure.

What stands in them is written elsewhere; their keys never change, for questions, rules and types know them by
those.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from escalations.domain.lists import new_key
from escalations.domain.policy_fields import Faults, plain
from escalations.domain.policy_typed import Edited
from patients.domain.intake import Wrong, text

Data = Mapping[str, Any]
NAMES = ("lists", "articles")
MOST_LISTS, MOST_ARTICLES = 100, 100
_LABEL = text("The name of the list", 120, required=True)
_ABOUT = text("What it is for", 600)
_TITLE = text("The title of the article", 120, required=True)


def titles_shown(data: Data) -> dict[str, str]:
    """``list.addresses.label``, ``list.addresses.about``, ``article.appeals.title``; ``list.label``,
    ``list.about`` and ``article.title`` of new ones."""
    shown = {"list.label": "", "list.about": "", "article.title": ""}
    for key, row in data["lists"].items():
        shown[f"list.{key}.label"], shown[f"list.{key}.about"] = row["label"], row.get("about", "")
    return shown | {f"article.{row['key']}.title": row["title"] for row in data.get("articles", [])}


def read_titles(data: Data, said: Mapping[str, str]) -> Edited:
    """Lists and articles as they were typed; one whose box ``….gone`` is ticked is taken out."""
    faults: Faults = {}
    shown = titles_shown(data)

    def typed(name: str) -> str | None:
        """What was typed there, ``None`` where nothing was changed."""
        found = said.get(name, "")
        return None if plain(found) == plain(shown[name]) else found

    lists: dict[str, Any] = {}
    for key, row in data["lists"].items():
        if said.get(f"list.{key}.gone") != "yes":
            changes = {"label": typed(f"list.{key}.label"), "about": typed(f"list.{key}.about")}
            lists[key] = _changed(row, changes, f"list.{key}", faults)
    articles = [
        _changed(row, {"title": typed(f"article.{row['key']}.title")}, f"article.{row['key']}", faults)
        for row in data.get("articles", [])
        if said.get(f"article.{row['key']}.gone") != "yes"
    ]
    _add(lists, articles, said, faults)
    labels = [row["label"].casefold() for row in lists.values()]
    for key, row in lists.items():
        if labels.count(row["label"].casefold()) > 1:
            faults.setdefault(f"list.{key}.label", "Another list has this name. Give it another.")
    return Edited({"lists": lists, "articles": articles if articles or "articles" in data else None}, faults)


_READ = {"label": _LABEL, "about": _ABOUT, "title": _TITLE}


def _changed(row: Data, changes: Mapping[str, str | None], place: str, faults: Faults) -> dict[str, Any]:
    found = copy.deepcopy(dict(row))
    for name, typed in changes.items():
        if typed is None:
            continue
        try:
            found[name] = _READ[name](typed)
        except Wrong as wrong:
            faults[f"{place}.{name}"] = wrong.sentence
    return found


def _add(
    lists: dict[str, Any], articles: list[dict[str, Any]], said: Mapping[str, str], faults: Faults
) -> None:
    label, about, title = (
        plain(said.get(name, "")) for name in ("list.label", "list.about", "article.title")
    )
    try:
        if label or about:
            name = "list.label"
            row = {"label": _LABEL(label), "about": _ABOUT(about), "items": []}
            if len(lists) >= MOST_LISTS:
                raise Wrong("too_many", f"There are at most {MOST_LISTS} lists.")
            lists[new_key(row["label"], set(lists))] = row
        if title:
            name = "article.title"
            words = _TITLE(title)
            if len(articles) >= MOST_ARTICLES:
                raise Wrong("too_many", f"There are at most {MOST_ARTICLES} articles.")
            articles.append({"key": new_key(words, {row["key"] for row in articles}), "title": words})
    except Wrong as wrong:
        faults[name] = wrong.sentence
