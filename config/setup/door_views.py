"""The door of a server that has no company: the code, then the company and its first admin."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.company_views import zones
from accounts.steps import Refused, Unfit
from config.setup import codes
from config.setup.door_forms import CodeForm, OpeningForm
from config.setup.opening import open_first
from config.setup.steps import GUIDED

log = structlog.get_logger(__name__)

PASS = "set_up_pass"  # noqa: S105  a place in the session
"""Where the session of somebody who typed the code keeps that they did."""
MINUTES = 15
OFTEN = f"That was too often from this address. Wait {MINUTES} minutes, then type the code again."
OPENED = "The company is there already. Sign in with what was chosen for its admin."


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the set-up code; who typed it may open the company."""
    if not codes.is_open():
        return redirect("home")
    if request.method != "POST":
        return _ask(request, CodeForm())
    if not ratelimit.consume(request, action="set_up_code"):
        log.warning("set_up_code_too_often")
        answer = _ask(request, CodeForm(), OFTEN, status=429)
        answer["Retry-After"] = str(MINUTES * 60)
        return answer
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=400)
    try:
        request.session[PASS] = codes.admit(form.cleaned_data["code"], at=timezone.now())
    except Refused as refused:
        log.warning("set_up_code_refused")
        form.add_error("code", refused.sentence)
        return _ask(request, form, status=403)
    return redirect("opening:company")


def _ask(request: HttpRequest, form: CodeForm, refused: str = "", status: int = 200) -> HttpResponse:
    shown = {"form": form, "refused": refused, "command": codes.COMMAND, "hours": codes.HOURS}
    return render(request, "setup/code.html", shown, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def company(request: HttpRequest) -> HttpResponse:
    """Open the company with its first admin, who is signed in and led on."""
    if not codes.is_open():
        return _opened(request)
    if not codes.lets_in(request.session.get(PASS), at=timezone.now()):
        if request.method == "POST":
            messages.warning(request, f"The code is good no more; nothing was saved. {codes.ANOTHER}")
        return redirect("opening:code")
    if request.method != "POST":
        return _show(request, OpeningForm())
    form = OpeningForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=400)
    return _open(request, form)


def _open(request: HttpRequest, form: OpeningForm) -> HttpResponse:
    password, digest = form.cleaned_data["password1"], request.session.get(PASS)
    try:
        admin = open_first(form.said, password, digest=digest, at=timezone.now())
    except Unfit as unfit:
        form.take(unfit.wrong)
        return _show(request, form, status=400)
    except Refused as refused:
        if not codes.is_open():
            return _opened(request)
        messages.warning(request, refused.sentence)
        return redirect("opening:code")
    log.info("set_up_opened", company=admin.company_id)
    del request.session[PASS]
    request.session[GUIDED] = True
    # The password was typed this very moment: setting up the second factor need not ask for it again.
    record_authentication(request, admin, "password", username=admin.username, reauthenticated=True)
    answer: HttpResponse = perform_login(request, admin, redirect_url=reverse("setup:guide"))
    return answer


def _opened(request: HttpRequest) -> HttpResponse:
    """Somebody was first, or this was sent twice: whoever chose the password signs in."""
    if request.method == "POST" and not request.user.is_authenticated:
        messages.info(request, OPENED)
    return redirect("home")


def _show(request: HttpRequest, form: OpeningForm, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "setup/company.html", {"form": form, "zones": zones(), **more}, status=status)
