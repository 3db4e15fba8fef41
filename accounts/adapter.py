"""How allauth behaves here: nobody signs up; admins make people."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-up is closed, and every login answers the same for unknown names and wrong passwords."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name under which somebody tries to sign in, for the lockout: one spelling of it.

    allauth hands the name over as ``username``, its form posts it as ``login``.
    """
    known = credentials or {}
    name = known.get("username") or known.get("login") or request.POST.get("login", "")
    return str(name).strip().lower()[:150]
