"""Which brought claims are here already, by the number they had or by ours, and in what they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, Q

from deductibles.importing.entries import Entry
from deductibles.models import Charge, Claim, Coverage
from deductibles.x12.claim_values import clean_diagnosis


def mark_known(company_id: int, entries: Sequence[Entry]) -> None:
    """Find each claim's counterpart among those that are here, in a fixed number of statements.

    The number of elsewhere decides. One of ours decides only for the same patient and day: another company's
    claim of that number is another claim.
    """
    here = list(_candidates(company_id, {entry.number for entry in entries}))
    by_reference = {claim.elsewhere.number: claim for claim in here if hasattr(claim, "elsewhere")}
    by_number = {claim.number: claim for claim in here}
    for entry in entries:
        found = by_reference.get(entry.number)
        if found is None:
            ours = by_number.get(entry.number)
            found = ours if ours is not None and _is_same(entry, ours) else None
        if found is not None:
            entry.here, entry.fields = found, sorted(_differing(entry, found))


def _candidates(company_id: int, numbers: Iterable[str]) -> Iterable[Claim]:
    rows = Claim.objects.filter(company_id=company_id)
    keys = list(numbers)
    if not keys:
        return []
    wanted = rows.filter(pk__in=_keys(rows, keys)).select_related("elsewhere")
    in_force = Prefetch(
        "coverages", Coverage.objects.filter(ended_at=None).select_related("payer"), "in_force"
    )
    return wanted.prefetch_related(in_force, Prefetch("charges", Charge.objects.order_by("line")))


def _keys(rows: Any, numbers: Sequence[str]) -> list[int]:
    """By either number, each from its own index."""
    ours = rows.filter(number__in=numbers).values_list("pk", flat=True)
    theirs = rows.filter(Q(elsewhere__number__in=numbers)).values_list("pk", flat=True)
    return list(ours.union(theirs))


def _is_same(entry: Entry, claim: Claim) -> bool:
    patient = entry.patient.pk if entry.patient else None
    return (patient, entry.clean.get("date_of_service")) == (claim.patient_id, claim.date_of_service)


def _differing(entry: Entry, claim: Claim) -> Iterable[str]:
    """The columns of which the file says something else; of what it leaves empty it says nothing."""
    clean, first = entry.clean, entry.first
    if entry.patient is None or entry.patient.pk != claim.patient_id:
        yield "last_name"
    if clean["date_of_service"] != claim.date_of_service:
        yield "date_of_service"
    if first.get("place_of_service") and clean["place_of_service"] != claim.place_of_service:
        yield "place_of_service"
    if clean["diagnoses"] and _bare(clean["diagnoses"]) != _bare(claim.diagnoses):
        yield "diagnoses"
    if [_charge(one) for one in clean["charges"]] != [_charge(vars(one)) for one in claim.charges.all()]:
        yield "code"
    coverages = {one.rank: one for one in claim.in_force}  # type: ignore[attr-defined]
    for said in clean["coverages"]:
        ours = coverages.get(said["rank"])
        if ours is None or entry.payers[said["rank"]].pk != ours.payer_id:
            yield f"{said['rank']}_payer_id"
        elif said["member_id"] != ours.member_id:
            yield f"{said['rank']}_member_id"


def _bare(codes: Iterable[str]) -> list[str]:
    return [clean_diagnosis(code) for code in codes]


def _charge(said: Mapping[str, Any]) -> tuple[Any, ...]:
    return said["code"], list(said["modifiers"]), said["units"], said["amount"]
