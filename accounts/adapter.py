"""How allauth behaves here: nobody signs up; admins make people."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString

from accounts import by_provider, factors, keeping, passkeys
from accounts.addresses import client_address
from accounts.entrance import entrance
from accounts.kept_views import THROWN_AWAY
from accounts.secrets import sealer


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-up is closed, and every login answers the same for unknown names and wrong passwords."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address by our own rule for proxies; allauth's fails on a header that is too short."""
        return client_address(request)

    def is_safe_url(self, url: str | None) -> bool:
        """Only addresses of the very host that was asked; allauth would also take every allowed host."""
        host, secure = context.request.get_host(), context.request.is_secure()
        return bool(url) and url_has_allowed_host_and_scheme(url, {host}, require_https=secure)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong passwords are counted by django-axes, by name and address together.

        allauth's own count is by name alone, with which anybody could keep anybody out; it is left to the
        second factor's codes, which only who knows the password can try.
        """

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a mail leads to SITE_URL, whatever host and port the request was made to."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.SITE_URL.rstrip('/')}{path.replace('UID-KEY', key)}"

    def get_login_stages(self) -> list[str]:
        """allauth's steps, with our own question for the code."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "accounts.stages.CodeStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Bring a form along that came too late; somebody else's is thrown away.

        Whose company signs in by its provider alone comes in no other way, however right the password is.
        """
        if by_provider.is_shut(user, kwargs.get("signal_kwargs")):
            return entrance(request, by_provider.ALONE, 403)
        if not keeping.bring_along(request, user.pk, at=timezone.now()):
            messages.warning(request, THROWN_AWAY)
        return super().pre_login(request, user, **kwargs)


class SealedMFAAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are stored sealed, their square is drawn into the page."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": factors.LAST,
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return factors.may_lose(authenticator)

    def get_totp_issuer(self) -> str:
        return "Holdline"

    def _get_user_identifier(self, user: Any) -> str:
        """The username: what people sign in with here, and no mail address to leak from a phone."""
        return str(user.get_username())

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Keys are bound to the host of SITE_URL, whatever host the page was asked from."""
        return {"id": passkeys.host(), "name": "Holdline"}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return passkeys.name_for(user, context.request.headers.get("User-Agent", ""))

    def encrypt(self, text: str) -> str:
        return sealer("second factor").encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret; one stored before they were sealed is given as it is."""
        if not encrypted_text.startswith("gAAAA"):
            return encrypted_text
        try:
            return sealer("second factor").decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ValueError("A second factor cannot be read: SECRETS_KEY was changed.") from error

    def build_totp_svg(self, url: str) -> SafeString:
        """The square to scan, as an element of the page: the policy allows no ``data:`` picture."""
        drawing = super().build_totp_svg(url)
        box = re.search(r'viewBox="([\d. ]+)"', drawing)
        path = re.search(r'<path d="([MHVz\d,. -]+)"', drawing)
        if box is None or path is None:
            raise ValueError("The square code was drawn in a way this does not know.")
        words = "Square code for the authenticator app; the key below says the same"
        return format_html(
            '<svg class="totp-square" viewBox="{}" role="img" aria-label="{}"><path d="{}"/></svg>',
            box[1],
            words,
            path[1],
        )


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name under which somebody tries to sign in, for the lockout: one spelling of it.

    allauth hands the name over as ``username``, its form posts it as ``login``.
    """
    known = credentials or {}
    name = known.get("username") or known.get("login") or request.POST.get("login", "")
    return str(name).strip().lower()[:150]
