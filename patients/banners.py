"""What must be seen wherever a patient appears, by page and by API.

Refused channels are known here (R-DNC-2). Other rooms register a source for theirs, such as what must not
be said to the patient while a ticket runs; a source is asked once for a whole page of patients.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from patients.models import ContactRefusal, Patient


@dataclass(frozen=True)
class Banner:
    """One banner: ``title`` is the whole instruction, ``text`` its reason; ``tone`` as the component's."""

    title: str
    text: str = ""
    tone: str = "breach"
    icon: str = "ban"


Source = Callable[[Sequence[Patient]], Mapping[int, Iterable[Banner]]]
"""Given patients of one company, the banners of each by the patient's id, in one query."""

_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Ask this source from now on; a name registered again replaces the one before."""
    _sources[name] = source


def banners_of(patients: Sequence[Patient]) -> dict[int, list[Banner]]:
    """Every banner of each patient by id, refused channels first."""
    found: dict[int, list[Banner]] = defaultdict(list)
    for source in (refused_channels, *_sources.values()):
        for key, banners in source(patients).items():
            found[key].extend(banners)
    return found


def refused_channels(patients: Sequence[Patient]) -> dict[int, list[Banner]]:
    """One banner for each channel a patient refused, with reason, day and who recorded it (R-DNC-2)."""
    refusing = [patient for patient in patients if patient.do_not_contact]
    if not refusing:
        return {}
    rows = ContactRefusal.objects.filter(patient__in=refusing, lifted_at=None).select_related(
        "refused_by", "company"
    )
    why = {(row.patient_id, row.channel): _why(row) for row in rows}
    return {
        patient.pk: [
            Banner(f"Do not contact by {channel}.", why.get((patient.pk, channel), "The patient refused it."))
            for channel in patient.do_not_contact
        ]
        for patient in refusing
    }


def _why(row: ContactRefusal) -> str:
    said = row.reason if row.reason.endswith((".", "!", "?")) else f"{row.reason}."
    day = row.refused_at.astimezone(row.company.zone)
    return f"{said} Recorded {day.day} {day:%B %Y} by {row.refused_by or 'Holdline'}."
