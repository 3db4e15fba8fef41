"""Choosing columns, keeping views, and taking a list away as a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn
from accounts.roles import refusal
from tables import actions
from tables.actions import Unfit
from tables.columns_form import ColumnsForm
from tables.export import export_of
from tables.face import PLAIN, Face
from tables.listing import Listing, listing_of
from tables.models import SavedView
from tables.views_form import given_of, query_of


def _guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Find the list and let in only whom its page lets in; nobody learns of another list."""

    @wraps(view)
    def guarded(request: SignedIn, key: str, *args: int, **kwargs: int) -> HttpResponseBase:
        listing = listing_of(key)
        if listing is None:
            raise Http404("There is no such list.")
        if not request.user.may(listing.needs):
            raise PermissionDenied(refusal(listing.needs))
        return view(request, listing, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@_guarded
def columns(request: SignedIn, listing: Listing) -> HttpResponse:
    """Customize columns: without script each arrow sends the form, and Save keeps it."""
    form = ColumnsForm(Face(listing, request.user), request.POST if request.method == "POST" else None)
    back = _back(request, listing)
    at, status, refused = timezone.now(), 200, ""
    try:
        if form.does == "reset":
            actions.reset_columns(listing.table, by=request.user, at=at)
            return redirect(_without_view(back))
        if form.does == "save":
            actions.choose_columns(listing.table, form.order, form.hidden, by=request.user, at=at)
            return redirect(_without_view(back))
    except Unfit as problem:
        status, refused = 400, str(problem)
    context = {"form": form, "listing": listing, "back": back, "refused": refused}
    return render(request, "tables/columns.html", context, status=status)


@require_POST
@_guarded
def export(request: SignedIn, listing: Listing) -> HttpResponseBase:
    """The rows that match, in the columns and order shown, as a file."""
    return export_of(request, listing, at=timezone.now())


@require_safe
@_guarded
def views(request: SignedIn, listing: Listing) -> HttpResponse:
    """One's own views of a list: rename, share, delete, open the list with one."""
    return _views(request, listing)


def _views(request: SignedIn, listing: Listing, *, status: int = 200, refused: str = "") -> HttpResponse:
    face = Face(listing, request.user)
    context = {"face": face, "listing": listing, "refused": refused}
    return render(request, "tables/views.html", context, status=status)


@require_POST
@_guarded
def save(request: SignedIn, listing: Listing) -> HttpResponse:
    """Save the list as it is shown now under a name."""
    at = timezone.now()
    face = Face(listing, request.user, request.POST.get("view", ""))
    query = query_of(listing, request.user, given_of(request.POST), at)
    order = [place.column.key for place in face.places]
    hidden = [place.column.key for place in face.places if not place.shown]
    try:
        view = actions.save_view(
            listing.table,
            request.POST.get("name", ""),
            query=query,
            order=order,
            hidden=hidden,
            shared="shared" in request.POST,
            by=request.user,
            at=at,
        )
    except Unfit as problem:
        return _views(request, listing, status=400, refused=str(problem))
    messages.success(request, f"The view “{view.name}” is saved.")
    return redirect(f"{face.page}?view={view.pk}" + (f"&{query}" if query else ""))


@require_POST
@_guarded
def change(request: SignedIn, listing: Listing, view: int) -> HttpResponse:
    """Rename, share or delete one's own view; open the list with any view one sees."""
    face, at, does = Face(listing, request.user, str(view)), timezone.now(), request.POST.get("do", "")
    row = get_object_or_404(SavedView.objects.visible_to(request.user), pk=view, table=listing.table.key)
    try:
        if does == "open":
            already = face.opens_with is not None and face.opens_with.key == view
            actions.open_with(listing.table, None if already else row, by=request.user, at=at)
        elif row.owner_id != request.user.pk:
            raise Unfit("Only the person who saved a view changes it. Save it under a name of your own.")
        elif does == "delete":
            actions.delete_view(row, by=request.user, at=at)
        else:
            shared = "shared" in request.POST
            actions.change_view(row, request.POST.get("name", ""), shared=shared, by=request.user, at=at)
    except Unfit as problem:
        return _views(request, listing, status=400, refused=str(problem))
    return redirect(reverse("tables:views", args=[listing.table.key]))


def _back(request: SignedIn, listing: Listing) -> str:
    """The page to go back to: this list, with the filters it had."""
    page, asked = reverse(listing.url_name), request.POST.get("next") or request.GET.get("next", "")
    here = asked == page or asked.startswith(f"{page}?")
    safe = here and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if safe and asked.isprintable() and len(asked) < 2000 else page


def _without_view(address: str) -> str:
    """The address with one's own columns: a view would go on showing its own."""
    page, _, asked = address.partition("?")
    query = QueryDict(asked, mutable=True)
    if "view" in query:
        query["view"] = PLAIN
    return f"{page}?{query.urlencode()}" if query else page
