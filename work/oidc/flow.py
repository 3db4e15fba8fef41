"""The way to a company's provider and back, on django-allauth's openid_connect provider.

allauth keeps the state of a sign-in in the session (good once, for ten minutes, in one browser), makes the
PKCE pair and the address to go to. What it would take on trust is checked here: each call goes through
``work.oidc.line``, the ID token must be signed, and must carry the nonce of this very sign-in.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import SignInProvider
from accounts.provider_actions import secret_of
from work.oidc import line, token
from work.oidc.domain import claims as read
from work.oidc.line import Discovery, Failed

SIGN_IN, TRY, AGAIN, LINK = "sign in", "try", "again", "link"
"""Why somebody goes there: to sign in, for an admin to try it, to show it is still them, to link it."""
USED = "This sign-in was finished already, waited too long, or began in another browser. Start again here."
CANCELLED = "The provider says that the sign-in was cancelled."
REFUSED = "The provider refused the sign-in. Start again; if it goes on, ask an admin of your company."


@dataclass(frozen=True)
class Came:
    """Somebody came back, and what the provider says of them was checked. ``began`` is what was kept."""

    person: read.Person
    began: dict[str, Any]


def callback_url(row: SignInProvider) -> str:
    """The address that the provider sends people back to; an admin registers it there."""
    return settings.SITE_URL.rstrip("/") + reverse("provider:answer", args=[row.key])


class NoApps(DefaultSocialAccountAdapter):
    """allauth's own sign-ins by others are closed: no apps, no sign-up, no page of its own for errors."""

    def list_apps(self, *args: Any, **kwargs: Any) -> list[SocialApp]:
        return []

    def is_open_for_signup(self, *args: Any, **kwargs: Any) -> bool:
        return False

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, **more: Any
    ) -> None:
        """Every end that is no sign-in, as ours: the view shows it."""
        if error == AuthError.CANCELLED:
            raise Failed("person", CANCELLED)
        raise Failed("person", REFUSED if "error" in request.GET else USED)


class _Client(OAuth2Client):
    """allauth's client, whose exchange goes over our line."""

    def get_redirect_url(self, authorization_url: str, scope: Any, extra_params: dict[str, Any]) -> str:
        sent = {
            "client_id": self.consumer_key,
            "redirect_uri": self.callback_url,
            "scope": " ".join(scope),
            "response_type": "code",
            "state": self.state,
            **extra_params,
        }
        return f"{authorization_url}{'&' if '?' in authorization_url else '?'}{urlencode(sent)}"

    def get_access_token(self, code: str, pkce_code_verifier: Any = None, extra_data: Any = None) -> Any:
        form = {
            "grant_type": "authorization_code",
            "code": code[:4000],
            "redirect_uri": self.callback_url,
            "code_verifier": str(pkce_code_verifier),
        }
        return line.exchange(self.access_token_url, self.consumer_key, self.consumer_secret, form)


class _Adapter(OpenIDConnectOAuth2Adapter):
    """One company's provider in one request."""

    client_class = _Client

    def __init__(self, request: HttpRequest, row: SignInProvider) -> None:
        super().__init__(request, row.key)
        self.row = row
        self.began: dict[str, Any] = {}

    def get_provider(self) -> OpenIDConnectProvider:
        app = SocialApp(
            provider="openid_connect",
            provider_id=self.row.key,
            name=self.row.name[:40],
            client_id=self.row.client_id,
            secret=secret_of(self.row),
            settings={"server_url": self.row.issuer, "oauth_pkce_enabled": True},
        )
        return _Provider(self.request, app=app, adapter=self)

    @property
    def discovery(self) -> Discovery:
        """What the provider says of itself."""
        return line.discover(self.row.issuer)

    @property
    def access_token_url(self) -> Any:
        """Handed to the client, which needs more of it than the address."""
        return self.discovery

    @property
    def authorize_url(self) -> str:
        return self.discovery.authorization

    @property
    def basic_auth(self) -> bool:
        return False

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return callback_url(self.row)

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        return SocialToken(token=data["access_token"])

    def complete_login(self, request: HttpRequest, app: Any, social: SocialToken, **kwargs: Any) -> Any:
        """Check what came; :class:`_Finished` carries it out of allauth, which would look for accounts."""
        kept = self.began.get("data") or {}
        try:
            said = token.read(kwargs["response"]["id_token"], self.discovery, self.row.client_id)
            read.fits_sign_in(said, nonce=str(kept.get("nonce")), client_id=self.row.client_id)
            if kept.get("why") == AGAIN:
                read.asked_anew(said, time.time())
            known = {"email", "email_verified"} <= said.keys()
            if self.discovery.userinfo and not known:
                said = read.with_profile(said, line.profile_of(self.discovery, social.token))
            raise _Finished(Came(read.person_in(said), kept))
        except read.Unfit as unfit:
            raise Failed("token", str(unfit)) from None


class _Provider(OpenIDConnectProvider):
    """allauth's provider, that knows which row it speaks for."""

    def __init__(self, request: HttpRequest, *, app: SocialApp, adapter: _Adapter) -> None:
        super().__init__(request, app=app)
        self.adapter = adapter

    def get_oauth2_adapter(self, request: HttpRequest) -> _Adapter:
        return self.adapter


class _Finished(ImmediateHttpResponse):
    def __init__(self, came: Came) -> None:
        super().__init__(HttpResponse(status=500))
        self.came = came


class _Callback(OAuth2CallbackView):
    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, answer = super()._get_state(request, provider)
        self.adapter.began = state or {}  # type: ignore[attr-defined]
        return state, answer


def begin(
    request: HttpRequest, row: SignInProvider, why: str, *, back: str = "", by: int | None = None
) -> str:
    """The address at the provider to go to now. Raises :class:`Failed`."""
    nonce = secrets.token_urlsafe(24)
    asked = {"nonce": nonce}
    if why == AGAIN:
        asked |= {"prompt": "login", "max_age": "0"}
    kept = {"nonce": nonce, "why": why, "back": back, "by": by}
    provider: Any = _Adapter(request, row).get_provider()
    found = provider.redirect(request, process="login", data=kept, auth_params=asked)
    return str(found["Location"])


def finish(request: HttpRequest, row: SignInProvider) -> Came:
    """Who came back from the provider; :class:`Failed` for whatever is not as it must be."""
    said = request.GET.get("iss")
    if said is not None and said.rstrip("/") != row.issuer.rstrip("/"):
        raise Failed("token", "The answer came from another provider than the one that was asked (iss).")
    view = _Callback()
    view.request, view.adapter = request, _Adapter(request, row)
    run: Callable[..., HttpResponse] = view.dispatch
    try:
        run(request)
    except _Finished as finished:
        return finished.came
    raise Failed("person", REFUSED)
