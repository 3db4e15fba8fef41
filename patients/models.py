"""Who the work is about: patients and payers."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned, User
from patients.import_models import Import, ImportPart  # noqa: F401  models of this app

SEXES = [("F", "female"), ("M", "male"), ("U", "unknown")]


@track
class Patient(CompanyOwned):
    """A person whose bills the company works on.

    ``time_zone`` is where the patient is by the clock, when it is not what the state says
    (:mod:`patients.domain.zones`). ``version`` rises with every change of what is typed about the
    patient, so that of two people who change the same patient the second is told. Searching has indexes
    of its own, see ``queries``.
    """

    first_name = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60)
    date_of_birth = models.DateField()
    sex = models.CharField(max_length=1, choices=SEXES, default="U")
    account_number = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=24, blank=True)
    email = models.EmailField(blank=True)
    line1 = models.CharField(max_length=55, blank=True)
    line2 = models.CharField(max_length=55, blank=True)
    city = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=40, blank=True, default="", db_default="")
    do_not_call = models.BooleanField(default=False)
    do_not_message = models.BooleanField(default=False)
    do_not_mail = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="patient_company_id"),
            models.UniqueConstraint(
                fields=["company", "account_number"],
                condition=~models.Q(account_number=""),
                name="patient_account_once",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "last_name", "first_name"], name="patient_by_name"),
            models.Index(fields=["company", "date_of_birth"], name="patient_by_birth"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def address(self) -> dict[str, str]:
        """The postal address as the API writes it."""
        return {name: getattr(self, name) for name in ("line1", "line2", "city", "state", "zip")}

    @property
    def do_not_contact(self) -> list[str]:
        """The channels the patient refused: ``calls``, ``messages``, ``mail`` (R-DNC-2)."""
        return [channel for channel, flag in CONTACT_FLAGS.items() if getattr(self, flag)]


class Channel(models.TextChoices):
    """The ways to contact a patient that can be refused (R-DNC-1)."""

    CALLS = "calls", "Calls"
    MESSAGES = "messages", "Messages"
    MAIL = "mail", "Mail"


CONTACT_FLAGS = {"calls": "do_not_call", "messages": "do_not_message", "mail": "do_not_mail"}
"""The flag of a patient that says each channel is refused."""


@track
class ContactRefusal(CompanyOwned):
    """A patient's wish not to be contacted by one channel, from when it was said until it is lifted.

    The flags of :class:`Patient` say what holds now; these rows say why, since when and by whom it was
    recorded, and why it was lifted (R-DNC-2, R-DNC-3).
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="refusals")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    reason = models.CharField(max_length=300)
    refused_at = models.DateTimeField()
    refused_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="contact_refusal_company_id"),
            models.UniqueConstraint(
                fields=["patient", "channel"],
                condition=models.Q(lifted_at=None),
                name="contact_refusal_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None) | ~models.Q(lifted_reason=""),
                name="contact_refusal_lifted_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} refused {self.refused_at:%Y-%m-%d}"


@track
class PatientMark(CompanyOwned):
    """Something about a patient that everybody who works for them must know, until somebody lifts it.

    ``compassionate_care``: an application for Compassionate Care is under way; claims are not stopped
    meanwhile (R-STOP-2).
    """

    class Kind(models.TextChoices):
        COMPASSIONATE_CARE = "compassionate_care", "Compassionate Care application"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    reason = models.CharField(max_length=300)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="patient_mark_company_id"),
            models.UniqueConstraint(
                fields=["patient", "kind"],
                condition=models.Q(lifted_at=None),
                name="patient_mark_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None) | ~models.Q(lifted_reason=""),
                name="patient_mark_lifted_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.set_at:%Y-%m-%d}"


class Door(models.TextChoices):
    """Through which page or endpoint somebody read a patient."""

    PAGE = "page", "patient page"
    TICKETS = "tickets", "escalations of the patient"
    CLAIMS = "claims", "claims of the patient"
    TICKET = "ticket", "ticket"
    CLAIM = "claim", "claim"
    API = "api", "API"


_KEPT = pgtrigger.Update | pgtrigger.Delete


class PatientReading(CompanyOwned):
    """Somebody read a patient: at most one row a person, patient, door and minute; never changed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="readings")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    door = models.CharField(max_length=8, choices=Door.choices)
    at = models.DateTimeField()
    minute = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="patient_reading_company_id"),
            models.UniqueConstraint(
                fields=["patient", "user", "door", "minute"], name="patient_reading_once_a_minute"
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-at"], name="patient_reading_newest"),
            models.Index(fields=["user", "-at"], name="patient_reading_of_user"),
        ]
        triggers = [pgtrigger.Protect(name="patient_reading_kept", operation=_KEPT)]

    def __str__(self) -> str:
        return f"{self.door} at {self.at:%Y-%m-%d %H:%M}"


class PatientSearch(CompanyOwned):
    """Somebody searched for patients: who, when and how many were found; never what was typed (I8)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    door = models.CharField(max_length=8, choices=Door.choices)
    at = models.DateTimeField()
    hits = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="patient_search_company_id")]
        triggers = [pgtrigger.Protect(name="patient_search_kept", operation=_KEPT)]

    def __str__(self) -> str:
        return f"{self.hits} found at {self.at:%Y-%m-%d %H:%M}"


class PayerKind(models.TextChoices):
    """Kinds of payer; the last four are never held (deductibles.md section 5)."""

    COMMERCIAL = "commercial", "Commercial"
    MEDICARE_ADVANTAGE = "medicare_advantage", "Medicare Advantage"
    MEDICARE = "medicare", "Medicare"
    MEDICAID = "medicaid", "Medicaid"
    WORKERS_COMP = "workers_comp", "Workers' compensation"
    AUTO = "auto", "Auto"


NEVER_HELD_KINDS = frozenset({PayerKind.MEDICARE, PayerKind.MEDICAID, PayerKind.WORKERS_COMP, PayerKind.AUTO})


@track
class Payer(CompanyOwned):
    """An insurer, with the company's own rules for holding its claims; null means the company's.

    ``filing_limit_days`` is the payer's timely filing limit, counted from the date of service;
    ``filing_limit_source`` says where it was read ("Provider manual 2026") and ``filing_limit_checked_on``
    when somebody looked last.
    """

    name = models.CharField(max_length=60)
    payer_id = models.CharField(max_length=20)
    kind = models.CharField(max_length=24, choices=PayerKind.choices, default=PayerKind.COMMERCIAL)
    never_hold = models.BooleanField(default=False)
    filing_limit_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    filing_limit_source = models.CharField(max_length=120, blank=True, default="", db_default="")
    filing_limit_checked_on = models.DateField(null=True, blank=True)
    network = models.CharField(
        max_length=8, choices=[("in", "in network"), ("out", "out of network")], default="in"
    )
    max_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    dollar_threshold = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    monitor_above = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="payer_company_id"),
            models.UniqueConstraint(fields=["company", "payer_id", "name"], name="payer_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_never_held(self) -> bool:
        """Medicare, Medicaid, workers' compensation and auto are never held, nor whom the admin lists."""
        return self.never_hold or self.kind in NEVER_HELD_KINDS
