"""What changes about people: their API tokens, their sessions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.audit import acting
from accounts.models import ApiToken, User
from accounts.roles import Can
from accounts.steps import Refused

MOST_TOKENS = 20
"""Live tokens one person may have."""


def issue_token(
    user: User,
    *,
    name: str,
    by: User | None,
    at: datetime,
    lifetime: timedelta,
    may_do: Collection[Can] = (),
) -> str:
    """Make a token and give its key, which is kept nowhere: only its digest is stored.

    ``may_do`` limits it to some of what its person may; without any it follows the person's role. Raises
    :class:`Refused` when a person makes a twenty-first live token or a second of one name; who runs the
    server (``by=None``) is not held back.
    """
    key = ApiToken.new_key()
    with transaction.atomic(), acting(by, "issue token"):
        if by is not None:
            _refuse_too_many(user, name, at)
        ApiToken.objects.create(
            user=user,
            name=name[:80],
            may_do=",".join(one.value for one in Can if one in may_do),
            digest=ApiToken.digest_of(key),
            created_at=at,
            expires_at=at + lifetime,
        )
    return key


def _refuse_too_many(user: User, name: str, at: datetime) -> None:
    """Count under a lock, so that two clicks at once make no twenty-first."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    live = ApiToken.objects.live(at).filter(user=user).values_list("name", flat=True)
    if len(live) >= MOST_TOKENS:
        raise Refused(f"You have {MOST_TOKENS} tokens. Revoke one that is not used any more.", "state")
    if name[:80].casefold() in {other.casefold() for other in live}:
        raise Refused("You have a token of this name. Choose another, or revoke that one.", "state")


def revoke_token(token: ApiToken, *, by: User, at: datetime) -> bool:
    """Refuse a token from now on; False when it was revoked before."""
    with transaction.atomic(), acting(by, "revoke token"):
        return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at))


def end_sessions(user: User, keys: Collection[str]) -> int:
    """Sign the person out of these sessions; give how many there were. Only the person's own are touched."""
    with transaction.atomic():
        own = UserSession.objects.filter(user=user, session_key__in=keys)
        ended, _ = Session.objects.filter(session_key__in=own.values("session_key")).delete()
        own.delete()
    return ended


def forget_ended_sessions(*, at: datetime) -> int:
    """Take sessions whose time is over out of the store: a search kept in one may be a patient's name (I8).

    A browser that is closed tells nobody, so they would stay for good. The list of devices follows a day
    later, lest it lose somebody who is just signing in.
    """
    ended, _ = Session.objects.filter(expire_date__lt=at).delete()
    stale = UserSession.objects.filter(created_at__lt=at - timedelta(days=1))
    stale.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return ended


def end_other_sessions(user: User, *, but: str | None) -> int:
    """Sign the person out everywhere but in the session of this key; give how many there were."""
    keys = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    return end_sessions(user, list(keys.values_list("session_key", flat=True)))
