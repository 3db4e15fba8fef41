"""What a session knows of having begun at the company's provider, and what follows from it.

Where the provider vouches for a second factor, an admin needs none of ours in that session. Where a company
signs in by its provider alone, no password and no passkey of ours does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts import keeping
from accounts.access import SignedIn
from accounts.models import AccountAct, SignInProvider, User

CAME = "_by_provider"
"""Where a session keeps that it began at the provider: whether it vouches, and when it was asked last."""
ALONE = "Your company signs in by its own provider alone. Choose “Sign in with your company” below."


def came(request: HttpRequest, user: User, *, name: str, vouched: bool) -> None:
    """Somebody signed in by their provider: note it in the session and on the account."""
    request.session[CAME] = {"person": user.pk, "vouched": vouched, "at": int(time.time())}
    said = f"{name}, with a second factor there" if vouched else name
    AccountAct.objects.create(
        company_id=user.company_id,
        person=user,
        kind=AccountAct.Kind.PROVIDER,
        said=said[:200],
        by=user,
        at=timezone.now(),
    )


def vouched(request: Any) -> bool:
    """Whether the provider vouched for the second factor of this session's person."""
    return bool(_of(request).get("vouched"))


def came_again(request: HttpRequest) -> None:
    """The provider has just asked this session's person anew."""
    request.session[CAME] = {**_of(request), "person": request.user.pk, "at": int(time.time())}


def _of(request: Any) -> dict[str, Any]:
    said = request.session.get(CAME) if hasattr(request, "session") else None
    return said if isinstance(said, dict) and said.get("person") == request.user.pk else {}


def is_shut(user: User, signal_kwargs: dict[str, Any] | None) -> bool:
    """Whether this way in is closed to the person: the company's provider alone lets in, and it did not."""
    if signal_kwargs and signal_kwargs.get("provider"):
        return False
    return SignInProvider.objects.filter(company_id=user.company_id, alone=True, enabled=True).exists()


def asked_again(*, allow_get: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Ask who is signed in once more before something grave: by password or key here, else by the provider.

    What was typed is kept meanwhile, as for who has to sign in again.
    """

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        asked_here = reauthentication_required(allow_get=allow_get)(view)

        @wraps(view)
        def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> Any:
            if get_reauthentication_flows(request.user):
                return asked_here(request, *args, **kwargs)
            began = _of(request)
            pardoned = (allow_get and request.method in ("GET", "HEAD")) or not began  # nobody can be asked
            fresh = time.time() - began.get("at", 0) < app_settings.REAUTHENTICATION_TIMEOUT
            return view(request, *args, **kwargs) if pardoned or fresh else _ask_there(request)

        return guarded

    return wrap


def _ask_there(request: SignedIn) -> HttpResponse:
    kept = keeping.keep_here(request, at=timezone.now())
    if kept:
        back = reverse("accounts:kept")
    else:
        asked = request.method in ("GET", "HEAD")
        back = request.get_full_path() if asked else keeping.page_of(request)
    return HttpResponseRedirect(f"{reverse('provider:again')}?{urlencode({REDIRECT_FIELD_NAME: back})}")
