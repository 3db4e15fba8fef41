"""All tables of an app made in one step of a migration.

Between two steps Django renders every model anew that is related to what changed; here nearly all are, by
their company. A hundred tables one after the other cost thousands of renderings, all at once a few hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Make ``tables``, which may refer to one another in any order, also in a circle."""

    category = OperationCategory.ADDITION
    serialization_expand_args = ["tables"]

    def __init__(self, tables: Sequence[CreateModel]) -> None:
        self.tables = tables

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """What Django writes into a migration file."""
        return type(self).__name__, [], {"tables": list(self.tables)}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Tell the models to a state that renders none of them until it is asked for one."""
        vars(state).pop("apps", None)
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make each table, then what Django puts off to the migration's end: SQL that follows needs it."""
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)
        while schema_editor.deferred_sql:
            schema_editor.execute(schema_editor.deferred_sql.pop(0), None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop each table, the last one first."""
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What ``migrate --plan`` prints."""
        return f"Create models {', '.join(table.name for table in self.tables)}"
