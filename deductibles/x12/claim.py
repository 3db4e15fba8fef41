"""Professional claims as X12 837P files (005010X222A1): what a claim lacks, and the file itself.

The one module the rest of the house imports. Its parts: `claim_parts` (the input), `claim_problems`
(what is missing), `claim_values` (from typed text to elements), `claim_loops` (the segments).
Pure: control numbers and the moment of writing are handed in, so the same input gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, count

from deductibles.x12.claim_codes import (
    AMBULANCE_CONDITIONS,
    AMBULANCE_REASONS,
    MOST_CLAIMS_OF_A_PATIENT,
    MOST_CLAIMS_OF_A_TRANSACTION,
    PLACES_OF_SERVICE,
    VERSION,
)
from deductibles.x12.claim_loops import (
    billing_provider,
    claim_loop,
    dependent,
    segment,
    submitter_and_receiver,
    subscriber,
)
from deductibles.x12.claim_parts import (
    Address,
    Ambulance,
    BillingProvider,
    Charge,
    Claim,
    Coverage,
    Person,
    Problem,
    Unwritable,
    billed_coverage,
    control_number,
    split_control_number,
)
from deductibles.x12.claim_problems import claim_problems, problems, provider_problems
from deductibles.x12.claim_values import COMPONENT, REPETITION, TERMINATOR, clean_identifier

__all__ = [
    "AMBULANCE_CONDITIONS",
    "AMBULANCE_REASONS",
    "PLACES_OF_SERVICE",
    "Address",
    "Ambulance",
    "BillingProvider",
    "Charge",
    "Claim",
    "Coverage",
    "Person",
    "Problem",
    "Unwritable",
    "control_number",
    "parse_claim_numbers",
    "problems",
    "provider_problems",
    "split_control_number",
    "write",
]

_HIGHEST_CONTROL_NUMBER = 999_999_999
_ISA_LENGTH = 106

Segments = Iterator[str]


def write(
    provider: BillingProvider | None,
    claims: Sequence[Claim],
    *,
    interchange_control: int,
    group_control: int,
    at: datetime,
    usage: str,
) -> str:
    """One whole 837P interchange holding `claims`, without line breaks (D-SUB-1).

    Claims of one subscriber, and of one dependent, stand under one level each, in the order given.
    `at` is an aware moment already in the zone whose clock the file shall show; `usage` is "P" for
    production or "T" for test. Up to 5,000 claims share one ST/SE.
    Raises `Unwritable` when anything is missing from any claim, and ValueError for a control number
    outside 1 to 999,999,999, a naive `at` or another `usage`.
    """
    _check_envelope(interchange_control, group_control, at, usage)
    sender = _checked(provider, claims)
    batches = _runs(claims, MOST_CLAIMS_OF_A_TRANSACTION)
    opening = f"{interchange_control:09d}"
    transactions = [
        _transaction(sender, batch, f"{number:04d}", opening, at)
        for number, batch in enumerate(batches, start=1)
    ]
    segments = chain(
        _headers(sender, opening, group_control, at, usage),
        *transactions,
        (segment("GE", str(len(transactions)), str(group_control)), segment("IEA", "1", opening)),
    )
    return "".join(each + TERMINATOR for each in segments)


def parse_claim_numbers(text: str) -> tuple[str, ...]:
    """The CLM01 of every claim of an 837P in order, read with the delimiters its ISA declares.

    Empty when `text` is no interchange. `split_control_number` gives claim number and sequence of each.
    """
    if not text.startswith("ISA") or len(text) < _ISA_LENGTH:
        return ()
    element, terminator = text[3], text[_ISA_LENGTH - 1]
    rows = (row.strip().split(element) for row in text.split(terminator))
    return tuple(row[1] for row in rows if row[0] == "CLM" and len(row) > 1)


def _check_envelope(interchange_control: int, group_control: int, at: datetime, usage: str) -> None:
    for number in (interchange_control, group_control):
        if not 1 <= number <= _HIGHEST_CONTROL_NUMBER:
            raise ValueError(f"A control number lies between 1 and 999,999,999, not {number}.")
    if at.tzinfo is None:
        raise ValueError("The moment of writing must name its time zone.")
    if usage not in ("P", "T"):
        raise ValueError(f"The usage is P (production) or T (test), not {usage!r}.")


def _checked(provider: BillingProvider | None, claims: Sequence[Claim]) -> BillingProvider:
    """The provider, once it and every claim can be written; else `Unwritable`."""
    found = {"": provider_problems(provider)}
    if not claims:
        found[""] += (Problem("claims", "missing", "There is no claim to write."),)
    seen: set[str] = set()
    for claim in claims:
        lacks = claim_problems(claim)
        if not lacks and control_number(claim) in seen:
            text = f"Claim {claim.number} is in this file already: a claim is sent once."
            lacks = (Problem("number", "duplicate", text),)
        elif not lacks:
            seen.add(control_number(claim))
        found[claim.number] = found.get(claim.number, ()) + lacks
    if provider is None or any(found.values()):
        raise Unwritable({number: lacks for number, lacks in found.items() if lacks})
    return provider


def _headers(
    provider: BillingProvider, opening: str, group_control: int, at: datetime, usage: str
) -> Segments:
    sender, receiver = clean_identifier(provider.submitter_id), clean_identifier(provider.receiver_id)
    day, hour = f"{at:%Y%m%d}", f"{at:%H%M}"
    no_security = ("00", " " * 10, "00", " " * 10)
    parties = ("ZZ", sender.ljust(15), "ZZ", receiver.ljust(15))
    rules = (REPETITION, "00501", opening, "0", usage, COMPONENT)
    yield segment("ISA", *no_security, *parties, day[2:], hour, *rules)
    yield segment("GS", "HC", sender, receiver, day, hour, str(group_control), "X", VERSION)


def _transaction(
    provider: BillingProvider, claims: Sequence[Claim], number: str, opening: str, at: datetime
) -> list[str]:
    """One ST to SE. BHT03 names the interchange and the first claim, so it never repeats."""
    reference = f"{opening}-{control_number(claims[0])}"
    segments = [
        segment("ST", "837", number, VERSION),
        segment("BHT", "0019", "00", reference, f"{at:%Y%m%d}", f"{at:%H%M}", "CH"),
        *submitter_and_receiver(provider),
        segment("HL", "1", "", "20", "1"),
        *billing_provider(provider),
        *_insured(claims),
    ]
    return [*segments, segment("SE", str(len(segments) + 1), number)]


def _insured(claims: Sequence[Claim]) -> Segments:
    """The levels below the billing provider: subscribers, and under them their dependents."""
    levels = count(2)
    for subscriber_segments, patients in _grouped(claims).items():
        own = patients.pop((), [])
        for some in _runs(own, MOST_CLAIMS_OF_A_PATIENT):
            yield segment("HL", str(next(levels)), "1", "22", "0")
            yield from subscriber_segments
            yield from chain.from_iterable(map(claim_loop, some))
        if patients:
            parent = str(next(levels))
            yield segment("HL", parent, "1", "22", "1")
            yield from subscriber_segments
            yield from _dependents(patients, parent, levels)


def _dependents(patients: dict[tuple[str, ...], list[Claim]], parent: str, levels: Iterator[int]) -> Segments:
    for patient_segments, theirs in patients.items():
        for some in _runs(theirs, MOST_CLAIMS_OF_A_PATIENT):
            yield segment("HL", str(next(levels)), parent, "23", "0")
            yield from patient_segments
            yield from chain.from_iterable(map(claim_loop, some))


def _grouped(claims: Sequence[Claim]) -> dict[tuple[str, ...], dict[tuple[str, ...], list[Claim]]]:
    """Claims by the segments of their subscriber, then of their patient; () when these are one person."""
    grouped: dict[tuple[str, ...], dict[tuple[str, ...], list[Claim]]] = {}
    for claim in claims:
        is_subscriber = billed_coverage(claim).relationship == "self"
        patient = () if is_subscriber else tuple(dependent(claim))
        grouped.setdefault(tuple(subscriber(claim)), {}).setdefault(patient, []).append(claim)
    return grouped


def _runs(claims: Sequence[Claim], size: int) -> Iterator[Sequence[Claim]]:
    return (claims[start : start + size] for start in range(0, len(claims), size))
