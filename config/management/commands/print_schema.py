"""``print_schema``: write docs/api-schema.yml, the API's description, from the code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema


def text() -> str:
    """The whole schema as YAML, validated."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    return OpenApiYamlRenderer().render(schema, renderer_context={}).decode()


class Command(BaseCommand):
    help = "Writes docs/api-schema.yml; --check only says whether it is stale."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "api-schema.yml"
        fresh = text()
        if options["check"]:
            if not path.is_file() or path.read_text() != fresh:
                raise CommandError("docs/api-schema.yml is stale. Run `manage.py print_schema`.")
            return
        path.write_text(fresh)
