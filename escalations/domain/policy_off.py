"""A type that is switched off: tickets that run keep it, and nothing leads to it any more. Pure.

What other types say of it stays in the data, so that it is all back when the type is switched on again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from escalations.domain.policy import Fork, Policy, Rule, TicketType, Way


def without_ways_to_off(policy: Policy) -> Policy:
    """The policy in which no rule, no neighbour and no answer of "Which ticket?" leads to such a type."""
    off = {one.key: one.name for one in policy.types if one.off}
    if not off:
        return policy
    # Rules that all types have are known by being the same object in each, and stay that.
    rules = {id(rule): _rule(rule, off) for one in policy.types for rule in one.rules}
    return replace(
        policy,
        types=tuple(_type(one, off, rules) for one in policy.types),
        which=tuple(_fork(fork, off) for fork in policy.which),
    )


def _rule(rule: Rule, off: Collection[str]) -> Rule:
    return replace(rule, suggest="", carry={}) if rule.suggest in off else rule


def _type(found: TicketType, off: Collection[str], rules: dict[int, Rule]) -> TicketType:
    near = tuple(one for one in found.neighbours if one.type not in off)
    return replace(found, rules=tuple(rules[id(rule)] for rule in found.rules), neighbours=near)


def _fork(fork: Fork, off: dict[str, str]) -> Fork:
    return replace(fork, ways=tuple(_way(way, off) if way.type in off else way for way in fork.ways))


def _way(way: Way, off: dict[str, str]) -> Way:
    said = f"{off[way.type]} is switched off at present, so no ticket is filed. Ask a supervisor what to do."
    return Way(label=way.label, none=said, rule=way.rule)
