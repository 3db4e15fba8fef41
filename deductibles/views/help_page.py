"""How Deductible Monitoring works, in words and a drawing: for everybody who meets a held claim."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from deductibles.models import settings_in_force
from deductibles.views.showing import show


@require_safe
@needs(Can.READ_NIGHTS)
def help_page(request: SignedIn) -> HttpResponse:
    """The flow of a held claim, what each column means, and the numbers in force here."""
    reads_claims = request.user.may(Can.READ_CLAIMS)
    context = {
        "settings": settings_in_force(request.user.company_id),
        "reads_claims": reads_claims,
        "may_set": request.user.may(Can.SETTINGS),
    }
    section, page = ("claims", "holds") if reads_claims else ("settings", "deductible")
    return show(request, "deductibles/help.html", context, section=section, page=page)
