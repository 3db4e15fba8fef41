"""Settings → Connections: with whom the company is connected, how that does, and which step fails."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles.actions import connections
from deductibles.actions.moves import Invalid
from deductibles.connections import rows
from deductibles.connections.screen import ConnectionScreen, screen_of, screens_of
from deductibles.forms.connection import ConnectionForm
from deductibles.gateways import probe
from deductibles.views.showing import show, status_of

INCOMPLETE = "This form did not arrive whole, so nothing was saved. Look it over and save it again."


@require_http_methods(["GET", "HEAD"])
@needs(Can.SETTINGS)
def connection_list(request: SignedIn) -> HttpResponse:
    """Every connection of the company, and how it does."""
    screens = screens_of(request.user.company, timezone.now())
    context = {"screens": screens}
    return show(request, "deductibles/connections.html", context, section="settings", page="connections")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def connection(request: SignedIn, kind: str) -> HttpResponse:
    """One connection: read, test, change, give back to the server's own, end."""
    screen = screen_of(request.user.company, kind, timezone.now())
    if request.method != "POST":
        return _page(request, screen, _form(request, screen, initial=screen.shown))
    form = _form(request, screen, request.POST)
    form.take({})
    act = _ACTS.get(request.POST.get("do", ""))
    if act is None or "version" not in request.POST:
        return _page(request, screen, form, status=400, refused=INCOMPLETE)
    try:
        return act(request, screen, form)
    except Invalid as invalid:
        form.take(invalid.fields)
        return _page(request, screen, form, status=400)
    except Refused as refused:
        return _not_saved(request, kind, form, refused)


def _form(request: SignedIn, screen: ConnectionScreen, *args: Any, **options: Any) -> ConnectionForm:
    options |= {"account": screen.about.account, "accounts": screen.kind == rows.CLEARINGHOUSE}
    return ConnectionForm(*args, user=request.user, **options)


def _save(request: SignedIn, screen: ConnectionScreen, form: ConnectionForm) -> HttpResponse:
    """Save, then test what was saved."""
    user, kind = request.user, screen.kind
    connections.save_connection(user.company, kind, form.body(), by=user, at=timezone.now())
    return _tested(request, screen, "Saved.")


def _try(request: SignedIn, screen: ConnectionScreen, form: ConnectionForm) -> HttpResponse:
    """Test what was typed; nothing is saved and nothing that was typed is lost."""
    user = request.user
    screen.tried = connections.try_connection(
        user.company, screen.kind, form.body(), by=user, at=timezone.now()
    )
    return _page(request, screen, form)


def _look(request: SignedIn, screen: ConnectionScreen, form: ConnectionForm) -> HttpResponse:
    """Read the server's key, for a person to compare; nothing is saved and nobody is signed in."""
    screen.seen = connections.look_at_host_key(form.body(), by=request.user)
    screen.seen_at = form.body()["address"]
    form.show_host_key(screen.seen)
    return _page(request, screen, form)


def _test(request: SignedIn, screen: ConnectionScreen, form: ConnectionForm) -> HttpResponse:
    """Test the connection in force."""
    return _tested(request, screen)


def _follow(request: SignedIn, screen: ConnectionScreen, form: ConnectionForm) -> HttpResponse:
    user, version = request.user, request.POST["version"]
    connections.follow_server(user.company, screen.kind, version, by=user, at=timezone.now())
    return _tested(request, screen, "The server’s own connection counts again.")


def _disconnect(request: SignedIn, screen: ConnectionScreen, form: ConnectionForm) -> HttpResponse:
    user, version = request.user, request.POST["version"]
    connections.disconnect(user.company, screen.kind, version, by=user, at=timezone.now())
    messages.warning(request, f"{screen.title} is disconnected and its {screen.secret_name} forgotten.")
    return redirect(screen.about.url_name)


def _again(request: SignedIn, screen: ConnectionScreen, form: ConnectionForm) -> HttpResponse:
    connections.try_again(request.user.company, by=request.user, at=timezone.now())
    messages.success(request, "What waits for AR Boost is tried again within the next minute.")
    return redirect(screen.about.url_name)


_ACTS = {
    "save": _save,
    "try": _try,
    "look": _look,
    "test": _test,
    "follow": _follow,
    "disconnect": _disconnect,
    "again": _again,
}


def _tested(request: SignedIn, screen: ConnectionScreen, saved: str = "") -> HttpResponse:
    """Test what is in force, and come back to its steps."""
    user = request.user
    steps = connections.try_connection(user.company, screen.kind, None, by=user, at=timezone.now())
    failed = next((step for step in steps if step.state == probe.FAILED), None)
    if failed:
        messages.error(request, f"{saved} The test ended here: {failed.name}.".strip())
    else:
        messages.success(request, f"{saved} Every step of the test went well.".strip())
    return redirect(f"{reverse(screen.about.url_name)}#test")


def _not_saved(request: SignedIn, kind: str, form: ConnectionForm, refused: Refused) -> HttpResponse:
    """Why nothing was saved; when somebody was first, what they saved beside what was typed."""
    screen = screen_of(request.user.company, kind, timezone.now())
    told: dict[str, Any] = {"refused": refused.sentence}
    if refused.code == "stale":
        told = {"conflict": screen.conflict(form)}
    return _page(request, screen, form, status=status_of(refused), **told)


def _page(
    request: SignedIn, screen: ConnectionScreen, form: ConnectionForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"screen": screen, "form": form, **more}
    template = "deductibles/connection.html"
    return show(request, template, context, section="settings", page="connections", status=status)
