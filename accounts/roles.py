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
    TRY_SETTINGS = "try settings on past claims"
    PLAN_SHIFTS = "plan teams and shifts"
    SETTINGS = "change settings"
    BREAK_GLASS = "read patients in an emergency"
    WATCH_EMERGENCIES = "see who read patients in an emergency"


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
    Can.TRY_SETTINGS,
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
            Can.TRY_SETTINGS,
            Can.WATCH_EMERGENCIES,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Can.READ_PAYERS,
            Can.WRITE_PAYERS,
            Can.START_NIGHTS,
            Can.READ_NIGHTS,
            Can.TRY_SETTINGS,
            Can.PLAN_SHIFTS,
            Can.SETTINGS,
            Can.BREAK_GLASS,
            Can.WATCH_EMERGENCIES,
        }
    ),
}

_OF_PEOPLE = frozenset({Can.BREAK_GLASS, Can.WATCH_EMERGENCIES})
"""What only somebody at a page does, and no program."""
IN_EMERGENCY = frozenset({Can.READ_PATIENTS, Can.READ_TICKETS, Can.READ_CLAIMS})
"""What an admin may besides, on the pages that an emergency opens (accounts.emergency): no write."""


READS = frozenset({Can.READ_PATIENTS, Can.READ_TICKETS, Can.READ_CLAIMS, Can.READ_PAYERS, Can.READ_NIGHTS})
"""What changes nothing: a token that may only these may only read."""


def may(role: str, capability: Can) -> bool:
    """Say whether somebody of this role has the capability; unknown roles have none."""
    try:
        return capability in CAPABILITIES[Role(role)]
    except ValueError:
        return False


def roles_that_may(capability: Can) -> tuple[Role, ...]:
    """Give the roles that have the capability, in the order people are listed."""
    return tuple(role for role in Role if capability in CAPABILITIES[role])


def own_capabilities(role: str) -> list[Can]:
    """What somebody of this role can give to a token, in the order of :class:`Can`."""
    mine = CAPABILITIES.get(Role(role), frozenset()) if role in set(Role) else frozenset[Can]()
    return [one for one in Can if one in mine and one not in _OF_PEOPLE]


def read_capabilities(text: str) -> frozenset[Can] | None:
    """What a token was limited to, as it is stored; None when it may whatever its person may.

    A word that is no capability any more allows nothing.
    """
    known = {one.value: one for one in Can}
    words = [word for word in text.split(",") if word]
    return frozenset(known[word] for word in words if word in known) if words else None


def limit_refusal(capability: Can) -> str:
    """Say to a program why its token is refused though its person may."""
    return f"This token may not {capability.value}: it was made for less. Make one that may."


def refusal(capability: Can) -> str:
    """Say in one sentence which roles a refused person would have to have."""
    names = [str(role) for role in roles_that_may(capability)]
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
    return f"This needs the role {listed}: only they may {capability.value}."
