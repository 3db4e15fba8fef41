"""A form that came when nobody was signed in any more, or without its token: nothing typed is lost.

What was typed goes back to the browser sealed (encrypted, bound to the address it was going to and to the
person, for an hour), comes along through signing in, and is then offered for sending again. It is offered
only when the browser says that one of our own pages sent it; a form forged by another site is refused.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import HttpRequest

from accounts.secrets import sealer

FIELD = "kept_form"
"""The hidden field, and the place in the session, that carries the sealed form."""
LIFE = 3600
"""Seconds during which a kept form can be sent again."""
MOST = 2_400_000
"""Characters of a sealed form; more would not fit into one request of 2.5 MB again."""
NEVER_KEPT = re.compile(r"password|passwd|secret|token|api_?key|kept_form", re.IGNORECASE)


@dataclass(frozen=True)
class Kept:
    """A form opened again: where it was going, what it said, what could not be kept."""

    path: str
    page: str
    """The page it was typed on, to open it again."""
    fields: list[tuple[str, str]]
    lost: list[str]
    person: int | None
    left: int
    """Seconds during which it can still be sent."""


class NotKept(Exception):
    """The sealed form is too old, damaged, or not ours."""


def is_our_own(request: HttpRequest) -> bool:
    """Say whether the browser vouches that a page of ours sent this; no word is a no."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    sent_from = request.headers.get("Origin") or request.headers.get("Referer", "")
    try:
        place = urlsplit(sent_from)
    except ValueError:
        return False
    if not place.netloc:
        return False
    return f"{place.scheme}://{place.netloc}" == f"{request.scheme}://{request.get_host()}"


def seal(request: HttpRequest, *, person: int | None, at: datetime) -> str:
    """Seal what was typed; empty when there is nothing to keep or it is too large to come back.

    Passwords and other secrets are left out, files too; both are named to the person.
    """
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not NEVER_KEPT.search(name)
    ]
    if not typed:
        return ""
    said = {
        "path": request.get_full_path(),
        "page": page_of(request),
        "person": person,
        "fields": typed,
        "lost": _lost(request),
    }
    packed = zlib.compress(json.dumps(said).encode("ascii"), 6)
    sealed = sealer("kept form").encrypt_at_time(packed, int(at.timestamp())).decode("ascii")
    return sealed if len(sealed) <= MOST else ""


def page_of(request: HttpRequest) -> str:
    """The page of ours the form stood on, by the browser's word; the first one for any other word."""
    try:
        place = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    here = f"{place.path}?{place.query}" if place.query else place.path
    return here if place.netloc == request.get_host() and re.match(r"/[^/\\]", here) else "/"


def _lost(request: HttpRequest) -> list[str]:
    """Name what cannot come along: secrets by their field, files by their name."""
    names = [name for name in request.POST if name != "csrfmiddlewaretoken" and NEVER_KEPT.search(name)]
    files = [file.name for _, group in request.FILES.lists() for file in group if file.name]
    return [name.replace("_", " ").strip() for name in names if name != FIELD] + files


def unseal(sealed: Any, *, at: datetime) -> Kept:
    """Open a sealed form; raises :class:`NotKept` when it is too old or was not sealed here."""
    now = int(at.timestamp())
    token = str(sealed).encode("ascii", "replace")
    box = sealer("kept form")
    try:
        packed = box.decrypt_at_time(token, LIFE, now)
        began = box.extract_timestamp(token)
    except InvalidToken:
        raise NotKept
    said = json.loads(zlib.decompress(packed))
    fields = [(str(name), str(value)) for name, value in said["fields"]]
    return Kept(said["path"], said["page"], fields, said["lost"], said["person"], began + LIFE - now)


def is_keepable(request: HttpRequest) -> bool:
    """Say whether this request is a form with something typed that may be kept.

    Forms about signing in, passwords, second factors and tokens never are: all live under ``accounts/``. Nor
    are those of the first set-up, for there is nobody yet who could sign in.
    """
    route = getattr(request.resolver_match, "route", "")
    never = ("accounts/", "api/", "setup/")
    return request.method == "POST" and not route.startswith(never) and is_our_own(request)


def bring_along(request: HttpRequest, person: int, *, at: datetime) -> bool:
    """Take a kept form through signing in: into the session; False when it is somebody else's."""
    sealed = request.POST.get(FIELD, "") or request.session.pop(CARRIED, "")
    if not sealed:
        return True
    try:
        kept = unseal(sealed, at=at)
    except NotKept:
        return True
    if kept.person not in (None, person):
        return False
    request.session[FIELD] = {"sealed": sealed, "path": kept.path}
    return True


def keep_here(request: HttpRequest, *, at: datetime) -> bool:
    """Keep a form of somebody who has to do something else first; False when there is nothing to keep."""
    sealed = seal(request, person=request.user.pk, at=at) if is_keepable(request) else ""
    if sealed:
        request.session[FIELD] = {"sealed": sealed, "path": request.get_full_path()}
    return bool(sealed)


def forget_when_sent(request: HttpRequest) -> None:
    """Once the form is on its way again the session needs it no longer."""
    if request.method == "POST" and request.session.get(FIELD, {}).get("path") == request.get_full_path():
        del request.session[FIELD]


CARRIED = "carried_form"
"""Where a session carries a sealed form to the company's provider and back."""


def carry(request: HttpRequest, *, at: datetime) -> bool:
    """Take a sealed form along to the provider; False when there is none, or none that is good."""
    request.session.pop(CARRIED, None)
    sealed = request.POST.get(FIELD, "")
    if not sealed:
        return False
    try:
        unseal(sealed, at=at)
    except NotKept:
        return False
    request.session[CARRIED] = sealed
    return True


PERSON_COOKIE = "holdline_person"
"""Who signed in last in this browser: the id, signed. Pages compare it before they send a form."""


def person_of(request: HttpRequest) -> int | None:
    """Say who last signed in in this browser, when the browser still knows it."""
    said = request.get_signed_cookie(PERSON_COOKIE, default="", salt=PERSON_COOKIE)
    return int(said) if said and said.isdecimal() else None


def remember_person(request: HttpRequest, response: Any, person: int) -> None:
    """Let the browser know who is signed in, once; for as long as it stays open."""
    if person_of(request) == person:
        return
    response.set_signed_cookie(
        PERSON_COOKIE, str(person), salt=PERSON_COOKIE, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
