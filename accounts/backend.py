"""Signing in by name and password, and finding again who is signed in."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from accounts import factors
from accounts.models import User


class People(AuthenticationBackend):
    """allauth's backend; a session's person comes with what every page needs to know of them."""

    def get_user(self, user_id: int) -> User | None:
        """Give the person of a session with their company in one query; ``None`` if gone or not active."""
        people = User.objects.select_related("company").annotate(**factors.annotation("pk"))
        person = people.filter(pk=user_id).first()
        return person if person is not None and self.user_can_authenticate(person) else None
