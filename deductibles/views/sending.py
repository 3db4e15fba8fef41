"""Settings → Sending: whether files may leave, why not, and the button that changes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles.actions import sending
from deductibles.actions.moves import Invalid
from deductibles.forms.settings import PlainForm
from deductibles.models import Submission
from deductibles.views.showing import show, status_of


class SendingForm(PlainForm):
    """Why nothing is to leave."""

    why = forms.CharField(
        required=False,
        label="Reason",
        widget=forms.TextInput(attrs={"maxlength": 299, "autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def sending_page(request: SignedIn) -> HttpResponse:
    """Whether this company's files leave; arming after a restore, disarming at need (I2)."""
    form = SendingForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _show(request, form)
    company, at, arms = request.user.company, timezone.now(), request.POST.get("do") == "arm"
    try:
        if arms:
            sending.arm(company, by=request.user, at=at)
        else:
            sending.disarm(company, request.POST.get("why", ""), by=request.user, at=at)
    except Invalid as invalid:
        form.take(invalid.fields)
        return _show(request, form, status=400)
    except Refused as refused:
        return _show(request, form, status=status_of(refused), refused=refused.sentence)
    messages.success(
        request, "Files leave from here again." if arms else "Nothing leaves from here any more."
    )
    return redirect("deductibles:sending")


def _show(request: SignedIn, form: Any, *, status: int = 200, refused: str = "") -> HttpResponse:
    company = request.user.company
    rows = Submission.objects.filter(company=company).order_by("-control_number")
    context = {
        "state": sending.state_of(company, at=timezone.now()),
        "form": form,
        "refused": refused,
        "last": rows.first(),
        "waiting": rows.filter(state=Submission.State.WRITTEN).count(),
    }
    return show(
        request, "deductibles/sending.html", context, section="settings", page="sending", status=status
    )
