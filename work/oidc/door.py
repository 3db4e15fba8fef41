"""The public pages of signing in by a company's provider: whose it is, the way there, the way back.

Nothing here lists companies: who types an address is led on by its domain. The way there is a page of its own
with a link that opens by itself, because ``form-action`` lets no form lead to another site, also not by a
redirect.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import by_provider, keeping, provider_actions
from accounts.access import SignedIn
from accounts.models import SignInIdentity, SignInProvider
from accounts.provider_actions import Known
from accounts.roles import Can
from accounts.steps import Refused
from work.oidc import flow
from work.oidc.flow import AGAIN, LINK, SIGN_IN, TRY, Came
from work.oidc.forms import AddressForm
from work.oidc.line import Failed

NOBODY = (
    "No company signs in by a provider with addresses of this domain. Look for a typing error, or sign in "
    "with your username."
)
GONE = "This way to sign in is not open any more. Start again here, or ask an admin of your company."
OFTEN = "That was too often in a minute. Wait a little, then try again."
NOT_YOU = "Another person was signed in when this began. Start again."
NONE_HERE = "Your company does not sign in by a provider of its own."


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the work address; POST leads on to the provider of its domain."""
    form = AddressForm(request.POST if "address" in request.POST else None)
    if "address" not in request.POST:
        return _ask(request, form)
    if not ratelimit.consume(request, action="provider"):
        return _ask(request, form, OFTEN, 429)
    if not form.is_valid():
        return _ask(request, form, status=400)
    rows = SignInProvider.objects.filter(enabled=True, domains__domain=form.cleaned_data["address"])
    row = rows.first()
    if row is None:
        form.add_error("address", NOBODY)
        return _ask(request, form, status=404)
    carried = keeping.carry(request, at=timezone.now())
    back = reverse("accounts:kept") if carried else _back(request)
    return lead(request, row, SIGN_IN, back=back)


def _back(request: HttpRequest) -> str:
    """The page of ours to go on with; another site's is forgotten."""
    asked = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if ours and asked.startswith("/") else ""


def _ask(request: HttpRequest, form: AddressForm, refused: str = "", status: int = 200) -> HttpResponse:
    shown = {
        "form": form,
        "refused": refused,
        "next": _back(request),
        "kept_form": request.POST.get(keeping.FIELD, ""),
    }
    return render(request, "account/provider.html", shown, status=status)


def lead(request: HttpRequest, row: SignInProvider, why: str, *, back: str = "") -> HttpResponse:
    """The page that leads to the provider."""
    by = request.user.pk if request.user.is_authenticated else None
    try:
        url = flow.begin(request, row, why, back=back, by=by)
    except Failed as failed:
        return _refused(request, str(failed), 502)
    except Refused as refused:
        return _refused(request, refused.sentence, 409)
    host = urlsplit(url).hostname or ""
    return render(request, "account/provider_go.html", {"url": url, "host": host, "name": row.name})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: SignedIn) -> HttpResponse:
    """Have the provider ask once more who is signed in; for who has no password here."""
    row = provider_actions.provider_of(request.user.company_id)
    if row is None or not row.enabled:
        return _refused(request, GONE, 409)
    if request.method == "POST":
        return lead(request, row, AGAIN, back=_back(request) or "/")
    return render(request, "account/provider_again.html", {"name": row.name, "next": _back(request)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@by_provider.asked_again(allow_get=True)
def link(request: SignedIn) -> HttpResponse:
    """One's own link to the company's provider; POST leads there to make it."""
    row = provider_actions.provider_of(request.user.company_id)
    if row is None or not row.enabled:
        if request.method == "POST":
            return _refused(request, NONE_HERE, 409)
        return render(request, "account/provider_link.html", {"none": NONE_HERE})
    rows = SignInIdentity.objects.filter(user=request.user, issuer=row.issuer)
    since = rows.values_list("linked_at", flat=True).first()
    if request.method == "POST" and since is None:
        return lead(request, row, LINK)
    with timezone.override(request.user.company.zone):
        return render(request, "account/provider_link.html", {"name": row.name, "since": since})


@login_not_required
@never_cache
@require_safe
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """Take in who comes back from the provider; whatever is not as it must be signs nobody in."""
    row = SignInProvider.objects.filter(key=key).select_related("company").first()
    if row is None:
        return _refused(request, GONE, 404)
    try:
        came = flow.finish(request, row)
        return _WAYS[came.began.get("why", SIGN_IN)](request, row, came)
    except Failed as failed:
        return _refused(request, str(failed), 502 if failed.step in _THEIRS else 403)
    except Refused as refused:
        return _refused(request, refused.sentence, 403)


_THEIRS = ("address", "name", "connect", "tls", "discovery", "keys", "client")


def _sign_in(request: HttpRequest, row: SignInProvider, came: Came) -> HttpResponse:
    if not row.enabled:
        raise Refused(GONE)
    person = provider_actions.person_for(row, _known(came), at=timezone.now())
    record_authentication(request, person, "socialaccount", provider=row.key)
    told = {"provider": row.name, "vouched": row.second_factor or came.person.vouched}
    answered: HttpResponse = perform_login(
        request, person, redirect_url=came.began.get("back") or None, signal_kwargs=told
    )
    return answered


def _try(request: Any, row: SignInProvider, came: Came) -> HttpResponse:
    user = request.user
    mine = user.is_authenticated and user.pk == came.began.get("by") and user.company_id == row.company_id
    if not mine or not user.may(Can.SETTINGS):
        raise Refused(NOT_YOU)
    try:
        provider_actions.prove(row, _known(came), by=user, at=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "The provider let you in. You can now switch passwords off.")
    return redirect("sign_in:page")


def _link(request: Any, row: SignInProvider, came: Came) -> HttpResponse:
    user = request.user
    if not user.is_authenticated or user.pk != came.began.get("by") or user.company_id != row.company_id:
        raise Refused(NOT_YOU)
    provider_actions.link_own(row, _known(came), by=user, at=timezone.now())
    messages.success(request, f"{row.name} signs you in from now on.")
    return redirect("provider:link")


def _again(request: Any, row: SignInProvider, came: Came) -> HttpResponse:
    user = request.user
    mine = user.is_authenticated and user.pk == came.began.get("by")
    rows = SignInIdentity.objects.filter(company_id=row.company_id, issuer=row.issuer, user_id=user.pk)
    if not mine or not rows.filter(subject=came.person.subject).exists():
        raise Refused(provider_actions.SOMEBODY_ELSE)
    by_provider.came_again(request)
    return redirect(came.began.get("back") or "/")


_WAYS = {SIGN_IN: _sign_in, TRY: _try, AGAIN: _again, LINK: _link}


def _known(came: Came) -> Known:
    who = came.person
    return Known(who.subject, who.email, who.verified, who.first_name, who.last_name)


def _refused(request: HttpRequest, said: str, status: int) -> HttpResponse:
    """Nobody was signed in, and why; who is signed in already stays so."""
    if request.user.is_authenticated:
        return render(request, "account/provider_refused.html", {"refused": said}, status=status)
    return _ask(request, AddressForm(), said, status)
