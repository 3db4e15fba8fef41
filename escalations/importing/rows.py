"""One row of a table of tickets: from its cells to a filing as form and API read it, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.roles import Can, may
from escalations.domain.intake import Finding
from escalations.domain.policy import Policy, Question
from escalations.filing import Filing, read_filing
from escalations.importing.columns import ANSWER, OPEN, RESOLVED
from escalations.models import PolicyVersion
from escalations.moments import read_moment
from patients.domain.import_columns import Kind
from patients.domain.import_rows import DOUBLE, plain_value
from patients.domain.import_table import Line
from patients.domain.intake import Reader, Wrong, text

_NUMBER = text("Their number", 60, required=True)
_OUTCOME = text("Outcome", 120, required=True)
_RESOLUTION = text("Note on the outcome", 2000)
_AMERICAN = re.compile(
    r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) +([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?(?: ?([AP])M)?",
    re.IGNORECASE,
)
STATUS = "Status is open or resolved. What was called off or is a draft is not imported."
NO_FILES = "A file cannot be brought in a table. Leave this empty; attach the file to the ticket afterwards."
_FURTHER = " How far is a limit of the Escalation rules, which an admin may widen."


@dataclass
class Entry:
    """A ticket as its row says it. ``here`` is the one that is here, ``fields`` in what it differs."""

    line: Line
    cells: dict[str, str]
    wrong: dict[str, str]
    number: str = ""
    status: str = OPEN
    received_at: datetime | None = None
    resolved_at: datetime | None = None
    outcome: str = ""
    resolution: str = ""
    assignee: User | None = None
    patient: int | None = None
    person: dict[str, Any] = field(default_factory=dict)
    filing: Filing | None = None
    here: Any = None
    fields: list[str] = field(default_factory=list)

    def blame(self, column: str, sentence: str) -> None:
        """Say what is wrong with a cell; what was said of it first stays."""
        self.wrong.setdefault(column, sentence)


class Rows:
    """Reads the rows of one table; what it remembers of earlier ones names doubles."""

    def __init__(
        self, kind: Kind, columns: Mapping[str, int], width: int, version: PolicyVersion, policy: Policy
    ) -> None:
        self._places = [(column, columns[column.name]) for column in kind.columns if column.name in columns]
        self._width, self._version, self._policy = width, version, policy
        self._met: dict[str, int] = {}

    def entry(self, line: Line, *, again: bool) -> Entry:
        """The cells of a row; a number that came before is wrong, unless that was looked for ``again``."""
        entry = Entry(line, {}, {})
        if len(line.cells) > self._width:
            entry.blame(
                "", "This row has more cells than the first row has names. Look for a comma in a value."
            )
        for column, place in self._places:
            cell = line.cells[place] if place < len(line.cells) else ""
            try:
                value = plain_value(column, cell) if cell else ""
            except Wrong as problem:
                entry.blame(column.name, problem.sentence)
                continue
            if value:
                entry.cells[column.name] = value
        entry.number = self._read(entry, "number", _NUMBER) or ""
        if entry.number and not again:
            first = self._met.setdefault(entry.number, line.number)
            if first != line.number:
                entry.blame("number", f"Row {first} has this number{DOUBLE}")
        return entry

    def _read(self, entry: Entry, name: str, read: Reader) -> Any:
        try:
            return read(entry.cells.get(name, ""))
        except Wrong as problem:
            entry.blame(name, problem.sentence)
            return None

    def read_life(self, entry: Entry, people: Mapping[str, User], *, at: datetime, zone: ZoneInfo) -> None:
        """When it came in and ended, and who has it: nothing lies in the future (K18)."""
        entry.received_at = self._moment(entry, "received_at", zone)
        if entry.cells.get("resolved_at"):
            entry.resolved_at = self._moment(entry, "resolved_at", zone)
        said = entry.cells.get("status", RESOLVED if entry.cells.get("resolved_at") else OPEN).casefold()
        entry.status = said
        if said not in (OPEN, RESOLVED):
            entry.blame("status", STATUS)
        if said == RESOLVED:
            self._read_end(entry, at)
        elif said == OPEN and (entry.cells.get("resolved_at") or entry.cells.get("outcome")):
            entry.blame(
                "status", "Status is open, and the row has an outcome or when it was resolved. Say which."
            )
        self._read_assignee(entry, people)

    def _moment(self, entry: Entry, name: str, zone: ZoneInfo) -> datetime | None:
        label = "Received at" if name == "received_at" else "Resolved at"
        said = entry.cells.get(name, "")
        try:
            return read_moment(_iso(said), zone)
        except (Wrong, OverflowError):
            what = f"{label} is not a date and time that exists." if said else f"{label} is missing."
            entry.blame(name, f"{what} Type it as 2026-05-20 10:15 or 05/20/2026 10:15 AM.")
            return None

    def _read_end(self, entry: Entry, at: datetime) -> None:
        entry.outcome = self._read(entry, "outcome", _OUTCOME) or ""
        entry.resolution = self._read(entry, "resolution_note", _RESOLUTION) or ""
        if not entry.cells.get("resolved_at"):
            entry.blame("resolved_at", "A resolved ticket needs the moment it was resolved. Type it.")
        if entry.resolved_at is None:
            return
        if entry.resolved_at > at:
            entry.blame("resolved_at", "Resolved at lies in the future. Check it.")
        if entry.received_at is not None and entry.resolved_at < entry.received_at:
            entry.blame("resolved_at", "Resolved at lies before the ticket was received. Check both.")

    def _read_assignee(self, entry: Entry, people: Mapping[str, User]) -> None:
        said = entry.cells.get("assignee", "")
        if not said:
            return
        entry.assignee = people.get(said.casefold())
        if entry.assignee is None:
            entry.blame("assignee", "There is nobody of this username here. Leave it empty, or correct it.")
        elif entry.status == OPEN and not entry.assignee.is_active:
            entry.blame(
                "assignee", "This person is disabled and can have no open ticket. Name somebody else."
            )
        elif not may(entry.assignee.role, Can.WORK_TICKETS):  # by the role: who left had it all the same
            entry.blame("assignee", "This person does not work on tickets. Name somebody else.")

    def read_filing(self, entry: Entry, by: User, *, at: datetime) -> None:
        """Put the rules of filing to it, the same as form and API (every BLOCK, REQUIRE and ACK)."""
        said: dict[str, Any] = {
            name: entry.cells.get(name, "") for name in ("type", "channel", "caller", "note")
        }
        said["patient"] = str(entry.patient) if entry.patient else ""
        said["received_at"] = entry.received_at
        said["acknowledged"] = re.split(r"[,;\s]+", entry.cells.get("acknowledged", "").strip(" ,;"))
        said["acknowledged"] = [one for one in said["acknowledged"] if one]
        said["answers"] = self._answers(entry)
        entry.filing = read_filing(by, said, at=at, policy_version=self._version)
        self._blame_values(entry, entry.filing)
        for finding in entry.filing.intake.refusals:
            entry.blame(
                self._column_of(finding), f"{finding.rule}: {finding.message} {finding.instead}".strip()
            )

    def _answers(self, entry: Entry) -> dict[str, Any]:
        """The answers that the row gives, as form and API send them: a list where several may be chosen."""
        kind = self._policy.type(entry.cells.get("type", ""))
        asked = {one.key: one for one in kind.questions} if kind else {}
        found: dict[str, Any] = {}
        for name, cell in entry.cells.items():
            key = name.removeprefix(ANSWER)
            if name == key:
                continue
            question = asked.get(key)
            if question is not None and question.kind == "file":
                entry.blame(name, NO_FILES)
                continue
            found[key] = _sent(question, cell)
        return found

    def _blame_values(self, entry: Entry, filing: Filing) -> None:
        for name, problem in filing.all_wrong.items():
            column = name.replace("answers.", ANSWER, 1)
            if column == "patient":
                column = "last_name"
            further = _FURTHER if name == "received_at" and "dated back" in problem.sentence else ""
            entry.blame(column, problem.sentence + further)

    def _column_of(self, finding: Finding) -> str:
        if finding.field in ("type", "channel", "caller", "note"):
            return finding.field
        if finding.field == "patient":
            return "last_name"
        if not finding.field or finding.strength == "ACK":
            return "acknowledged"
        return f"{ANSWER}{finding.field}"


def _sent(question: Question | None, cell: str) -> Any:
    if question is None or question.kind != "choices":
        return cell
    return [one.strip() for one in re.split(r"[,;\n]", cell) if one.strip()]


def _iso(said: str) -> str:
    """A moment in American writing as ISO; any other as it stands."""
    found = _AMERICAN.fullmatch(said.strip())
    if not found:
        return said.replace(" ", "T", 1) if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2} ", said) else said
    month, day, year, hour, minute = (int(part) for part in found.groups()[:5])
    if found[6]:
        if not 1 <= hour <= 12:
            return said
        hour = hour % 12 + (12 if found[6].upper() == "P" else 0)
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}"
