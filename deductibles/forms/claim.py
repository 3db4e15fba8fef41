"""The claim form: one page of fields, turned into the body that ``POST claims/`` takes.

Fields are named as the API names them, with hyphens for dots: ``charges-0-amount`` is ``charges.0.amount``.
Rows nobody typed into are left out of the body, so the sentences about the others find their way back by
:attr:`ClaimForm.places`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from deductibles.forms.places import PLACES
from deductibles.models import Claim
from deductibles.x12.claim import AMBULANCE_CONDITIONS, AMBULANCE_REASONS

RANKS = ("primary", "secondary", "tertiary")
FIRST_ROWS, MORE_ROWS, MOST_ROWS = 4, 4, 50
MOST_FIELD_LENGTH = 2_000

CHARGE = ("code", "modifiers", "units", "amount", "diagnosis_pointers")
COVERAGE = ("payer", "member_id", "group_number", "relationship")
SUBSCRIBER = ("first_name", "last_name", "date_of_birth", "sex")
ADDRESS = ("line1", "line2", "city", "state", "zip")
AMBULANCE = ("reason", "miles", "patient_weight", "stretcher_purpose", "round_trip_purpose", "dropoff_name")

_RELATIONSHIPS = [("self", "Self"), ("spouse", "Spouse"), ("child", "Child"), ("other", "Other")]
_SEXES = [("", "–"), ("F", "female"), ("M", "male"), ("U", "unknown")]
_LABELS = {
    "payer": "Payer",
    "member_id": "Member id",
    "group_number": "Group number",
    "relationship": "Patient’s relationship to the subscriber",
    "first_name": "Subscriber's first name",
    "last_name": "Subscriber's last name",
    "date_of_birth": "Subscriber's date of birth",
    "sex": "Subscriber's sex",
    "code": "Code",
    "modifiers": "Modifiers",
    "units": "Units",
    "amount": "Amount",
    "diagnosis_pointers": "Diagnoses",
    "line1": "Address line 1",
    "line2": "Address line 2",
    "city": "City",
    "state": "State",
    "zip": "ZIP",
    "reason": "Why an ambulance was needed",
    "miles": "Loaded miles",
    "patient_weight": "Patient’s weight",
    "stretcher_purpose": "Why a stretcher",
    "round_trip_purpose": "Why a round trip",
    "dropoff_name": "Dropped off at",
}


class ClaimForm(forms.Form):
    """The whole claim on one page; ``rows`` charge lines are shown, ``payers`` are those to choose from.

    ``shown`` is how many coverages stand open, the primary always; one that was filled in is open anyway.
    """

    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        *,
        payers: Iterable[Any],
        rows: int = FIRST_ROWS,
        shown: int = 1,
        initial: Any = None,
    ) -> None:
        super().__init__(data, initial=initial, auto_id="%s")
        self.rows, self.shown = rows, shown
        self.places: dict[str, str] = {}
        for hidden in ("patient", "version"):
            self.fields[hidden] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.fields["patient"].stand_in = "sought"  # type: ignore[attr-defined]  # where it is mended
        self._add("date_of_service", "Date of service", placeholder="2026-05-20", inputmode="numeric")
        self._choose("place_of_service", "Place of service", [("", "Choose"), *PLACES])
        self._add("diagnoses", "Diagnoses", placeholder="R55, I10")
        chosen = [("", "Choose"), *((str(payer.pk), payer.name) for payer in payers)]
        for rank in RANKS:
            self._add_coverage(rank, chosen)
        for row in range(rows):
            self._add_charge(row)
        self._add_ambulance()

    def _add(self, name: str, label: str, **attrs: Any) -> None:
        self.fields[name] = forms.CharField(
            required=False, label=label, widget=forms.TextInput(attrs={"autocomplete": "off", **attrs})
        )

    def _choose(self, name: str, label: str, choices: Any) -> None:
        self.fields[name] = forms.CharField(required=False, label=label, widget=forms.Select(choices=choices))

    def _add_coverage(self, rank: str, payers: Any) -> None:
        at, whose = f"coverages-{rank}", rank.capitalize()
        self._choose(f"{at}-payer", f"{whose} payer", payers)
        for name in ("member_id", "group_number"):
            self._add(f"{at}-{name}", _LABELS[name])
        self._choose(f"{at}-relationship", _LABELS["relationship"], _RELATIONSHIPS)
        for name in SUBSCRIBER[:3]:
            self._add(f"{at}-subscriber-{name}", _LABELS[name])
        self._choose(f"{at}-subscriber-sex", _LABELS["sex"], _SEXES)
        for name in ADDRESS:
            self._add(f"{at}-subscriber-{name}", f"Subscriber's {_LABELS[name]}")

    def _add_charge(self, row: int) -> None:
        hints = {"code": "A0429", "modifiers": "QM", "units": "1", "amount": "850.00"}
        hints["diagnosis_pointers"] = "1"
        for name in CHARGE:
            label = f"{_LABELS[name]}, line {row + 1}"
            self._add(f"charges-{row}-{name}", label, placeholder=hints[name] if row == 0 else "")

    def _add_ambulance(self) -> None:
        for name in AMBULANCE:
            self._add(f"ambulance-{name}", _LABELS[name])
        reasons = forms.widgets.TextInput(attrs={"list": "ambulance-reasons", "autocomplete": "off"})
        self.fields["ambulance-reason"].widget = reasons
        self.fields["ambulance-emergency"] = forms.BooleanField(required=False, label="Emergency")
        self.fields["ambulance-conditions"] = forms.MultipleChoiceField(
            required=False,
            label="What applied",
            choices=list(AMBULANCE_CONDITIONS.items()),
            widget=forms.CheckboxSelectMultiple,
        )
        for end, words in (("pickup", "Picked up"), ("dropoff", "Dropped off")):
            for name in ADDRESS:
                self._add(f"ambulance-{end}-{name}", f"{words}: {_LABELS[name]}")

    # --- from what was typed to the body -----------------------------------------------------

    def body(self) -> dict[str, Any]:
        """What was typed as the body of ``POST claims/``, without the patient; never raises."""
        body: dict[str, Any] = {
            "date_of_service": self._typed("date_of_service"),
            "place_of_service": self._typed("place_of_service"),
            "diagnoses": _words(self._typed("diagnoses")),
            "coverages": self._coverages(),
            "charges": self._charges(),
            "ambulance": self._ambulance(),
        }
        self._remember_diagnoses(len(body["diagnoses"]))
        return body

    def _typed(self, name: str) -> str:
        return str(self.data.get(name, "")).strip()[:MOST_FIELD_LENGTH]

    def _coverages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for rank in RANKS:
            at = f"coverages-{rank}"
            row: dict[str, Any] = {name: self._typed(f"{at}-{name}") for name in COVERAGE}
            subscriber = {name: self._typed(f"{at}-subscriber-{name}") for name in (*SUBSCRIBER, *ADDRESS)}
            typed = [value for name, value in row.items() if name != "relationship"]
            if not any(typed) and not any(subscriber.values()):
                continue
            self.places[f"coverages.{len(found)}"] = at
            found.append({"rank": rank, **row, **self._subscriber(row, subscriber)})
        return found

    def _subscriber(self, row: dict[str, Any], typed: dict[str, str]) -> dict[str, Any]:
        row["relationship"] = row["relationship"] or "self"
        given = {name: value for name, value in typed.items() if value}
        return {"subscriber": given} if given and row["relationship"] != "self" else {}

    def _charges(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for row in range(self.rows):
            typed = {name: self._typed(f"charges-{row}-{name}") for name in CHARGE}
            if not any(typed.values()):
                continue
            self.places[f"charges.{len(found)}"] = f"charges-{row}"
            found.append(_charge(typed))
        return found

    def _ambulance(self) -> dict[str, Any] | None:
        given: dict[str, Any] = {name: self._typed(f"ambulance-{name}") for name in AMBULANCE}
        given = {name: value for name, value in given.items() if value}
        for end in ("pickup", "dropoff"):
            address = {name: self._typed(f"ambulance-{end}-{name}") for name in ADDRESS}
            if any(address.values()):
                given[end] = address
        conditions = self.data.getlist("ambulance-conditions") if hasattr(self.data, "getlist") else []
        if conditions:
            given["conditions"] = [str(one)[:20] for one in conditions[:20]]
        if self.data.get("ambulance-emergency"):
            given["emergency"] = True
        return given or None

    def _remember_diagnoses(self, count: int) -> None:
        self.places.update({f"diagnoses.{index}": "diagnoses" for index in range(count)})

    # --- from sentences back to fields --------------------------------------------------------

    def take(self, wrong: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """Put each sentence beside the field it is about, or at the top when there is none."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        for path, problems in wrong.items():
            name = self.field_of(path)
            for code, sentence in problems:
                self.add_error(name, forms.ValidationError(sentence, code=code))

    def field_of(self, path: str) -> str | None:
        """The form's field for a path of the API, the nearest there is; None for the whole form."""
        for place, name in self.places.items():
            if path == place or path.startswith(f"{place}."):
                path = name + path[len(place) :]
                break
        name = path.replace(".", "-")
        while name and name not in self.fields:
            name = _first_below(self.fields, name) or name.rpartition("-")[0]
        return name or None

    # --- for the template -------------------------------------------------------------------

    @property
    def coverages(self) -> int:
        """How many coverages stand open: those asked for, and down to the last that was filled in."""
        last = max((place for place, rank in enumerate(RANKS) if self._is_typed(rank)), default=0)
        return max(self.shown, last + 1)

    def coverage_rows(self) -> list[dict[str, Any]]:
        """The coverages that stand open, in order, with their fields."""
        return [self._coverage_row(rank, self.coverages) for rank in RANKS[: self.coverages]]

    def _is_typed(self, rank: str) -> bool:
        at = f"coverages-{rank}"
        fields = [self[f"{at}-{name}"] for name in COVERAGE if name != "relationship"]
        fields += [self[f"{at}-subscriber-{name}"] for name in (*SUBSCRIBER, *ADDRESS)]
        return any(field.value() or field.errors for field in fields)

    def _coverage_row(self, rank: str, shown: int) -> dict[str, Any]:
        at, place = f"coverages-{rank}", RANKS.index(rank)
        own = {name: self[f"{at}-{name}"] for name in COVERAGE}
        subscriber = {name: self[f"{at}-subscriber-{name}"] for name in (*SUBSCRIBER, *ADDRESS)}
        somebody_else = any(field.value() or field.errors for field in subscriber.values())
        return {
            "rank": rank,
            "label": rank.capitalize(),
            "above": RANKS[place - 1] if place else "",
            "below": RANKS[place + 1] if place + 1 < shown else "",
            **own,
            "person": {name: subscriber[name] for name in SUBSCRIBER},
            "home": {name: subscriber[name] for name in ADDRESS},
            "open_subscriber": somebody_else or own["relationship"].value() not in (None, "", "self"),
        }

    def charge_rows(self) -> list[dict[str, Any]]:
        """The charge lines with their fields, numbered from 1."""
        return [
            {
                "number": row + 1,
                "cells": [self[f"charges-{row}-{name}"] for name in CHARGE],
                "is_typed": any(self[f"charges-{row}-{name}"].value() for name in CHARGE),
            }
            for row in range(self.rows)
        ]

    def ambulance_fields(self) -> dict[str, Any]:
        """The fields of the transport by name; ``pickup`` and ``dropoff`` are lists of fields."""
        fields: dict[str, Any] = {name: self[f"ambulance-{name}"] for name in AMBULANCE}
        fields["emergency"] = self["ambulance-emergency"]
        fields["conditions"] = self["ambulance-conditions"]
        for end in ("pickup", "dropoff"):
            fields[end] = {name: self[f"ambulance-{end}-{name}"] for name in ADDRESS}
        rare = ("stretcher_purpose", "round_trip_purpose", "conditions", "emergency")
        fields["open_more"] = any(fields[name].value() or fields[name].errors for name in rare)
        return fields

    reasons = tuple(AMBULANCE_REASONS.values())


def _charge(typed: dict[str, str]) -> dict[str, Any]:
    charge: dict[str, Any] = {"code": typed["code"], "amount": typed["amount"]}
    charge["units"] = typed["units"] or "1"
    if typed["modifiers"]:
        charge["modifiers"] = _words(typed["modifiers"])
    if typed["diagnosis_pointers"]:
        charge["diagnosis_pointers"] = [_number(word) for word in _words(typed["diagnosis_pointers"])]
    return charge


def _words(typed: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", typed) if word]


def _number(word: str) -> int | str:
    return int(word) if re.fullmatch(r"[0-9]{1,4}", word, re.ASCII) else word


def _first_below(fields: Mapping[str, Any], name: str) -> str | None:
    return next((field for field in fields if field.startswith(f"{name}-")), None)


def rows_asked(data: Mapping[str, Any]) -> int:
    """How many charge lines to show: what was shown before, some more when "Add lines" was pressed."""
    rows = _small(data.get("rows"), FIRST_ROWS) + (MORE_ROWS if "more" in data else 0)
    return max(FIRST_ROWS, min(rows, MOST_ROWS))


def coverages_asked(data: Mapping[str, Any]) -> int:
    """How many coverages to show, one more when another was asked for."""
    shown = _small(data.get("coverages"), 1) + (1 if data.get("do") == "coverage-add" else 0)
    return max(1, min(shown, len(RANKS)))


def _small(shown: Any, default: int) -> int:
    text = str(shown or "")
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) else default


def initial_of(claim: Claim) -> dict[str, Any]:
    """What is known of a draft, as the form shows it."""
    known: dict[str, Any] = {
        "version": claim.version,
        "date_of_service": claim.date_of_service.isoformat(),
        "place_of_service": claim.place_of_service,
        "diagnoses": ", ".join(claim.diagnoses),
    }
    for row in claim.coverages.all():
        if row.ended_at is None:
            known.update(_known_coverage(row))
    for index, charge in enumerate(claim.charges.all()):
        known.update(_known_charge(index, charge))
    known.update(_known_ambulance(claim.ambulance or {}))
    return known


def _known_coverage(row: Any) -> dict[str, Any]:
    at = f"coverages-{row.rank}"
    known: dict[str, Any] = {
        f"{at}-payer": str(row.payer_id),
        f"{at}-member_id": row.member_id,
        f"{at}-group_number": row.group_number,
        f"{at}-relationship": row.relationship,
    }
    subscriber = row.subscriber or {}
    known.update({f"{at}-subscriber-{name}": value for name, value in subscriber.items()})
    return known


def _known_charge(index: int, charge: Any) -> dict[str, Any]:
    at = f"charges-{index}"
    return {
        f"{at}-code": charge.code,
        f"{at}-modifiers": " ".join(charge.modifiers),
        f"{at}-units": f"{charge.units.normalize():f}",
        f"{at}-amount": f"{charge.amount:.2f}",
        f"{at}-diagnosis_pointers": " ".join(str(number) for number in charge.diagnosis_pointers),
    }


def _known_ambulance(values: Mapping[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            known.update({f"ambulance-{name}-{line}": text for line, text in value.items()})
        else:
            known[f"ambulance-{name}"] = value
    return known
