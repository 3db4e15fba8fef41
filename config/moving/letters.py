"""The mail that tells the others of a company that somebody takes everything out."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage

from accounts.models import User
from work import outbox
from work.models import CompanyFile, OutboxMessage

KIND = "company file letter"
"""The kind under which the mail waits in the outbox."""


@outbox.handles(KIND)
def send(message: OutboxMessage) -> None:
    """Mail who asked and when, and where the reason stands (I8)."""
    row = CompanyFile.objects.select_related("by", "company").filter(pk=message.payload["file"]).first()
    to = User.objects.filter(pk=message.payload["user"], is_active=True).exclude(email="").first()
    if row is None or row.by is None or to is None:
        return
    local = row.asked_at.astimezone(row.company.zone)
    said = [
        f"{row.by} ({row.by.username}) asked for a file with everything {row.company.name} stored.",
        f"That was on {local:%-d %B %Y at %H:%M}.",
        "The file names every patient, and can be fetched for a day by whoever asked.",
        "If nobody agreed on that, an admin can throw it away, and disable the account.",
        f"The reason stands here:\n{settings.SITE_URL.rstrip('/')}/settings/everything/",
    ]
    EmailMessage(
        "Everything of your company is being taken out", "\n\n".join(said) + "\n", to=[to.email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()  # fmt: skip
