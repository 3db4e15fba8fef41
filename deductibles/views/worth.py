"""Does holding pay: the ledger, the claims behind its figures, its tables as files, and its rates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles.actions.moves import Invalid
from deductibles.actions.rates import save_rates
from deductibles.forms.rates import RatesForm
from deductibles.models import rates_in_force
from deductibles.views.showing import show, status_of, today_of, turn
from deductibles.worth.asked import Asked, read_asked
from deductibles.worth.claims import OutcomesScreen
from deductibles.worth.figures import figures_of
from deductibles.worth.files import file_of
from deductibles.worth.rates_screen import RatesScreen
from deductibles.worth.report import Report, report_of
from patients.domain.intake import Wrong


def _read(request: SignedIn, data: Any) -> tuple[Asked, Report, Any]:
    company = request.user.company
    asked = read_asked(request.user, data, page=reverse("deductibles:worth"), today=today_of(request))
    rates = rates_in_force(company.pk)
    return asked, report_of(asked, figures_of(company.pk, rates.rates, asked.chosen), rates), rates


@require_safe
@needs(Can.READ_CLAIMS)
def ledger(request: SignedIn) -> HttpResponse:
    """What holding brought, by month, payer, reason and settings, for what stands in the address."""
    return _ledger(request, *_read(request, request.GET))


def _ledger(request: SignedIn, asked: Asked, report: Report, rates: Any) -> HttpResponse:
    context = {"asked": asked, "report": report, "rates": rates}
    status = 400 if asked.wrong else 200
    return show(
        request, "deductibles/worth/ledger.html", context, section="claims", page="worth", status=status
    )


@require_POST
@needs(Can.READ_CLAIMS)
def ledger_file(request: SignedIn) -> HttpResponse:
    """One table of the ledger as a file; what is not understood gives the page that says so."""
    asked, report, rates = _read(request, request.POST)
    section = report.section(request.POST.get("table", ""))
    if section is None:
        asked.wrong["table"] = Wrong("choice", "The ledger has no such table here. Take one of these.")
    if section is None or asked.wrong:
        return _ledger(request, asked, report, rates)
    return file_of(section, asked, by=request.user, at=timezone.now())


@require_safe
@needs(Can.READ_CLAIMS)
def ledger_claims(request: SignedIn) -> HttpResponse:
    """The claims behind a figure of the ledger."""
    page = reverse("deductibles:worth_claims")
    asked = read_asked(request.user, request.GET, page=page, today=today_of(request))
    screen = OutcomesScreen(request, asked)
    if screen.opening:
        return redirect(screen.opening)
    turn(screen, request.GET.get("cursor", ""))
    context = {"screen": screen, "face": screen.face, "asked": asked}
    return show(request, "deductibles/worth/claims.html", context, section="claims", page="worth")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def rates(request: SignedIn) -> HttpResponse:
    """By which rates the worth of holding is counted: read, change, put an earlier version back."""
    screen = RatesScreen(request.user.company)
    if request.method != "POST":
        return _rates(request, RatesForm(initial=screen.initial(request.GET.get("version", ""))), screen)
    form = RatesForm(request.POST)
    form.take({})
    try:
        row = save_rates(request.user.company, form.typed(), by=request.user, at=timezone.now())
    except Invalid as invalid:
        form.take(invalid.fields)
        return _rates(request, form, screen, status=400)
    except Refused as refused:
        told = {"conflict": screen.conflict(form, refused.sentence)}
        return _rates(request, form, screen, status=status_of(refused), **told)
    messages.success(request, f"Saved as version {row.version}. The ledger is counted by it from now on.")
    return redirect("deductibles:worth_rates")


def _rates(
    request: SignedIn, form: RatesForm, screen: RatesScreen, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"form": form, "screen": screen, **more}
    return show(
        request,
        "deductibles/worth/rates.html",
        context,
        section="settings",
        page="worth_rates",
        status=status,
    )
