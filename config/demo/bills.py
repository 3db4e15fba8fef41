"""The claims of the demo's first month, one line each: when, to whom, on what answer, and what came of it.

Days count back from the newest night that has run, so that the same lines hold whenever they are read.
Day 0 is the day of that night; -1 is what happened since, up to now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MET = "Deductible Met Threshold"
NOW = -1
"""Since the newest night: today, or what there has been of it."""


@dataclass(frozen=True)
class Bill:
    """One claim.

    Since ``met`` days ago ``left`` dollars remain of ``annual`` hundred; each week before, ``weekly`` more.
    ``member`` names one of the stand-in's special answers instead, ``script`` what else AR Boost was told.
    ``service`` is how many days before its entry the ambulance drove. ``end`` is complete, draft, manual or
    void; ``then`` are further acts as (day, act); a draft ``lacks`` parts of the bill. ``again``: a patient
    who has another claim.
    """

    days: int
    payer: str
    annual: int = 0
    left: str = "0"
    weekly: int = 0
    met: int = 0
    member: str = ""
    service: int = 4
    end: str = "complete"
    then: tuple[tuple[int, str], ...] = ()
    again: bool = False
    script: dict[str, Any] | None = None
    lacks: tuple[str, ...] = ()


HELD = [
    Bill(29, "NB001", 20, "1305.00", 60),
    Bill(29, "AM210", 30, "1842.16", 75),
    Bill(28, "MS620", 15, "418.90", 90),
    Bill(27, "NB001", 40, "2210.40", 120),
    Bill(26, "AM210", 50, "4120.75", 40),
    Bill(25, "NB001", 25, "966.05", 110),
    Bill(24, "AM210", 35, "3018.22", 55),
    Bill(23, "NB001", 60, "5274.00", 65),
    Bill(23, "UT300", 35, "3120.00", 70, service=52),
    Bill(22, "MS620", 20, "1544.30", 45, then=((12, "ask"),)),
    Bill(21, "NB001", 15, "702.48", 95),
    Bill(20, "CS077", 25, "610.00", 130),
    Bill(20, "AM210", 30, "2287.65", 85),
    Bill(19, "NB001", 45, "3961.17", 35, then=((4, "queue"), (4, "unqueue"))),
    Bill(18, "CS077", 40, "2940.00", 150),
    Bill(18, "UT300", 25, "1975.80", 80, service=51),
    Bill(17, "AM210", 20, "1650.00", 50),
    Bill(16, "BW415", 50, "4433.09", 75),
    Bill(15, "CS077", 15, "1187.20", 40),
    Bill(15, "NB001", 20, "540.00", 210),
    Bill(14, "AM210", 35, "2899.95", 100),
    Bill(13, "MS620", 15, "1255.00", 30, then=((3, "ask"),)),
    Bill(13, "NB001", 30, "2704.33", 65),
    Bill(12, "UT300", 30, "2468.14", 90, service=38),
    Bill(11, "NB001", 65, "6100.00", 25),
    Bill(10, "CS077", 20, "1333.70", 60),
    Bill(9, "AM210", 40, "3725.41", 45, script={"reason_code": MET}),
    Bill(8, "NB001", 25, "2044.86", 55),
    Bill(7, "BW415", 30, "2650.00", 105),
    Bill(6, "NB001", member="W2000YTD01"),
    Bill(5, "AM210", 15, "1140.52", 0, script={"send": ["deductible"]}),
    Bill(4, "UT300", 45, "4250.00", 0, service=30),
    Bill(3, "NB001", member="FOURWAY01", then=((2, "cover"), (2, "pin"))),
    Bill(2, "MS620", 35, "3199.99", 0),
    Bill(2, "NB001", 20, "1875.00", 0),
    Bill(1, "AM210", member="FAMONLY01"),
    Bill(1, "CS077", 25, "2120.60", 0),
    Bill(0, "NB001", 30, "2815.25", 0),
    Bill(0, "BW415", 15, "1480.00", 0, service=6),
]
"""Still waiting: leaving tonight, or with any number of days left."""

RELEASED = [
    Bill(28, "NB001", 15, "0.00", 420, met=14, then=((6, "clear"),)),
    Bill(23, "AM210", 20, "85.10", 480, met=9, then=((5, "clear"),)),
    Bill(26, "MS620", 10, "0.00", 310, met=5),
    Bill(16, "BW415", 25, "180.00", 900, met=2),
    Bill(15, "NB001", 12, "0.00", 640, met=8),
    Bill(10, "AM210", 15, "96.40", 700, met=3),
    Bill(21, "NB001", 18, "0.00", 560),
    Bill(14, "AM210", 30, "64.75", 1400),
    Bill(7, "NB001", 10, "12.00", 620),
    Bill(29, "CS077", 40, "2760.00", 40, then=((7, "clear"),)),
    Bill(27, "CS077", 25, "1890.15", 25),
    Bill(24, "CS077", 30, "2204.80", 35),
    Bill(21, "CS077", 20, "1466.00", 30),
    Bill(17, "UT300", 35, "3300.00", 50, service=57),
    Bill(25, "NB001", 40, "3540.90", 45, then=((9, "queue"),)),
    Bill(18, "AM210", 15, "905.25", 60, then=((2, "queue"),)),
    Bill(12, "MS620", 20, "1710.00", 35, then=((NOW, "queue"),)),
    Bill(8, "NB001", 35, "2933.70", 80, then=((NOW, "queue"),)),
]
"""Held, and gone since: deductible met, time elapsed, queued by a person; some last night, some cleared."""

BY_HAND = [
    Bill(26, "AM210", 20, "1200.00", end="manual"),
    Bill(19, "CS077", 15, "800.00", end="manual"),
    Bill(11, "NB001", 30, "2400.00", end="manual"),
    Bill(5, "UT300", 25, "1900.00", end="manual", service=78),
    Bill(2, "BW415", 20, "1640.00", end="manual"),
]
"""Put on hold by a person, one of them though its filing deadline is near."""

NOT_HELD = [
    Bill(28, "CMS01", 2, "0.00", again=True),
    Bill(25, "NB001", 15, "0.00", again=True),
    Bill(21, "MCD01", 0, "0.00", again=True),
    Bill(17, "AM210", 2, "180.00", again=True),
    Bill(13, "CMS01", 2, "40.00"),
    Bill(13, "NB001", 20, "55.00"),
    Bill(11, "KA880", 5, "500.00"),
    Bill(10, "MCD01", 0, "0.00"),
    Bill(9, "AM210", 15, "0.00"),
    Bill(8, "CMS01", 2, "0.00", again=True),
    Bill(6, "NB001", member="INACTIVE1"),
    Bill(5, "MS620", 10, "72.40"),
    Bill(4, "MCD01", 0, "0.00"),
    Bill(3, "CMS01", 2, "110.00"),
    Bill(3, "AM210", member="BADID0072"),
    Bill(2, "KA880", 10, "1000.00"),
    Bill(1, "NB001", 2, "200.00"),
    Bill(1, "UT300", 30, "2500.00", service=80),
    Bill(0, "CMS01", 2, "0.00"),
    Bill(NOW, "MCD01", 0, "0.00"),
    Bill(NOW, "NB001", member="DOWN00042"),
    Bill(NOW, "AM210", 25, "0.00"),
]
"""Completed and not held: payers that are never held, met, small, unknown, too near the filing deadline."""

UNFINISHED = [
    Bill(9, "AM210", 20, "1100.00", end="void"),
    Bill(4, "NB001", 15, "900.00", then=((3, "void"),)),
    Bill(3, "CS077", 20, "1500.00", end="draft", lacks=("diagnoses",)),
    Bill(1, "NB001", 30, "2100.00", end="draft", lacks=("member_id",)),
    Bill(NOW, "BW415", 25, "1800.00", end="draft"),
    Bill(NOW, "AM210", 15, "1350.00", end="draft", lacks=("charges",)),
    Bill(NOW, "NB001", 40, "3600.00", end="draft"),
]
"""Drafts, with and without what the bill needs, and what was voided."""

DIFFERENT = {"annual": "2000.00", "remaining": "900.00"}
TROUBLED = [
    Bill(3, "NB001", 20, "1500.00", script={"deductible": DIFFERENT}),
    Bill(NOW, "CS077", member="BADID0072"),
    Bill(NOW, "BW415", member="INACTIVE1"),
]
"""For the work lists: amounts that differ from the 271, a member id nobody knows, coverage that ended."""

ALL = [*HELD, *RELEASED, *BY_HAND, *NOT_HELD, *UNFINISHED, *TROUBLED]
FIRST_NIGHT = max(bill.days for bill in ALL)
SILENT_NIGHTS = {10: 1, 4: 2, 0: 1}
"""Nights on which AR Boost left that many questions unanswered, asked again the night after."""
UNCLEAR_NIGHT = 3
"""The night whose file may or may not have reached the clearinghouse."""
