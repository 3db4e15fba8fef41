"""The context every change is recorded with: who, which act, why, in which run.

Database triggers write the history (django-pghistory); this names the person behind it. A change
made outside any context is still recorded, only without a name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.db import models

_Model = TypeVar("_Model", bound=type[models.Model])


def track(model: _Model) -> _Model:
    """Class decorator: keep this model's whole history, statement-level and append-only.

    Statement-level triggers see bulk updates and raw SQL, and cost one insert a statement. The rows
    of ``Claim`` are kept by ``ClaimEvent``.
    """
    return track_as("")(model)


def track_as(
    history: str = "",
    *,
    found_by: str = "",
    without: Sequence[str] = (),
    told_elsewhere: Sequence[str] = (),
) -> Callable[[_Model], _Model]:
    """As :func:`track`, for a model whose ``…Event`` is a model of its own: name the history.

    A history is found by its row, and by the reference ``found_by`` if one is named; other references in it
    have no index, for each would be written with every change and read by nobody. Columns named by
    ``without`` are not kept: a secret that was replaced must not live on in the audit. A change of nothing
    but the columns ``told_elsewhere``, which the history of another row keeps, is not kept twice.
    """
    changed = pgtrigger.AnyChange(exclude=list(told_elsewhere))
    kept = [
        pghistory.InsertEvent(level=pghistory.Statement),
        pghistory.UpdateEvent(level=pghistory.Statement, condition=changed),
        pghistory.DeleteEvent(level=pghistory.Statement),
    ]
    named: dict[str, Any] = {"exclude": list(without)} if without else {}
    if history:
        named |= {
            "model_name": history,
            "obj_field": pghistory.ObjForeignKey(related_name="history", db_index=True),
        }

    def tracked(model: _Model) -> _Model:
        if found_by:
            name = f"{model.__name__.lower()}_history_{found_by}"[:30]
            named["meta"] = {"indexes": [models.Index(fields=[found_by], name=name)]}
        done: _Model = pghistory.track(*kept, **named)(model)
        return done

    return tracked


def acting(
    by: Any, act: str, *, reason: str = "", run: int | None = None, company: int | None = None
) -> AbstractContextManager[Any]:
    """Name the actor for every row changed inside the ``with`` block.

    ``by`` is a User, or ``None`` for Holdline itself, which then names the ``company`` it acts for unless
    one act is for many. ``reason`` is free of patient data.
    """
    facts: dict[str, Any] = {"user": getattr(by, "pk", None), "who": who(by), "act": act}
    if company := getattr(by, "company_id", company):
        facts["company"] = company
    if reason:
        facts["reason"] = reason
    if run is not None:
        facts["run"] = run
    return pghistory.context(**facts)


def who(by: Any) -> str:
    """The name shown in audit logs: a username, or Holdline for runs and sweeps."""
    return by.get_username() if by is not None else "Holdline"
