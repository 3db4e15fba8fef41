"""Files that come back about claims, made by hand: 999, 277CA, TA1 and 835 with whatever stands in them."""

from __future__ import annotations

from collections.abc import Iterable


def interchange(
    kind: str, version: str, body: Iterable[str], *, control: int = 7, group: str = "HN", before: str = ""
) -> str:
    """One interchange of one transaction around ``body``; ``before`` are segments ahead of the group."""
    rows = [f"ST*{kind}*0001*{version}", *body]
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'TESTCLEAR':15}*ZZ*{'TESTPROV':15}*261130*0312*^*00501*{control:09d}*0*T*:",
        *([before] if before else []),
        f"GS*{group}*TESTCLEAR*TESTPROV*20261130*0312*{control}*X*{version}",
        *rows,
        f"SE*{len(rows) + 1}*0001",
        f"GE*1*{control}",
        f"IEA*1*{control:09d}",
    ]
    return "~".join(segments) + "~"


def ack_999(*body: str, before: str = "") -> str:
    return interchange("999", "005010X231A1", body, group="FA", before=before)


def ack_277(*body: str) -> str:
    return interchange("277", "005010X214", ["BHT*0085*08*1*20261130*0312*TH", *body])


def told(number: str, *statuses: str, more: Iterable[str] = ()) -> list[str]:
    """One patient's level of a 277CA: the claim as sent and its STC composites."""
    rows = [f"STC*{status}*20261130*U*850.00" for status in statuses]
    return ["HL*4*3*PT", "NM1*QC*1*EXAMPLE*PAT", f"TRN*2*{number}", *rows, *more]


def paid_835(*claims: Iterable[str], total: str, plb: str = "") -> str:
    body = [
        f"BPR*I*{total}*C*ACH*CCP*01*000000000*DA*1*1512345678**01*000000000*DA*2*20261215",
        "TRN*1*EFT-2201*1512345678",
        "DTM*405*20261215",
        "N1*PR*EXAMPLE HEALTH PLAN",
        "N1*PE*EXAMPLE AMBULANCE SERVICE*XX*1234567893",
        "LX*1",
        *(row for claim in claims for row in claim),
    ]
    return interchange("835", "005010X221A1", [*body, *([plb] if plb else [])], group="HP")
