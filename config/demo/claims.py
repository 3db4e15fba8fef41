"""A month of claims: entered, held, asked about and submitted by the acts and nights themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from string import ascii_uppercase as LETTERS
from typing import Any

from accounts.models import Company, User
from config.demo import answered, nights
from config.demo.bills import ALL, FIRST_NIGHT, NOW, SILENT_NIGHTS, UNCLEAR_NIGHT
from config.demo.vendor import Vendor
from deductibles.actions import claims, cob, deciding, holds, pinning
from deductibles.models import Claim
from deductibles.nights import newest_night
from patients import reading
from patients.models import Door, Patient, Payer

OPENS = time(8, 20)
BETWEEN_CLAIMS = timedelta(minutes=47)
LEAST_AGO = timedelta(seconds=1)
FRESH = 4
"""For how many days the demo keeps which patients the billers looked at."""

TRIPS: tuple[tuple[tuple[str, str], str, int, str, str], ...] = (
    (("A0427", "850.00"), "R55", 12, "RH", "Lakeview General Hospital"),
    (("A0429", "610.00"), "S72001A", 7, "SH", "St. Brendan Medical Center"),
    (("A0428", "420.00"), "N186", 18, "RG", "Northside Dialysis"),
    (("A0433", "1240.00"), "I469", 9, "RH", "Lakeview General Hospital"),
    (("A0427", "850.00"), "J9601", 23, "NH", "Riverbend Hospital"),
    (("A0429", "610.00"), "R0602", 5, "RH", "St. Brendan Medical Center"),
    (("A0428", "420.00"), "M6281", 31, "HN", "Maple Court Care Home"),
)
"""Service with its price, diagnosis, loaded miles, origin and destination, and where the ambulance went."""
A_MILE = Decimal("18.50")


def body_of(
    patient: Patient,
    payer: Payer,
    member_id: str,
    service_on: date,
    trip: int = 0,
    lacks: tuple[str, ...] = (),
) -> dict[str, Any]:
    """An ambulance claim, as ``POST claims/`` takes it, without what it ``lacks``."""
    (code, price), diagnosis, miles, modifier, place = TRIPS[trip % len(TRIPS)]
    miles += trip * 5 % 13
    home = {"line1": patient.line1, "city": patient.city, "state": patient.state, "zip": patient.zip}
    clinic = {"line1": "200 Clinic Drive", "city": "Chicago", "state": "IL", "zip": "60602"}
    line = {"modifiers": [modifier], "diagnosis_pointers": [1]}
    body: dict[str, Any] = {
        "patient": str(patient.pk),
        "date_of_service": service_on.isoformat(),
        "place_of_service": "41",
        "coverages": [{"rank": "primary", "payer": str(payer.pk), "member_id": member_id}],
        "diagnoses": [diagnosis],
        "charges": [
            {"code": code, "units": "1", "amount": price, **line},
            {"code": "A0425", "units": str(miles), "amount": f"{A_MILE * miles:.2f}", **line},
        ],
        "ambulance": {
            "reason": "A", "miles": str(miles), "dropoff_name": place, "pickup": home, "dropoff": clinic,
        },
    }  # fmt: skip
    if "member_id" in lacks:
        body["coverages"][0]["member_id"] = ""
    return {**body, **{name: [] for name in lacks if name in body}}


def live_claims(billers: list[User], patients: list[Patient], *, now: datetime) -> None:
    """Live through every night from the first claim to the newest night, and what has been of today."""
    Month(billers, patients, now).live()


class Month:
    """The month being lived: who bills whom, what AR Boost says, and which claim came of which line."""

    def __init__(self, billers: list[User], patients: list[Patient], now: datetime) -> None:
        self.billers, self.now = billers, now
        self.company: Company = billers[0].company
        self.last = newest_night(self.company, now)
        self.payers = {payer.payer_id: payer for payer in Payer.objects.filter(company=self.company)}
        self.vendor = Vendor()
        self.patients = _with_patients(patients)
        self.made: dict[int, Claim] = {}
        self.doings = self._by_day()

    def live(self) -> None:
        """Day by day: what people did, then the night; the newest night's check was late."""
        for days in range(FIRST_NIGHT, -1, -1):
            self._day(days)
            target = self.last - timedelta(days=days)
            if days == 0:
                nights.run_late(self.company, target, self.vendor, now=self.now, silent=SILENT_NIGHTS[0])
            else:
                nights.run(
                    self.company,
                    target,
                    self.vendor,
                    silent=SILENT_NIGHTS.get(days, 0),
                    unclear=days == UNCLEAR_NIGHT,
                )
        answered.come_back(self.company, now=self.now)
        self._day(NOW)

    def _by_day(self) -> dict[int, list[tuple[int, str]]]:
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for index, bill in enumerate(ALL):
            found[bill.days].append((index, "enter"))
        for index, bill in enumerate(ALL):
            for days, act in bill.then:
                found[days].append((index, act))
        return found

    def _day(self, days: int) -> None:
        doings = self.doings[days]
        for (index, act), at in zip(doings, self._moments(days, len(doings)), strict=True):
            by = self.billers[index % len(self.billers)]
            if act == "enter":
                self._enter(index, by, at)
            else:
                ACTS[act](self, Claim.objects.get(pk=self.made[index].pk), by, at)

    def _moments(self, days: int, count: int) -> Iterator[datetime]:
        """When each act of a day was done: in office hours, or spread between the last night and now."""
        if days == NOW:
            since = self._begun()
            step = max((self.now - since) / (count + 1), LEAST_AGO)
            yield from (self.now - step * (count - number) for number in range(count))
            return
        opening = datetime.combine(self.last - timedelta(days=days), OPENS, self.company.zone)
        yield from (opening + BETWEEN_CLAIMS * number for number in range(count))

    def _begun(self) -> datetime:
        """When today's work began: this morning when that was after the newest night, else right after it."""
        night = nights.late_moment_of(self.last, self.now)
        morning = datetime.combine(self.now.astimezone(self.company.zone).date(), OPENS, self.company.zone)
        return morning if night < morning < self.now else night

    def _enter(self, index: int, by: User, at: datetime) -> None:
        bill = ALL[index]
        if bill.days <= FRESH:
            reading.note(by, self.patients[index], Door.PAGE, at)
        member = bill.member or self._told(index)
        service_on = at.astimezone(self.company.zone).date() - timedelta(days=bill.service)
        payer = self.payers[bill.payer]
        body = body_of(self.patients[index], payer, member, service_on, index, bill.lacks)
        claim = self.made[index] = claims.create_claim(body, by=by, at=at)
        ENDS[bill.end](self, claim, by, at)

    def _told(self, index: int) -> str:
        """A member id that says what the stand-in will answer from now on; what it said before is told."""
        bill = ALL[index]
        cents = Decimal(bill.left) * 100
        own = LETTERS[index % 26] + LETTERS[index // 26]
        member = f"{bill.payer[:2]}D{bill.annual:02d}{cents:06.0f}{own}"
        last = self.last - timedelta(days=bill.met)
        annual = Decimal(bill.annual * 100)
        self.vendor.tell(member, annual, Decimal(bill.left), Decimal(bill.weekly), last)
        self.vendor.book.scripts[member] |= bill.script or {}
        return member

    def complete(self, claim: Claim, by: User, at: datetime) -> None:
        """Complete the claim on AR Boost's answer of that day."""
        at += timedelta(seconds=40) if at < self.now - timedelta(minutes=1) else timedelta(0)
        deciding.complete(claim, by=by, at=at, asked=self.vendor.ask(claim, by=by, at=at))

    def ask(self, claim: Claim, by: User, at: datetime) -> None:
        """Run eligibility on a held claim, between its nights."""
        deciding.run_eligibility(claim, by=by, at=at, asked=self.vendor.ask(claim, by=by, at=at))


Act = Callable[[Month, Claim, User, datetime], Any]


def _clear(month: Month, claim: Claim, by: User, at: datetime) -> None:
    ids = list(claim.holds.filter(cleared_at=None).values_list("pk", flat=True))
    holds.clear_holds(month.company, ids, by=by, at=at)


def _cover(month: Month, claim: Claim, by: User, at: datetime) -> None:
    """A secondary coverage, as a patient tells of it later."""
    payer = month.payers["AM210"]
    given = {"rank": "secondary", "payer": str(payer.pk), "member_id": "AM55120734"}
    cob.cover(claim, given, by=by, at=at)


def _pin(month: Month, claim: Claim, by: User, at: datetime) -> None:
    """The line of what remains out of network, which the rules never choose by themselves."""
    newest = pinning.answer_to_pin(claim)
    assert newest is not None
    line = next(
        row["number"]
        for row in newest.trail
        if (row["network"], row["level"], row["role"]) == ("N", "IND", "remaining")
    )
    pinning.pin(claim, line, reason="our service has no contract with this payer", by=by, at=at)


ENDS: dict[str, Act] = {
    "complete": Month.complete,
    "draft": lambda month, claim, by, at: None,
    "manual": lambda month, claim, by, at: holds.hold_by_hand(claim, by=by, at=at, confirmed=True),
    "void": lambda month, claim, by, at: claims.void(claim, by=by, at=at),
}
"""What becomes of a draft at once."""
ACTS: dict[str, Act] = {
    "ask": Month.ask,
    "queue": lambda month, claim, by, at: holds.queue(claim, by=by, at=at),
    "unqueue": lambda month, claim, by, at: holds.unqueue(claim, by=by, at=at),
    "void": lambda month, claim, by, at: claims.void(claim, by=by, at=at),
    "clear": _clear,
    "cover": _cover,
    "pin": _pin,
}
"""What people do to a claim on a later day."""


def _with_patients(patients: list[Patient]) -> list[Patient]:
    """A patient for each line: a new one, or for ``again`` that of another line."""
    fresh = iter(patients)
    found: list[Patient] = []
    for bill in ALL:
        found.append(found[len(found) * 3 % 11] if bill.again else next(fresh))
    return found
