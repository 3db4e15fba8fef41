"""What the schema cannot guess: how a program signs in."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class TokenScheme(OpenApiAuthenticationExtension):
    """``Authorization: Token KEY``."""

    target_class = "api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token KEY`, with a key made by `manage.py create_token USER`.",
        }


class Schema(AutoSchema):
    """Knows a list by its view's ``listed``: our lists are plain views that page by themselves."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        listed = self.method == "GET" and getattr(self.view, "listed", False)
        return bool(listed or super()._is_list_view(serializer))
