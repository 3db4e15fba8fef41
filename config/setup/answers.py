"""The answers of a set-up as a file, for whoever opens companies without a browser.

Everything is read by the rules of the page it stands for, and all that is wrong is said at once, each with
its place in the file: ``provider.npi``, ``holidays.own.2.on``, ``people.1.email``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django import forms

from accounts.company_actions import read_zone
from accounts.company_views import CompanyForm
from accounts.people_actions import TAKEN, Said, is_taken
from accounts.people_forms import InviteForm
from accounts.roles import Role
from accounts.steps import Unfit
from config.setup.door_forms import key_wrong
from config.setup.opening import Opening
from deductibles.actions.moves import Invalid
from deductibles.actions.settings import read_provider
from deductibles.forms.settings import PROVIDER_FIELDS
from escalations.calendars import choosing, lists
from escalations.calendars.choosing import Chosen
from escalations.domain.calendar import WEEKDAYS
from escalations.domain.calendar_edit import HOLIDAY, DateRow, NamedCalendar
from escalations.domain.turnaround import BusinessCalendar
from escalations.policies import usual_calendar

LARGEST = 200_000
MOST_PEOPLE = 200
COMPANY = {
    "key": "key",
    "name": "name",
    "zone": "time_zone",
    "ambulance": "is_ambulance",
    "itemized_bill_address": "itemized_bill_address",
}
"""What the file says of the company, and what its page calls that."""
PERSON = ("username", "first_name", "last_name", "email")
_YES, _NO = (True, "true", "yes"), (False, "false", "no")
UNKNOWN = "There is no such answer. Look for a typing error."


@dataclass
class _Reading:
    """What was read so far: what is wrong, by its place in the file."""

    wrong: dict[str, str] = field(default_factory=dict)

    def table(self, said: Any, place: str, names: Sequence[str]) -> dict[str, Any]:
        """A table of the file with these names; any other name is wrong."""
        if not isinstance(said, Mapping):
            self.wrong[place] = "This is a table of answers, not one answer."
            return {}
        for name in said:
            if name not in names:
                self.wrong[_at(place, str(name))] = UNKNOWN
        return {name: said[name] for name in names if name in said}

    def text(self, said: Any, place: str) -> str:
        """One answer as somebody would have typed it."""
        if isinstance(said, str):
            return said
        if isinstance(said, int | float | date) and not isinstance(said, bool | datetime):
            return said.isoformat() if isinstance(said, date) else str(said)
        self.wrong[place] = "Give text, in quotation marks."
        return ""

    def form(self, form: forms.Form, place: str, names: Mapping[str, str]) -> None:
        """What a form finds wrong; ``names`` says how the file calls its fields."""
        known = {of_form: of_file for of_file, of_form in names.items()}
        for name, sentences in form.errors.items():
            self.wrong.setdefault(_at(place, known.get(name, name)), " ".join(map(str, sentences)))


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def load(path: Path) -> dict[str, Any]:
    """The file as tables; Unfit when it cannot be read as one."""
    try:
        if path.stat().st_size > LARGEST:
            raise Unfit({"file": f"This is no file of answers: it is larger than {LARGEST // 1000} KB."})
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise Unfit({"file": f"It cannot be opened: {error.strerror or 'not readable'}."}) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        why = str(error)[:200] if isinstance(error, tomllib.TOMLDecodeError) else "it is not text in UTF-8"
        raise Unfit({"file": f"It cannot be read as TOML: {why}."}) from error


def put(said: dict[str, Any], place: str, value: Any) -> None:
    """Lay one answer over the others, at a place such as ``provider.npi``."""
    *tables, name = place.split(".")
    for table in tables:
        inner = said.setdefault(table, {})
        if not isinstance(inner, dict):
            raise Unfit({place: UNKNOWN})
        said = inner
    said[name] = value


def read(said: Mapping[str, Any], today: date) -> Opening:
    """Everything the answers say; Unfit with all that is wrong by its place."""
    reading = _Reading()
    parts = reading.table(said, "", [*COMPANY, "admin", "hours", "holidays", "provider", "people"])
    company = _company(parts, reading)
    username, admin = _person(parts.get("admin", {}), "admin", Role.ADMIN, reading)
    calendar, kept = _calendar(parts, company["time_zone"], today, reading)
    provider = _provider(parts, reading)
    people = list(_people(parts.get("people", []), username, reading))
    if reading.wrong:
        raise Unfit(reading.wrong)
    return Opening(
        key=company["key"],
        name=company["name"],
        zone=company["time_zone"],
        username=username,
        admin=admin,
        is_ambulance=company["is_ambulance"],
        itemized_bill_address=company["itemized_bill_address"],
        calendar=calendar,
        provider=provider,
        people=people,
        kept={**({"company": {}} if {"ambulance", "itemized_bill_address"} & parts.keys() else {}), **kept},
    )


def _company(parts: Mapping[str, Any], reading: _Reading) -> dict[str, Any]:
    """The company by the rules of its page; its key by those of the door."""
    said = {of_form: reading.text(parts[name], name) for name, of_form in COMPANY.items()
            if name in parts and name != "ambulance"}  # fmt: skip
    ambulance = parts.get("ambulance", True)
    if ambulance not in (*_YES, *_NO):
        reading.wrong["ambulance"] = "Say true or false."
    form = CompanyForm({**said, "is_ambulance": "on" if ambulance in _YES else ""})
    reading.form(form, "", COMPANY)
    if "time_zone" in form.cleaned_data:
        try:
            read_zone(form.cleaned_data["time_zone"])
        except Unfit as unfit:
            reading.wrong["zone"] = unfit.wrong["time_zone"]
    key = said.get("key", "")
    if wrong := key_wrong(key):
        reading.wrong.setdefault("key", wrong)
    blank = {"name": "", "time_zone": "", "is_ambulance": True, "itemized_bill_address": ""}
    return {**blank, **form.cleaned_data, "key": key}


def _person(said: Any, place: str, role: Role, reading: _Reading) -> tuple[str, Said]:
    """One person by the rules of an invitation."""
    names = PERSON if role == Role.ADMIN and place == "admin" else (*PERSON, "role")
    row = reading.table(said, place, names)
    typed = {name: reading.text(row[name], _at(place, name)) for name in row}
    form = InviteForm({"role": role.value, **typed})
    if place == "admin" and not {"first_name", "last_name"} & row.keys():
        form.fields["first_name"].required = form.fields["last_name"].required = False
    reading.form(form, place, {})
    known = {name: form.cleaned_data.get(name, "") for name in (*PERSON, "role")}
    username = str(known["username"])
    if username and is_taken(username):
        reading.wrong.setdefault(_at(place, "username"), TAKEN)
    return username, Said(known["first_name"], known["last_name"], known["email"], known["role"])


def _people(said: Any, admin: str, reading: _Reading) -> Iterator[tuple[str, Said]]:
    """Who is invited besides; each username once."""
    if not isinstance(said, list) or len(said) > MOST_PEOPLE:
        reading.wrong["people"] = f"Give a list of at most {MOST_PEOPLE} people: [[people]] before each."
        return
    met = {admin} if admin else set[str]()
    for number, row in enumerate(said, 1):
        place = f"people.{number}"
        if isinstance(row, Mapping) and "role" not in row:
            reading.wrong[_at(place, "role")] = "Choose a role: agent, biller, supervisor or admin."
        username, person = _person(row, place, Role.AGENT, reading)
        if username in met:
            reading.wrong.setdefault(_at(place, "username"), "This username stands above already.")
        met.add(username)
        yield username, person


def _provider(parts: Mapping[str, Any], reading: _Reading) -> dict[str, str] | None:
    """The billing provider by the rules of its page; none when the file says nothing of it."""
    if "provider" not in parts:
        return None
    row = reading.table(parts["provider"], "provider", list(PROVIDER_FIELDS))
    said = {name: reading.text(row.get(name, ""), _at("provider", name)) for name in PROVIDER_FIELDS}
    try:
        read_provider(said)
    except Invalid as invalid:
        for name, problems in invalid.fields.items():
            reading.wrong.setdefault(_at("provider", name), " ".join(sentence for _, sentence in problems))
    return said


def _calendar(
    parts: Mapping[str, Any], zone: str, today: date, reading: _Reading
) -> tuple[Mapping[str, Any] | None, dict[str, dict[str, Any]]]:
    """The first calendar and the steps it answers; nothing where neither hours nor holidays are said."""
    if not {"hours", "holidays"} & parts.keys():
        return None, {}
    usual = NamedCalendar(BusinessCalendar.from_json(usual_calendar("UTC", today)))
    hours: tuple[str, ...] = choosing.USUAL
    if "hours" in parts:
        row = reading.table(parts["hours"], "hours", WEEKDAYS)
        hours = tuple(reading.text(row.get(day, ""), _at("hours", day)) for day in WEEKDAYS)
    chosen, own = Chosen(), list[DateRow]()
    if "holidays" in parts:
        chosen, own = _holidays(parts["holidays"], today, reading)
    rows = choosing.with_holidays(usual, chosen, own, today.year).rows
    typed = choosing.with_hours(usual, zone or "UTC", hours).with_rows(rows)
    calendar, wrong = choosing.read(typed)
    for name, sentence in wrong.items():
        reading.wrong.setdefault(_calendar_place(name), sentence)
    kept: dict[str, dict[str, Any]] = {"hours": {}} if "hours" in parts else {}
    kept |= {"holidays": {"list": chosen.region}} if "holidays" in parts else {}
    return calendar.to_json() if calendar else None, kept


def _calendar_place(name: str) -> str:
    """Where in the file stands what the calendar's form calls so."""
    if name in WEEKDAYS:
        return f"hours.{name}"
    what, _, number = name.partition(".")
    if number:
        return f"holidays.own.{int(number) + 1}.{what}"
    return {"rows": "holidays"}.get(name, name)


def _holidays(said: Any, today: date, reading: _Reading) -> tuple[Chosen, list[DateRow]]:
    row = reading.table(said, "holidays", ("list", "without", "own"))
    region = reading.text(row.get("list", lists.FEDERAL), "holidays.list")
    if region != choosing.NONE and not lists.name_of(region):
        reading.wrong["holidays.list"] = (
            "There is no such list. Give federal, none, a state such as IL, or a country such as @CA."
        )
        region = choosing.NONE
    without = row.get("without", [])
    if not isinstance(without, list) or not all(isinstance(name, str) for name in without):
        reading.wrong["holidays.without"] = 'Give a list of names, as in ["Columbus Day"].'
        without = []
    known = {one.name for one in choosing.offered(Chosen(region), today.year)}
    for name in without:
        if name not in known:
            reading.wrong["holidays.without"] = (
                f"The list has no {name[:60]}. It has: {', '.join(sorted(known))}."
            )
    return Chosen(region, frozenset(without)), list(_own(row.get("own", []), reading))


def _own(said: Any, reading: _Reading) -> Iterator[DateRow]:
    if not isinstance(said, list):
        reading.wrong["holidays.own"] = "Give each day of your own as [[holidays.own]] with on and name."
        return
    for number, one in enumerate(said, 1):
        place = f"holidays.own.{number}"
        row = reading.table(one, place, ("on", "name"))
        on = reading.text(row.get("on", ""), _at(place, "on"))
        name = reading.text(row.get("name", ""), _at(place, "name"))
        if not on:
            reading.wrong.setdefault(_at(place, "on"), "Give the date.")
        yield DateRow(HOLIDAY, on, "", name)
