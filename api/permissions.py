"""Deny by default: an endpoint says which capability each verb takes, or nobody gets in."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import by_provider, factors
from accounts.models import ApiToken, User
from accounts.roles import Can, limit_refusal, refusal


class SignedIn(Request):
    """A request that passed :class:`MayDo`: somebody of a company is asking. For annotations only."""

    user: User
    auth: ApiToken | None


class MayDo(BasePermission):
    """Read ``reads`` and ``writes`` of the view: a :class:`Can`, or ``SIGNED_IN`` for everybody.

    A view without them is closed to everyone but lets the signed-in read the schema. An admin who has to set
    up a second factor first gets in nowhere.
    """

    message = "You may not do this."

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not (user and user.is_authenticated and getattr(user, "company_id", None)):
            return False
        if factors.missing(user) and not (request.auth is None and by_provider.vouched(request)):
            raise PermissionDenied(factors.SENTENCE, code="second_factor")
        needed = getattr(view, "reads" if request.method in SAFE_METHODS else "writes", None)
        if needed is SIGNED_IN:
            return True
        if not isinstance(needed, Can):
            self.message = "Nobody may do this."
            return False
        limits = user.limited_to
        self.message = refusal(needed) if limits is None or needed in limits else limit_refusal(needed)
        return user.may(needed)


class _SignedIn:
    """Marks what everyone signed in may do."""


SIGNED_IN = _SignedIn()
