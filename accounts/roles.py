"""Who may do what: the four roles and the capabilities each one has. Pure."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The four kinds of people who use Holdline."""

    AGENT = "agent"
    BILLER = "biller"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Can(StrEnum):
    """A capability: one thing a page, an endpoint or a step may ask for."""

    READ_PATIENTS = "read patients"
    WRITE_PATIENTS = "change patients"
    IMPORT_PATIENTS = "import patients"
    READ_TICKETS = "read tickets"
    WORK_TICKETS = "work on tickets"
    DIRECT_TICKETS = "direct tickets"
    READ_CLAIMS = "read claims"
    WORK_CLAIMS = "work on claims"
    READ_PAYERS = "read payers"
    WRITE_PAYERS = "change payers"
    START_NIGHTS = "start nightly runs"
    READ_NIGHTS = "read nightly runs"
    PLAN_SHIFTS = "plan teams and shifts"
    SETTINGS = "change settings"


_AGENT = {Can.READ_PATIENTS, Can.WRITE_PATIENTS, Can.READ_TICKETS, Can.WORK_TICKETS}
_BILLER = {
    Can.READ_PATIENTS,
    Can.WRITE_PATIENTS,
    Can.IMPORT_PATIENTS,
    Can.READ_TICKETS,
    Can.READ_CLAIMS,
    Can.WORK_CLAIMS,
    Can.READ_PAYERS,
    Can.WRITE_PAYERS,
    Can.READ_NIGHTS,
}

CAPABILITIES: dict[Role, frozenset[Can]] = {
    Role.AGENT: frozenset(_AGENT),
    Role.BILLER: frozenset(_BILLER),
    Role.SUPERVISOR: frozenset(
        _AGENT
        | {
            Can.DIRECT_TICKETS,
            Can.IMPORT_PATIENTS,
            Can.PLAN_SHIFTS,
            Can.READ_CLAIMS,
            Can.READ_PAYERS,
            Can.START_NIGHTS,
            Can.READ_NIGHTS,
        }
    ),
    Role.ADMIN: frozenset(
        {Can.READ_PAYERS, Can.WRITE_PAYERS, Can.START_NIGHTS, Can.READ_NIGHTS, Can.PLAN_SHIFTS, Can.SETTINGS}
    ),
}


def may(role: str, capability: Can) -> bool:
    """Say whether somebody of this role has the capability; unknown roles have none."""
    try:
        return capability in CAPABILITIES[Role(role)]
    except ValueError:
        return False


def roles_that_may(capability: Can) -> tuple[Role, ...]:
    """Give the roles that have the capability, in the order people are listed."""
    return tuple(role for role in Role if capability in CAPABILITIES[role])


def refusal(capability: Can) -> str:
    """Say in one sentence which roles a refused person would have to have."""
    names = [str(role) for role in roles_that_may(capability)]
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
    return f"This needs the role {listed}: only they may {capability.value}."
