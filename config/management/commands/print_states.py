"""``print_states``: write docs/states.md from the tables the code runs on."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.steps import diagram
from deductibles.domain import states as claim_states
from escalations.domain import states as ticket_states
from work.hooks.domain import states as delivery_states


def text() -> str:
    """The whole document."""
    return "\n".join(
        [
            "# Life cycles\n",
            "Printed by `manage.py print_states` from the tables the code runs on. Do not edit.\n",
            diagram("Escalation ticket", ticket_states.TICKET, ticket_states.FIRST),
            diagram("Claim", claim_states.CLAIM, claim_states.FIRST),
            diagram("Delivery of a webhook", delivery_states.DELIVERY, delivery_states.FIRST),
        ]
    )


class Command(BaseCommand):
    help = "Writes docs/states.md from the status tables; --check only says whether it is stale."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "states.md"
        fresh = text()
        if options["check"]:
            if not path.is_file() or path.read_text() != fresh:
                raise CommandError("docs/states.md is stale. Run `manage.py print_states`.")
            return
        path.write_text(fresh)
