"""How allauth behaves here: nobody signs up; admins make people."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-up is closed, and every login answers the same for unknown names and wrong passwords."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
