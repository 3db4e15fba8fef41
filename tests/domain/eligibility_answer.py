"""Builds eligibility answers (271) around the benefit lines a test is about. Invented people only."""

from datetime import date
from decimal import Decimal

from deductibles.x12.eligibility import Amounts, Identity, read

TODAY = date(2026, 9, 15)
PAT = Identity("TST000111", date(1980, 1, 1), "Pat", "Sample")
ACTIVE = "EB*1**30**EXAMPLE PPO"
ANNUAL = "EB*C*IND*30***23*1500*****Y"
REMAINING = "EB*C*IND*30***29*400*****Y"
ISA = "ISA*00*          *00*          *ZZ*TESTPAYER      *ZZ*TESTPROV       *260915*0312*^*00501*000000001*0*T*:"
PAYER = [
    "HL*1**20*1",
    "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EX001",
    "HL*2*1*21*1",
    "NM1*1P*2*AMBULANCE*****XX*1234567893",
]
SUBSCRIBER = [
    "HL*3*2*22*0",
    "TRN*2*CLM-1*9TESTPROV0",
    "NM1*IL*1*SAMPLE*PAT****MI*TST000111",
    "DMG*D8*19800101*F",
]
COVERED = ["DTP*346*D8*20260101"]
DEPENDENT = ["HL*4*3*23*0", "NM1*03*1*SAMPLE*KID", "DMG*D8*20150505*M"]


def answer(*benefits, levels=None, coverage=COVERED, answered="20260915", reference="CLM-1"):
    """One transaction: payer, receiver, then `levels` (the subscriber), coverage dates and benefits."""
    return [f"BHT*0022*11*{reference}*{answered}*0312", *PAYER, *(levels or SUBSCRIBER), *coverage, *benefits]


def file_of(*transactions):
    """A whole interchange around the transactions, its counts and control numbers right."""
    sets = []
    for number, body in enumerate(transactions, 1):
        sets += [f"ST*271*{number:04}*005010X279A1", *body, f"SE*{len(body) + 2}*{number:04}"]
    group = ["GS*HB*TESTPAYER*TESTPROV*20260915*0312*1*X*005010X279A1", *sets, f"GE*{len(transactions)}*1"]
    return "".join(f"{segment}~\n" for segment in [ISA, *group, "IEA*1*000000001"])


def reading(*benefits, as_of=TODAY, ambulance=True, out_of_network=False, **parts):
    """The reading of one active answer with these benefits."""
    text = file_of(answer(ACTIVE, *benefits, **parts))
    return read(text, as_of=as_of, ambulance=ambulance, out_of_network=out_of_network)


def dollars(annual, remaining):
    """Amounts from text, `None` for unknown."""
    return Amounts(*(None if value is None else Decimal(value) for value in (annual, remaining)))


def pair(network, remaining, level="IND"):
    """Annual 1500 and this much remaining, in one network."""
    return [f"EB*C*{level}*30***23*1500*****{network}", f"EB*C*{level}*30***29*{remaining}*****{network}"]


def other_person(trace="CLM-2"):
    """The levels of an answer about somebody else."""
    return [
        "HL*3*2*22*0",
        f"TRN*2*{trace}*9TESTPROV0",
        "NM1*IL*1*OTHER*KIM****MI*TST000222",
        "DMG*D8*19900202*M",
    ]
