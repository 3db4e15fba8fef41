"""Things put into another order by the place that was typed beside each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from escalations.domain.policy_fields import Faults, plain


def places_shown(keys: Sequence[str]) -> dict[str, str]:
    """``place.refund`` is where the type stands, from 1."""
    return {f"place.{key}": str(number) for number, key in enumerate(keys, 1)}


def read_places(keys: Sequence[str], said: Mapping[str, str], faults: Faults) -> list[str]:
    """The keys in their new order: those whose place was changed go there, the others keep theirs among
    themselves."""
    shown, moved = places_shown(keys), []
    for place, key in enumerate(keys):
        name = f"place.{key}"
        typed = plain(said.get(name, ""))
        if typed == shown[name]:
            continue
        if typed.isascii() and typed.isdigit() and len(typed) <= 4 and 1 <= int(typed) <= len(keys):
            moved.append((int(typed), place, key))
        else:
            faults[name] = f"Give a place from 1 to {len(keys)}."
    found = [key for key in keys if key not in {one for _, _, one in moved}]
    for wanted, _, key in sorted(moved):
        found.insert(wanted - 1, key)
    return found
