"""What the AR Boost stand-in was told to answer, member id by member id, kept in a file when one is named.

A script is a JSON object put to `/_script/<member id>`; `/_script/*` speaks for the whole service. Every
field is optional. What is answered:

    amounts          [{"from": "2026-01-01", "annual": "1500.00", "remaining": "900.00"}, …]: the newest entry
                     not after the date asked about; also met, family_annual, family_remaining, family_met
    falls            {"annual", "remaining", "by", "every_days"}: remaining falls from the first date asked
    answer           the name of a text in sandbox/answers
    x12_271          a 271 text, re-addressed to the question
    readdress        which parts: any of ["trace", "patient", "date", "years"]; default the first three
    active           false: coverage inactive
    reject           {"code": "72", "follow_up": "C", "loop": "2100C"}; loops 2100A to
                     2100D, 2110C
    outcome          instead of the fitting one: "answered", "rejected", "unavailable"
    send             any of ["x12_271", "deductible"]; [] sends neither
    deductible       sent as it stands, however wrong
    reason_code      sent beside, or with send [] instead of, the amounts
    agency           only for *: false switches hold for deductible off
    token            only for *: from now on the one token that is let in
    found_for        {"first_name", "last_name", "date_of_birth"}: Insurance Finder gives them
                     this member id

What goes wrong with one answer:

    another_patient  true, or {"first_name", …, "echo": "none" | "json" | "all"}: somebody else's benefits;
                     echo says whether our reference and trace stand in the JSON, or in the 271 as well
    cut_271          the 271 text cut after that many characters
    garbage_271      true: bytes that are no X12
    omit, twice      true: the result is left out of, or comes two times in, a batch
    contradict       {…}: laid over a second result that a batch has beside the first
    fields           {…}: laid over the answer as it stands

What goes wrong with the whole response (also for a batch that contains the member):

    delay            seconds before the answer       hang      true: never answers
    status           an HTTP status                  retry_after   its header; retry_after_date: seconds
                                                     from now, sent as a date
    garbage          true: 200 and no JSON           cut_body  bytes sent before the connection is closed
    trickle          seconds between one byte of the body and the next
    raw              that text instead of the JSON   redirect  a Location, with 302
    lost             true: the work is done, the connection closed without an answer
    packed           true: a body packed with gzip, though nobody asked for it
    swapped          true: a batch's results in reverse order
    calls            only in these: agency, insurance_finder, eligibility, checks, monitor, unmonitor
    times            these response faults happen that many times, then no more
    share            these response faults happen to that share of the responses, such as 0.3; which of
                     them is the same on every run

What went wrong is counted by its name: `GET /_injected`.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

EVERYONE = "*"
FAULTS = (
    *("delay", "hang", "status", "garbage", "cut_body", "raw", "packed", "redirect", "lost", "swapped"),
    "trickle",
)
BUILT_IN: dict[str, dict] = {
    "W2000YTD01": {"answer": "ytd_no_remaining"},
    "FALLS0001": {"falls": {"annual": "2000.00", "remaining": "1000.00", "by": "200.00", "every_days": 7}},
    "FAMMET001": {"answer": "embedded_family_met"},
    "FOURWAY01": {"answer": "four_corners"},
    "FAMONLY01": {"answer": "family_aggregate_hdhp"},
    "MEDICARE1": {"answer": "medicare_part_b"},
    "ZEROPLAN1": {"answer": "zero_plan_no_remaining"},
    "MET000001": {"amounts": [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]},
    "INACTIVE1": {"active": False},
    "BADID0072": {"reject": {"code": "72", "follow_up": "C", "loop": "2100C"}},
    "DOWN00042": {"reject": {"code": "42", "follow_up": "R", "loop": "2100A"}},
}
SPOKEN = re.compile(r"[A-Z]{2}D(\d{2})(\d{6})[A-Z]{2}")
"""Demo member ids say what is answered: NBD20130500AB has 2,000.00 a year, 1,305.00 of it remaining."""
UNSCRIPTED = {"annual": "1500.00", "remaining": "1500.00"}


def spoken(key: str) -> dict:
    """The script that a member id of the demo says by itself; none for any other."""
    said = SPOKEN.fullmatch(key)
    if not said:
        return {}
    annual, remaining = int(said[1]) * 100, Decimal(said[2]) / 100
    return {"amounts": [{"from": "2000-01-01", "annual": f"{annual}.00", "remaining": f"{remaining:.2f}"}]}


def key_of(member_id: object) -> str:
    return str(member_id or "").strip().upper()


@dataclass
class Book:
    """Scripts, the first date each member was asked about, and which references are monitored."""

    state: Path | None = None
    scripts: dict[str, dict] = field(default_factory=dict)
    first_asked: dict[str, str] = field(default_factory=dict)
    monitored: dict[str, str] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    changed: bool = False

    @classmethod
    def opened(cls, state: Path | None) -> Book:
        """The book kept in `state`; a new one when there is no such file or it cannot be read."""
        book = cls(state)
        if state and state.exists():
            try:
                kept = json.loads(state.read_text("utf-8"))
                for name in ("scripts", "first_asked", "monitored", "used"):
                    setattr(book, name, dict(kept.get(name, {})))
            except (OSError, ValueError, TypeError, AttributeError):
                print(f"{state} cannot be read; starting with no scripts", flush=True)
        return book

    def save(self) -> None:
        """Write the book beside its place and move it there, so that a crash leaves the old one whole."""
        if not (self.state and self.changed):
            return
        self.changed = False
        kept = {n: getattr(self, n) for n in ("scripts", "first_asked", "monitored", "used")}
        beside = self.state.with_name(f"{self.state.name}.{os.getpid()}.part")
        beside.write_text(json.dumps(kept), "utf-8")
        beside.replace(self.state)

    def write(self, member_id: str, script: dict) -> None:
        self.scripts[key_of(member_id)] = script
        self.used.pop(key_of(member_id), None)
        self.changed = True

    def forget(self) -> None:
        """Back to the built-in members; first dates asked and monitoring are forgotten too."""
        for kept in (self.scripts, self.first_asked, self.monitored, self.used, self.seen, self.injected):
            kept.clear()
        self.changed = True

    def script(self, member_id: object) -> dict:
        key = key_of(member_id)
        return self.scripts.get(key) or BUILT_IN.get(key) or spoken(key)

    def fault(self, member_ids: list[object], call: str = "") -> dict:
        """The first response fault of the service or these members; counted against its `times`."""
        for key in (EVERYONE, *map(key_of, member_ids)):
            script = self.scripts.get(key, {})
            named = [name for name in FAULTS if script.get(name) is not None]
            if call not in script.get("calls", [call]):
                continue
            if named and self._falls_on(key, script) and self._once_more(key, script):
                self.injected.update(named)
                return script
        return {}

    def _falls_on(self, key: str, script: dict) -> bool:
        """Whether the share of the responses that go wrong has this one in it."""
        if script.get("share") is None:
            return True
        self.seen[key] += 1
        drawn = zlib.crc32(f"{key} {self.seen[key]}".encode()) / 2**32
        return drawn < float(script["share"])

    def _once_more(self, key: str, script: dict) -> bool:
        used = self.used.get(key, 0)
        if used >= int(script.get("times", used + 1)):
            return False
        self.used[key] = used + 1
        self.changed = True
        return True

    def amounts(self, member_id: object, as_of: date) -> dict:
        """The amounts a script gives for this date; 1,500.00 and 1,500.00 when it names none."""
        script = self.script(member_id)
        if falls := script.get("falls"):
            return self._fallen(key_of(member_id), falls, as_of)
        rows = sorted(script.get("amounts") or [], key=lambda row: str(row.get("from", "")))
        begun = [row for row in rows if str(row.get("from", "")) <= as_of.isoformat()]
        return (begun or rows[:1] or [UNSCRIPTED])[-1]

    def _fallen(self, key: str, falls: dict, as_of: date) -> dict:
        if key not in self.first_asked:
            self.first_asked[key] = as_of.isoformat()
            self.changed = True
        days = max(0, (as_of - date.fromisoformat(self.first_asked[key])).days)
        fallen = Decimal(falls["by"]) * (days // int(falls.get("every_days", 7)))
        remaining = max(Decimal(0), Decimal(falls["remaining"]) - fallen)
        return {"annual": falls["annual"], "remaining": f"{remaining:.2f}"}
