"""What a payer answers weeks later: an 835 (005010X221A1) about claims of one 837P."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sandbox.acknowledgements import Sent, SentClaim

ALLOWED, CO_INSURANCE = Decimal("0.70"), Decimal("0.20")
CENT = Decimal("0.01")


def write_835(
    sent: Sent, claims: Sequence[SentClaim], deductibles: Mapping[str, Decimal], paid_on: date, control: int
) -> str:
    """Pay these claims: 70 % is allowed, the deductible comes off, then a fifth as co-insurance.

    ``deductibles`` are dollars by CLM01; a claim that is not named has met it.
    """
    paid = [_share(claim, deductibles.get(claim.number, Decimal(0))) for claim in claims]
    total = sum((row[0] for row in paid), Decimal(0))
    day = f"{paid_on:%Y%m%d}"
    body = [
        f"BPR*I*{total}*C*ACH*CCP*01*000000000*DA*1*1512345678**01*000000000*DA*2*{day}",
        f"TRN*1*EFT{control:06d}*1512345678",
        f"DTM*405*{day}",
        "N1*PR*EXAMPLE HEALTH PLAN",
        f"N1*PE*EXAMPLE AMBULANCE SERVICE*FI*{sent.sender or '000000000'}",
        "LX*1",
    ]
    for claim, (pays, takes, deductible, shared) in zip(claims, paid, strict=True):
        owes = deductible + shared
        body.append(f"CLP*{claim.number}*1*{claim.total}*{pays}*{owes}*12*P{control:06d}{len(body):04d}")
        body.append(f"CAS*CO*45*{takes}")
        reasons = [f"{code}*{amount}" for code, amount in ((1, deductible), (2, shared)) if amount]
        if reasons:
            body.append("CAS*PR*" + "**".join(reasons))
    return _interchange(sent, body, paid_on, control)


def _share(claim: SentClaim, deductible: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """What the payer pays, what the contract takes off, what goes to the deductible and to co-insurance."""
    charge = Decimal(claim.total)
    allowed = (charge * ALLOWED).quantize(CENT)
    taken = min(deductible, allowed)
    shared = ((allowed - taken) * CO_INSURANCE).quantize(CENT)
    return allowed - taken - shared, charge - allowed, taken, shared


def _interchange(sent: Sent, body: list[str], on: date, control: int) -> str:
    sender, receiver = sent.receiver or "TESTCLEAR", sent.sender or "TESTPROV"
    rows = ["ST*835*0001*005010X221A1", *body]
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15.15}*ZZ*{receiver:15.15}*{on:%y%m%d}*0600*^*00501"
        f"*{control:09d}*0*T*:",
        f"GS*HP*{sender}*{receiver}*{on:%Y%m%d}*0600*{control}*X*005010X221A1",
        *rows,
        f"SE*{len(rows) + 1}*0001",
        f"GE*1*{control}",
        f"IEA*1*{control:09d}",
    ]
    return "~\n".join(segments) + "~\n"
