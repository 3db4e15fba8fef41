"""The page of one's API tokens."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.access import SignedIn
from accounts.by_provider import asked_again
from accounts.forms import TokenForm
from accounts.models import ApiToken
from accounts.steps import Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asked_again(allow_get=True)
def tokens(request: SignedIn) -> HttpResponse:
    """List one's tokens and make one; its key is in this one answer and nowhere else.

    A token outlives the session by months, so making one asks for the password again.
    """
    if request.method != "POST":
        return _page(request, TokenForm(request.user.role))
    form, now = TokenForm(request.user.role, request.POST), timezone.now()
    if not form.is_valid():
        return _page(request, form, status=400)
    said = form.cleaned_data
    try:
        key = actions.issue_token(
            request.user,
            name=said["name"],
            by=request.user,
            at=now,
            lifetime=said["lifetime"],
            may_do=form.limits,
        )
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, form, status=409)
    return _page(request, TokenForm(request.user.role), key=key, named=said["name"])


def _page(request: SignedIn, form: TokenForm, *, status: int = 200, **made: str) -> HttpResponse:
    """The live ones first, the newest first; of those that are over, the last twenty."""
    now = timezone.now()
    own = ApiToken.objects.filter(user=request.user)
    live = list(own.live(now).order_by("-created_at"))
    over = list(own.exclude(pk__in=own.live(now).values("pk")).order_by("-created_at")[:20])
    facts = {"form": form, "live": live, "over": over, "most": actions.MOST_TOKENS, **made}
    return render(request, "accounts/tokens.html", facts, status=status)


@require_POST
def token_revoke(request: SignedIn) -> HttpResponse:
    """Refuse one of one's own tokens from now on; somebody else's is not there."""
    number = request.POST.get("token", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 18):
        messages.error(request, "Say which token is to be revoked.")
        return redirect("accounts:tokens")
    token = ApiToken.objects.filter(user=request.user, pk=int(number)).first()
    if token is None:
        raise Http404
    done = actions.revoke_token(token, by=request.user, at=timezone.now())
    messages.success(
        request, f"“{token.name}” is revoked." if done else f"“{token.name}” was revoked before."
    )
    return redirect("accounts:tokens")
