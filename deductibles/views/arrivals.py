"""What came back: the files, one of them, its text, and bringing one by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles.actions import acknowledging
from deductibles.actions.moves import Invalid
from deductibles.arrivals_screen import ArrivalsScreen, arrivals, screen_of
from deductibles.downloads import attachment
from deductibles.forms.settings import PlainForm
from deductibles.models import Arrival, ArrivalFile
from deductibles.views.showing import show, status_of, turn

BY_HAND = "pasted.txt"


class ArrivalForm(PlainForm):
    """A file that a person brings, chosen or pasted."""

    x12 = forms.CharField(required=False, label="Its text", widget=forms.Textarea(attrs={"rows": 5}))
    file = forms.FileField(required=False, label="A file")

    def brought(self) -> tuple[str, str]:
        """The text and a name for it; a chosen file counts before what was pasted."""
        chosen = self.files.get("file")
        if chosen is None:
            return str(self.data.get("x12", "")), BY_HAND
        content = chosen.read(acknowledging.MOST_TEXT + 1)
        return content.decode("utf-8", "replace"), str(chosen.name or BY_HAND)


@require_safe
@needs(Can.READ_CLAIMS)
def arrival_list(request: SignedIn) -> HttpResponse:
    """Every file that came back, newest first."""
    return _list(request, ArrivalForm())


@require_POST
@needs(Can.WORK_CLAIMS)
def arrival_bring(request: SignedIn) -> HttpResponse:
    """Take in a file that a biller brings."""
    form = ArrivalForm(request.POST, request.FILES)
    form.take({})
    text, name = form.brought()
    try:
        row, done = acknowledging.file_arrival(text, name, by=request.user, at=timezone.now())
    except Invalid as invalid:
        form.take(invalid.fields)
        return _list(request, form, status=400)
    except Refused as refused:
        return _list(request, form, status=status_of(refused), refused=str(refused))
    if not done:
        messages.info(request, "This file was taken in before. Nothing was done again.")
    elif row.state == Arrival.State.ASIDE:
        messages.warning(request, f"The file is kept and set aside. {row.detail}")
    else:
        messages.success(request, "The file was taken in.")
    return redirect("deductibles:arrival", row.pk)


def _list(request: SignedIn, form: ArrivalForm, *, status: int = 200, refused: str = "") -> HttpResponse:
    screen = ArrivalsScreen(request)
    if screen.opening and status == 200:
        return redirect(screen.opening)
    turn(screen, request.GET.get("cursor", ""))
    context: dict[str, Any] = {"screen": screen, "face": screen.face, "form": form, "refused": refused}
    context["may_work"] = request.user.may(Can.WORK_CLAIMS)
    return show(
        request, "deductibles/arrivals.html", context, section="claims", page="arrivals", status=status
    )


@require_safe
@needs(Can.READ_CLAIMS)
def arrival_page(request: SignedIn, key: int) -> HttpResponse:
    """One file: what it said of each claim, and what became of that."""
    arrival = get_object_or_404(arrivals(request.user).select_related("by"), pk=key)
    context = {"screen": screen_of(arrival), "arrival": arrival}
    return show(request, "deductibles/arrival.html", context, section="claims", page="arrivals")


@require_safe
@needs(Can.READ_CLAIMS)
def arrival_file(request: SignedIn, key: int) -> HttpResponse:
    """The text of the file as it came."""
    arrival = get_object_or_404(arrivals(request.user), pk=key)
    return attachment(get_object_or_404(ArrivalFile, arrival=arrival).content, f"arrival-{arrival.pk}.txt")
