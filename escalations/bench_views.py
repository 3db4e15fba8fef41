"""The test bench for tickets, in Settings. It asks and keeps nothing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from escalations.bench_screen import TicketBench


@require_safe
@needs(Can.SETTINGS)
def ticket_bench(request: SignedIn) -> HttpResponse:
    """When a ticket would be due; what is typed stands in the address, to be shown to a colleague."""
    screen = TicketBench(request.user, request.GET.dict(), timezone.now())  # type: ignore[arg-type]
    shown = {"section": "settings", "page": "bench", "screen": screen}
    return render(request, "escalations/bench.html", shown, status=400 if screen.wrong else 200)
