from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"

    def ready(self) -> None:
        """Start the clocks at a sign-in; end other sessions when a password changes; tell of own factors."""
        from allauth.account import signals
        from allauth.mfa import signals as mfa

        user_logged_in.connect(_start_clocks, dispatch_uid="accounts: start clocks")
        for changed in (signals.password_changed, signals.password_set, signals.password_reset):
            changed.connect(_end_others, dispatch_uid="accounts: end others")
        signals.user_logged_in.connect(_came_by_provider, dispatch_uid="accounts: by provider")
        mfa.authenticator_added.connect(_factor_added, dispatch_uid="accounts: factor added")
        mfa.authenticator_removed.connect(_factor_removed, dispatch_uid="accounts: factor removed")


def _factor_added(sender: Any, user: Any, authenticator: Any, **rest: Any) -> None:
    from django.utils import timezone

    from accounts.people_actions import tell_own_factor

    tell_own_factor(user, authenticator.type, "added", at=timezone.now())


def _factor_removed(sender: Any, user: Any, authenticator: Any, **rest: Any) -> None:
    from django.utils import timezone

    from accounts.people_actions import tell_own_factor

    tell_own_factor(user, authenticator.type, "removed", at=timezone.now())


def _start_clocks(sender: Any, request: Any, **rest: Any) -> None:
    from django.utils import timezone

    from accounts import clocks

    clocks.begin(request.session, timezone.now())


def _came_by_provider(sender: Any, request: Any, user: Any, provider: str = "", **rest: Any) -> None:
    from accounts import by_provider

    if provider:
        by_provider.came(request, user, name=provider, vouched=bool(rest.get("vouched")))


def _end_others(sender: Any, request: Any, user: Any, **rest: Any) -> None:
    from accounts.actions import end_other_sessions

    here = request.session.session_key if request.user.is_authenticated else None
    end_other_sessions(user, but=here)
