"""The forecast of releases and cash, and its tables as files."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from deductibles.views.showing import show, today_of
from deductibles.worth.forecast_file import file_of
from deductibles.worth.forecast_screen import ForecastScreen
from patients.domain.intake import Wrong

TEMPLATE = "deductibles/worth/forecast.html"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.READ_CLAIMS)
def forecast_page(request: SignedIn) -> HttpResponse:
    """What is released and comes in in the next thirty days, with the error earlier forecasts had.

    A POST takes one of its tables away as a file; it changes nothing but the record of exports.
    """
    given = request.POST if request.method == "POST" else request.GET
    screen = ForecastScreen(request.user, given.dict(), today=today_of(request))
    key = given.get("table", "")
    if request.method == "POST" and not screen.wrong:
        if key in screen.tables:
            return file_of(screen, key, by=request.user, at=timezone.now())
        screen.wrong["table"] = Wrong("choice", "There is no such table now. Take one of those shown.")
    status = 400 if screen.wrong else 200
    return show(request, TEMPLATE, {"screen": screen}, section="claims", page="worth", status=status)
