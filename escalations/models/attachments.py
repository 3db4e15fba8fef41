"""Files that came with a ticket: proof of payment, forms. They live in the database, beside what they prove.

A file belongs to whoever uploaded it until the ticket is filed, and to the ticket from then on.
"""

from __future__ import annotations

from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned, User
from escalations.models.tickets import Ticket


@track
class Attachment(CompanyOwned):
    """One file. ``name`` is random and the only one in addresses; ``filename`` is what it was called.

    ``kind`` is the media type found in its content, ``sha256`` the digest of its bytes, ``draft`` the key
    of the filing form it was uploaded in.
    """

    name = models.CharField(max_length=32, unique=True)
    filename = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    draft = models.CharField(max_length=32, blank=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="attachments")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    has_thumbnail = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="attachment_company_id")]
        indexes = [
            models.Index(fields=["ticket", "id"], name="attachment_of_ticket"),
            models.Index(
                fields=["uploaded_at"], condition=models.Q(ticket=None), name="attachment_without_ticket"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AttachmentContent(CompanyOwned):
    """The bytes of a file, apart from its row so that lists do not read them."""

    attachment = models.OneToOneField(Attachment, on_delete=models.CASCADE, related_name="content")
    data = models.BinaryField()
    thumbnail = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="attachment_content_company_id")
        ]

    def __str__(self) -> str:
        return f"content of {self.attachment_id}"
