"""The page to sign in, shown again with the reason why nobody was let in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def entrance(request: HttpRequest, refused: str, status: int) -> HttpResponse:
    """The page to sign in, with what came along still on it."""
    from allauth.account.forms import LoginForm  # it asks for the adapter, which asks for this
    from allauth.account.internal.templatekit import get_entrance_context_data

    shown = {
        **get_entrance_context_data(request),
        "form": LoginForm(request=request),
        "refused": refused,
    }
    return render(request, "account/login.html", shown, status=status)
