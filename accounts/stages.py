"""The steps between a right password and being signed in."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest


class CodeStage(AuthenticateStage):
    """Asking for the second factor's code; over once the person has no second factor any more.

    Somebody may switch it off in one browser while another waits for the code. allauth leads that other one
    from the code to the password and back without end; here it asks for the password again.
    """

    def is_resumable(self, request: HttpRequest) -> bool:
        asked = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        return self.login.user is not None and is_mfa_enabled(self.login.user, asked)

    def _should_handle(self, request: HttpRequest) -> bool:
        """Not for whom the company's provider vouches that it asked for a second factor itself."""
        vouched = bool((self.login.signal_kwargs or {}).get("vouched"))
        return not vouched and bool(super()._should_handle(request))
