"""What a clearinghouse reads from an 837P; the 999 (005010X231A1) and 277CA (005010X214) it answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

ACCEPTED_STATUS = "A2:20"
REJECTED_STATUS = "A3:21"


@dataclass(frozen=True)
class SentClaim:
    """One CLM: `number` is CLM01 as sent (claim number and sequence), `frequency` CLM05-3, dates CCYYMMDD."""

    number: str
    frequency: str
    total: str
    transaction: str
    served_on: str = ""


@dataclass(frozen=True)
class Sent:
    """One interchange: its control numbers, and its claims; `fault` says why it is none."""

    interchange: str = ""
    group: str = ""
    sender: str = ""
    receiver: str = ""
    transactions: tuple[str, ...] = ()
    claims: tuple[SentClaim, ...] = ()
    fault: str = ""


def read(content: bytes) -> Sent:
    """The claims of an 837P whose envelope closes; otherwise a `Sent` with its fault."""
    text = content.decode("utf-8", "replace")
    if len(text) < 106 or not text.startswith("ISA"):
        return Sent(fault="The file does not begin with an ISA segment.")
    element, part, end = text[3], text[104], text[105]
    rows = [s.strip().split(element) for s in text.split(end) if s.strip()]
    if len(rows) < 2 or rows[1][0] != "GS" or len(rows[1]) < 7 or len(rows[0]) < 17:
        return Sent(fault="The file has no functional group.")
    sender, receiver, interchange, group = rows[0][6].strip(), rows[0][8].strip(), rows[0][13], rows[1][6]
    if rows[-1][0] != "IEA" or rows[-1][-1] != interchange or not text.rstrip().endswith(end):
        return Sent(interchange, group, sender, receiver, fault="The file is cut off: its IEA is missing.")
    transactions, claims = _claims(rows, part)
    return Sent(interchange, group, sender, receiver, transactions, claims)


def _claims(rows: list[list[str]], part: str) -> tuple[tuple[str, ...], tuple[SentClaim, ...]]:
    transactions: list[str] = []
    claims: list[SentClaim] = []
    for row in rows:
        if row[0] == "ST" and len(row) > 2:
            transactions.append(row[2])
        if row[0] == "CLM" and len(row) > 5 and transactions:
            frequency = row[5].split(part)[-1]
            claims.append(SentClaim(row[1], frequency, row[2], transactions[-1]))
        if row[:2] == ["DTP", "472"] and len(row) > 3 and claims and not claims[-1].served_on:
            claims[-1] = replace(claims[-1], served_on=row[3][:8])
    return tuple(transactions), tuple(claims)


def write_999(sent: Sent, at: datetime, control: int) -> str:
    """Every transaction accepted, or the whole group rejected when the file is at fault."""
    code = "R" if sent.fault else "A"
    body = [f"AK1*HC*{sent.group or '0'}*005010X222A1"]
    for number in sent.transactions:
        body += [f"AK2*837*{number}*005010X222A1", f"IK5*{code}"]
    count, accepted = len(sent.transactions), 0 if sent.fault else len(sent.transactions)
    body.append(f"AK9*{code}*{count}*{count}*{accepted}")
    return _interchange(sent, "FA", "999", "005010X231A1", body, at, control)


def write_277ca(sent: Sent, statuses: dict[str, str], at: datetime, control: int) -> str:
    """One status for each claim by its CLM01 (TRN02): accepted (`A2:20`) unless told otherwise."""
    day = f"{at:%Y%m%d}"
    body = [f"BHT*0085*08*{control}*{day}*{at:%H%M}*TH"]
    body += ["HL*1**20*1", "NM1*AY*2*EXAMPLE CLEARINGHOUSE*****46*TESTCLEAR", f"TRN*1*{control}"]
    body += [f"DTP*050*D8*{day}", f"DTP*009*D8*{day}"]
    body += ["HL*2*1*21*1", "NM1*41*2*EXAMPLE AMBULANCE SERVICE*****46*TESTPROV", "TRN*2*0"]
    body += [
        f"STC*A1:19:PR*{day}*WQ*0",
        "HL*3*2*19*1",
        "NM1*85*2*EXAMPLE AMBULANCE SERVICE*****XX*1234567893",
    ]
    body += ["TRN*1*0", "STC*A1:19:PR**WQ*0"]
    for index, claim in enumerate(sent.claims):
        status = statuses.get(claim.number, ACCEPTED_STATUS)
        action = "WQ" if status.startswith(("A1", "A2")) else "U"
        body += [f"HL*{index + 4}*3*PT", "NM1*QC*1*PATIENT*****MI*UNKNOWN", f"TRN*2*{claim.number}"]
        body += [f"STC*{status}*{day}*{action}*{claim.total}", f"DTP*472*D8*{claim.served_on or day}"]
    return _interchange(sent, "HN", "277", "005010X214", body, at, control)


def _interchange(
    sent: Sent, group: str, kind: str, version: str, body: list[str], at: datetime, control: int
) -> str:
    """`body` on its way back: sender and receiver change places."""
    sender, receiver = sent.receiver or "TESTCLEAR", sent.sender or "TESTPROV"
    transaction = [f"ST*{kind}*0001*{version}", *body]
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15.15}*ZZ*{receiver:15.15}*{at:%y%m%d*%H%M}*^*00501"
        f"*{control:09d}*0*T*:",
        f"GS*{group}*{sender}*{receiver}*{at:%Y%m%d*%H%M}*{control}*X*{version}",
        *transaction,
        f"SE*{len(transaction) + 1}*0001",
        f"GE*1*{control}",
        f"IEA*1*{control:09d}",
    ]
    return "~\n".join(segments) + "~\n"
