"""Reading the bodies of the escalation endpoints, and saying what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.steps import Refused
from api.errors import RuleProblems
from api.permissions import SignedIn
from api.serializers import StrictSerializer
from escalations import shapes
from escalations.domain.intake import Finding
from escalations.filing import Filing
from escalations.models import Ticket
from escalations.queries import tickets_of
from patients.domain.intake import Wrong

_MOST_FACTS = 20


def body(request: SignedIn, kind: type[StrictSerializer]) -> dict[str, Any]:
    """The body with its names checked; what the values mean is read elsewhere."""
    return checked(request.data, kind)


def checked(data: Any, kind: type[StrictSerializer]) -> dict[str, Any]:
    """A body or a part of one with its names checked."""
    form = kind(data=data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def filing_in(said: Mapping[str, Any]) -> dict[str, Any]:
    """A filing as it was sent, with ``override`` and ``overrides`` as one list."""
    given = dict(said)
    rows = [given.pop("override", None), given.get("overrides")]
    rows = [row for row in rows if row not in (None, [], "")]
    given["overrides"] = [one for row in rows for one in (row if isinstance(row, list) else [row])]
    return given


def yes_or_no(name: str, value: Any) -> bool:
    """A switch of a body: true or false, and false where nothing is said."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise invalid({name: Wrong("choice", f"{name.capitalize()} is true or false.")})
    return value


def refusal(filing: Filing) -> Exception:
    """Everything that stands against a filing, values by field and rules by id."""
    return problems_with(filing.all_wrong, filing.intake.refusals)


def problems_with(wrong: Mapping[str, Wrong], findings: tuple[Finding, ...]) -> Exception:
    """The refusal for values that cannot be read and for rules that refuse; 403 for the role alone."""
    _not_found(wrong)
    forbidden = wrong.get("overrides")
    if forbidden is not None and forbidden.code == "role":
        return Refused(forbidden.sentence, "role")
    if not findings:
        return invalid(wrong)
    fields = {name: [{"code": one.code, "message": one.sentence}] for name, one in wrong.items()}
    return RuleProblems([shapes.problem_json(finding) for finding in findings], fields)


def invalid(wrong: Mapping[str, Wrong]) -> ValidationError:
    """The refusal for values that cannot be read, by field."""
    _not_found(wrong)
    return ValidationError({name: [ErrorDetail(one.sentence, one.code)] for name, one in wrong.items()})


def _not_found(wrong: Mapping[str, Wrong]) -> None:
    """A row that is not there, or another company's, is 404 wherever its id was given."""
    if any(one.code == "not_found" for one in wrong.values()):
        raise Http404


def step_in(data: Any) -> tuple[str, int | None, dict[str, Any]]:
    """A step as it was sent: the act, the version that was seen, and what the act must be told."""
    if not isinstance(data, dict) or len(data) > _MOST_FACTS:
        raise ValidationError({"act": ["Send an object with the act and what it must be told."]})
    facts = dict(data)
    act, version = facts.pop("act", None), facts.pop("version", None)
    if not isinstance(act, str) or not act or len(act) > 40:
        raise ValidationError({"act": ["Say which step to take, like start or comment."]})
    if version is not None and (type(version) is not int or not 0 < version < 2**31):
        raise ValidationError({"version": ["The version is the whole number that was read with the ticket."]})
    return act, version, facts


def ticket_at(request: SignedIn, key: str) -> Ticket:
    """The ticket by its opaque id or its number, with what the answer tells of it, or 404."""
    rows = shapes.told(tickets_of(request.user))
    if key.isascii() and key.isdigit() and len(key) <= 18:
        found = rows.filter(pk=int(key)).first()
    else:
        found = rows.filter(number=key).first() if key.isascii() and key.isprintable() else None
    if found is None:
        raise Http404
    return found
