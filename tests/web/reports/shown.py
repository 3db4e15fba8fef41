"""What a report shows: its tables as the page and the file have them."""

from __future__ import annotations

import csv
import io
import re

from django.test import Client


def taken(client: Client, key: str, table: str, **asked: str) -> dict[str, list[str]]:
    """A table as its file has it, by its first column; the page shows the same."""
    answer = client.post(f"/reports/{key}/export/", {"table": table, **asked})
    assert answer.status_code == 200, answer.content.decode()[:500]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    page = client.get(f"/reports/{key}/", asked).content.decode()
    shown = shown_rows(page, table)
    assert len(shown) == len(rows) - 1
    for one, other in zip(rows[1:], shown, strict=True):
        for plain, text in zip(one, other, strict=True):
            if re.fullmatch(r"\d+", plain):
                assert text.replace(",", "") in (plain, "", "·"), "page and file say the same"
    return {row[0]: row[1:] for row in rows[1:]}


def shown_rows(page: str, table: str) -> list[list[str]]:
    """The cells of one table of a page, as text."""
    section = page.split(f'id="{table}"', 1)[1].split("</section>", 1)[0]
    if "<table" not in section:
        return []
    part = section.split("<table", 1)[1].split("</table>", 1)[0]
    body = part.split("</thead>", 1)[1]
    cells = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def whole(numbers: list[str]) -> list[int]:
    return [int(number) for number in numbers]
