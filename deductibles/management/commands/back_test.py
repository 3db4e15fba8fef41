"""Try other numbers on past claims, or go on with the back-tests that wait; without Celery."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.steps import Refused
from deductibles.actions import back_testing
from deductibles.actions.moves import Invalid
from deductibles.domain.back_terms import FIELDS
from deductibles.models import BackTest
from deductibles.nightly_command import companies_named
from deductibles.worth import back_running, back_words


class Command(BaseCommand):
    help = (
        "With --company: tries these numbers on its claims. Without: goes on with the back-tests that wait."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", metavar="K", help="key of the company")
        for name in FIELDS:
            parser.add_argument(f"--{name.replace('_', '-')}", metavar="V", help="as on the page")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["company"] is None:
            worked = back_running.catch_up(at=timezone.now(), seconds=None)
            self.stdout.write(f"{worked} back-tests worked on.")
            return
        (company,) = companies_named(options["company"])
        data = {name: options[name] for name in FIELDS}
        try:
            row, _ = back_testing.begin(company, data, by=None, at=timezone.now())
        except Invalid as invalid:
            raise CommandError(
                "\n".join(said for rows in invalid.fields.values() for _, said in rows)
            ) from None
        except Refused as refused:
            raise CommandError(refused.sentence) from None
        back_running.work_on(row.pk, at=timezone.now())
        row.refresh_from_db()
        if row.state != BackTest.State.DONE:
            raise CommandError(f"Back-test {row.pk}: {row.get_state_display().lower()}. {row.note}")
        self._tell(row)

    def _tell(self, row: BackTest) -> None:
        self.stdout.write(f"Back-test {row.pk}. {back_words.instead(row)}")
        for line in back_words.side_by_side(row.result, row.terms["in_force"]["guard_days"]):
            self.stdout.write(
                f"{'  ' if line.part else ''}{line.what}: {line.now} in force, {line.new} tried"
            )
        for sentence in (
            back_words.outcome(row.result),
            *back_words.moved(row.result),
            *back_words.unknown(row.result),
            *back_words.trust(row.result),
        ):
            self.stdout.write(sentence)
