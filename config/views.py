"""The doors that belong to no app: home, health, and the pages for what went wrong."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import SignedIn
from accounts.roles import Role

log = structlog.get_logger(__name__)

HOMES = {
    Role.AGENT: "escalations:new",
    Role.SUPERVISOR: "escalations:list",
    Role.BILLER: "deductibles:holds",
    Role.ADMIN: "deductibles:settings",
}


@require_safe
def home(request: SignedIn) -> HttpResponse:
    """Take each role to where its work is."""
    return redirect(HOMES.get(Role(request.user.role), "account_login"))


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state, for whoever builds pages."""
    return render(request, "components_gallery.html")


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Answer while the process lives; asks nothing of anybody."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether this process can serve: the database answers and has every migration."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return JsonResponse({"ready": False, "database": "does not answer"}, status=503)
    ready = not waiting
    facts = {"ready": ready, "database": "answers", "migrations_waiting": len(waiting)}
    return JsonResponse(facts, status=200 if ready else 503)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came without its token: usually a session that ended in another tab."""
    return render(request, "403.html", {"expired": True, "needs": ""}, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What could not be read; a form that is too large is told so, with 413."""
    too_large = isinstance(exception, RequestDataTooBig)
    message = "It was larger than 2.5 MB. Shorten it and send it again." if too_large else ""
    return render(request, "400.html", {"message": message}, status=413 if too_large else 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"needs": str(exception or "")}, status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    reference = uuid.uuid4().hex[:8]
    log.error("page_failed", reference=reference, path=_shape(request))
    return render(request, "500.html", {"reference": reference}, status=500)


def _shape(request: HttpRequest) -> Any:
    """The route, not the address: an address may carry what somebody searched for."""
    return getattr(getattr(request, "resolver_match", None), "route", "")
