"""What pyx12, a validator written by others, says about an X12 file of ours."""

import io
import json
import logging
from collections.abc import Iterator
from functools import lru_cache

import pyx12.map_if
import pyx12.map_index
import pyx12.params
import pyx12.x12n_document


def pyx12_errors(text: str) -> list[str]:
    """Every complaint of pyx12 about `text`, each naming its segment; empty when it accepts the file."""
    report = io.StringIO()
    logger, was = logging.getLogger("pyx12"), logging.getLogger("pyx12").level
    logger.setLevel(logging.CRITICAL)
    try:
        accepted = pyx12.x12n_document.x12n_document(
            pyx12.params.params(), io.StringIO(text), None, None, fd_json=report
        )
    finally:
        logger.setLevel(was)
    written = report.getvalue()
    found = list(_complaints(json.loads(written), "")) if written else []
    return found if accepted or found else ["pyx12 refused the file without saying why."]


def _complaints(part: object, where: str) -> Iterator[str]:
    """The error sentences of pyx12's nested report, with the innermost named segment before each."""
    if isinstance(part, list):
        for each in part:
            yield from _complaints(each, where)
    elif isinstance(part, dict):
        if "err_str" in part:
            yield f"{where}: {part['err_str']}" if where else part["err_str"]
            return
        if "seg_id" in part:
            where = f"{part['seg_id']} (segment {part['seg_count']})"
        for each in part.values():
            yield from _complaints(each, where)


# pyx12 reads its maps (a second of XML) anew for every file; they hold no state of the file read.
_load_map = pyx12.map_if.load_map_file


@lru_cache
def _map_read_once(map_file: str, map_path: str | None) -> object:
    return _load_map(map_file, pyx12.params.params(), map_path)


pyx12.map_if.load_map_file = lambda map_file, param, map_path=None: _map_read_once(map_file, map_path)
