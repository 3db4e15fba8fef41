"""The COB tab: the coverages in order, the one being edited, what Insurance Finder found (D-HOLD-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from deductibles.actions import finding
from deductibles.forms.claim import ADDRESS, COVERAGE, RANKS, SUBSCRIBER
from deductibles.found_screen import Found, found_of
from deductibles.models import Claim, Coverage
from patients.models import Payer

RELATIONSHIPS = (
    ("self", "The patient is the subscriber"),
    ("spouse", "Spouse of the subscriber"),
    ("child", "Child of the subscriber"),
    ("other", "Otherwise related"),
)
PERSON = (
    ("first_name", "First name", "text"),
    ("last_name", "Last name", "text"),
    ("date_of_birth", "Birth date", "date"),
    ("line1", "Address line 1", "text"),
    ("line2", "Address line 2", "text"),
    ("city", "City", "text"),
    ("state", "State", "text"),
    ("zip", "ZIP", "text"),
)
SEXES = (("", "Not said"), ("F", "Female"), ("M", "Male"), ("U", "Unknown"))


@dataclass(frozen=True)
class Field:
    """One box of the form: its name, what stands in it, and what is wrong with it."""

    name: str
    value: str
    wrong: Sequence[str] = ()


class Cob:
    """What the COB tab needs beyond the coverages themselves; each part is read when it is shown."""

    def __init__(
        self,
        claim: Claim,
        coverages: Sequence[Coverage],
        *,
        edit: str,
        take: str = "",
        user: Any,
        today: date,
        typed: Mapping[str, str] | None = None,
        wrong: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    ) -> None:
        self.claim, self.coverages, self.user, self.today = claim, coverages, user, today
        self.by_rank = {row.rank: row for row in coverages}
        self.edit = edit if edit in RANKS and self._may_edit(edit) else (self.next_rank if typed else "")
        self._take, self._typed, self._wrong = take, typed, wrong or {}

    def _may_edit(self, rank: str) -> bool:
        return rank in self.by_rank or rank == self.next_rank

    @property
    def next_rank(self) -> str:
        """The rank a further coverage would have; empty when there are three."""
        return next((rank for rank in RANKS if rank not in self.by_rank), "")

    @property
    def act(self) -> str:
        """What saving the form does: the primary's change is a change of payer (D-HOLD-5)."""
        return "change_payer" if self.edit == "primary" else "cover"

    @property
    def adds(self) -> bool:
        """Whether the form is for a coverage that is not there yet."""
        return self.edit not in self.by_rank

    relationships, sexes = RELATIONSHIPS, SEXES

    @cached_property
    def payers(self) -> list[Payer]:
        """Payers to choose from."""
        return list(Payer.objects.visible_to(self.user).order_by("name", "pk"))

    @cached_property
    def found(self) -> list[Found]:
        """What Insurance Finder found today, as cards."""
        return found_of(self.finding, self.payers, today=self.today)

    @cached_property
    def finding(self) -> Any:
        """The newest finding of today, or None before one was asked for."""
        return finding.newest_finding(self.claim.patient, self.today)

    @property
    def taken(self) -> Found | None:
        """The found coverage whose values stand in the form."""
        if not self._take.isdigit() or not self._take.isascii() or len(self._take) > 3:
            return None
        return next((one for one in self.found if one.place == int(self._take)), None)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The boxes with what was typed, else what was taken, else what is in force."""
        return {name: Field(name, value, self._wrong_of(name)) for name, value in self._values().items()}

    @property
    def person(self) -> list[tuple[Field, str, str]]:
        """The boxes about a subscriber who is not the patient: box, label, kind."""
        return [(self.fields[f"subscriber-{name}"], label, kind) for name, label, kind in PERSON]

    @property
    def sex(self) -> Field:
        """The box of the subscriber's sex."""
        return self.fields["subscriber-sex"]

    @property
    def other_subscriber(self) -> bool:
        """Whether the boxes of the subscriber stand open."""
        return self.fields["relationship"].value not in ("", "self")

    def _values(self) -> dict[str, str]:
        names, subscriber = COVERAGE, (*SUBSCRIBER, *ADDRESS)
        people = [f"subscriber-{name}" for name in subscriber]
        if self._typed is not None:
            return {name: self._typed.get(name, "") for name in (*names, *people)}
        if self.taken is not None:
            one = self.taken
            payer = str(one.payer.pk) if one.payer else ""
            values = dict(zip(names, (payer, one.member_id, one.group_number, one.relationship), strict=True))
            return {**dict.fromkeys(people, ""), **values}
        row = self.by_rank.get(self.edit)
        person = (row.subscriber or {}) if row else {}
        said = {f"subscriber-{name}": str(person.get(name) or "") for name in subscriber}
        if row is None:
            return {**dict.fromkeys(names, ""), "relationship": "self", **said}
        kept = (str(row.payer_id), row.member_id, row.group_number, row.relationship)
        return {**dict(zip(names, kept, strict=True)), **said}

    def _wrong_of(self, name: str) -> list[str]:
        key = name.replace("subscriber-", "subscriber.")
        return [sentence for _, sentence in self._wrong.get(key, ())]

    @property
    def wrong_elsewhere(self) -> list[str]:
        """What is wrong with no box of the form: a rank out of order."""
        known = {name.replace("subscriber-", "subscriber.") for name in self.fields}
        return [said for name, rows in self._wrong.items() if name not in known for _, said in rows]

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Everything wrong, each with the box it is about."""
        boxes = [(f"cob-{field.name}", said) for field in self.fields.values() for said in field.wrong]
        return [*boxes, *(("cob-payer", said) for said in self.wrong_elsewhere)]
