"""The set-up code: what lets whoever runs the server, and nobody else, open its first company by the browser.

A server that was just started is asked by strangers within minutes. So the set-up is no open door: it asks
for a code that only the server's own output tells. There is one code at a time, of a hundred random bits,
good for a day and for one company; its digest alone is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.models import Company, SetUpCode
from accounts.steps import Refused

HOURS = 24
GOOD_FOR = timedelta(hours=HOURS)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without the letters that are taken for digits; where one is typed, the digit is understood."""
GROUPS, LETTERS = 4, 5
COMMAND = "python manage.py setup_code"
ANOTHER = f"Whoever runs the server makes another one there with: {COMMAND}"
THERE_IS_ONE = (
    "There is a company on this server already. An admin of it invites everybody else; another company is "
    "added at the server with: python manage.py create_company"
)
_NONE = f"No set-up code has been made yet. {ANOTHER.replace('another one', 'one')}"
_OVER = f"The set-up code has ended: it was good for {HOURS} hours. {ANOTHER}"
_USED = f"This set-up code was used. {ANOTHER}"
_WRONG = "This is not the set-up code. Look for a typing error; making a code ends the one before it."
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def is_open() -> bool:
    """Whether the set-up may be entered: nowhere in the demo, and nowhere that has a company."""
    return not settings.DEMO and not Company.objects.exists()


def make(*, at: datetime) -> str:
    """A new code, which ends the one before; Refused where there is a company."""
    plain = "".join(secrets.choice(ALPHABET) for _ in range(GROUPS * LETTERS))
    with transaction.atomic():
        if Company.objects.exists():
            raise Refused(THERE_IS_ONE)
        kept = {"digest": _digest(plain), "made_at": at, "expires_at": at + GOOD_FOR}
        SetUpCode.objects.update_or_create(pk=1, defaults={**kept, "used_at": None, "wrong": 0})
    return "-".join(plain[start : start + LETTERS] for start in range(0, len(plain), LETTERS))


def wrong_tries() -> int:
    """How often something else was typed since the newest code was made."""
    row = SetUpCode.objects.filter(pk=1).first()
    return row.wrong if row else 0


def admit(typed: str, *, at: datetime) -> str:
    """The pass for whoever typed the code, to be kept in their session; Refused with the reason otherwise."""
    row = SetUpCode.objects.filter(pk=1).first()
    found = _digest(_plain(typed))
    why = _why_not(row, found, at)
    if why:
        if row is not None and why == _WRONG:
            SetUpCode.objects.filter(pk=1).update(wrong=F("wrong") + 1)
        raise Refused(why)
    return found


def lets_in(digest: object, *, at: datetime) -> bool:
    """Whether a pass of before is still good."""
    row = SetUpCode.objects.filter(pk=1).first()
    return isinstance(digest, str) and not _why_not(row, digest, at)


def use(digest: object, *, at: datetime) -> None:
    """Use the code up, inside the transaction that opens the company; Refused when it is good no more.

    The row stays locked until that transaction ends: of two who open at once the second is refused here.
    """
    row = SetUpCode.objects.select_for_update().filter(pk=1).first()
    why = _why_not(row, digest if isinstance(digest, str) else "", at)
    if why:
        raise Refused(why)
    SetUpCode.objects.filter(pk=1).update(used_at=at)


def _why_not(row: SetUpCode | None, digest: str, at: datetime) -> str:
    """Why this digest opens nothing; empty when it is that of the code."""
    if row is None:
        return _NONE
    if row.used_at is not None:
        return _USED
    if at >= row.expires_at:
        return _OVER
    same = hmac.compare_digest(row.digest.encode(), digest.encode("utf-8", "replace"))
    return "" if same else _WRONG


def _plain(typed: str) -> str:
    """A code as it was made: dashes, spaces and small letters are the typist's own."""
    return re.sub(r"[^0-9A-Z]", "", typed[:200].upper()).translate(_MISREAD)


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
