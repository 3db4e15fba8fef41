from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"

    def ready(self) -> None:
        """Start a session's clocks at every sign-in; end the other sessions when a password changes."""
        from allauth.account import signals

        user_logged_in.connect(_start_clocks, dispatch_uid="accounts: start clocks")
        for changed in (signals.password_changed, signals.password_set, signals.password_reset):
            changed.connect(_end_others, dispatch_uid="accounts: end others")


def _start_clocks(sender: Any, request: Any, **rest: Any) -> None:
    from django.utils import timezone

    from accounts import clocks

    clocks.begin(request.session, timezone.now())


def _end_others(sender: Any, request: Any, user: Any, **rest: Any) -> None:
    from accounts.actions import end_other_sessions

    here = request.session.session_key if request.user.is_authenticated else None
    end_other_sessions(user, but=here)
