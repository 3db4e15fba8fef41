"""What must be seen wherever a patient appears, by page and by API.

Refused channels and marks are known here (R-DNC-2, R-STOP-2). Other rooms register a source for theirs, such
as what must not be said to the patient while a ticket runs. Whatever the number of sources and of patients,
asking costs one statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet, Value
from django.db.models.functions import JSONObject

from patients.models import ContactRefusal, Patient, PatientMark

CARE = "Compassionate Care application under way."
_TONES = ("breach", "soon", "info")


@dataclass(frozen=True)
class Banner:
    """One banner: ``title`` is the whole instruction, ``text`` its reason; ``tone`` as the component's.

    ``short`` says it in a word or two, for a row of a list.
    """

    title: str
    text: str = ""
    tone: str = "breach"
    icon: str = "ban"
    short: str = ""


Facts = Mapping[str, Any]
"""What a row says, by the names its source gave; moments as ISO text."""


@dataclass(frozen=True)
class Source:
    """Where banners come from.

    ``rows`` are those about some patients of one company, each with a ``patient_id``; ``facts`` are the
    columns wanted, as :class:`JSONObject` takes them. ``say`` turns the rows of one patient into banners.
    """

    rows: Callable[[Sequence[Patient]], QuerySet]
    facts: Mapping[str, Any]
    say: Callable[[Patient, list[Facts]], Iterable[Banner]]


_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Ask this source from now on; a name registered again replaces the one before."""
    _sources[name] = source


def banners_of(patients: Sequence[Patient]) -> dict[int, list[Banner]]:
    """Every banner of each patient by id: what must not be done or said first, and nothing twice.

    Of two sources that say the same, as a mark and a ticket of it do, the first is heard.
    """
    if not patients:
        return {}
    known = _read(patients)
    found: dict[int, dict[str, Banner]] = defaultdict(dict)
    for name, source in _sources.items():
        for patient in patients:
            for banner in source.say(patient, known[patient.pk, name]):
                found[patient.pk].setdefault(banner.title, banner)
    return {key: sorted(said.values(), key=_gravity) for key, said in found.items()}


def _read(patients: Sequence[Patient]) -> dict[tuple[int, str], list[Facts]]:
    """The rows of every source, in one statement."""
    asked = [_asked(name, source, patients) for name, source in _sources.items()]
    known: dict[tuple[int, str], list[Facts]] = defaultdict(list)
    for key, name, facts in asked[0].union(*asked[1:], all=True):
        known[key, name].append(facts)
    return known


def _asked(name: str, source: Source, patients: Sequence[Patient]) -> QuerySet:
    facts = JSONObject(**source.facts)
    return source.rows(patients).order_by().values_list("patient_id", Value(name), facts)


def _gravity(banner: Banner) -> int:
    return _TONES.index(banner.tone) if banner.tone in _TONES else len(_TONES)


def with_banners(patients: Iterable[Patient]) -> list[Patient]:
    """The patients, each with its ``banners``, for lists that show their signs."""
    rows: list[Any] = list(patients)
    found = banners_of(rows)
    for row in rows:
        row.banners = found.get(row.pk, [])
    return rows


def told_by(field: str) -> dict[str, Any]:
    """Facts of a source: the person behind a column, and the company's zone."""
    names = {part: F(f"{field}__{part}") for part in ("first_name", "last_name", "username")}
    return {**names, "zone": F("company__time_zone")}


def person_in(facts: Facts) -> str:
    """The person of :func:`told_by`, as they are called everywhere."""
    full = f"{facts['first_name'] or ''} {facts['last_name'] or ''}".strip()
    return full or facts["username"] or "Holdline"


def moment_in(facts: Facts, name: str) -> datetime:
    """A moment of a row, on the company's clock."""
    return datetime.fromisoformat(facts[name]).astimezone(ZoneInfo(facts["zone"]))


def _why(facts: Facts) -> str:
    reason, day = facts["reason"], moment_in(facts, "at")
    said = reason if reason.endswith((".", "!", "?")) else f"{reason}."
    return f"{said} Recorded {day.day} {day:%B %Y} by {person_in(facts)}."


def _refused_channels(patient: Patient, known: list[Facts]) -> Iterable[Banner]:
    """One banner for each channel a patient refused, with reason, day and who recorded it (R-DNC-2)."""
    why = {facts["channel"]: _why(facts) for facts in known}
    for channel in patient.do_not_contact:
        text = why.get(channel, "The patient refused it.")
        yield Banner(f"Do not contact by {channel}.", text, short=f"no {channel}")


def care_banner(why: str) -> Banner:
    """An application for Compassionate Care, with how it is known: claims are not stopped (R-STOP-2)."""
    means = "No claim is stopped meanwhile (R-STOP-2)."
    return Banner(CARE, f"{why} {means}", "soon", "hand-heart", "care application")


register(
    "refused channels",
    Source(
        lambda patients: ContactRefusal.objects.filter(
            patient__in=[one for one in patients if one.do_not_contact], lifted_at=None
        ),
        {"channel": F("channel"), "reason": F("reason"), "at": F("refused_at"), **told_by("refused_by")},
        _refused_channels,
    ),
)
register(
    "compassionate care",
    Source(
        lambda patients: PatientMark.objects.filter(
            patient__in=patients, kind=PatientMark.Kind.COMPASSIONATE_CARE, lifted_at=None
        ),
        {"reason": F("reason"), "at": F("set_at"), **told_by("set_by")},
        lambda patient, known: [care_banner(_why(facts)) for facts in known],
    ),
)
