"""The tables of the plan as the database has them: columns, references, and which rows are a company's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.apps import apps
from django.db import models
from pghistory.models import Event

from accounts.models import Company
from config.moving.plan import BY_MODEL, TABLES, Fate, Table

CONTEXT = "pghistory.Context"
COMPANY = Company._meta.label
_OF_USER = "user_id IN (SELECT id FROM accounts_user WHERE company_id = %(company)s)"
_FACTS = """CASE WHEN coalesce(metadata ->> 'company', %(company)s::text) = %(company)s::text
    AND (metadata ->> 'user' IS NULL
        OR (metadata ->> 'user')::bigint IN (SELECT id FROM accounts_user WHERE company_id = %(company)s))
    THEN metadata ELSE jsonb_build_object('who', 'Holdline', 'act', metadata -> 'act') END AS metadata"""
"""An act that a sweep did for many companies must not tell one of another."""


@dataclass(frozen=True)
class Shape:
    """A table, or the history of one (``history``): what the plan says of it and what the models know."""

    model: Any
    plan: Table
    history: bool = False
    columns: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def label(self) -> str:
        """The model it is."""
        return str(self.model._meta.label)

    @property
    def name(self) -> str:
        """The table in the database, and the name of its file."""
        return str(self.model._meta.db_table)

    @property
    def what(self) -> str:
        """What its rows are called."""
        said = str(self.model._meta.verbose_name)
        return f"history of {self.plan.model.rpartition('.')[2].lower()}" if self.history else said

    @property
    def key(self) -> str:
        """The column its rows are told apart by."""
        return str(self.model._meta.pk.column)

    @property
    def moves(self) -> bool:
        """Whether its rows come into the new company."""
        return self.plan.fate == Fate.MOVES

    @cached_property
    def references(self) -> dict[str, str]:
        """Columns that lead to rows of the company, each with the model it leads to."""
        found = {
            one.column: one.related_model._meta.label
            for one in self.columns
            if one.is_relation and one.related_model._meta.label != CONTEXT
        }
        return {**found, "id": self.plan.model} if self.history else found

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns that go into the file as such; the company is said once, in the manifest."""
        return tuple(one.column for one in self.columns if one.column not in self.plan.contents)

    @property
    def wall(self) -> str:
        """The condition that keeps rows of one company; its one value is ``company``."""
        columns = {one.column for one in self.model._meta.concrete_fields}
        if self.plan.model == COMPANY:
            return "pgh_obj_id = %(company)s" if self.history else "id = %(company)s"
        if self.label == CONTEXT:
            return f"id IN ({_contexts()})"
        return "company_id = %(company)s" if "company_id" in columns else _OF_USER

    @property
    def statement(self) -> str:
        """What reads the company's rows: each as JSON, and the columns that become files as they are, in the
        order in which the rows were added."""
        told = {"metadata": _FACTS} if self.label == CONTEXT else {}
        listed = ", ".join(told.get(name, f'"{name}"') for name in self.names)
        contents = "".join(f', "{name}"' for name in self.contents)
        order = "created_at, id" if self.label == CONTEXT else f'"{self.key}"'
        # No column has the name of what is made of them all.
        named = ", ".join(f'moving_row."{name}"' for name in self.names)
        whole = f"(SELECT row_to_json(moving_said)::text FROM (SELECT {named}) AS moving_said)"  # noqa: S608
        rows = f'SELECT {listed}{contents} FROM "{self.name}" WHERE {self.wall} ORDER BY {order}'  # noqa: S608
        return f"SELECT {whole}{contents} FROM ({rows}) AS moving_row"  # noqa: S608

    @property
    def contents(self) -> tuple[str, ...]:
        """The columns that become files."""
        return () if self.history else tuple(self.plan.contents)


@lru_cache(maxsize=1)
def shapes() -> tuple[Shape, ...]:
    """Every table that goes into the file, in the order of the plan; histories behind all tables."""
    found = [
        _shape(apps.get_model(table.model), table)
        for table in TABLES
        if table.fate in (Fate.MOVES, Fate.READ)
    ]
    told = [
        _shape(event, BY_MODEL[tracked], history=True)
        for event, tracked in histories()
        if tracked in BY_MODEL
    ]
    return (*found, *(one for one in told if one.plan.fate in (Fate.MOVES, Fate.READ)))


def histories() -> Iterator[tuple[Any, str]]:
    """Every history with the model whose rows it keeps."""
    for one in apps.get_models():
        tracked = getattr(one, "pgh_tracked_model", None)
        if issubclass(one, Event) and one._meta.managed and tracked is not None:
            yield one, tracked._meta.label


def _shape(model: Any, table: Table, *, history: bool = False) -> Shape:
    columns = tuple(
        one for one in model._meta.concrete_fields if one.column not in table.without and not _is_company(one)
    )
    return Shape(model, table, history, columns)


def _is_company(one: models.Field[Any, Any]) -> bool:
    """Whether a column says which company a row is of; of the history of companies another one says so."""
    return one.is_relation and one.related_model is Company and one.column == "company_id"


@lru_cache(maxsize=1)
def _contexts() -> str:
    """The acts that touched rows of the company."""
    told = [
        f'SELECT pgh_context_id FROM "{one.name}" WHERE {one.wall}'  # noqa: S608
        for one in shapes()
        if one.history
    ]
    return " UNION ".join(told)
