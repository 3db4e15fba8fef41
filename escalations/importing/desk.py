"""The desk at which brought tickets are looked at: cells, whose they are, the rules of filing, whether they
are here; and taken in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, User
from accounts.roles import Can
from escalations.actions.filing import allot
from escalations.actions.importing import BroughtTicket, take_in_tickets
from escalations.importing.columns import RESOLVED, TICKETS, kind_for
from escalations.importing.rows import Entry, Rows
from escalations.importing.taken import number_of_tickets, rows_of_all
from escalations.models import Ticket
from escalations.policies import policy_in_force, policy_of
from patients.domain.import_columns import Kind
from patients.domain.import_table import Line
from patients.domain.intake import patient_readers, read_all
from patients.imports.kinds import Desk, Handler, register
from patients.imports.persons import candidates, meant
from patients.imports.sealing import DIFFERENT, NEW, SAME, WRONG, Found
from patients.models import Import, Patient

NOBODY = "No patient here has this name and date of birth. Add the patient first, or import patients."
NO_PERSON = "Say whose ticket it is: an account number, or last name, first name and date of birth."
NO_ACCOUNT = "No patient here has this account number. Add the patient first, or import patients."
_NAMES = ("last_name", "first_name", "date_of_birth")


class TicketDesk(Desk):
    """Tickets: a row is one of them."""

    def __init__(self, row: Import, kind: Kind, at: datetime, width: int) -> None:
        super().__init__(row, kind, at, width)
        self._by: User = row.started_by or row.brought_by
        self._by.company = row.company
        version = policy_in_force(row.company, at=at)
        self._rows = Rows(kind, row.columns, width, version, policy_of(version))
        colleagues = User.objects.filter(company_id=row.company_id)
        self._people = {one.username.casefold(): one for one in colleagues}
        self._readers = patient_readers(self.today)
        self._entries: dict[int, Entry] = {}

    def look(self, lines: Sequence[Line], *, again: bool = False) -> list[Found]:
        """Put the rules of filing to every row, and compare it with the tickets that are here."""
        entries = [self._rows.entry(line, again=again) for line in lines]
        for entry in entries:
            self._rows.read_life(entry, self._people, at=self.at, zone=self.company.zone)
        self._match(entries)
        for entry in entries:
            self._rows.read_filing(entry, self._by, at=self.at)
        self._mark_known([one for one in entries if one.number and one.patient])
        self._entries = {one.line.number: one for one in entries}
        return [_found(one) for one in entries]

    def add(self, found: Sequence[Found]) -> dict[int, int]:
        """Take in what is new, in the order of the file."""
        new = [self._entries[one.line] for one in found if one.standing == NEW]
        brought = [
            BroughtTicket(
                one.number,
                one.filing,
                one.assignee,
                one.resolved_at if one.status == RESOLVED else None,
                one.outcome,
                one.resolution,
            )
            for one in new
            if one.filing is not None
        ]
        made = take_in_tickets(brought, self.numbers(len(brought)), of=self.row, by=self._by, at=self.at)
        return {one.line.number: ticket.pk for one, ticket in zip(new, made, strict=True)}

    def _match(self, entries: Sequence[Entry]) -> None:
        """Whose each ticket is: by account number, else by name and date of birth."""
        for entry in entries:
            self._read_person(entry)
        known = [one for one in entries if one.person]
        by_account = self._by_account([one for one in known if "last_name" not in one.person])
        full = [one for one in known if "last_name" in one.person]
        ways = candidates(self.row.company_id, [one.person for one in full])
        for entry, ways_of in zip(full, ways, strict=True):
            key, problem = meant(entry.person["account_number"], ways_of)
            entry.patient = key
            if key is None:
                entry.blame(*(problem or ("last_name", NOBODY)))
        for entry in known:
            if "last_name" not in entry.person:
                entry.patient = by_account.get(entry.person["account_number"])
                if entry.patient is None:
                    entry.blame("account_number", NO_ACCOUNT)

    def _read_person(self, entry: Entry) -> None:
        said = {name: entry.cells.get(name, "") for name in (*_NAMES, "account_number")}
        if not any(said[name] for name in _NAMES):
            if not said["account_number"]:
                entry.blame("last_name", NO_PERSON)
                return
            said = {"account_number": said["account_number"]}
        readers = {name: self._readers[name] for name in said}
        clean, wrong = read_all(readers, said)
        for name, problem in wrong.items():
            entry.blame(name, problem.sentence)
        entry.person = {} if wrong else clean

    def _by_account(self, entries: Sequence[Entry]) -> dict[str, int]:
        accounts = [one.person["account_number"] for one in entries]
        rows = Patient.objects.filter(company_id=self.row.company_id, account_number__in=accounts)
        return dict(rows.values_list("account_number", "pk")) if accounts else {}

    def _mark_known(self, entries: Sequence[Entry]) -> None:
        """Find each ticket's counterpart: by the number of elsewhere, or by ours for the same patient and
        moment. One that is here is what it is, also where a rule of today would stop it."""
        numbers = [entry.number for entry in entries]
        tickets = Ticket.objects.filter(company_id=self.row.company_id).select_related("elsewhere")
        keys = tickets.filter(number__in=numbers).values_list("pk", flat=True)
        keys = keys.union(tickets.filter(Q(elsewhere__number__in=numbers)).values_list("pk", flat=True))
        here = list(tickets.filter(pk__in=list(keys)).defer("note", "answers"))
        theirs = {one.elsewhere.number: one for one in here if hasattr(one, "elsewhere")}
        ours = {one.number: one for one in here}
        for entry in entries:
            found = theirs.get(entry.number)
            if found is None and (own := ours.get(entry.number)) is not None:
                found = own if own.patient_id == entry.patient and _same_moment(entry, own) else None
            if found is not None:
                entry.here, entry.fields = found, sorted(_differing(entry, found))


def _same_moment(entry: Entry, ticket: Ticket) -> bool:
    """Whether both came in at the same second, or minute where the row says no more: a file that is taken out
    has no parts of seconds, and people type none."""
    said, here = entry.received_at, ticket.received_at.replace(microsecond=0)
    return said is not None and said.replace(microsecond=0) in (here, here.replace(second=0))


def _differing(entry: Entry, ticket: Ticket) -> list[str]:
    """The columns of which the file says something else."""
    over = ticket.status not in ("open", "started", "waiting")
    found = {
        "type": entry.cells.get("type") != ticket.type,
        "last_name": entry.patient != ticket.patient_id,
        "received_at": not _same_moment(entry, ticket),
        "status": (entry.status == RESOLVED) != over,
    }
    return [name for name, differs in found.items() if differs]


def _found(entry: Entry) -> Found:
    if entry.here is not None and "number" not in entry.wrong:
        standing, wrong = (DIFFERENT if entry.fields else SAME), {}
    else:
        standing, wrong = (WRONG if entry.wrong else NEW), entry.wrong
    found = Found(entry.line.number, list(entry.line.cells), standing, wrong)
    if entry.here is not None:
        found.key, found.name, found.fields = entry.here.pk, entry.here.number, entry.fields
    return found


def _kind_of(company: Company) -> Kind:
    return kind_for(policy_of(policy_in_force(company, at=timezone.now())))


HANDLER = register(
    Handler(
        key=TICKETS,
        needs=Can.DIRECT_TICKETS,
        kind_of=_kind_of,
        desk=TicketDesk,
        url_of=lambda key, name: reverse("escalations:ticket", args=[name]),
        count=number_of_tickets,
        taken=rows_of_all,
        allot=allot,
        about="Open and resolved tickets from elsewhere. They get numbers of ours and the due dates of the "
        "Escalation rules; what those rules refuse is a wrong row.",
    )
)
