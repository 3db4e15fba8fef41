"""The forms of the policy's editor as a browser fills them in and sends them."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from escalations import policies
from escalations.actions.policy_drafts import draft_of

URL = "/settings/policy/"


class _Form(HTMLParser):
    """The fields of the form ``policy-form``, in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.fields: list[tuple[str, str]] = []
        self.area: str | None = None
        self.select: str | None = None
        self.chosen: list[str] = []
        self.first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = said.get("id") == "policy-form"
        if not self.inside:
            return
        name = said.get("name", "")
        if tag == "input" and name and (said.get("type") not in ("checkbox", "radio") or "checked" in said):
            self.fields.append((name, said.get("value", "")))
        elif tag == "textarea":
            self.area = name
            self.fields.append((name, ""))
        elif tag == "select":
            self.select, self.chosen, self.first = name, [], None
        elif tag == "option":
            self.first = said.get("value", "") if self.first is None else self.first
            if "selected" in said:
                self.chosen.append(said.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            name, value = self.fields.pop()
            self.fields.append((name, value + data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area is not None:
            name, value = self.fields.pop()
            self.fields.append((name, value.removeprefix("\n").replace("\n", "\r\n")))
            self.area = None
        elif tag == "select" and self.select is not None:
            self.fields.append((self.select, (self.chosen or [self.first or ""])[-1]))
            self.select = None
        elif tag == "form":
            self.inside = False


def fields_in(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form, by name."""
    form = _Form()
    form.feed(page)
    found: dict[str, list[str]] = {}
    for name, value in form.fields:
        found.setdefault(name, []).append(value)
    return found


def form_at(client: Any, path: str) -> dict[str, list[str]]:
    """The form of a page below the editor."""
    answer = client.get(URL + path)
    assert answer.status_code == 200, answer.status_code
    return fields_in(answer.content.decode())


def send(client: Any, path: str, fields: dict[str, Any], do: str = "save", **changes: Any) -> Any:
    """Send the form with other values in it; ``None`` leaves a field out."""
    body = {**fields, **changes, "do": do}
    return client.post(URL + path, {name: value for name, value in body.items() if value is not None})


def now() -> datetime:
    return datetime.now(UTC)


def in_force(company: Any) -> dict[str, Any]:
    return policies.policy_in_force(company, at=now()).data


def drafted(company: Any) -> dict[str, Any] | None:
    """What the draft says."""
    found = draft_of(company)
    return found.data if found else None


def type_in(data: Any, key: str) -> dict[str, Any]:
    return next(row for row in data["types"] if row["key"] == key)
