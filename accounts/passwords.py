"""Password rules beyond Django's own (PCI and NIST: long rather than odd, never a known one)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from accounts import demo

RULES = (
    "At least 12 characters; a few words together are easiest to keep.",
    "Not a common password, and not only digits.",
    "Nothing like your name, your username or your address.",
    "Not the one you have now.",
)
"""What a new password must be, said before anybody types. The validators below and in settings enforce it."""


class NotTheDemoPassword:
    """Refuse the password that is printed in the demo, wherever the demo does not run."""

    def validate(self, password: str, user: Any = None) -> None:
        if not settings.DEMO and password.casefold() == demo.PASSWORD:
            raise ValidationError("This is the password of the public demo. Choose another.", code="demo")

    def get_help_text(self) -> str:
        return "Not the password of the demo."


class NotTheSame:
    """Refuse the password the person has now."""

    def validate(self, password: str, user: Any = None) -> None:
        stored = getattr(user, "password", "")
        if stored and check_password(password, stored):
            raise ValidationError("This is the password you have now. Choose another.", code="same")

    def get_help_text(self) -> str:
        return "Not the one you have now."


class NotTooLong:
    """Refuse what nobody types, so that hashing it costs no more than a moment."""

    most = 512

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.most or "\x00" in password:
            raise ValidationError(f"A password has at most {self.most} characters.", code="too_long")

    def get_help_text(self) -> str:
        return f"At most {self.most} characters."
