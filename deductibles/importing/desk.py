"""The desk at which brought claims are looked at: cells, whose they are, the rules of entry, whether they are
here; and taken in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts.models import Company
from accounts.roles import Can
from deductibles import bills
from deductibles.actions import claims
from deductibles.actions.importing import Brought, complete_imported, take_in_claims
from deductibles.domain import intake, money
from deductibles.domain.claim_table import CLAIMS, KIND, NOT_SENT, body_of, place_of, ranks_of
from deductibles.importing.entries import Cells, Entry
from deductibles.importing.known import mark_known
from deductibles.importing.matching import ADD_PATIENTS, ADD_PAYERS, Matching
from deductibles.importing.taken import lines_of_all, number_of_lines
from deductibles.models import provider_in_force
from deductibles.x12 import claim as x12
from deductibles.x12 import claim_reader
from deductibles.x12.envelope import EnvelopeError
from patients.domain.import_columns import Kind
from patients.domain.import_table import MOST_BYTES, Line, decoded
from patients.domain.intake import Wrong
from patients.imports.kinds import Desk, Handler, Option, register
from patients.imports.sealing import DIFFERENT, NEW, SAME, Found
from patients.models import Import, Patient, Payer
from work.once import insert_once

COMPLETE = "complete"
OTHER_NPI = "The billing provider is not yours: its NPI is another one than in Settings, Billing provider."
WAS_SENT = (
    "By its status this claim was sent where it comes from, so it is not completed here. Import it without "
    "ticking that claims are completed: it is then a draft, for somebody to look at."
)
_TOO_LITTLE = "This is too little for a claim. Write it out."
_NO_SUM = "The charge lines do not add up to the total charge. Correct the one or the other."


class ClaimDesk(Desk):
    """Claims: several rows are one, and what is wrong with one of them keeps out all."""

    def __init__(self, row: Import, kind: Kind, at: datetime, width: int) -> None:
        super().__init__(row, kind, at, width)
        self._cells = Cells(row.columns, width)
        self._matching = Matching(row, self.today, at)
        provider = provider_in_force(self.company.pk)
        self._npi = provider.npi if provider else ""
        self._provider = bills.provider_of(provider)
        self._completes = COMPLETE in row.options
        self._entries: dict[int, Entry] = {}

    def look(self, lines: Sequence[Line], *, again: bool = False) -> list[Found]:
        """Read the claims of a batch and compare them with those that are here."""
        entries = self._cells.entries(lines, again=again)
        self._matching.match(entries)
        for entry in entries:
            self._read(entry)
        mark_known(self.company.pk, [one for one in entries if not one.is_wrong])
        if self._completes:
            for entry in entries:
                if not entry.is_wrong and entry.here is None:
                    self._blame_what_lacks(entry)
        self._entries = {one.lines[0].number: one for one in entries}
        return [row for one in entries for row in one.found(_standing(one))]

    def add(self, found: Sequence[Found]) -> dict[int, int]:
        """Add new patients and payers, then the claims."""
        new = [self._entries[one.line] for one in found if one.standing == NEW and self.is_told(one)]
        _insert(one.patient for one in new)
        _insert(payer for one in new for payer in one.payers.values())
        brought = []
        for one in new:
            patient: Any = one.patient
            for coverage in one.clean["coverages"]:
                coverage["payer"] = one.payers[coverage["rank"]]
            brought.append(Brought(one.number, patient, one.clean))
        by = self.row.started_by or self.row.brought_by
        made = take_in_claims(brought, self.numbers(len(brought)), of=self.row, by=by, at=self.at)
        return {one.lines[0].number: claim.pk for one, claim in zip(new, made, strict=True)}

    def finish(self, may_go_on: Callable[[], bool]) -> bool:
        """Complete what came in, where that was ticked."""
        if not self._completes:
            return True
        by = self.row.started_by or self.row.brought_by
        return complete_imported(self.row, by=by, at=self.at, may_go_on=may_go_on)

    def _read(self, entry: Entry) -> None:
        """Put the rules of claim entry to it (the same as for page and API)."""
        entry.clean, wrong = intake.read_claim(body_of(entry.cells), today=self.today)
        ranks = ranks_of(entry.first)
        for field, problem in wrong.items():
            row, column = place_of(field, ranks)
            entry.blame(column, problem.sentence, row)
        npi = entry.first.get("provider_npi", "")
        if npi and self._npi and npi != self._npi:
            entry.blame("provider_npi", OTHER_NPI)
        self._compare_total(entry)

    def _compare_total(self, entry: Entry) -> None:
        said = entry.first.get("total", "")
        if not said or entry.is_wrong:
            return
        try:
            total = money.parse(said)
        except money.NotMoney as problem:
            entry.blame("total", f"Total charge: {problem}")
            return
        if total != sum((one["amount"] for one in entry.clean["charges"]), Decimal(0)):
            entry.blame("total", _NO_SUM)

    def _blame_what_lacks(self, entry: Entry) -> None:
        """What the 837P would lack: a claim that is to be completed must have all of it."""
        if entry.first.get("status", "") not in NOT_SENT:
            entry.blame("status", WAS_SENT)
        clean = {**entry.clean, "coverages": [dict(one) for one in entry.clean["coverages"]]}
        for coverage in clean["coverages"]:
            coverage["payer"] = entry.payers[coverage["rank"]]
        patient: Any = entry.patient
        claim = claims.new_claim(self.company, "C-1", patient, clean, at=self.at)
        bill = bills.bill_from(
            claim,
            patient,
            claims.coverage_rows(claim, clean["coverages"]),
            claims.charge_rows(claim, clean["charges"]),
        )
        for problem in x12.problems(self._provider, bill):
            row, column = place_of(problem.field, ranks_of(entry.first))
            # That message names what was typed; what is kept of a file in the open does not.
            said = _TOO_LITTLE if problem.code == "too_short" else problem.message
            entry.blame(column if column in KIND.by_name else "claim_number", said, row)


def _standing(entry: Entry) -> str:
    if entry.here is None:
        return NEW
    return DIFFERENT if entry.fields else SAME


def _insert(rows: Any) -> None:
    """Insert those that are not saved; of one that somebody else adds at this moment, the part anew."""
    new: dict[int, Patient | Payer] = {id(row): row for row in rows if row.pk is None}
    if len(insert_once(list(new.values()))) < len(new):
        raise Meanwhile


class Meanwhile(Exception):
    """Somebody added one of the patients or payers at this moment; the part is taken up anew."""


def read_x12(data: bytes, kind: Kind) -> tuple[tuple[str, ...], Iterator[Line]]:
    """The charge lines of an 837P as rows of the table, each by the segment it stands at; Wrong for any other
    file."""
    if len(data) > MOST_BYTES:
        raise Wrong("too_large", f"This file is larger than {MOST_BYTES // 1_000_000} MB. Bring it in parts.")
    try:
        found = claim_reader.transactions_of(decoded(data))
    except EnvelopeError as problem:
        raise Wrong("x12", str(problem)) from problem
    names = [column.name for column in kind.columns]
    lines = (
        Line(one.number, tuple(one.cells.get(name, "") for name in names)) for one in claim_reader.read(found)
    )
    return tuple(column.label for column in kind.columns), lines


def unread(data: bytes) -> list[str]:
    """What stands in an 837P and has no place here, in words."""
    return claim_reader.unread_of(claim_reader.transactions_of(decoded(data)))


def _kind_of(company: Company) -> Kind:
    return KIND


def _url_of(key: int, name: str) -> str:
    return reverse("deductibles:claim", args=[name])


HANDLER = register(
    Handler(
        key=CLAIMS,
        needs=Can.WORK_CLAIMS,
        kind_of=_kind_of,
        desk=ClaimDesk,
        url_of=_url_of,
        count=number_of_lines,
        taken=lines_of_all,
        x12=read_x12,
        unread=unread,
        allot=claims.allot,
        options=(
            Option(ADD_PATIENTS, "Add patients that are not here", "else their claims are wrong rows"),
            Option(ADD_PAYERS, "Add payers that are not here", "else their claims are wrong rows"),
            Option(
                COMPLETE, "Complete the claims once they are in",
                "AR Boost is asked about each; without it they are drafts",
            ),
        ),
        accept=".csv,.txt,.tsv,.xlsx,.837,.x12,.edi,.clm,.dat",
        says="CSV, Excel workbook (.xlsx), or 837P (005010X222A1); up to 100,000 charge lines",
        hint="a row for each charge line, the lines of a claim one below the other; or an 837P",
        about="Claims come in as drafts under numbers of their own; the number they had is kept beside.",
    )
)  # fmt: skip
