"""Settings pages of the biller's half: Deductible Monitoring and the billing provider."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles.actions import settings
from deductibles.actions.moves import Invalid
from deductibles.forms.settings import ProviderForm, SettingsForm, settings_shown
from deductibles.provider_screen import ProviderScreen
from deductibles.settings_screen import SettingsScreen
from deductibles.views.showing import show, status_of

INCOMPLETE = "This form did not arrive whole, so nothing was saved. Look it over and save it again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def monitoring(request: SignedIn) -> HttpResponse:
    """Deductible Monitoring: read, see what a change will do, save it."""
    screen = SettingsScreen(request.user.company)
    if request.method != "POST":
        return _read(request, screen)
    form = SettingsForm(screen.posted(request.POST))
    form.take({})
    if "version" not in request.POST:
        # A form that arrived in part must not read as "everything off".
        return _monitoring(request, form, screen, status=400, refused=INCOMPLETE)
    try:
        screen.ahead = settings.look_ahead(request.user.company, form.body(), at=timezone.now())
        if "preview" in request.POST or "put_back" in request.POST:
            return _monitoring(request, form, screen)
        return _save(request, form, screen, screen.ahead)
    except Invalid as invalid:
        form.take(invalid.fields)
        return _monitoring(request, form, screen, status=_status(request))
    except Refused as refused:
        return _not_saved(request, form, screen, refused)


def _read(request: SignedIn, screen: SettingsScreen) -> HttpResponse:
    """The settings in force; those of an earlier version or a back-test as a change that is not saved yet."""
    earlier = screen.take_back(request.GET.get("version", "")) or screen.take_tried(
        request.GET.get("back_test", "")
    )
    if earlier is None:
        return _monitoring(request, SettingsForm(initial=settings_shown(screen.row)), screen)
    form = SettingsForm(initial=earlier)
    body = {name: value if value != "" else None for name, value in earlier.items()}
    screen.ahead = settings.look_ahead(request.user.company, body, at=timezone.now())
    return _monitoring(request, form, screen)


def _save(
    request: SignedIn, form: SettingsForm, screen: SettingsScreen, ahead: settings.Ahead
) -> HttpResponse:
    """Save what was shown; what would move claims and was not shown yet is shown first (D-CONF-10)."""
    if ahead.effect.moves_claims and request.POST.get("seen") != ahead.mark:
        screen.asked_first = True
        return _monitoring(request, form, screen)
    row = settings.save_settings(request.user.company, form.body(), by=request.user, at=timezone.now())
    messages.success(request, f"Saved as version {row.version}. Claims on hold follow at tonight’s run.")
    return redirect("deductibles:settings")


def _status(request: SignedIn) -> int:
    """A preview that is worked out while somebody types is no refusal: the page takes it in."""
    return 200 if request.POST.get("preview") == "live" else 400


def _not_saved(
    request: SignedIn, form: SettingsForm, screen: SettingsScreen, refused: Refused
) -> HttpResponse:
    """Why nothing was saved; when somebody was first, what is saved stands beside what was typed."""
    if refused.code == "stale":
        told: dict[str, Any] = {"conflict": screen.conflict(form, refused.sentence)}
    else:
        told = {"refused": refused.sentence}
    return _monitoring(request, form, screen, status=status_of(refused), **told)


def _monitoring(
    request: SignedIn, form: SettingsForm, screen: SettingsScreen, *, status: int = 200, **more: Any
) -> HttpResponse:
    was, every = screen.differences(form), request.GET.get("history") == "all"
    told = {"changes": screen.changes(every=every), "every": every, "note": screen.note(len(was))}
    context = {"form": form, "screen": screen, "was": was, **told, **more}
    return show(
        request, "deductibles/settings.html", context, section="settings", page="deductible", status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def provider(request: SignedIn) -> HttpResponse:
    """As whom the company bills (D-SUB-0): read, change, put an earlier version back."""
    screen = ProviderScreen(request.user.company)
    if request.method != "POST":
        form = ProviderForm(initial=screen.initial(request.GET.get("version", "")))
        return _provider(request, form, screen)
    form, user = ProviderForm(request.POST), request.user
    form.take({})
    try:
        at, version = timezone.now(), form.version_read()
        row = settings.save_provider(user.company, form.body(), by=user, at=at, version=version)
    except Invalid as invalid:
        form.take(invalid.fields)
        return _provider(request, form, screen, status=400)
    except Refused as refused:
        told = {"conflict": screen.conflict(form, refused.sentence)}
        return _provider(request, form, screen, status=status_of(refused), **told)
    messages.success(request, f"Saved as version {row.version}. The next file is written with it.")
    return redirect("deductibles:provider")


def _provider(
    request: SignedIn, form: ProviderForm, screen: ProviderScreen, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"form": form, "screen": screen, **more}
    return show(
        request, "deductibles/provider.html", context, section="settings", page="provider", status=status
    )
