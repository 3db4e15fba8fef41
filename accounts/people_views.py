"""The pages of people: who may sign in, and what an admin does about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import letters
from accounts import people_actions as actions
from accounts.access import SignedIn, needs
from accounts.by_provider import asked_again
from accounts.factors import required_of
from accounts.models import User
from accounts.people_forms import InviteForm, PersonForm, ReasonForm
from accounts.people_screen import PeopleScreen, PersonScreen
from accounts.provider_actions import unlink
from accounts.roles import Can
from accounts.steps import Refused, Unfit

SECTION = {"section": "settings", "page": "people"}
LABELS = {"first_name": "First name", "last_name": "Last name", "email": "Mail address", "role": "Role"}


@require_safe
@needs(Can.SETTINGS)
def people(request: SignedIn) -> HttpResponse:
    """Everybody of the company: here, invited, disabled."""
    screen = PeopleScreen(
        request.user, show=request.GET.get("show", ""), search=request.GET.get("name", "").replace("\0", "")
    )
    return render(request, "accounts/people.html", {**SECTION, "screen": screen})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def person_new(request: SignedIn) -> HttpResponse:
    """Invite somebody."""
    form = InviteForm(request.POST if request.method == "POST" else None, initial={"role": "agent"})
    if request.method != "POST":
        return render(request, "accounts/people_new.html", {**SECTION, "form": form})
    if not form.is_valid():
        return render(request, "accounts/people_new.html", {**SECTION, "form": form}, status=400)
    username = form.cleaned_data["username"]
    try:
        made = actions.invite(form.said, username=username, by=request.user, at=timezone.now())
    except Unfit as unfit:
        form.take(unfit.wrong)
        return render(request, "accounts/people_new.html", {**SECTION, "form": form}, status=400)
    way = "A link to choose a password is on its way by mail." if made.email else "Hand them a link now."
    messages.success(request, f"{made} is invited. {way}")
    return redirect("people:person", made.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def person(request: SignedIn, key: int) -> HttpResponse:
    """One account; POST changes name, address and role, and tells the second of two admins."""
    found = _person(request, key)
    kept, seen = vars(actions.said_of(found)), actions.seen_of(found)
    if request.method != "POST":
        return _show(request, found, PersonForm(initial={**kept, "seen": seen}))
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=400)
    said_seen = form.cleaned_data["seen"]
    try:
        actions.change(found, form.said, seen=said_seen, by=request.user, at=timezone.now())
    except Unfit as unfit:
        form.take(unfit.wrong)
        return _show(request, found, form, status=400)
    except Refused as refused:
        if refused.code != "stale":
            raise
        form.saw(seen)
        return _show(request, found, form, status=409, conflict=_conflict(request, found, form))
    messages.success(request, "The account is saved.")
    return redirect("people:person", found.pk)


def _person(request: SignedIn, key: int) -> User:
    rows = User.objects.filter(company_id=request.user.company_id).select_related("team", "company")
    return get_object_or_404(rows, pk=key)


def _conflict(request: SignedIn, found: User, form: PersonForm) -> dict[str, Any]:
    kept, typed = vars(actions.said_of(found)), vars(form.said)
    newest = PersonScreen(request.user, found, now=timezone.now()).told[:1]
    changes = [
        {"field": label, "theirs": kept[name], "yours": typed[name]}
        for name, label in LABELS.items()
        if kept[name] != typed[name]
    ]
    last = {"who": newest[0].who, "when": newest[0].when} if newest else {"who": "Somebody", "when": ""}
    return {**last, "changes": changes}


def _show(
    request: SignedIn, found: User, form: PersonForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        **SECTION,
        "screen": PersonScreen(request.user, found, now=timezone.now()),
        "form": form,
        "disable_form": more.pop("disable_form", None) or ReasonForm(act="disable"),
        "factor_form": more.pop("factor_form", None) or ReasonForm(act="factor"),
        "good_for": letters.good_for(),
        **more,
    }
    return render(request, "accounts/people_person.html", context, status=status)


def _fresh(found: User) -> PersonForm:
    return PersonForm(initial={**vars(actions.said_of(found)), "seen": actions.seen_of(found)})


@require_POST
@needs(Can.SETTINGS)
def person_act(request: SignedIn, key: int, act: str) -> HttpResponse:
    """Do one thing to an account: disable, enable, send a link, sign out, revoke the tokens."""
    found = _person(request, key)
    return _do(request, found, act, _ACTS)


@never_cache
@require_POST
@needs(Can.SETTINGS)
@asked_again()
def person_unlock(request: SignedIn, key: int, act: str) -> HttpResponse:
    """Help who is locked out: show a link, take the second factor away. Asks for one's password again."""
    found = _person(request, key)
    return _do(request, found, act, _UNLOCKS)


Act = Callable[..., str]


def _do(request: SignedIn, found: User, act: str, known: dict[str, Act]) -> HttpResponse:
    if act not in known:
        said = f"This is not something one does to an account. It is one of: {', '.join(known)}."
        return _show(request, found, _fresh(found), status=400, refused=said)
    facts: dict[str, Any] = {"by": request.user, "at": timezone.now()}
    if act in ("disable", "factor"):
        form = ReasonForm(request.POST, act=act)
        if not form.is_valid():
            return _show(request, found, _fresh(found), status=400, **{f"{act}_form": form})
        facts["reason"] = form.cleaned_data["reason"]
    try:
        said = known[act](found, **facts)
    except Refused as refused:
        return _show(request, found, _fresh(found), status=409, refused=refused.sentence)
    if act == "link":
        return _show(request, found, _fresh(found), link=said)
    messages.success(request, said)
    return redirect("people:person", found.pk)


def _disable(found: User, **facts: Any) -> str:
    actions.disable(found, **facts)
    return f"{found} can sign in no more; sessions and API tokens have ended."


def _enable(found: User, **facts: Any) -> str:
    actions.enable(found, **facts)
    return f"{found} can sign in again, with the password they had."


def _mail(found: User, **facts: Any) -> str:
    actions.send_link(found, **facts)
    return f"A link to choose a password is on its way to {found}, good for {letters.good_for()}."


def _sign_out(found: User, **facts: Any) -> str:
    ended = actions.sign_out(found, **facts)
    return f"{found} was signed in nowhere." if not ended else f"{found} is signed out everywhere."


def _tokens(found: User, **facts: Any) -> str:
    count = actions.revoke_tokens(found, **facts)
    return f"{count} API token{'' if count == 1 else 's'} of {found} revoked."


def _factor(found: User, **facts: Any) -> str:
    actions.take_factor(found, **facts)
    then = (
        "and must set a second factor first" if required_of(found) else "until they set a second factor again"
    )
    return f"{found} signs in with the password alone {then}."


def _unlink(found: User, **facts: Any) -> str:
    unlink(found, **facts)
    return f"{found} is linked to the provider no more; the next sign-in there finds them by their address."


_ACTS: dict[str, Act] = {
    "disable": _disable,
    "enable": _enable,
    "mail": _mail,
    "sign-out": _sign_out,
    "tokens": _tokens,
}
_UNLOCKS: dict[str, Act] = {"link": actions.show_link, "factor": _factor, "unlink": _unlink}
