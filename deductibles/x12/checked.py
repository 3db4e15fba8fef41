"""What pyx12, a validator written by others, says about an 837P of ours before it leaves (D-SUB-1). Pure.

It knows the implementation guide segment by segment. What it says is told without the values it names: they
may be a patient's (I8).
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyx12.map_if
import pyx12.params
import pyx12.x12n_document

# It logs what it finds, with the values.
logging.getLogger("pyx12").setLevel(logging.CRITICAL + 1)
# Its maps are a second of XML, the same for every file.
_load_map = pyx12.map_if.load_map_file
ENVELOPE = "The check refuses the file as a whole: its envelope or its counts."


@lru_cache
def _map_read_once(name: str, path: str | None) -> Any:
    return _load_map(name, pyx12.params.params(), path)


def _load_map_once(name: str, param: Any, path: str | None = None) -> Any:
    return _map_read_once(name, path)


pyx12.map_if.load_map_file = _load_map_once


def complaints(text: str) -> list[str]:
    """A sentence for everything pyx12 refuses in an interchange, in its order; none when it takes it."""
    report = io.StringIO()
    try:
        taken = pyx12.x12n_document.x12n_document(
            pyx12.params.params(), io.StringIO(text), None, None, fd_json=report
        )
        found = list(_found(json.loads(report.getvalue() or "{}")))
    except Exception:
        return [ENVELOPE]  # what it stumbles over, no receiver would read
    return found if taken or found else [ENVELOPE]


def _found(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _found(each)
    elif isinstance(part, dict) and "seg_id" in part:
        yield from _of_segment(part)
    elif isinstance(part, dict):
        if part.get("errors"):
            yield ENVELOPE
        yield from _found([each for each in part.values() if isinstance(each, list | dict)])


def _of_segment(part: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one segment: named as the guide names it and its elements, without what they say."""
    where = str(part["seg_id"])
    for error in part.get("errors", ()):
        lacks = "is missing" if str(error.get("err_cde")) == "3" else "does not belong there or is not whole"
        yield f"The check refuses segment {where}: it {lacks}."
    for element in part.get("elements", ()):
        place = f"{where}{int(element.get('ele_pos') or 0):02d}"
        for error in element.get("errors", ()):
            lacks = "is missing" if str(error.get("err_cde")) == "1" else "is not what the guide allows"
            yield f"The check refuses {element.get('name') or 'an element'} ({place}): it {lacks}."
