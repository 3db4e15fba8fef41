"""The rows of an invented history, each as the acts of people and the nights would have written it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from config.demo.years.truth import (
    BY_HAND_AT,
    DAY,
    POSTED_AT,
    Answer,
    History,
    TrueClaim,
    TrueHold,
    TruePayment,
    entered_at,
    moment,
    night_at,
)
from deductibles.domain import cadence, hold, posting, states
from deductibles.models.holds import trace_of
from deductibles.x12.remittance import DENIED

CONTENT = "This file belongs to an invented history. It was never written out."
RIDE = {
    "reason": "A",
    "miles": "12",
    "pickup": {"line1": "1 Depot Street", "line2": "", "city": "Chicago", "state": "IL", "zip": "60601"},
    "dropoff": {"line1": "200 Clinic Drive", "line2": "", "city": "Chicago", "state": "IL", "zip": "60602"},
}
CLEARED_AFTER = timedelta(days=1)
NOTHING = Decimal("0.00")


@dataclass
class Keys:
    """The keys that the rows of a history were allotted, by the number of the claim or by what they name."""

    first_number: int
    claims: list[int]
    coverages: list[int]
    holds: list[int]
    snapshots: list[int]
    patients: list[int]
    payers: dict[str, int]
    settings: dict[int, int]
    runs: dict[tuple[str, date], int] = field(default_factory=dict)
    submissions: dict[date, int] = field(default_factory=dict)
    arrivals: dict[date, int] = field(default_factory=dict)
    first_answer: list[int] = field(default_factory=list)
    """Where the answers of each claim begin among ``snapshots``."""


def answers_of(claim: TrueClaim) -> int:
    """How many answers were kept: that of its entry, and those of its nights."""
    if claim.hold is None:
        return 1
    return 0 if claim.hold.kind == "manual" else 1 + len(claim.hold.answers)


def counts(history: History) -> dict[tuple[str, date], Counter[str]]:
    """What each night did, by kind and date: all while claims were entered, later the busy ones."""
    found: dict[tuple[str, date], Counter[str]] = defaultdict(Counter)
    on = history.begins_on
    while on < history.ends_on:
        found["check", on], found["submission", on] = Counter(), Counter()
        on += DAY
    for claim in history.claims:
        if claim.submitted_on is not None:
            found["submission", claim.submitted_on]["submitted"] += 1
        held = claim.hold
        for answer in held.answers if held else ():
            found["check", answer.on].update(("due", "asked", "answered"))
        if held and held.released_on and held.reason != hold.BY_HAND:
            word = "timed_out" if held.reason == hold.ELAPSED else "released"
            found["check", held.released_on][word] += 1
    return found


def status_of(claim: TrueClaim) -> str:
    """Where the claim stands today."""
    if claim.submitted_on is None:
        return states.HOLD
    payment = claim.payment
    waits = payment is None or (payment.too_late and payment.written_off_on is None)
    return states.ACCEPTED if waits else states.PAID


def released_at(held: TrueHold) -> datetime | None:
    """When it went: by a person in the afternoon, else in the night."""
    if held.released_on is None:
        return None
    by_hand = held.reason == hold.BY_HAND
    return moment(held.released_on, BY_HAND_AT) if by_hand else night_at(held.released_on)


@dataclass(frozen=True)
class Rows:
    """The columns and the rows of each table."""

    company: int
    keys: Keys
    by: User
    today: date

    CLAIM = (
        *("id", "company_id", "number", "patient_id", "payer_id", "date_of_service", "place_of_service"),
        *("status", "diagnoses", "ambulance", "sequence", "total", "deductible_unknown", "version"),
        *("created_at", "changed_at"),
    )

    def claim(self, claim: TrueClaim) -> tuple[Any, ...]:
        at, keys = entered_at(claim.entered_on), self.keys
        changed = moment(claim.payment.on, POSTED_AT) if claim.payment else at
        return (
            *(keys.claims[claim.number], self.company, f"C-{keys.first_number + claim.number}"),
            *(keys.patients[claim.number % len(keys.patients)], keys.payers[claim.payer.code]),
            *(claim.date_of_service, "41", status_of(claim), ["R55"], RIDE, 1, claim.total, False, 1),
            *(at, changed),
        )

    COVERAGE = (
        *("id", "company_id", "claim_id", "rank", "payer_id", "member_id", "group_number", "relationship"),
    )

    def coverage(self, claim: TrueClaim) -> tuple[Any, ...]:
        """Its member id tells a stand-in what remains today, as those of the demo's claims do."""
        keys, number = self.keys, claim.number
        letters = chr(65 + number % 26) + chr(65 + number // 26 % 26)
        cents = int(claim.path.on(self.today - DAY) * 100)
        member = f"{claim.payer.code[:2]}D{int(claim.annual) // 100:02d}{cents:06d}{letters}"
        payer = keys.payers[claim.payer.code]
        return keys.coverages[number], self.company, keys.claims[number], "primary", payer, member, "", "self"

    CHARGE = (
        *("company_id", "claim_id", "line", "code", "modifiers", "units", "amount", "diagnosis_pointers"),
    )

    def charge(self, claim: TrueClaim) -> tuple[Any, ...]:
        return self.company, self.keys.claims[claim.number], 1, "A0427", ["RH"], 1, claim.total, [1]

    SNAPSHOT = (
        *("id", "company_id", "claim_id", "coverage_id", "source", "asked_by", "asked_at", "as_of", "trace"),
        *("outcome", "detail", "x12_271", "reading", "annual", "remaining", "usable", "may_release"),
        *("may_hold", "says_met", "proven_until", "reason_code", "flags"),
    )

    def snapshots(self, claim: TrueClaim) -> Iterator[tuple[Any, ...]]:
        """The answer of its entry, and one for each answered question of its nights."""
        if not answers_of(claim):
            return
        at, on, left = entered_at(claim.entered_on), claim.entered_on, claim.remaining_at_entry
        trace = f"C{self.keys.claims[claim.number]}T{at:%y%m%d%H%M}"
        whose = self.by.get_username()
        yield self._snapshot(claim, 0, ("arboost", whose, at, on, trace), left, claim.proven_until)
        for place, one in enumerate(claim.hold.answers if claim.hold else (), start=1):
            trace = trace_of(self.keys.holds[claim.number], one.for_date)
            told = "nightly", None, night_at(one.on), one.on, trace
            yield self._snapshot(claim, place, told, one.remaining, one.proven_until)

    def _snapshot(
        self, claim: TrueClaim, place: int, told: tuple[Any, ...], left: Decimal, until: date
    ) -> tuple[Any, ...]:
        keys, number = self.keys, claim.number
        reading = _reading(claim.annual, left)
        return (
            *(self._answer(number, place), self.company, keys.claims[number], keys.coverages[number], *told),
            *("answered", "", "", reading, claim.annual, left, True, True, True, False, until, "", []),
        )

    def _answer(self, number: int, place: int) -> int:
        return self.keys.snapshots[self.keys.first_answer[number] + place]

    BEGUN = (
        *("id", "company_id", "claim_id", "coverage_id", "payer_id", "kind", "started_on", "anchor_on"),
        *("release_on", "guard_waived", "next_check_on", "annual", "remaining", "snapshot_id"),
        *("last_asked_at", "last_answered_at", "nightly_answers", "flags", "settings_id", "why", "active"),
        *("reason_code", "release_why"),
    )

    def begun(self, claim: TrueClaim) -> tuple[Any, ...]:
        """The hold on its first day."""
        held, keys, number = _hold(claim), self.keys, claim.number
        asked = held.kind != "manual"
        at = entered_at(held.held_on) if asked else None
        return (
            *(keys.holds[number], self.company, keys.claims[number], keys.coverages[number]),
            *(keys.payers[claim.payer.code], held.kind, held.held_on, held.held_on, held.first_release_on),
            *(False, cadence.next_check_on(held.held_on, held.held_on) if asked else None),
            *(claim.annual if asked else None, claim.remaining_at_entry if asked else None),
            *(self._answer(number, 0) if asked else None, at, at, 0, [], keys.settings[held.settings]),
            *(held.why, True, "", []),
        )

    ENDED = (
        *("id", "release_on", "next_check_on", "annual", "remaining", "snapshot_id", "last_asked_at"),
        *("last_answered_at", "nightly_answers", "settings_id", "active", "ended_at", "queued_at"),
        *("reason_code", "release_why", "cleared_at"),
    )

    def ended(self, claim: TrueClaim) -> tuple[Any, ...]:
        """The hold today: what was answered last, and how it went if it did."""
        held, number = _hold(claim), claim.number
        asked, gone = held.kind != "manual", released_at(held)
        last = held.answers[-1] if held.answers else None
        at = (night_at(last.on) if last else entered_at(held.held_on)) if asked else None
        left = (last.remaining if last else claim.remaining_at_entry) if asked else None
        answer = self._answer(number, len(held.answers)) if asked else None
        paid = claim.payment
        cleared = moment(paid.on, POSTED_AT) + CLEARED_AFTER if paid and paid.on < self.today - DAY else None
        return (
            *(self.keys.holds[number], held.release_on, self._next_check(held)),
            *(claim.annual if asked else None, left, answer),
            *(at, at, len(held.answers), self.keys.settings[held.settings_now], gone is None, gone, gone),
            *(held.reason or "", held.release_why, cleared if gone else None),
        )

    def _next_check(self, held: TrueHold) -> date | None:
        if held.kind == "manual":
            return None
        last = (held.released_on or self.today) - DAY
        return self.today if self._unanswered(held) else cadence.next_check_on(held.held_on, last)

    def _unanswered(self, held: TrueHold) -> date | None:
        """The date of the grid that is asked for again tonight, of what is still held."""
        if held.released_on is not None or held.kind == "manual":
            return None
        known = held.answers[-1].for_date if held.answers else None
        return cadence.newest_missed(held.held_on, known, self.today - DAY)

    QUESTION = ("company_id", "hold_id", "run_id", "for_date", "asked_at", "answered_at", "open")

    def questions(self, claim: TrueClaim) -> Iterator[tuple[Any, ...]]:
        """One for each answer, and the one that still waits for its own."""
        held, key = _hold(claim), self.keys.holds[claim.number]
        for one in held.answers:
            yield self._question(key, one)
        if (waits := self._unanswered(held)) is not None:
            on = self.today - DAY
            run = self.keys.runs.get(("check", on))
            yield self.company, key, run, waits, night_at(on), None, True

    def _question(self, key: int, one: Answer) -> tuple[Any, ...]:
        at = night_at(one.on)
        return self.company, key, self.keys.runs["check", one.on], one.for_date, at, at, False

    ITEM = ("company_id", "submission_id", "claim_id", "sequence", "open", "answer", "answered_at")

    def item(self, claim: TrueClaim) -> tuple[Any, ...]:
        assert claim.submitted_on is not None
        file = self.keys.submissions[claim.submitted_on]
        at = night_at(claim.submitted_on) + timedelta(hours=5)
        return self.company, file, self.keys.claims[claim.number], 1, True, "accepted", at

    SENT = ("company_id", "submission_id", "content")

    def sent(self) -> Iterator[tuple[Any, ...]]:
        """The texts of the submissions."""
        return ((self.company, key, CONTENT) for key in self.keys.submissions.values())

    CAME = ("company_id", "arrival_id", "content")

    def came(self) -> Iterator[tuple[Any, ...]]:
        """The texts of the remittances."""
        return ((self.company, key, CONTENT) for key in self.keys.arrivals.values())

    PAYMENT = (
        *("company_id", "arrival_id", "claim_id", "number", "sequence", "status", "charged", "paid"),
        *("patient_owes", "deductible", "allowed", "adjustments", "filed_too_late", "payer"),
        *("payer_reference", "trace", "paid_on", "note", "by_id", "at", "posted_at", "why_not"),
    )

    def payments(self, claim: TrueClaim) -> Iterator[tuple[Any, ...]]:
        """What came in an 835 or was posted by hand; a denial, and what closed it."""
        paid = claim.payment
        assert paid is not None
        if paid.too_late:
            yield self._denied(claim, paid)
            if paid.written_off_on is not None:
                yield self._by_hand(claim, paid.written_off_on, NOTHING, None, None, "Written off.")
        elif paid.by_hand:
            told = paid.tells == "all"
            taken, allowed = (paid.deductible, claim.allowed) if told else (None, None)
            yield self._by_hand(claim, paid.on, paid.paid, taken, allowed, "")
        else:
            off = {"CO 45": claim.total - claim.allowed, "PR 1": paid.deductible, "PR 2": paid.co_insurance}
            owes = paid.deductible + paid.co_insurance
            at = moment(paid.on, POSTED_AT)
            amounts = paid.paid, owes, paid.deductible, claim.allowed
            yield self._of_835(claim, paid, "1", amounts, off, at, "")

    def denials(self, history: History) -> dict[int, str]:
        """What is left for a biller to see to: denials that nobody has closed, by claim."""
        why = posting.why_not(DENIED, states.ACCEPTED, current=True, in_file=True)
        found = (one for one in history.claims if one.payment and one.payment.too_late)
        return {self.keys.claims[one.number]: why for one in found if status_of(one) == states.ACCEPTED}

    def _denied(self, claim: TrueClaim, paid: TruePayment) -> tuple[Any, ...]:
        off = {"CO 29": claim.total}
        why = posting.why_not(DENIED, states.ACCEPTED, current=True, in_file=True)
        return self._of_835(claim, paid, DENIED, (NOTHING, NOTHING, NOTHING, NOTHING), off, None, why)

    def _of_835(
        self,
        claim: TrueClaim,
        paid: TruePayment,
        status: str,
        amounts: tuple[Decimal, ...],
        off: dict[str, Decimal],
        posted: datetime | None,
        why_not: str,
    ) -> tuple[Any, ...]:
        keys = self.keys
        listed = [
            {"group": code.split()[0], "reason": code.split()[1], "amount": f"{amount:.2f}"}
            for code, amount in off.items()
            if amount
        ]
        return (
            *(self.company, keys.arrivals[paid.on], keys.claims[claim.number]),
            *(f"C-{keys.first_number + claim.number}", 1, status, claim.total, *amounts, listed),
            *(paid.too_late, claim.payer.name[:60], f"P{claim.number}", f"T{paid.on:%y%m%d}", paid.on, ""),
            *(None, moment(paid.on, POSTED_AT), posted, why_not),
        )

    def _by_hand(
        self,
        claim: TrueClaim,
        on: date,
        paid: Decimal,
        taken: Decimal | None,
        allowed: Decimal | None,
        note: str,
    ) -> tuple[Any, ...]:
        keys, at = self.keys, moment(on, POSTED_AT)
        return (
            *(self.company, None, keys.claims[claim.number], f"C-{keys.first_number + claim.number}", 1, ""),
            *(
                claim.total,
                paid,
                None,
                taken,
                allowed,
                [],
                False,
                "",
                "",
                "",
                on,
                note,
                self.by.pk,
                at,
                at,
                "",
            ),
        )


def digest_of(company: int, on: date, first: int) -> str:
    """What tells a remittance of the history from any file that ever comes."""
    return hashlib.sha256(f"years {company} {on} {first}".encode()).hexdigest()


def _reading(annual: Decimal, left: Decimal) -> dict[str, Any]:
    """AR Boost's amounts without a 271, as they are kept."""
    amounts = {"annual": f"{annual:.2f}", "remaining": f"{left:.2f}"}
    nothing = {"annual": None, "remaining": None}
    return {
        "usable": True,
        "envelope_valid": True,
        "active": True,
        "individual": amounts,
        "family": nothing,
        "out_of_network": nothing,
        "effective_remaining": amounts["remaining"],
        "flags": [],
        "rejects": [],
        "trail": [],
        "remaining_basis": "arboost_amounts",
    }


def _hold(claim: TrueClaim) -> TrueHold:
    assert claim.hold is not None
    return claim.hold
