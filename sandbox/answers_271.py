"""271 answers (X12 005010X279A1) as a payer would write them: from amounts, or a text re-addressed.

A question is the JSON object of the AR Boost interface: `reference`, `trace`, `payer`, `subscriber`,
`patient`, `as_of`. Every text made here has a whole envelope: counts and control numbers agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

ANSWERS = Path(__file__).parent / "answers"
RELATIONSHIP_CODES = {"spouse": "01", "child": "19", "other": "G8"}
SEX_CODES = {"F": "F", "M": "M"}
DELIMITERS = str.maketrans(dict.fromkeys("*~^:|", " "))


@dataclass(frozen=True)
class Reject:
    """One AAA segment: `code` and `follow_up` of the X12 lists, and the loop it stands in."""

    code: str
    follow_up: str = "C"
    loop: str = "2100C"

    @property
    def segment(self) -> str:
        payer_cannot_answer = self.code in ("42", "80")
        return f"AAA*{'Y' if payer_cannot_answer else 'N'}**{self.code}*{self.follow_up}"


def clean(value: object, longest: int = 60) -> str:
    """A value fit for one X12 element: no delimiters, no control characters, capitals."""
    text = "".join(c for c in str(value or "") if c.isprintable())
    return text.translate(DELIMITERS).strip().upper()[:longest]


def compact(day: str | date | None) -> str:
    """A date as CCYYMMDD, or nothing when there is none."""
    return str(day or "")[:10].replace("-", "")


def money(amount: str | Decimal) -> str:
    """An amount as X12 writes it: no trailing zeros, `1500` and `149.75`."""
    text = f"{Decimal(amount):.2f}"
    return text.rstrip("0").rstrip(".")


def benefit_lines(amounts: dict) -> list[str]:
    """EB lines of in-network deductibles: 23 annual, 24 met so far, 29 remaining; family lines when given."""
    lines = []
    for level, prefix in (("IND", ""), ("FAM", "family_")):
        for period, name in (("23", "annual"), ("24", "met"), ("29", "remaining")):
            if amounts.get(prefix + name) is not None:
                lines.append(f"EB*C*{level}*30***{period}*{money(amounts[prefix + name])}*****Y")
    return lines


def build(
    question: dict, as_of: date, benefits: list[str], *, active: bool = True, reject: Reject | None = None
):
    """The whole 271 text for the patient asked about, with our trace echoed in TRN02."""
    body = _source_loop(question, reject)
    if not (reject and reject.loop in ("2100A", "2100B")):
        body += _patient_loops(question, reject)
        if not reject or reject.loop == "2110C":
            body += [f"DTP*346*D8*{as_of.year}0101", f"EB*{'1' if active else '6'}**30**EXAMPLE PPO"]
            body += benefits
            body += [reject.segment] if reject else []
    return envelope(body, trace_of(question), as_of)


def envelope(body: list[str], trace: str, as_of: date) -> str:
    """`body` inside ST/SE, GS/GE and ISA/IEA with counts and control numbers that agree."""
    day = compact(as_of)
    transaction = ["ST*271*0001*005010X279A1", f"BHT*0022*11*{trace}*{day}*0312", *body]
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'TESTPAYER':15}*ZZ*{'TESTPROV':15}*{day[2:]}*0312*^*00501*000000001*0*T*:",
        f"GS*HB*TESTPAYER*TESTPROV*{day}*0312*1*X*005010X279A1",
        *transaction,
        f"SE*{len(transaction) + 1}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]
    return "~\n".join(segments) + "~\n"


def trace_of(question: dict) -> str:
    return str(question.get("trace", "")).translate(DELIMITERS)[:50]


def is_dependent(question: dict) -> bool:
    relationship = (question.get("subscriber") or {}).get("relationship")
    return relationship not in (None, "", "self")


def _source_loop(question: dict, reject: Reject | None) -> list[str]:
    payer = question.get("payer") or {}
    name, payer_id = (
        clean(payer.get("name")) or "EXAMPLE HEALTH PLAN",
        clean(payer.get("payer_id"), 80) or "EX001",
    )
    source = f"NM1*PR*2*{name}*****PI*{payer_id}"
    if reject and reject.loop == "2100A":
        return ["HL*1**20*0", source, reject.segment]
    provider = ["HL*2*1*21*1", "NM1*1P*2*EXAMPLE AMBULANCE SERVICE*****XX*1234567893"]
    if reject and reject.loop == "2100B":
        provider = ["HL*2*1*21*0", provider[1], reject.segment]
    return ["HL*1**20*1", source, *provider]


def _patient_loops(question: dict, reject: Reject | None) -> list[str]:
    patient, subscriber = question.get("patient") or {}, question.get("subscriber") or {}
    trace = f"TRN*2*{trace_of(question)}*9TESTPROV0"
    refused = [reject.segment] if reject and reject.loop in ("2100C", "2100D") else []
    if not is_dependent(question):
        holder = {**subscriber, **patient, "member_id": subscriber.get("member_id")}
        return ["HL*3*2*22*0", trace, name_line(holder, "IL"), *refused, birth_line(holder)]
    relationship = RELATIONSHIP_CODES.get(subscriber["relationship"], "G8")
    return [
        *("HL*3*2*22*1", name_line(subscriber, "IL"), birth_line(subscriber)),
        *("HL*4*3*23*0", trace, name_line(patient, "03"), *refused, birth_line(patient)),
        f"INS*N*{relationship}",
    ]


def name_line(person: dict, entity: str) -> str:
    """NM1 of the subscriber (`IL`, with member id) or the dependent (`03`)."""
    line = f"NM1*{entity}*1*{clean(person.get('last_name'))}*{clean(person.get('first_name'), 35)}"
    return f"{line}****MI*{clean(person.get('member_id'), 80)}" if entity == "IL" else line


def birth_line(person: dict) -> str:
    return f"DMG*D8*{compact(person.get('date_of_birth'))}*{SEX_CODES.get(str(person.get('sex')), 'U')}"


def readdress(text: str, question: dict, as_of: date, parts: frozenset[str]) -> str:
    """`text` as an answer to `question`; the number of segments stays, so the envelope stays as it was.

    `parts` says what is rewritten, in the first transaction only: `trace` (TRN02, BHT03), `patient` (NM1 and
    DMG of subscriber and dependent), `date` (BHT04), `years` (DTP dates move with the date asked about).
    A text without a readable ISA is given back unchanged.
    """
    if len(text) < 106 or not text.startswith("ISA"):
        return text
    element, end = text[3], text[105]
    segments = text.split(end)
    first_end = next(
        (i for i, s in enumerate(segments) if s.strip().startswith("SE" + element)), len(segments)
    )
    has_dependent = any(s.strip().startswith(f"NM1{element}03") for s in segments[:first_end])
    rewriter = _Rewriter(question, as_of, parts, not (has_dependent and is_dependent(question)))
    for index in range(first_end):
        segment = segments[index]
        bare = segment.lstrip()
        lead = segment[: len(segment) - len(bare)]
        segments[index] = lead + element.join(rewriter.rewrite(bare.split(element)))
    return end.join(segments)


class _Rewriter:
    """Rewrites one segment at a time, remembering whose loop it is in."""

    def __init__(self, question: dict, as_of: date, parts: frozenset[str], holder_is_patient: bool):
        self.question, self.as_of, self.parts = question, as_of, parts
        self.holder_is_patient = holder_is_patient
        self.person: dict = {}
        self.years = 0

    def rewrite(self, elements: list[str]) -> list[str]:
        handler = getattr(self, f"_{elements[0].lower()}", None) if elements[0].isalnum() else None
        return handler(elements) if handler else elements

    def _bht(self, e: list[str]) -> list[str]:
        if len(e) < 5:
            return e
        if "years" in self.parts and e[4][:4].isdigit():
            self.years = self.as_of.year - int(e[4][:4])
        reference = trace_of(self.question) if "trace" in self.parts else e[3]
        day = compact(self.as_of) if "date" in self.parts else e[4]
        return [*e[:3], reference, day, *e[5:]]

    def _trn(self, e: list[str]) -> list[str]:
        wanted = "trace" in self.parts and len(e) > 2 and e[1] == "2"
        return [*e[:2], trace_of(self.question), *e[3:]] if wanted else e

    def _nm1(self, e: list[str]) -> list[str]:
        self.person = {}
        if "patient" not in self.parts or len(e) < 3 or e[1] not in ("IL", "03"):
            return e
        patient, subscriber = self.question.get("patient") or {}, self.question.get("subscriber") or {}
        self.person = patient if e[1] == "03" or self.holder_is_patient else subscriber
        person = {**self.person, "member_id": subscriber.get("member_id")}
        return name_line(person, e[1]).split("*")

    def _dmg(self, e: list[str]) -> list[str]:
        return birth_line(self.person).split("*") if self.person else e

    def _dtp(self, e: list[str]) -> list[str]:
        if not self.years or len(e) < 4:
            return e
        return [*e[:3], "-".join(_later(day, self.years) for day in e[3].split("-"))]


def _later(day: str, years: int) -> str:
    """CCYYMMDD moved by whole years; 29 February becomes the 28th where there is none."""
    if len(day) != 8 or not day.isdigit():
        return day
    moved = f"{int(day[:4]) + years:04d}"
    return f"{moved}0228" if day[4:] == "0229" else moved + day[4:]
