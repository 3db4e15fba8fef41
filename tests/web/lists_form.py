"""The form of a list in the settings: its rows as the page has them, and as they are sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

from escalations import policies

URL = "/settings/lists/"
KEYWORDS, REASONS, TESTS, ERRORS = "executive_keywords", "stop_claim_reasons", "onc_tests", "portal_errors"
COLUMNS = ("key", "label", "also", "value")
Rows = list[dict[str, str]]


def now() -> datetime:
    return datetime.now(UTC)


def policy_of(company):
    return policies.policy_of(policies.policy_in_force(company, at=now()))


def labels(company, key) -> list[str]:
    return [item.label for item in policy_of(company).lists[key].items]


def form_of(client, key) -> tuple[str, Rows]:
    """What the page has in the form of a list: its mark of what was seen, and its rows."""
    return rows_in(client.get(URL, {"list": key}).content.decode(), key)


def rows_in(page: str, key: str) -> tuple[str, Rows]:
    form = page.partition(f'id="form-{key}"')[2].partition("</form>")[0]
    rows = []
    for row in form.split('<li class="entry-row">')[1:]:
        typed = {}
        for tag in re.findall(r"<input [^>]+>", row):
            name = re.search(r'name="(\w+)"', tag)[1]
            typed[name] = unescape(re.search(r'value="([^"]*)"', tag)[1])
        rows.append(typed)
    return re.search(r'name="seen" value="(\w+)"', form)[1], rows


def post(client, key, seen, rows: Rows, do="save", **options) -> Any:
    data: dict[str, Any] = {"list": key, "seen": seen, "do": do}
    for name in COLUMNS:
        if any(name in row for row in rows):
            data[name] = [row.get(name, "") for row in rows]
    return client.post(URL, data, **options)


def entry(label, also="", key="", **more) -> dict[str, str]:
    return {"key": key, "label": label, "also": also, **more}
