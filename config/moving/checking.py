"""Whether a row that anybody may have written fits its table, as far as the database does not say so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models

from config.moving.manifest import Unfit
from config.moving.tables import Shape
from escalations.domain.policy import PolicyError
from escalations.models import CalendarVersion, PolicyVersion
from escalations.policies import calendar_of, digest_of, policy_of

_VERSIONS = ("escalations.PolicyVersion", "escalations.CalendarVersion")
LARGEST_ID = 2**62


class Checked:
    """The columns of one table and what each may hold."""

    def __init__(self, shape: Shape, columns: list[str]) -> None:
        self.shape = shape
        known = {*shape.names, *shape.contents}
        if strange := sorted(set(columns) - known):
            raise Unfit(
                f"tables/{shape.name}.jsonl has a column “{strange[0][:40]}” that this version has not. "
                "Use the version that made the file, or a newer one."
            )
        if lost := sorted({shape.key, *_needed(shape)} - set(columns)):
            raise Unfit(
                f"tables/{shape.name}.jsonl has no column “{lost[0]}”, without which it has no rows. "
                "Take the file anew from where it was made."
            )
        self.columns = columns
        self.fields = {one.column: one for one in shape.columns if one.column in columns}
        self.lacking = {
            one.column: one.get_default()
            for one in shape.columns
            if one.column not in columns and one.has_default()
        }

    def check(self, row: dict[str, Any], line: int) -> None:
        """Unfit when the row cannot be one of Holdline's."""
        if row.keys() != set(self.columns):
            raise self.wrong(line, "its columns are not those that the manifest names")
        if self.shape.key in row and self.shape.label != "pghistory.Context":
            key = row[self.shape.key]
            if isinstance(key, bool) or not isinstance(key, int) or not 0 < key < LARGEST_ID:
                raise self.wrong(line, "its number is none")
        for column, one in self.fields.items():
            if not (_is_one(one, row[column]) if self.shape.history else _fits(one, row[column])):
                raise self.wrong(line, f"{column} is nothing that Holdline writes")
        if (
            self.shape.plan.model in _VERSIONS
            and not self.shape.history
            and row["digest"] != digest_of(row["data"])
        ):
            # What was parsed once is found by its digest, whoever's it is.
            raise self.wrong(line, "its digest is not that of its data")

    def wrong(self, line: int, why: str) -> Unfit:
        """The sentence about one line; it repeats no value."""
        return Unfit(f"Line {line} of tables/{self.shape.name}.jsonl cannot be used: {why}.")


def _needed(shape: Shape) -> set[str]:
    """The columns that a file of any version has: what came later has a default, or may be empty."""
    return set(shape.contents) | {
        one.column for one in shape.columns if not (one.has_default() or one.has_db_default() or one.null)
    }


def _fits(one: Any, value: Any) -> bool:
    if value is None:
        return bool(one.null or one.primary_key)
    if one.choices and value != "" and value not in _choices(one):
        return False
    if isinstance(one, models.JSONField):
        plain = one.get_default()
        return plain is None or isinstance(value, type(plain))
    if one.is_relation:
        return isinstance(value, int) and not isinstance(value, bool) and 0 < value < LARGEST_ID
    if one.column in ("time_zone", "username", "email"):
        return isinstance(value, str) and _valid(one, value)
    return _is_one(one, value)


def _is_one(one: Any, value: Any) -> bool:
    """Whether it is a moment, a number or a text at all: a database takes a time without end, and NaN, and no
    page could say either."""
    if value is None or isinstance(one, models.JSONField):
        return True
    if isinstance(one, models.DateField):
        read = datetime if isinstance(one, models.DateTimeField) else date
        return isinstance(value, str) and _reads(read.fromisoformat, value)
    if isinstance(one, models.BooleanField):
        return isinstance(value, bool)
    if isinstance(one, models.IntegerField | models.DecimalField | models.FloatField):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) or not isinstance(one, models.CharField | models.TextField)


def _reads(read: Callable[[str], Any], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def _choices(one: Any) -> frozenset[Any]:
    return frozenset(key for key, _ in one.flatchoices)


def _valid(one: Any, value: str) -> bool:
    try:
        if value and one.column == "time_zone":
            ZoneInfo(value)
        elif value:
            one.run_validators(value)
    except (ValidationError, ValueError, OSError, KeyError):
        return False
    return True


def check_rules(company_id: int) -> None:
    """Every version of policy and calendar can be read: tickets stand under all of them."""
    kinds: tuple[tuple[Any, Any], ...] = ((PolicyVersion, policy_of), (CalendarVersion, calendar_of))
    for model, parse in kinds:
        rows = model.objects.filter(company_id=company_id)
        if rows.filter(superseded_at=None).count() != 1:
            raise Unfit(f"It has no {model._meta.verbose_name} in force, or several. Take the file anew.")
        for version in rows.order_by("pk").iterator(chunk_size=20):
            try:
                parse(version)
            except (PolicyError, ValueError, KeyError, TypeError, AttributeError) as error:
                said = f"{model._meta.verbose_name} {version.number}"
                raise Unfit(
                    f"Its {said} cannot be read by this Holdline. Use the version that made it."
                ) from error
