"""The curves of a company as they stood on a day: only what was known then, and only those that say
enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deductibles.domain.survival import BANDS, COMPANY, ENOUGH, Curve, Key
from deductibles.worth.history import HELD, MET, WINDOW, History
from deductibles.worth.statistics import kaplan_meier

Curves = Mapping[Key, Curve]
LONGEST_WAIT = 180
"""Days after its release up to which a payment is waited for."""
PAID_WINDOW = 365
"""Days back that the habits of payers look."""


def known(history: History, day: int) -> tuple[Any, Any]:
    """Which holds had begun by the end of this day, and how each stood then."""
    import numpy

    begun = history.start <= day
    how = numpy.where((history.end > 0) & (history.end <= day), history.how, HELD)
    return begun, how


def curves_on(history: History, day: int) -> dict[Key, Curve]:
    """Every curve that said enough at the end of this day; always with the company's, whatever it says."""
    import numpy

    begun, how = known(history, day)
    rows = numpy.flatnonzero(begun & (history.manual == 0) & (history.start > day - WINDOW))
    met = how[rows] == MET
    days = numpy.where(how[rows] == HELD, day, history.end[rows]) - history.zero[rows]
    if met.sum() < ENOUGH:
        return {COMPANY: Curve(COMPANY, len(rows), int(met.sum()), (), (), ())}
    found = {COMPANY: kaplan_meier(COMPANY, days, met)}
    payer, band, month = history.payer[rows], history.band[rows], history.month[rows]
    for key, these in _cells(payer, band, month, met):
        found[key] = kaplan_meier(key, days[these], met[these])
    return found


def _cells(payer: Any, band: Any, month: Any, met: Any) -> Iterator[tuple[Key, Any]]:
    """Each key with enough deductibles met, and the rows that belong to it."""
    import numpy

    for one in numpy.unique(payer[payer > 0]):
        of_payer = numpy.flatnonzero(payer == one)
        if met[of_payer].sum() < ENOUGH:
            continue
        yield Key(int(one)), of_payer
        for place, word in enumerate(BANDS):
            of_band = of_payer[band[of_payer] == place]
            if met[of_band].sum() < ENOUGH:
                continue
            yield Key(int(one), word), of_band
            for number in range(12):
                of_month = of_band[month[of_band] == number]
                if met[of_month].sum() >= ENOUGH:
                    yield Key(int(one), word, number + 1), of_month
