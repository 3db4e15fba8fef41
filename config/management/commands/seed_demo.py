"""``seed_demo [--tickets N --holds N]``: the demo's companies and cast, and more rows when asked."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Company, User
from config.demo.background import recount, work_beside
from config.demo.calendar import add_half_days
from config.demo.calls import CALLS, FEW
from config.demo.claims import live_claims
from config.demo.history import live_history
from config.demo.imports import bring_files
from config.demo.many import many_holds
from config.demo.many_tickets import many_tickets
from config.demo.people import COMPANIES, make_company, make_patients, refuse_contact
from config.demo.teams import make_teams, move_callers
from config.demo.tickets import live_tickets, log_deflections
from config.demo.told import read_in_emergency, tell_each_other
from config.demo.years.written import live_years

MOST = 2_000_000
PATIENTS = 94
EARLIER = 27
"""Patients whose tickets are over: they came in the weeks before."""
REFUSED_BEFORE = timedelta(days=26)
BEGAN_BEFORE = timedelta(days=60)
"""How long before now the demo's companies began to work with Holdline."""


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
        now = timezone.now().replace(microsecond=0)
        for key in COMPANIES:
            company = make_company(key, at=now - BEGAN_BEFORE)
            _live(company, now)
        recount()
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


def _live(company: Company, now: datetime) -> None:
    """Let the company's people work through the weeks that are over: acme through many, the other a few."""
    agents, billers, chiefs = (_people(company, role) for role in ("agent", "biller", "supervisor"))
    busy = company.key == "acme"
    patients = make_patients(company, PATIENTS if busy else 12, at=now - BEGAN_BEFORE)
    chief = chiefs[0] if chiefs else _people(company, "admin")[0]
    if busy:
        make_teams(company, by=chief, at=now - BEGAN_BEFORE)
        add_half_days(company, by=_people(company, "admin")[0], at=now - BEGAN_BEFORE)
        move_callers(patients, CALLS, by=agents[0], at=now - BEGAN_BEFORE)
        earlier = make_patients(company, EARLIER, at=now - BEGAN_BEFORE)
        live_history(company, agents, chief, earlier, now=now)
    live_tickets(agents, chief, patients, CALLS if busy else FEW, now=now)
    log_deflections(agents[0], patients[8:], now=now)
    if busy:
        tell_each_other(company, agents[0], chief, now=now)
        read_in_emergency(_people(company, "admin")[0], patients[3], now=now)
        refuse_contact(patients, by=agents[0], at=now - REFUSED_BEFORE)
        live_years(company, by=billers[0], admin=_people(company, "admin")[0], now=now)
        live_claims(billers, list(reversed(patients)), now=now)
        bring_files(billers[0], chief, earlier, now=now)
        work_beside(company, billers[0], _people(company, "admin")[0], now=now)


def _people(company: Company, role: str) -> list[User]:
    return list(User.objects.filter(company=company, role=role).order_by("pk"))
