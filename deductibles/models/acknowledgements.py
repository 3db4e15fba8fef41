"""What came back: files of acknowledgements and remittances, and what each says about one claim."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned, User
from deductibles.domain.acknowledging import STANDINGS
from deductibles.models.claims import Claim
from deductibles.models.submissions import Submission


@track
class Arrival(CompanyOwned):
    """One file that came back, kept as it came; ``digest`` (SHA-256) lets the same bytes in once only.

    ``kinds`` names what was in it (999, 277CA, TA1, 835), empty for what nobody could read. A file is set
    ``aside`` when something in it could not be matched or read; ``detail`` says what.
    """

    class Source(models.TextChoices):
        INBOX = "inbox", "the clearinghouse’s inbox"
        FILED = "filed", "filed by a person"

    class State(models.TextChoices):
        TAKEN = "taken", "taken in"
        ASIDE = "aside", "set aside"

    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=5, choices=Source.choices)
    state = models.CharField(max_length=5, choices=State.choices)
    kinds = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    arrived_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="arrival_company_id"),
            models.UniqueConstraint(fields=["company", "digest"], name="arrival_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ArrivalFile(CompanyOwned):
    """The text of a file that came back, for ever as it came; it names patients."""

    arrival = models.OneToOneField(Arrival, on_delete=models.PROTECT, related_name="file")
    content = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="afile_company_id")]
        triggers = [pgtrigger.Protect(name="arrival_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"text of arrival {self.arrival_id}"


@track
class Acknowledgement(CompanyOwned):
    """One verdict: about a claim as it was sent, or about a whole file (``claim`` null, ``submission`` set).

    ``number`` is what the sender called it, kept also when nothing of ours has that number. ``standing``
    says what became of the verdict (:data:`deductibles.domain.acknowledging.STANDINGS`).
    """

    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, related_name="acknowledgements")
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, null=True, related_name="acknowledgements"
    )
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, null=True, related_name="acknowledgements", db_index=False
    )
    kind = models.CharField(max_length=5)
    number = models.CharField(max_length=50)
    sequence = models.PositiveSmallIntegerField(default=1)
    transaction = models.CharField(max_length=9, blank=True)
    word = models.CharField(max_length=8)
    codes = models.CharField(max_length=120, blank=True)
    sentence = models.CharField(max_length=300)
    payer_reference = models.CharField(max_length=50, blank=True)
    standing = models.CharField(max_length=7, choices=[(word, word) for word in STANDINGS])
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="ack_company_id")]
        indexes = [
            models.Index(
                fields=["claim", "-id"], condition=models.Q(claim__isnull=False), name="ack_of_claim"
            ),
            models.Index(fields=["company", "id"], condition=models.Q(standing="waits"), name="ack_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} about {self.number}"


@track
class Payment(CompanyOwned):
    """What a payer made of one claim (835), or what a biller posted by hand (``arrival`` null, ``by`` set).

    Dollars. ``deductible`` is what was applied to it (CAS PR 1), null when a biller did not know; ``allowed``
    is what payer and patient pay together. ``posted_at`` is null while nobody has posted it, and ``why_not``
    says what is in the way.
    """

    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, null=True, related_name="payments")
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, null=True, related_name="payments", db_index=False
    )
    number = models.CharField(max_length=50)
    sequence = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=2, blank=True)
    charged = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    paid = models.DecimalField(max_digits=12, decimal_places=2)
    patient_owes = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    deductible = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    allowed = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    adjustments: Any = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    filed_too_late = models.BooleanField(default=False)
    payer = models.CharField(max_length=60, blank=True)
    payer_reference = models.CharField(max_length=50, blank=True)
    trace = models.CharField(max_length=50, blank=True)
    paid_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)
    why_not = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="payment_company_id")]
        indexes = [
            models.Index(
                fields=["claim", "-id"], condition=models.Q(claim__isnull=False), name="payment_of_claim"
            ),
            models.Index(
                fields=["company", "id"], condition=models.Q(posted_at=None), name="payment_unposted"
            ),
        ]

    def __str__(self) -> str:
        return f"payment for {self.number}"
