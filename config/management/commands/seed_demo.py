"""``seed_demo [--tickets N --holds N]``: the demo's companies and cast, and more rows when asked."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Company, User
from config.demo.claims import live_claims, many_holds
from config.demo.people import COMPANIES, make_company, make_patients
from config.demo.tickets import live_tickets, many_tickets

MOST = 2_000_000


class Command(BaseCommand):
    help = "Fills an empty database with the demo; --tickets and --holds add that many to acme."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--tickets", type=int, default=0, metavar="N")
        parser.add_argument("--holds", type=int, default=0, metavar="N", help="all held and queueable")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo: DEMO is off, and demo people have a printed password.")
        tickets, holds = options["tickets"], options["holds"]
        if not (0 <= tickets <= MOST and 0 <= holds <= MOST):
            raise CommandError(f"N is a number from 0 to {MOST}.")
        if not Company.objects.exists():
            with transaction.atomic():
                self.stdout.write(self._first())
        if tickets or holds:
            self.stdout.write(self._more(tickets, holds))

    def _first(self) -> str:
        now = timezone.now()
        for key in COMPANIES:
            company = make_company(key, at=now)
            patients = make_patients(company, 24, at=now)
            people = {user.role: user for user in User.objects.filter(company=company)}
            live_tickets(people["agent"], patients, now=now)
            if key == "acme":
                live_claims(people["biller"], patients, now=now)
        return "two companies with their people, payers, patients, tickets and claims"

    def _more(self, tickets: int, holds: int) -> str:
        company = Company.objects.filter(key="acme").first()
        if company is None:
            raise CommandError("There is no company acme to add to; this database was not made by seed_demo.")
        now = timezone.now()
        patients = make_patients(company, max(50, min(5000, (tickets + holds) // 20)), at=now)
        many_tickets(company, tickets, patients, now=now)
        many_holds(company, holds, patients, now=now)
        return f"{tickets} tickets and {holds} held claims added to acme"
