"""The pages of passkeys and security keys: django-allauth's, at its addresses, in our words.

Its own views render a form anew when it is refused and so ask the key twice; these keep the form.
"""

from __future__ import annotations

from typing import Any

from allauth.account.views import BaseReauthenticateView
from allauth.mfa.webauthn import views as allauth_views
from allauth.mfa.webauthn.internal import auth
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.generic.edit import FormView

from accounts import factors, passkeys
from accounts.access import SignedIn
from accounts.entrance import entrance


class Keys(allauth_views.ListWebAuthnView):
    """One's passkeys and security keys."""

    request: SignedIn

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "most": passkeys.MOST}


class Add(allauth_views.AddWebAuthnView):
    """Make a key: its description comes with the page, what the device made of it with the form."""

    request: SignedIn

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = FormView.get_context_data(self, **kwargs)
        full = passkeys.count_of(self.request.user) >= passkeys.MOST
        found["refused"] = passkeys.refusal(self.request) or (passkeys.FULL if full else "")
        if not found["refused"]:
            found["options"] = auth.begin_registration(self.request.user, False)
        return found

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "passwordless": True}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if passkeys.refusal(request):
            return self.render_to_response(self.get_context_data(), status=409)
        with transaction.atomic():
            return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)


class Rename(allauth_views.EditWebAuthnView):
    """Give a key another name."""


class Remove(allauth_views.RemoveWebAuthnView):
    """Take a key away; an admin keeps a second factor where one is required."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refused = "" if factors.may_lose(self.object) else factors.LAST
        return {**super().get_context_data(**kwargs), "refused": refused}

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            if not factors.may_lose(self.object):
                return self.render_to_response(self.get_context_data(form=form), status=409)
            return super().form_valid(form)


class SignIn(allauth_views.LoginWebAuthnView):
    """Sign in by a passkey alone: GET (as JSON) asks for one, POST brings it, and a kept form with it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := passkeys.refusal(request):
            return JsonResponse({"refused": refused}, status=409)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refused := passkeys.refusal(request):
            return entrance(request, refused, 409)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        refused = " ".join(form.errors.get("credential", [passkeys.NOT_KNOWN]))
        return entrance(self.request, refused, 400)


class Again(allauth_views.ReauthenticateWebAuthnView):
    """Show by a key that it is still the same person."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = BaseReauthenticateView.get_context_data(self, **kwargs)
        found["refused"] = passkeys.refusal(self.request)
        if not found["refused"]:
            found["options"] = auth.begin_authentication(self.request.user)
        return found

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)
