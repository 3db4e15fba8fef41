"""Back-tests: try other numbers on past claims, look at what came out, take it away as a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedIn, needs
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles.actions import back_testing
from deductibles.actions.moves import Invalid
from deductibles.forms.back_test import BackTestForm, first_shown, shown_again
from deductibles.models import BackTest, settings_in_force
from deductibles.views.showing import show, status_of, today_of
from deductibles.worth import back_files, back_running, back_screen

SAME = "The same back-test is under way already: this is it."
NOT_WHOLE = "This form did not arrive whole, so nothing was done. Try again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.TRY_SETTINGS)
def test_list(request: SignedIn) -> HttpResponse:
    """The back-tests so far, and the numbers for a new one; ``?again=`` has those of an earlier one."""
    payers = back_screen.payers_of(request.user)
    if request.method == "POST":
        return _begin(request, BackTestForm(request.POST, payers=payers))
    initial = first_shown(settings_in_force(request.user.company_id), today_of(request))
    again = request.GET.get("again", "")
    if again.isascii() and again.isdigit() and len(again) < 19:
        earlier = BackTest.objects.visible_to(request.user).filter(pk=int(again)).first()
        initial = shown_again(earlier) if earlier else initial
    return _list(request, BackTestForm(payers=payers, initial=initial))


def _begin(request: SignedIn, form: BackTestForm) -> HttpResponse:
    at = timezone.now()
    form.take({})
    try:
        row, is_new = back_testing.begin(request.user.company, form.body(), by=request.user, at=at)
    except Invalid as invalid:
        form.take(invalid.fields)
        return _list(request, form, status=400)
    except Refused as refused:
        return _list(request, form, refused=refused.sentence, status=status_of(refused))
    if not is_new:
        messages.info(request, SAME)
    back_running.go_on(row, at=at)
    return redirect("deductibles:worth_test", row.pk)


def _list(request: SignedIn, form: BackTestForm, *, status: int = 200, refused: str = "") -> HttpResponse:
    year = today_of(request).year
    rows = back_screen.list_of(request.user)[: back_screen.MOST_LISTED]
    context = {
        "form": form,
        "refused": refused,
        "force": first_shown(settings_in_force(request.user.company_id), today_of(request)),
        "listed": [back_screen.Listed.of(row, year) for row in rows],
        "may_read_claims": request.user.may(Can.READ_CLAIMS),
    }
    return _show(request, "deductibles/worth/back_tests.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.TRY_SETTINGS)
def test_page(request: SignedIn, key: int) -> HttpResponse:
    """One back-test: how far it has come, or what came out; cancel it, or run it again."""
    row = _test_of(request, key)
    if request.method != "POST":
        return _page(request, row)
    do = request.POST.get("do", "")
    if do == "again":
        return _begin(request, BackTestForm(shown_again(row), payers=back_screen.payers_of(request.user)))
    if do != "cancel":
        return _page(request, row, refused=NOT_WHOLE, status=400)
    try:
        back_testing.cancel(row, by=request.user, at=timezone.now())
    except Refused as refused:
        return _page(request, _test_of(request, key), refused=refused.sentence, status=status_of(refused))
    messages.success(request, "Cancelled. Nothing was changed by it.")
    return redirect("deductibles:worth_test", row.pk)


@require_POST
@needs(Can.TRY_SETTINGS)
def test_file(request: SignedIn, key: int) -> Any:
    """The table of a back-test as a file, or what became of each claim for those who may read claims."""
    row = _test_of(request, key)
    of = request.POST.get("of", "")
    if of == "claims" and not request.user.may(Can.READ_CLAIMS):
        raise PermissionDenied(refusal(Can.READ_CLAIMS))
    if of not in ("table", "claims"):
        return _page(request, row, refused=NOT_WHOLE, status=400)
    screen = back_screen.Screen(row, request.user, today_of(request))
    if screen.result is None or (of == "claims" and not screen.has_lines):
        return _page(request, row, refused=back_files.NOTHING, status=409)
    return back_files.file_of(screen, of, by=request.user, at=timezone.now())


def _test_of(request: SignedIn, key: int) -> BackTest:
    rows = BackTest.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("company", "by", "payer", "own_payer", "cancelled_by"), pk=key
    )


def _page(request: SignedIn, row: BackTest, *, status: int = 200, refused: str = "") -> HttpResponse:
    screen = back_screen.Screen(row, request.user, today_of(request))
    context = {
        "screen": screen,
        "row": row,
        "refused": refused,
        "may_read_claims": request.user.may(Can.READ_CLAIMS),
    }
    return _show(request, "deductibles/worth/back_test.html", context, status=status)


def _show(request: SignedIn, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """Under Claims for those who read claims, else under Settings, where an admin comes from."""
    section, page = ("claims", "worth") if request.user.may(Can.READ_CLAIMS) else ("settings", "deductible")
    return show(
        request, template, {**context, "now": timezone.now()}, section=section, page=page, status=status
    )
