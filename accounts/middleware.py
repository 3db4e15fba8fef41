"""Who is behind a request, for how long, and what a shared computer may keep: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts import by_provider, clocks, emergency, factors, keeping
from accounts.kept_views import answer_kept

Next = Callable[[HttpRequest], HttpResponse]
BACKGROUND = "Holdline-Background"
"""A page that asks by itself says so with this header (``hx-headers``): it extends no session."""
LOOKS, ITSELF = "looks", "itself"
"""The same in the address of a page that a browser without script loads again by itself."""


class SessionClock:
    """End a session whose time is over, and note activity at most once a minute.

    ``request.session_ended`` says why it ended and ``request.was`` whose it was; the row in the store is
    deleted at once. Signed-in pages find ``request.clock``.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        at = timezone.now()
        person = request.session.get(SESSION_KEY)
        if person is None:
            return self._for_nobody(request)
        request.was = int(person)  # type: ignore[attr-defined]
        clock = clocks.read(request.session, at)
        if clock.ended or not self._noted(request, at):
            end(request, clock.ended or clocks.Ended.ELSEWHERE)
            return self.get_response(request)
        request.clock = clocks.read(request.session, at)  # type: ignore[attr-defined]
        keeping.forget_when_sent(request)
        answer = self.get_response(request)
        if request.user.is_authenticated:
            keeping.remember_person(request, answer, request.user.pk)
        return answer

    def _for_nobody(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.session_key is None:
            request.session_ended = clocks.Ended.ELSEWHERE  # type: ignore[attr-defined]
        answer = self.get_response(request)
        if request.session.get(SESSION_KEY) is not None:
            keeping.remember_person(request, answer, int(request.session[SESSION_KEY]))
        return answer

    def _noted(self, request: HttpRequest, at: Any) -> bool:
        """Write activity down at once, so that a slow page overwrites nothing; False if the row is gone."""
        by_itself = BACKGROUND in request.headers or request.GET.get(LOOKS) == ITSELF
        if by_itself or not clocks.touch(request.session, at):
            return True
        try:
            request.session.save()
        except UpdateError:
            return False
        request.session.modified = False
        return True


def end(request: HttpRequest, why: clocks.Ended) -> None:
    """End the session here and in the store, and go on as nobody."""
    request.session.flush()
    request.user = AnonymousUser()
    request.session_ended = why  # type: ignore[attr-defined]


class SignInFirst(LoginRequiredMiddleware):
    """The login wall: a page leads to sign-in, a form keeps what was typed, a fragment is told with 401."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        why = why_nobody(request)
        if getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]
            return fragment_refused(why)
        if keeping.is_keepable(request):
            kept = answer_kept(request, why)
            if kept is not None:
                return kept
        question = {REDIRECT_FIELD_NAME: self._way_back(request)}
        if why is not None:
            question["ended"] = why
        return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode(question, safe='/')}")

    def _way_back(self, request: HttpRequest) -> str:
        """The page itself; for a form that was not kept, home: its address may know no GET."""
        return request.get_full_path() if request.method in ("GET", "HEAD") else "/"


class FactorFirst:
    """An admin without the second factor that is required of them is led to setting one up.

    What they typed meanwhile is kept and offered again afterwards. Endpoints answer for themselves
    (``api.permissions``), in their own shape.
    """

    OPEN = frozenset(
        {
            "mfa_index",
            "mfa_activate_totp",
            "accounts:keys",
            "accounts:key_add",
            "accounts:key_again",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_reauthenticate",
            "account_reauthenticate",
            "account_change_password",
            "account_set_password",
            "account_logout",
            "accounts:stay",
        }
    )
    """Setting one up, the password, signing out, staying signed in meanwhile."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match: Any = request.resolver_match
        public = not getattr(view, "login_required", True)
        if public or match.view_name in self.OPEN:
            return None
        if not factors.missing(request.user) or by_provider.vouched(request):
            return None
        if getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]
            return HttpResponse(factors.SENTENCE, status=403, headers={"HX-Reswap": "none"})
        keeping.keep_here(request, at=timezone.now())
        return HttpResponseRedirect(resolve_url("mfa_index"))


class InEmergency:
    """Let an admin read the pages that an emergency opens, while the one of this session lasts."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        match: Any = request.resolver_match
        emergency.begin(request, match.view_name, timezone.now())


def why_nobody(request: HttpRequest) -> clocks.Ended | None:
    """Why somebody who was signed in no longer is; None for somebody who never was.

    A session that the clocks let in but the person's own change of password did not ended elsewhere.
    """
    known = getattr(request, "session_ended", None)
    return known or (clocks.Ended.ELSEWHERE if hasattr(request, "was") else None)


def fragment_refused(why: clocks.Ended | None) -> HttpResponse:
    """Tell a live part of a page that nobody is signed in; the page stays as it is, and asks."""
    answer = HttpResponse("Sign in again to go on. What you typed is still here.", status=401)
    answer["HX-Reswap"] = "none"
    # A plain str: some servers take no other kind of one in a header.
    answer["Holdline-Session"] = (why or clocks.Ended.ELSEWHERE).value
    return answer


class KeepNothing:
    """Mark every answer to somebody signed in as not to be stored, by browser or proxy.

    Pages carry patient data; the next person at the desk must not find it behind Back. Style sheets and
    scripts are served before this and stay cacheable.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        signed_in = "Authorization" in request.headers or request.user.is_authenticated
        if signed_in and not answer.has_header("Cache-Control"):
            add_never_cache_headers(answer)
        return answer
