"""The endpoints that belong to no app: the documentation and the address that is not there."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.permissions import SIGNED_IN


class DocsView(SpectacularSwaggerSplitView):
    """Swagger over the schema; the one page that may show ``data:`` images."""

    reads = SIGNED_IN

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response._csp_update = {"img-src": ["'self'", "data:"]}
        return response


@extend_schema(exclude=True)
class NotHere(APIView):
    """Any other address under /api/v1/: 404 in the one error shape."""

    reads = writes = SIGNED_IN

    def _refuse(self, request: Request, rest: str) -> Response:
        raise Http404

    get = post = put = patch = delete = _refuse
