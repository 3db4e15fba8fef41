"""The turnaround engine: from a turnaround, a filing moment, a calendar and pauses to a due window.

The one import for the rest of the house. Each rule lives in a file of its own: `units` (what a turnaround
is), `pauses`, `due` (the counting), `ledger` (why that date), `promise` (what to tell the patient),
`standing` (warnings and lateness), `cycles` (reopening). All of it is pure: the clock is handed in (K1–K9,
K11, K12, K15, K18, K19). A change of type or channel needs nothing of its own: `compute` again with the
new turnaround, the same filing and the same pauses (K12).
"""

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.cycles import REOPEN_TARGET, Cycle, on_reopen_target, reopen, second_cycle
from escalations.domain.due import Due, compute
from escalations.domain.ledger import LedgerLine, ledger
from escalations.domain.pauses import Pause, pauses_from_json
from escalations.domain.promise import INSTANT, promise, zone_words
from escalations.domain.refusals import CalendarError, HorizonError, TimeRuleError, TurnaroundError
from escalations.domain.standing import (
    BACKDATING_LIMIT,
    GRACE,
    STANDINGS,
    check_received_at,
    standing,
    warn_at,
    was_met,
)
from escalations.domain.units import UNITS, Turnaround, describe, unit_words

__all__ = [
    "BACKDATING_LIMIT",
    "GRACE",
    "REOPEN_TARGET",
    "STANDINGS",
    "UNITS",
    "BusinessCalendar",
    "CalendarError",
    "Cycle",
    "Due",
    "INSTANT",
    "HorizonError",
    "LedgerLine",
    "Pause",
    "TimeRuleError",
    "Turnaround",
    "TurnaroundError",
    "check_received_at",
    "compute",
    "describe",
    "ledger",
    "on_reopen_target",
    "pauses_from_json",
    "promise",
    "reopen",
    "second_cycle",
    "standing",
    "unit_words",
    "warn_at",
    "was_met",
    "zone_words",
]
