"""What people were told, and what a page says in plain words."""

from __future__ import annotations

from html import unescape
from typing import Any

from accounts.models import User
from escalations.models import Notification


def told(user: User) -> list[tuple[str, str]]:
    """The kind and the words of everything the person was told, in turn."""
    return list(Notification.objects.filter(recipient=user).order_by("id").values_list("kind", "words"))


def words_of(page: Any) -> str:
    return unescape(page.content.decode())
