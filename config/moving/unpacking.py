"""Writing the rows of a company's file into the database, a thousand at a time, each under a new number."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pgtrigger
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, OperationalError, connection, transaction

from accounts.models import Company, User
from config.moving.checking import Checked
from config.moving.keys import Answers, Asked, NewKeys, Unknown
from config.moving.manifest import Listed, Manifest, Unfit
from config.moving.opening import Batch, Opened
from config.moving.packing import Told
from config.moving.tables import COMPANY, CONTEXT, Shape, shapes

_ATTACHMENTS, _PEOPLE = "escalations.Attachment", User._meta.label
_LONGEST_NAME = 150
_OF_COMPANY = ("name", "time_zone", "is_ambulance", "itemized_bill_address")


class Unpacking:
    """One file on its way into one company, inside one transaction.

    ``renamed`` says which people have another username, for theirs is taken here.
    """

    def __init__(self, file: Opened, company: Company, *, at: datetime, told: Told) -> None:
        self.file, self.company, self.at, self.told = file, company, at, told
        self.parts = {one.table: one for one in file.manifest.tables}
        self.keys = NewKeys()
        self.renamed: dict[str, str] = {}
        self.rows = 0
        self.company_said: dict[str, Any] = {}

    def write(self) -> None:
        """All tables, then the references that lead both ways."""
        tables = [one for one in shapes() if one.moves and one.name in self.parts]
        # Rows come as they are, in whatever state, with the history they had: no trigger of a step, of a
        # history or of what is never changed has a say in it. References are looked at with every statement.
        # What fails is rolled back to here, so that the triggers are minded again by an open transaction.
        with pgtrigger.ignore(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self._names_of_files()
            for shape in tables:
                self._table(shape, self.parts[shape.name])
            for shape in tables:
                for column in shape.plan.later if not shape.history else ():
                    self._said(shape, column)

    def _said(self, shape: Shape, column: str) -> None:
        try:
            self.keys.set_later(shape.name, column, shape.references[column])
        except Unknown as unknown:
            raise Unfit(str(unknown)) from unknown

    def _names_of_files(self) -> None:
        """Answers name attachments, and come in before them."""
        part = self.parts.get(_shape(_ATTACHMENTS).name)
        for batch in self.file.batches(part) if part else ():
            with _saying(_shape(_ATTACHMENTS), batch):
                self.keys.give_names([str(row.get("name", "")) for _, row in batch])

    def _table(self, shape: Shape, part: Listed) -> None:
        checked = Checked(shape, part.columns)
        for batch in self.file.batches(part):
            for line, row in batch:
                checked.check(row, line)
            with _saying(shape, batch):
                self._batch(shape, checked, batch)
            self.rows += len(batch)
            self.told(shape.name, self.rows)

    def _batch(self, shape: Shape, checked: Checked, batch: Batch) -> None:
        if shape.label == COMPANY:
            self._take_company(batch)
            return
        own: dict[int, int] = {}
        if shape.key == "id" and shape.label != CONTEXT:
            own = self.keys.give(shape.label, [row["id"] for _, row in batch])
        asked = Asked()
        for _, row in batch:
            self._rewritten(shape, row, asked)
        answers = self.keys.answer(asked, making=shape.history)
        rows = []
        for line, row in batch:
            new = {**checked.lacking, **self._rewritten(shape, row, answers)}
            self._insist(shape, row, new, line, checked)
            if own:
                new["id"] = own[row["id"]]
            rows.append(self._arrived(shape, new))
        self._put_off(shape, rows)
        if shape.label == _PEOPLE:
            self._name_people(rows)
        self._insert(shape, rows)

    def _rewritten(self, shape: Shape, row: dict[str, Any], keys: Asked | Answers) -> dict[str, Any]:
        """The row with every id in it as the keys have it."""
        later = () if shape.history else shape.plan.later
        new = dict(row)
        for column, model in shape.references.items():
            value = row.get(column)
            if column not in later and isinstance(value, int):
                new[column] = keys.new(model, value)
        for column, rewrite in shape.plan.inside.items():
            if row.get(column) is not None:
                new[column] = rewrite(row[column], keys)
        return new

    def _insist(
        self, shape: Shape, row: dict[str, Any], new: dict[str, Any], line: int, checked: Checked
    ) -> None:
        for column, model in shape.references.items():
            if row.get(column) is not None and new[column] is None:
                what = model.rpartition(".")[2].lower()
                raise checked.wrong(line, f"{column} names a {what} that is not in the file")

    def _arrived(self, shape: Shape, row: dict[str, Any]) -> dict[str, Any]:
        """The row as it stands here: of this company, and changed as the plan says."""
        if shape.label == CONTEXT:
            return {**row, "id": self.keys.of_act(row["id"])}
        if shape.history:
            row.pop("pgh_id")
            if row.get("pgh_context_id") is not None:
                row["pgh_context_id"] = self.keys.of_act(row["pgh_context_id"])
            return row if shape.plan.model == COMPANY else {**row, "company_id": self.company.pk}
        changed = shape.plan.changed(row) if shape.plan.changed else row
        return {**changed, "company_id": self.company.pk}

    def _take_company(self, batch: Batch) -> None:
        if len(batch) != 1:
            raise Unfit("It holds more than one company. Holdline makes no such file.")
        (_, row) = batch[0]
        self.keys.is_now(COMPANY, row["id"], self.company.pk)
        self.company_said = {name: row[name] for name in _OF_COMPANY if name in row}

    def _put_off(self, shape: Shape, rows: list[dict[str, Any]]) -> None:
        for column in () if shape.history else shape.plan.later:
            self.keys.put_off(
                f"{shape.name}.{column}",
                [(row["id"], row[column]) for row in rows if row.get(column) is not None],
            )
            for row in rows:
                row[column] = None

    def _name_people(self, rows: list[dict[str, Any]]) -> None:
        """People come without a password; whose username is taken here gets another."""
        wanted = [str(row["username"]) for row in rows]
        taken = {name.lower() for name in _taken(wanted)}
        for row in rows:
            row["password"] = make_password(None)
            name = row["username"]
            if name.lower() in taken or name.lower() in {one.lower() for one in self.renamed.values()}:
                row["username"] = self.renamed[name] = self._free_name(name)

    def _free_name(self, name: str) -> str:
        for number in range(1, 1_000):
            ending = f"-{self.company.key}" + (f"-{number}" if number > 1 else "")
            found = f"{name[: _LONGEST_NAME - len(ending)]}{ending}"
            if not _taken([found]) and found not in self.renamed.values():
                return found
        raise Unfit(f"No free username was found for somebody called {name[:40]} there.")

    def _insert(self, shape: Shape, rows: list[dict[str, Any]]) -> None:
        if shape.contents:
            for row in rows:
                self._insert_with_files(shape, row)
            return
        columns = list(rows[0])
        listed = ", ".join(f'"{column}"' for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{shape.name}" ({listed}) SELECT {listed}'  # noqa: S608
                f' FROM jsonb_populate_recordset(NULL::"{shape.name}", %s::jsonb)',
                [json.dumps(rows, ensure_ascii=False, allow_nan=False)],
            )

    def _insert_with_files(self, shape: Shape, row: dict[str, Any]) -> None:
        contents = {column: self._content(shape, column, row.pop(column)) for column in shape.contents}
        plain, more = (", ".join(f'"{column}"' for column in names) for names in (row, contents))
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{shape.name}" ({plain}, {more})'  # noqa: S608
                f" SELECT {plain}, {', '.join(['%s'] * len(contents))}"
                f' FROM jsonb_populate_record(NULL::"{shape.name}", %s::jsonb)',
                [*contents.values(), json.dumps(row, ensure_ascii=False, allow_nan=False)],
            )

    def _content(self, shape: Shape, column: str, name: Any) -> Any:
        if name is None:
            return None
        data = self.file.content(str(name))
        if shape.model._meta.get_field(column).get_internal_type() == "BinaryField":
            return data
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise Unfit(f"{name} is no text. Take the file anew from where it was made.") from error


def lacking(manifest: Manifest) -> str:
    """A sentence when tables of the file are not what this Holdline takes; empty when all are known."""
    known = {one.name: one for one in shapes()}
    for table in manifest.tables:
        if table.table not in known:
            return f"It has a table “{table.table[:60]}” that this Holdline does not know. Use a newer one."
    if not any(one.table == _shape(COMPANY).name and one.rows == 1 for one in manifest.tables):
        return "The company itself is missing in it. Take the file anew from where it was made."
    return ""


def _shape(model: str) -> Shape:
    return next(one for one in shapes() if one.label == model)


def _taken(names: Iterable[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT username FROM accounts_user WHERE lower(username) = ANY(%s)",
            [[name.lower() for name in names]],
        )
        return [name for (name,) in cursor.fetchall()]


class _saying:
    """Says in which lines something did not fit, without repeating a value of it."""

    def __init__(self, shape: Shape, batch: Batch) -> None:
        self.shape, self.first, self.last = shape, batch[0][0], batch[-1][0]

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if not isinstance(error, DatabaseError | ValueError | TypeError | OverflowError | RecursionError):
            return
        if isinstance(error, OperationalError):
            return  # the database is gone, or somebody else was in the way: nothing is wrong with the file
        named = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        why = f"the database's rule {named} refuses it" if named else "a value is none that its column takes"
        raise Unfit(
            f"A row in lines {self.first} to {self.last} of tables/{self.shape.name}.jsonl cannot be used: "
            f"{why}."
        ) from error
