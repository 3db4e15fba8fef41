"""The guard rails of a filing as they are drawn: how strongly, beside which field, with which ways on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from accounts.roles import Can
from escalations.domain.intake import Finding
from escalations.filing import Filing
from escalations.forms import OVERRIDE

KEYWORDS = "R-EXEC-1"
MARK_REASON = "mark_reason"
"""The field in which somebody says how they know of an application for Compassionate Care (R-STOP-2)."""
_GUARDS = {"BLOCK": "stop", "REQUIRE": "stop", "ACK": "warn", "SUGGEST": "warn"}


@dataclass(frozen=True)
class Guard:
    """One guard rail; ``acknowledge`` asks for a tick.

    ``use`` is what the button that takes the suggestion sends, ``use_words`` what it says. ``override``
    names the field for a supervisor's reason; ``may_override`` tells somebody else that a supervisor could.
    ``marks`` offers to mark the patient, ``marked`` is the reason typed for that and ``wrong`` what is wrong.
    """

    strength: str
    rule: str
    title: str
    message: str
    instead: str
    url: str
    acknowledge: bool = False
    use: str = ""
    use_words: str = ""
    override: str = ""
    overridden: str = ""
    may_override: bool = False
    marks: bool = False
    marked: str = ""
    wrong: str = ""


def guards_of(
    filing: Filing, user: User, *, judged: bool, reasons: dict[str, str], mark: tuple[str, str] = ("", "")
) -> list[tuple[str, Guard]]:
    """Every guard rail of a filing with the field it stands beside; what is only missing waits for a
    judgement. ``mark`` is what was typed as the reason to mark the patient, and what is wrong with it."""
    intake = filing.intake
    refusing = [one for one in intake.refusals if judged or not one.missing]
    guiding = [one for one in intake.findings if not one.refuses and one.strength not in ("ACTION", "FIELD")]
    shown = [one for one in _once_a_type([*refusing, *guiding]) if one.rule != KEYWORDS]
    found = [(one.field, _guard(one, filing, user, mark)) for one in shown]
    lifted = {one.rule: one for one in intake.overridden}
    return found + [(one.field, _lifted(one, reasons.get(one.rule, ""))) for one in lifted.values()]


def _once_a_type(findings: Iterable[Finding]) -> list[Finding]:
    """Two rules that suggest the same type say so once."""
    seen: set[str] = set()
    kept = []
    for one in findings:
        if one.refuses or one.suggest not in seen:
            kept.append(one)
        seen |= {one.suggest} - {""}
    return kept


def _guard(finding: Finding, filing: Filing, user: User, mark: tuple[str, str]) -> Guard:
    strength = "warn" if finding.missing else _GUARDS.get(finding.strength, "guide")
    kind = filing.policy.type(finding.suggest) if finding.suggest else None
    beside = kind is not None and any(
        rule.beside for rule in (filing.type.rules if filing.type else ()) if rule.id == finding.rule
    )
    directs = user.may(Can.DIRECT_TICKETS)
    return Guard(
        strength=strength,
        rule=finding.rule,
        title="Not filed here." if finding.deflect else "",
        message=finding.message,
        instead=finding.instead,
        url=guide_url(finding.rule),
        acknowledge=finding.strength == "ACK",
        use=f"use:{finding.rule}:{finding.suggest}" if kind and not beside else "",
        use_words=f"File {kind.name} instead" if kind and not beside else "",
        override=OVERRIDE + finding.rule if finding.override and finding.refuses and directs else "",
        may_override=finding.override and finding.refuses and not directs,
        marks=bool(finding.heard) and not finding.suggest,
        marked=mark[0],
        wrong=mark[1],
    )


def _lifted(finding: Finding, reason: str) -> Guard:
    """A rule that a supervisor overrides: it stays in sight with its reason."""
    return Guard(
        "warn",
        finding.rule,
        "Overridden.",
        finding.message,
        "",
        guide_url(finding.rule),
        override=OVERRIDE + finding.rule,
        overridden=reason,
    )


def guide_url(rule: str) -> str:
    """Where the guide explains a rule."""
    return f"/guide/#{rule}"
