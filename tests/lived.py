"""An invented history as the columns that a forecast reads, made without a database."""

from __future__ import annotations

from config.demo.years.truth import History as Lived
from deductibles.domain import hold
from deductibles.worth.history import BY_HAND, BY_TIME, HELD, MET, History, history_of, number_of, packed

_HOW = {hold.MET: MET, hold.MET_FIRST: MET, hold.ELAPSED: BY_TIME, hold.BY_HAND: BY_HAND, None: HELD}


def columns_of(lived: Lived) -> History:
    """Every claim that was held, with what the payer made of it."""
    payers = {payer.code: place for place, payer in enumerate(lived.payers, 1)}
    rows = []
    for claim in lived.claims:
        held, payment = claim.hold, claim.payment
        if held is None:
            continue
        paid = payment if held.released_on is not None else None
        on = None if paid is None else (paid.written_off_on if paid.too_late else paid.on)
        tells = paid is not None and not paid.too_late and not (paid.by_hand and paid.tells != "all")
        began = number_of(held.held_on)
        rows.append(
            (
                claim.number + 1,
                payers[claim.payer.code],
                held.kind == "manual",
                began,
                began,
                number_of(held.release_on),
                number_of(held.released_on) if held.released_on else 0,
                _HOW[held.reason] if held.released_on else HELD,
                -1 if held.kind == "manual" else claim.remaining_at_entry,
                claim.total,
                number_of(on) if on else 0,
                paid.paid if paid and on else 0,
                claim.allowed if tells else -1,
            )
        )
    return history_of([packed(rows)])
