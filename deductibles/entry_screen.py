"""Entering a claim: whose it is, its coverages and charges, what was found and kept, and what is missing."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, QueryDict
from django.urls import reverse

from accounts.access import SignedIn
from deductibles import expecting
from deductibles.actions import drafts, finding
from deductibles.bills import billing_provider
from deductibles.domain import states
from deductibles.entry_kept import Kept, conflict_of, kept_by, unfinished
from deductibles.entry_review import SECTIONS, Typed, typed_so_far
from deductibles.expecting import Expected
from deductibles.forms.claim import FIRST_ROWS, ClaimForm, coverages_asked, initial_of, rows_asked
from deductibles.found_screen import Found, found_of
from deductibles.models import BillingProvider, Claim, Coverage, Finding, provider_in_force
from deductibles.x12.claim_values import is_npi
from patients.forms import PatientForm
from patients.models import Patient, Payer, PayerKind
from patients.queries import find_patients

MOST_FOUND = 12
ASIDE = ("more", "find", "choose", "other")
"""Buttons that show the form again instead of saving it; so does every ``do`` but those of SAVING."""
SAVING = ("", "save", "review")
_KEY = re.compile(r"[A-Za-z0-9_-]{8,32}", re.ASCII)
NEW = ("first_name", "last_name", "date_of_birth", "sex", "account_number", "phone", *("line1", "line2"))
NEW_PLACE = ("city", "state", "zip")


class EntryScreen:
    """The claim form with the patient it is for; ``claim`` is the draft being changed, if any.

    ``data`` is what was sent or kept, and may be changed by a button before the form is made of it.
    """

    def __init__(self, request: SignedIn, claim: Claim | None = None, *, at: datetime) -> None:
        self.request, self.user, self.claim, self.at = request, request.user, claim, at
        if claim is not None and claim.status != states.DRAFT:
            raise Http404
        self.posted = request.method == "POST"
        self.resumed = self._kept_here()
        self.data: QueryDict | None = request.POST.copy() if self.posted else _as_sent(self.resumed)
        self.do, _, self.about = (request.POST.get("do", "") if self.posted else "").partition(":")
        self.focus, self.trouble, self.said = "", "", ""
        self.new_patient = PatientForm(prefix="new")
        self.twins: list[Patient] = []
        self.conflict: dict[str, Any] = {}

    # --- the form -----------------------------------------------------------------------------

    @cached_property
    def form(self) -> ClaimForm:
        """The form as it was sent or kept, else as the draft is stored."""
        if self.data is not None:
            shown = coverages_asked(self.data)
            form = ClaimForm(self.data, payers=self.payers, rows=rows_asked(self.data), shown=shown)
            form.take({})
            return form
        initial = initial_of(_with_parts(self.claim)) if self.claim else {}
        lines = sum(1 for name in initial if name.endswith("-code"))
        return ClaimForm(payers=self.payers, rows=max(FIRST_ROWS, lines), initial=initial)

    @cached_property
    def payers(self) -> list[Payer]:
        """Payers to choose from."""
        return list(Payer.objects.visible_to(self.user).order_by("name", "pk"))

    @cached_property
    def key(self) -> str:
        """The form's own name, by which what is typed is kept; two tabs have two."""
        return form_key(self.sent("key")) or secrets.token_urlsafe(12)

    def sent(self, name: str) -> str:
        """One field as it was sent or kept, empty without."""
        return str(self.data.get(name, "")) if self.data is not None else ""

    @property
    def saves(self) -> bool:
        """Whether the claim is to be saved, and not only the form shown again."""
        return self.posted and self.do in SAVING and not any(name in self.request.POST for name in ASIDE)

    def save(self) -> Claim:
        """Save the draft; raises Invalid with all that is wrong, Refused when it is stale."""
        body = self.form.body()
        if self.claim is not None:
            version = self.form.data.get("version", "")
            return drafts.save_entry(
                self.claim, {**body, "version": version}, key=self.key, by=self.user, at=self.at
            )
        chosen = str(self.patient.pk) if self.patient else ""
        return drafts.enter_once({**body, "patient": chosen}, key=self.key, by=self.user, at=self.at)

    @property
    def goes_to(self) -> str:
        """The id of what takes the focus when the form is shown anew: where the hands go next."""
        if self.focus or not self.posted:
            return self.focus
        if "choose" in self.request.POST:
            return "find-insurance"
        if "more" in self.request.POST:
            return f"charges-{rows_asked({'rows': self.sent('rows')})}-code"
        if "find" in self.request.POST and self.patient is None:
            return "found-first" if self.found else "id_new-first_name"
        return "sought" if "other" in self.request.POST else ""

    def know_nothing(self) -> None:
        """The form knows no version of its claim: saving shows first what is stored (the Back button)."""
        if self.data is not None:
            self.data["version"] = "0"

    def show_conflict(self) -> None:
        """Lay what was typed beside what somebody saved meanwhile; saving again is then knowing."""
        assert self.claim is not None and self.data is not None
        stored = _whole(self.claim)
        self.conflict = conflict_of(stored, self.form, self.user)
        self.data["version"] = str(stored.version)
        del self.form

    def _kept_here(self) -> Kept | None:
        asked = "" if self.posted else form_key(self.request.GET.get("resume", ""))
        return kept_by(self.user, asked, self.claim) if asked else None

    # --- Patient Details ----------------------------------------------------------------------

    @cached_property
    def patient(self) -> Patient | None:
        """Whose claim it is: chosen by a button, carried by the form, or named in the address."""
        if self.claim is not None:
            return self.claim.patient
        data = self.data if self.data is not None else self.request.GET
        typed = data.get("choose") or ("" if "other" in data else data.get("patient", ""))
        if not re.fullmatch(r"[0-9]{1,18}", typed or "", re.ASCII):
            return None
        return Patient.objects.visible_to(self.user).filter(pk=int(typed or "")).first()

    @property
    def sought(self) -> str:
        """What was typed to find the patient."""
        return self.sent("sought").replace("\x00", "")[:100]

    @cached_property
    def found(self) -> list[Patient]:
        """Patients that match, to choose from."""
        if not self.sought.strip() or self.patient is not None:
            return []
        return list(find_patients(self.user, self.sought)[:MOST_FOUND])

    @property
    def searched(self) -> bool:
        """Whether somebody was looked for and not found."""
        return bool(self.sought.strip()) and self.patient is None

    @property
    def adding_patient(self) -> bool:
        """Whether the fields of a new patient stand open."""
        return self.patient is None and (self.new_patient.is_bound or (self.searched and not self.found))

    @property
    def new_fields(self) -> list[Any]:
        """The fields of a new patient that stand side by side."""
        return [self.new_patient[name] for name in NEW]

    @property
    def new_place(self) -> list[Any]:
        """City, state and ZIP of a new patient."""
        return [self.new_patient[name] for name in NEW_PLACE]

    @property
    def patient_errors(self) -> list[str]:
        """What is wrong with the choice of the patient."""
        return [str(error) for error in self.form.errors.get("patient", [])] if self.posted else []

    @property
    def mend_patient(self) -> str:
        """The patient's own form, and back to this one."""
        assert self.patient is not None
        return f"{reverse('patients:edit', args=[self.patient.pk])}?{urlencode({'next': self.here})}"

    # --- Find Insurance -----------------------------------------------------------------------

    @cached_property
    def finding(self) -> Finding | None:
        """What Insurance Finder said of this patient today."""
        row = finding.newest_finding(self.patient, self.today) if self.patient else None
        if row is not None and self.patient is not None:
            row.patient, row.company = self.patient, self.user.company
        return row

    @cached_property
    def candidates(self) -> list[Found]:
        """The coverages it found."""
        return found_of(self.finding, self.payers, today=self.today)

    @property
    def cards(self) -> list[dict[str, Any]]:
        """Each found coverage with the rank it already has on this claim, if any."""
        taken = {
            (row["payer"].value(), str(row["member_id"].value() or "").upper()): row["label"]
            for row in self.form.coverage_rows()
        }
        return [
            {
                "found": one,
                "rank": taken.get((str(one.payer.pk) if one.payer else "", one.member_id.upper()), ""),
                "payer": self._answered(f"found-{one.place}-payer", str(one.like.pk) if one.like else "new"),
                "kind": self._answered(f"found-{one.place}-kind", one.kind),
            }
            for one in self.candidates
        ]

    def _answered(self, name: str, default: str) -> str:
        return self.sent(name) or default

    @property
    def next_rank(self) -> str:
        """The rank a coverage taken now would have, nothing when all three are there."""
        for row in self.form.coverage_rows():
            if not (row["payer"].value() or row["member_id"].value()):
                return str(row["rank"])
        return ("secondary", "tertiary", "")[min(self.form.coverages, 3) - 1]

    kinds = PayerKind.choices

    # --- beside: what is missing, what will happen -------------------------------------------

    @property
    def today(self) -> date:
        """The company's date."""
        return self.at.astimezone(self.user.company.zone).date()

    @cached_property
    def typed(self) -> Typed:
        """What the form says so far, and everything its bill would lack."""
        source = self.form if self.form.is_bound else _bound(self.form, self.payers)
        return typed_so_far(source, self.patient, self.payers, self.provider, today=self.today)

    @property
    def diagnoses(self) -> list[str]:
        """The diagnoses in order, to be counted by the lines that point at them."""
        return [str(code) for code in self.typed.clean.get("diagnoses", [])]

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The parts of the form in order, each with how much of it is open."""
        open_in = self.typed.open_in
        return [{"key": key, "label": label, "open": open_in[key]} for key, label in SECTIONS]

    @cached_property
    def expected(self) -> Expected | None:
        """What completing would decide on what Insurance Finder brought today; the review asks further."""
        return expecting.on_finding(
            self.typed.clean,
            self.patient,
            self.payers,
            self.finding,
            company=self.user.company,
            today=self.today,
        )

    @cached_property
    def provider(self) -> BillingProvider | None:
        """As whom the claim is billed."""
        return billing_provider(self.claim) if self.claim else provider_in_force(self.user.company_id)

    @property
    def npi_agrees(self) -> bool:
        """Whether the ten digits of the provider's NPI agree with its check digit."""
        return self.provider is not None and is_npi(self.provider.npi)

    @property
    def clock(self) -> str:
        """The company's time now, as "14:05"."""
        return f"{self.at.astimezone(self.user.company.zone):%H:%M}"

    @cached_property
    def unfinished(self) -> Sequence[Any]:
        """Forms and drafts of this person that wait to be gone on with; not what is on this page."""
        return unfinished(self.user, self.claim, but=self.key)

    # --- where we are -------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """Where the form is sent."""
        if self.claim is not None:
            return reverse("deductibles:claim_edit", args=[self.claim.number])
        return reverse("deductibles:claim_new")

    @property
    def here(self) -> str:
        """Where the form is found again as it is typed now."""
        return f"{self.path}?{urlencode({'resume': self.key})}"

    @property
    def title(self) -> str:
        """The page's heading."""
        return f"Claim {self.claim.number}" if self.claim else "New claim"


def form_key(text: str) -> str:
    """A form's own name as it was sent, or nothing that could be one."""
    return text if _KEY.fullmatch(text) else ""


def _as_sent(kept: Kept | None) -> QueryDict | None:
    """What was kept of a form, as it would be sent."""
    if kept is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in kept.said.items():
        data.setlist(name, values)
    data["key"] = kept.key
    return data


def _bound(form: ClaimForm, payers: Sequence[Payer]) -> ClaimForm:
    """A stored draft's form as it would be sent, to be read like one that is typed."""
    data = QueryDict(mutable=True)
    for name, value in form.initial.items():
        data.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value or "")])
    return ClaimForm(data, payers=payers, rows=form.rows)


def _whole(claim: Claim) -> Claim:
    """The draft with its parts, as it is stored now."""
    coverages = Prefetch("coverages", Coverage.objects.filter(ended_at=None))
    return Claim.objects.prefetch_related(coverages, "charges").get(pk=claim.pk)


def _with_parts(claim: Claim) -> Claim:
    """The draft that was read already, with its parts."""
    coverages = Prefetch("coverages", Coverage.objects.filter(ended_at=None))
    prefetch_related_objects([claim], coverages, "charges")
    return claim
