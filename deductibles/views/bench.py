"""The test bench for claims, in Settings. It asks and keeps nothing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from deductibles.bench_screen import ClaimBench


@require_safe
@needs(Can.SETTINGS)
def claim_bench(request: SignedIn) -> HttpResponse:
    """Whether a claim of these amounts would be held; what is typed names no patient."""
    screen = ClaimBench(request.user, request.GET.dict(), timezone.now())  # type: ignore[arg-type]
    shown = {"section": "settings", "page": "bench", "screen": screen}
    return render(request, "deductibles/bench.html", shown, status=400 if screen.wrong else 200)
