"""A test in words: which steps to a receiver went well, which one failed, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from work import reach
from work.hooks.wire import rules, uses_tls
from work.places import is_address

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
_LOOK_UP_SECONDS = 3.0
INSIDE = (
    "The name in this address leads to this machine or into a private network. Type one that is reached from "
    "the internet."
)
_STEPS = {
    "address": ("Address", "Correct the address: it must be one of the internet."),
    "name": (
        "Name",
        "Look for a typing error in the address. If it is right, ask whoever runs this server.",
    ),
    "connect": (
        "Connection",
        "Look at the port in the address, and whether a firewall lets this server in there.",
    ),
    "tls": ("Encryption", "Whoever runs the receiver mends its certificate; nothing is sent until then."),
    "answer": ("Answer", "Look into the log of the receiver at this moment; it must answer 200 to 299."),
}


@dataclass(frozen=True)
class Step:
    """One step of a test: what was found, and what a person can do about it."""

    key: str
    name: str
    state: str
    said: str = ""
    mend: str = ""


def steps_of(test: Mapping[str, Any]) -> list[Step]:
    """The steps of a test that was kept; none when there was none."""
    if not test:
        return []
    if test["step"] == "secret":
        return [Step("secret", "Secret", FAILED, test["said"], "Make a new secret below.")]
    keys = [key for key in _STEPS if key != "tls" or uses_tls(test["address"])]
    failed = keys.index(test["step"]) if test["step"] in keys else len(keys)
    steps = []
    for place, key in enumerate(keys):
        name, mend = _STEPS[key]
        if place < failed:
            said = f"It answered {test['status']} in {test['milliseconds']:,} ms." if key == "answer" else ""
            steps.append(Step(key, name, PASSED, said))
        elif place == failed:
            steps.append(Step(key, name, FAILED, test["said"], mend))
        else:
            steps.append(Step(key, name, SKIPPED))
    return steps


def leads_inside(url: str) -> bool:
    """Whether a name leads where nothing may be sent, so that who types it is told at once.

    It is judged again at every connection. A name that nobody knows, or that nobody answers for in time, is
    taken: it may be known later.
    """
    host = urlsplit(url).hostname or ""
    if is_address(host):
        return not rules().may_connect(host.strip("[]"))
    found = reach.look_up(host, 443, _LOOK_UP_SECONDS)
    return not isinstance(found, str) and not all(rules().may_connect(place) for place, _ in found)
