"""What the schema cannot guess: how a program signs in, and what every endpoint may refuse."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers


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


class Sentence(serializers.Serializer):
    """One thing that is wrong, for programs and for people."""

    code = serializers.CharField()
    message = serializers.CharField()


class Refusal(serializers.Serializer):
    """The one shape of everything that goes wrong (:mod:`api.errors`)."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=Sentence(many=True))  # type: ignore[assignment]
    problems = serializers.ListField(child=serializers.DictField())
    events = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="Of a ticket changed meanwhile (stale): what happened since the version that was seen.",
    )


REFUSALS = {
    "400": "Something in the request is not right; see fields and problems.",
    "401": "No key, or one that is not valid any more.",
    "403": "Your role may not do this.",
    "404": "There is nothing here, or it is another company's.",
    "429": "Too many calls in a minute; Retry-After says when to call again.",
    "503": "The database does not answer; nothing was changed.",
}
REFUSED_WRITES = {
    "409": "The row is not in the state you think it is; read it again.",
    "413": "The body is larger than 2.5 MB.",
    "415": "The body is no JSON.",
}


class Schema(AutoSchema):
    """Knows a list by its view's ``listed``: our lists are plain views that page by themselves."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        listed = self.method == "GET" and getattr(self.view, "listed", False)
        return bool(listed or super()._is_list_view(serializer))

    def _is_create_operation(self) -> bool:
        """A POST to a list makes a row of it: 201."""
        made = self.method == "POST" and getattr(self.view, "listed", False)
        return bool(made or super()._is_create_operation())

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        refusals = REFUSALS if self.method == "GET" else REFUSALS | REFUSED_WRITES
        for code, words in refusals.items():
            said = OpenApiResponse(Refusal, description=words)
            bodies.setdefault(code, self._get_response_for_code(said, code, direction=direction))
        return dict(sorted(bodies.items()))
