"""What an admin may look for in the audit."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms

from accounts.models import User
from config.audit import kept
from config.audit.histories import CLAIM, PATIENT, TICKET
from config.audit.search import EVERYBODY, HOLDLINE, PEOPLE, Sought
from deductibles.models import Claim
from escalations.models import Ticket
from patients.models import Patient

DAYS = 7
MOST_DAYS = 366
TABS = {
    PEOPLE: "By people",
    HOLDLINE: "By Holdline",
    kept.ACCOUNTS: "Accounts",
    kept.READINGS: "Readings",
    kept.FILES: "Files taken",
}
_PATIENT = re.compile(r"patient[ -]?([0-9]{1,18})", re.ASCII | re.IGNORECASE)
_UNKNOWN = (
    "Nothing in your company has this number. Give a claim’s (C-1003), a ticket’s (E-1003), or the account "
    "number of a patient, whole."
)


class AuditForm(forms.Form):
    """From and until which day, by whom, about what, and a word of the act."""

    since = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}))
    person = forms.ModelChoiceField(
        User.objects.none(), label="Person", required=False, empty_label="everybody",
        error_messages={"invalid_choice": "Nobody of your company. Choose somebody of the list."},
    )  # fmt: skip
    about = forms.CharField(label="Claim, ticket or patient", required=False, max_length=40)
    word = forms.CharField(label="What was done", required=False, max_length=40)

    def __init__(self, user: User, show: str, given: Any, *, today: date) -> None:
        self.user, self.show = user, show if show in TABS else PEOPLE
        first = {"since": (today - timedelta(days=DAYS - 1)).isoformat(), "until": today.isoformat()}
        super().__init__({**first, **{name: given[name] for name in self.base_fields if name in given}})
        person: Any = self.fields["person"]
        person.queryset = User.objects.filter(company_id=user.company_id).order_by("username")
        person.label_from_instance = lambda one: f"{one.username} · {one.get_full_name() or one.role}"

    def clean(self) -> dict[str, Any]:
        """The days one after the other and not too many; a list of readings says whose."""
        said = super().clean() or {}
        since, until = said.get("since"), said.get("until")
        if since and until and since > until:
            self.add_error("until", "This is before “From”. Turn the two dates round.")
        elif since and until and (until - since).days >= MOST_DAYS:
            self.add_error("since", f"At most {MOST_DAYS} days at a time. Choose a later first day.")
        if (
            self.show == kept.READINGS
            and not said.get("person")
            and not said.get("about")
            and not self.errors
        ):
            self.add_error(
                "person", "Say whose readings: choose a person, or give a patient’s account number."
            )
        return said

    def clean_about(self) -> tuple[str, int] | None:
        """The thing of this company that the text names."""
        text = str(self.cleaned_data["about"]).strip()
        if not text or self.show in (kept.ACCOUNTS, kept.FILES):  # they have no such field
            return None
        found = thing_of(self.user, text)
        if found is None:
            raise forms.ValidationError(_UNKNOWN)
        if self.show == kept.READINGS and found[0] != PATIENT:
            raise forms.ValidationError("Readings are kept by patient: give an account number instead.")
        return found

    @property
    def query(self) -> dict[str, str]:
        """What an address says of this search: a patient by id, never by account number (I8)."""
        said = self.cleaned_data
        about = said.get("about")
        number = (
            ""
            if about is None
            else f"patient-{about[1]}"
            if about[0] == PATIENT
            else self.data["about"].strip()
        )
        named = {
            "show": self.show,
            "since": said["since"].isoformat(),
            "until": said["until"].isoformat(),
            "person": str(said["person"].pk) if said.get("person") else "",
            "about": number,
            "word": said.get("word", ""),
        }
        return {name: value for name, value in named.items() if value}

    def sought(self, before: str) -> Sought:
        """The search, with its days as moments of the company's zone; a forged ``before`` begins anew."""
        said, zone = self.cleaned_data, self.user.company.zone
        about = said.get("about")
        by = EVERYBODY if about and self.show == PEOPLE else self.show
        return Sought(
            since=datetime.combine(said["since"], time(), zone),
            until=datetime.combine(said["until"] + timedelta(days=1), time(), zone),
            by=by,
            person=said["person"].pk if said.get("person") else None,
            about=about,
            word=said.get("word", "").strip(),
            before=read_before(before, number=self.show in kept.KEPT),
        )


def thing_of(user: User, text: str) -> tuple[str, int] | None:
    """The claim, ticket or patient of this company that a number means."""
    if named := _PATIENT.fullmatch(text):
        patients = Patient.objects.visible_to(user).filter(pk=int(named[1]))
        return next(((PATIENT, key) for key in patients.values_list("pk", flat=True)), None)
    for kind, model, column in (
        (CLAIM, Claim, "number"),
        (TICKET, Ticket, "number"),
        (PATIENT, Patient, "account_number"),
    ):
        spelled = text.upper() if column == "number" else text
        rows = model.objects.visible_to(user).filter(**{column: spelled})
        for key in rows.values_list("pk", flat=True)[:1]:
            return kind, key
    return None


def write_before(at: datetime, key: UUID | int) -> str:
    """Where the next page begins: behind this moment and row."""
    return f"{at.isoformat()}~{key}"


def read_before(text: str, *, number: bool) -> Any:
    """Back from an address; None for anything else."""
    at, _, key = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        row = int(key) if number else UUID(key)
    except ValueError:
        return None
    return (moment, row) if moment.tzinfo and (not number or 0 <= row < 10**18) else None  # type: ignore[operator]
