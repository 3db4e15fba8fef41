"""What pyx12, a validator written by others, says about an X12 file of ours."""

import io
import json
from collections.abc import Iterator

import pyx12.params
import pyx12.x12n_document

from deductibles.x12 import checked  # silences it, and lets it read its maps once

__all__ = ["checked", "pyx12_errors"]


def pyx12_errors(text: str) -> list[str]:
    """Every complaint of pyx12 about `text`, each naming its segment; empty when it accepts the file."""
    report = io.StringIO()
    accepted = pyx12.x12n_document.x12n_document(
        pyx12.params.params(), io.StringIO(text), None, None, fd_json=report
    )
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
