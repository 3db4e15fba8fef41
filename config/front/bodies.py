"""How large a request with files may be, judged by its length before any of it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


class BodyLimit:
    """Answer 413 to a multipart body that is larger than its view takes.

    Django bounds what is typed and not what is attached. A view marked by
    ``escalations.files.takes_files`` takes files from people who are signed in; every other takes what a form
    may be. This stands before the check of the form's token, which reads the body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Look at what the request says of itself; what has no length has no body for Django either."""
        if request.content_type != "multipart/form-data":
            return None
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.user.is_authenticated or "Authorization" in request.headers:
            most = getattr(view, "most_of_body", most)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) <= most:
            return None
        return too_large(request, most)


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    """413, in the words of a page or in the one shape of the API."""
    size = f"{most / 1_000_000:.1f}".removesuffix(".0")
    if request.path_info.startswith("/api/"):
        message = f"This request is larger than {size} MB. Send less at one time."
        body = {"code": "too_large", "message": message, "fields": {}, "problems": []}
        return JsonResponse(body, status=413)
    return render(request, "413.html", {"happened": f"What you sent is larger than {size} MB."}, status=413)
