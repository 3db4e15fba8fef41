"""Files that come with a form: kept before anything is judged, so that a refused form has them still."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from accounts.models import User
from accounts.steps import Refused
from escalations.actions.attachments import remove, upload
from escalations.domain.answers import MOST_FILES
from escalations.domain.policy import Question
from escalations.files import Upload, read_upload
from escalations.forms import ANSWER
from escalations.models import Attachment
from patients.domain.intake import Wrong

UPLOAD = "upload_"
"""Prefix of the file inputs, by the question's key."""
_KEY = re.compile(r"[A-Za-z0-9_-]{1,32}")
_DROP = re.compile(r"drop:([A-Za-z0-9_-]{8,32})")


def take_uploads(
    request: HttpRequest, questions: Iterable[Question], draft_key: str, at: datetime
) -> tuple[dict[str, list[str]], dict[str, Wrong]]:
    """Keep every posted ``upload_<key>``; give, for each question of kind file, all its names and what is
    wrong.

    The names are those the form brought along (``answer_<key>``) and the new ones, without the one its
    *Remove* button names (``do`` is ``drop:<name>``), which is deleted. Both are empty for a page that is
    only read.
    """
    names: dict[str, list[str]] = {}
    wrong: dict[str, Wrong] = {}
    if request.method != "POST":
        return names, wrong
    for question in questions:
        if question.kind == "file":
            kept = request.POST.getlist(ANSWER + question.key)
            sent = request.FILES.getlist(UPLOAD + question.key)
            found, problem = keep_all(request.user, kept, sent, draft_key, at)
            names[question.key] = _without_dropped(request, found, at)
            if problem is not None:
                wrong[question.key] = problem
    return names, wrong


def keep_all(
    user: Any, names: Sequence[str], sent: Sequence[UploadedFile[Any]], draft_key: str, at: datetime
) -> tuple[list[str], Wrong | None]:
    """Keep what can be kept of these files, after those of ``names``; say what is wrong with the others."""
    found = [name for name in dict.fromkeys(names) if name]
    draft = draft_key if _KEY.fullmatch(draft_key) else ""
    problems = []
    for file in sent:
        try:
            if len(found) >= MOST_FILES:
                raise Wrong("too_many", f"At most {MOST_FILES} files. Remove one first.")
            name = upload(read_upload(file), by=user, at=at, draft=draft).name
        except Wrong as problem:
            problems.append(problem)
            continue
        found += [name] if name not in found else []
    return found, together(problems, len(sent))


def read_all(sent: Sequence[UploadedFile[Any]]) -> tuple[list[Upload], Wrong | None]:
    """Read files for a ticket that is there: those that can be kept, and what is wrong with the others."""
    files, problems = [], []
    for one in sent:
        try:
            files.append(read_upload(one))
        except Wrong as problem:
            problems.append(problem)
    return files, together(problems, len(sent))


def together(problems: Sequence[Wrong], sent: int) -> Wrong | None:
    """One sentence for what is wrong with several files; their names may be patients' and stay out (I8)."""
    if not problems:
        return None
    said = " ".join(dict.fromkeys(one.sentence for one in problems))
    code = problems[0].code if len({one.code for one in problems}) == 1 else "files"
    return Wrong(code, said if sent == 1 else f"{len(problems)} of {sent} files not attached. {said}")


def _without_dropped(request: Any, names: list[str], at: datetime) -> list[str]:
    dropped = _DROP.fullmatch(request.POST.get("do", ""))
    if dropped is None or dropped[1] not in names:
        return names
    drop(request.user, dropped[1], at)
    return [name for name in names if name != dropped[1]]


def drop(user: User, name: str, at: datetime) -> None:
    """Delete a file that is out of the form now; one that a draft holds already only leaves the answer."""
    file = Attachment.objects.visible_to(user).filter(name=name, uploaded_by=user, ticket=None).first()
    if file is not None:
        try:
            remove(file, by=user, at=at)
        except Refused:
            return  # a draft in another tab took it meanwhile
