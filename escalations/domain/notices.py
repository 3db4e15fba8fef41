"""What somebody can be told of a ticket, by which ways, when a mail must wait, and who a note names. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from patients.domain.intake import Wrong

APP, MAIL = "app", "mail"
WAYS = (APP, MAIL)


@dataclass(frozen=True)
class Kind:
    """One kind of notice: how it is called on the page of choices, and by which ways it comes unless one
    chose otherwise."""

    key: str
    label: str
    about: str
    ways: tuple[str, ...] = (APP,)


KINDS = (
    Kind("alarm", "Immediate ticket", "A Patient SOS or another ticket that cannot wait was filed.", WAYS),
    Kind("breach", "Ticket is late", "A ticket of yours, or of your team, ran past its due time.", WAYS),
    Kind("warning", "Ticket is due soon", "The warning before a ticket of yours is due.", WAYS),
    Kind("assigned", "Ticket given to you", "Somebody assigned a ticket to you.", WAYS),
    Kind("mentioned", "You are named in a note", "Somebody wrote @ and your name on a ticket.", WAYS),
    Kind("yours", "News of a ticket of yours", "A colleague did something to a ticket you have or filed."),
    Kind("watched", "A ticket you watch", "Something happened to a ticket you watch."),
    Kind("reopened", "Ticket reopened", "A ticket that was yours came back."),
    Kind("proposed", "A further ticket is proposed", "A rule proposes another ticket beside one of yours."),
    Kind(
        "reclocked",
        "Due dates moved",
        "A change of the calendar or of the rules gave tickets of yours other due dates.",
    ),
)
BY_KEY = {kind.key: kind for kind in KINDS}

_DID = {
    "acknowledge": "sees to {}",
    "assign": "assigned {} to somebody",
    "call": "logged a call about {}",
    "cancel": "called {} off",
    "comment": "wrote a note on {}",
    "contact": "noted a further call about {}",
    "decline": "set a proposal on {} aside",
    "dismiss": "set a keyword on {} aside",
    "explain": "said why {} was late",
    "merge": "merged {} into another ticket",
    "reopen": "reopened {}",
    "resolve": "resolved {}",
    "resume": "went on with {}",
    "retype": "changed the type or the answers of {}",
    "start": "started {}",
    "take": "took {}",
    "wait": "lets {} wait",
}
ENDS = ("resolve", "cancel", "merge")
"""The steps that whoever filed a ticket is told of: how the call ended that they took."""


def did(who: object, act: str, number: str) -> str:
    """What somebody did to a ticket, in a sentence. It is made of the act alone: titles and notes of the
    timeline are typed by people and may name a patient (I8)."""
    return f"{who} {_DID.get(act, 'changed {}').format(number)}."


def ways_of(kind: str, chosen: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """By which of :data:`WAYS` a kind is told, given what the person chose."""
    said = chosen.get(kind)
    return tuple(way for way in WAYS if way in (BY_KEY[kind].ways if said is None else said))


def mail_at(now: datetime, quiet_from: time | None, quiet_until: time | None, zone: ZoneInfo) -> datetime:
    """When a mail may go that is due ``now``: at once, or at the end of the quiet hours it falls into.

    Quiet hours are wall times ``[quiet_from, quiet_until)`` of ``zone`` and may run past midnight; equal
    times are no quiet hours.
    """
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return now
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    overnight = quiet_from > quiet_until
    quiet = (clock >= quiet_from or clock < quiet_until) if overnight else quiet_from <= clock < quiet_until
    if not quiet:
        return now
    ends_on = local.date() + timedelta(days=1 if overnight and clock >= quiet_from else 0)
    return max(now, datetime.combine(ends_on, quiet_until, zone).astimezone(now.tzinfo))


# --- what a person chooses ---------------------------------------------------------------------------

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?")


@dataclass(frozen=True)
class Quiet:
    """Quiet hours as they were typed: the two wall times, or what is wrong with them by field."""

    since: time | None
    until: time | None
    wrong: Mapping[str, Wrong]


def read_quiet(since: str, until: str) -> Quiet:
    """Read quiet hours. Both or neither; one without the other, and two equal times, are refused."""
    wrong: dict[str, Wrong] = {}
    found: dict[str, time | None] = {}
    for name, typed in (("quiet_from", since), ("quiet_until", until)):
        try:
            found[name] = _time(typed)
        except Wrong as problem:
            wrong[name] = problem
    if not wrong and (found["quiet_from"] is None) != (found["quiet_until"] is None):
        empty, other = (
            ("quiet_from", "when the quiet hours begin")
            if found["quiet_from"] is None
            else ("quiet_until", "when the quiet hours end")
        )
        wrong[empty] = Wrong("required", f"Say {other} too, or leave both empty: then no hours are quiet.")
    elif not wrong and found["quiet_from"] is not None and found["quiet_from"] == found["quiet_until"]:
        wrong["quiet_until"] = Wrong(
            "conflict",
            "The quiet hours end as they begin, so no hour would be quiet. Leave both empty for that.",
        )
    return Quiet(found.get("quiet_from"), found.get("quiet_until"), wrong)


def _time(typed: str) -> time | None:
    plain = typed.strip()
    if not plain:
        return None
    found = _TIME.fullmatch(plain) if plain.isascii() else None
    if found is None:
        raise Wrong("format", "Write a time of day like 18:30, from 00:00 to 23:59.")
    return time(int(found[1]), int(found[2]))


def read_ways(chosen: Collection[str]) -> dict[str, list[str]]:
    """By which ways each kind is to come, from the boxes that were ticked (``breach.mail``); others are
    passed over. What is not ticked is not wanted."""
    return {kind.key: [way for way in WAYS if f"{kind.key}.{way}" in chosen] for kind in KINDS}


# --- whom a note names ---------------------------------------------------------------------------------

_MENTION = re.compile(r"(?<![\w@.])@([\w+-][\w.+-]*(?:@[\w.+-]+)?)")
_AFTER_A_NAME = ".-+"


def _readings(said: str) -> Iterable[str]:
    """What stands behind an ``@`` as a username, the longest reading first: a username may have an ``@``
    or end a sentence."""
    whole = said.rstrip(_AFTER_A_NAME)
    return dict.fromkeys(one for one in (said, whole, whole.partition("@")[0].rstrip(_AFTER_A_NAME)) if one)


def named_in(text: str) -> list[str]:
    """The usernames a note may name by ``@``, small letters, in their order; who exists is not known here."""
    found = (one.casefold() for said in _MENTION.findall(text) for one in _readings(said))
    return list(dict.fromkeys(found))


def pieces(text: str, known: Collection[str]) -> list[tuple[str, bool]]:
    """A note in pieces, each with whether it is the mention of one of these usernames (small letters)."""
    cut: list[tuple[str, bool]] = []
    at = 0
    for found in _MENTION.finditer(text):
        name = next((one for one in _readings(found[1]) if one.casefold() in known), "")
        if name:
            end = found.start() + 1 + len(name)
            cut += [(text[at : found.start()], False), (text[found.start() : end], True)]
            at = end
    return [piece for piece in (*cut, (text[at:], False)) if piece[0]]
