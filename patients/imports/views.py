"""Settings, Import: bring a table, look at what was found in it, import it, take its wrong rows away."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from patients.domain.import_rows import template_rows
from patients.domain.import_table import MOST_BYTES
from patients.domain.intake import Wrong
from patients.imports import actions, running
from patients.imports.kinds import Handler, handlers
from patients.imports.screen import Screen, list_of, thrown_words
from patients.imports.wrong_file import write_down, wrong_lines
from patients.models import Import
from patients.showing import show
from tables.csv_file import lines_of

SECTION = {"section": "settings", "page": "imports"}
AGAIN = "This file was brought before. What became of it stands here; nothing is done twice."
_CSV = "text/csv; charset=utf-8"


class BringForm(forms.Form):
    """A file to look at, and what is ticked for it; what the file is, its content says."""

    file = forms.FileField(required=False, label="The file", widget=forms.FileInput())
    use_required_attribute = False

    def __init__(self, handler: Handler, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = handler.accept
        self.ticked = handler.chosen(self.data.getlist("options")) if isinstance(self.data, QueryDict) else []

    def data_and_name(self) -> tuple[bytes, str]:
        """The file's bytes and name; Wrong when there is none or it is too large to be read."""
        sent = self.files.get("file")
        if sent is None:
            raise Wrong("required", "Choose a file: CSV, or an Excel workbook (.xlsx).")
        return sent.read(MOST_BYTES + 1), str(sent.name or "")

    def refuse(self, sentence: str) -> None:
        """Say beside the file what is wrong with it."""
        self.full_clean()
        self.add_error("file", sentence)


def door(kind: str, view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """The view of one kind, open to those who may import it."""

    @wraps(view)
    def of_kind(request: SignedIn, *args: Any, **kwargs: Any) -> Any:
        return view(request, kind, *args, **kwargs)

    return needs(handlers()[kind].needs)(of_kind)


@require_safe
@needs(Can.READ_PAYERS)
def import_list(request: SignedIn) -> HttpResponse:
    """What this person may import, and what was brought so far."""
    mine = [key for key, handler in handlers().items() if request.user.may(handler.needs)]
    return _bring_page(request, mine)


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: SignedIn, kind: str) -> HttpResponse:
    """Keep a file and look at all its rows; nothing is imported by that."""
    if request.method != "POST":
        return _bring_page(request, [kind])
    form, at = BringForm(handlers()[kind], request.POST, request.FILES), timezone.now()
    try:
        data, name = form.data_and_name()
        row, is_new = actions.bring(kind, data, name, by=request.user, at=at, options=form.ticked)
    except Wrong as problem:
        form.refuse(problem.sentence)
        return _bring_page(request, [kind], form, status=400)
    if not is_new:
        messages.info(request, AGAIN)
    running.go_on(row, at=at)
    return redirect(f"imports:{kind}_one", row.pk)


bring.most_of_body = MOST_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # type: ignore[attr-defined]


class Offer:
    """One kind on the page: its form, its template, and what can be taken out."""

    def __init__(self, handler: Handler, form: BringForm | None, *, alone: bool) -> None:
        self.handler, self.key = handler, handler.key
        self.form = form or BringForm(handler, auto_id="id_%s" if alone else f"{handler.key}_%s")
        self.url = reverse(f"imports:{handler.key}")
        self.template = reverse(f"imports:{handler.key}_template")
        self.options = [(one, one.key in self.form.ticked) for one in handler.options]
        self.export = reverse(f"imports:{handler.key}_export")


def _bring_page(
    request: SignedIn, kinds: list[str], form: BringForm | None = None, *, status: int = 200
) -> HttpResponse:
    offered = [Offer(handlers()[key], form, alone=len(kinds) == 1) for key in kinds]
    context = {**SECTION, "offered": offered, "form": form, "rows": list_of(request.user, kinds)}
    return show(request, "imports/list.html", context, status=status)


@require_safe
def template(request: SignedIn, kind: str) -> HttpResponse:
    """A file with every column and one invented row."""
    columns = handlers()[kind].kind_of(request.user.company)
    heads = [column.label for column in columns.columns]
    answer = HttpResponse(b"".join(lines_of(heads, template_rows(columns))), content_type=_CSV)
    answer["Content-Disposition"] = f'attachment; filename="{kind}-template.csv"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: SignedIn, kind: str, key: int) -> HttpResponse:
    """One file: its columns, what was found, and the ways on."""
    row = _import_of(request, kind, key)
    if request.method != "POST":
        return _page(request, row)
    do, at = request.POST.get("do", ""), timezone.now()
    try:
        if do == "columns":
            actions.name_columns(row, request.POST, by=request.user, options=request.POST.getlist("options"))
        elif do in ("good", "whole"):
            actions.start(row, whole=do == "whole", by=request.user, at=at)
        elif do == "throw":
            added = actions.throw_away(row, by=request.user)
            messages.success(request, f"The file was thrown away. {thrown_words(added)}")
            return redirect("imports:list")
        elif do != running.GO:
            raise Wrong("unknown", "This form did not arrive whole, so nothing was done. Try again.")
    except Wrong as problem:
        return _page(request, row, problem.sentence, request.POST, status=400)
    except Refused as refused:
        row.refresh_from_db()
        return _page(request, row, str(refused), status=409)
    running.go_on(row, at=at)
    return redirect(f"imports:{kind}_one", row.pk)


@require_POST
def wrong_rows(request: SignedIn, kind: str, key: int) -> HttpResponse | StreamingHttpResponse:
    """The wrong rows as they came, each with what is wrong, to be mended and brought again."""
    row = _import_of(request, kind, key)
    if not row.wrong or row.emptied_at or row.heads is None:
        return _page(
            request, row, "There are no wrong rows to take, or they are not kept any more.", status=409
        )
    write_down(row, by=request.user, at=timezone.now())
    answer = StreamingHttpResponse(wrong_lines(row), content_type=_CSV)
    answer["Content-Disposition"] = f'attachment; filename="{kind}-import-{row.pk}-wrong-rows.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _import_of(request: SignedIn, kind: str, key: int) -> Import:
    rows = Import.objects.visible_to(request.user).select_related("company", "brought_by", "started_by")
    return get_object_or_404(rows.defer("sealed"), pk=key, kind=kind)


def _page(
    request: SignedIn, row: Import, refused: str = "", said: Any = None, *, status: int = 200
) -> HttpResponse:
    screen = Screen(row, said)
    return show(request, "imports/one.html", {**SECTION, "screen": screen, "refused": refused}, status=status)
