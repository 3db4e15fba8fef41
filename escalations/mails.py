"""Mails about tickets: a number and a link, never a patient (I8). The outbox repeats what was refused.

What no mail server will ever take (an address that is not there), or what came to nothing for days, is given
up, and shown in the app instead.
"""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from escalations.actions.notice_choices import note_refusal
from escalations.actions.notices import MAIL_KIND
from escalations.domain.notices import BY_KEY
from escalations.models import MailRefusal, Notification
from work import outbox
from work.models import OutboxMessage

PATIENCE = timedelta(days=3)
"""A mail that could not be handed over for so long tells nothing that the app has not told."""
_NO_SUCH_ADDRESS = frozenset({501, 510, 511, 513, 550, 551, 553, 556})
"""What a mail server answers to a recipient it will never take; other refusals may pass."""
_LOCAL = 553
"""The code for an address that cannot even be said to the server."""


@outbox.handles(MAIL_KIND)
def mail_notification(message: OutboxMessage) -> None:
    """Mail one notification, unless it was read meanwhile or its reader has left."""
    rows = Notification.objects.select_related("recipient", "ticket")
    found = rows.filter(pk=message.payload.get("notification")).first()
    if found is None or found.read_at is not None or not found.recipient.is_active:
        return
    try:
        if message.next_at - found.at > PATIENCE:
            raise outbox.GivenUp("too late")
        send(found.recipient, _subject(found), _lines(found))
    except outbox.GivenUp:
        Notification.objects.filter(pk=found.pk).update(shown=True)
        raise
    if not found.shown:
        # It was wanted by mail alone: nobody will read it here, and it may be forgotten in its time.
        Notification.objects.filter(pk=found.pk, read_at=None).update(read_at=timezone.now())


def _subject(notice: Notification) -> str:
    return notice.words.partition(". ")[0].rstrip(".")


def _lines(notice: Notification) -> list[str]:
    path = reverse("escalations:ticket", args=[notice.ticket.number]) if notice.ticket else reverse("home")
    kind = BY_KEY[notice.kind].label
    return [notice.words, link(path), f"You asked for mails of this kind: “{kind}”."]


def link(path: str) -> str:
    """A link of a mail: it leads to SITE_URL."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def send(user: User, subject: str, lines: list[str]) -> None:
    """Mail a person; the last lines lead to their choices.

    Raises :class:`work.outbox.GivenUp` when the address will never be taken, which is noted for the person,
    and whatever else the mail server's trouble is, so that the outbox tries again.
    """
    if not user.email:
        return
    if MailRefusal.objects.filter(user=user, address__iexact=user.email).exists():
        raise outbox.GivenUp("address refused")
    foot = f"What is mailed to you, and when not, you choose here:\n{link(reverse('inbox:choices'))}"
    headers = {"Auto-Submitted": "auto-generated"}  # absence notes do not answer it
    mail = EmailMessage(subject, "\n\n".join([*lines, foot]) + "\n", to=[user.email], headers=headers)
    try:
        mail.send()
    except (SMTPRecipientsRefused, SMTPNotSupportedError, UnicodeError) as error:
        code = refused_for_good(error)
        if code is None:
            raise
        note_refusal(user, user.email, code, at=timezone.now())
        raise outbox.GivenUp(f"address refused, {code}") from None


def refused_for_good(error: Exception) -> int | None:
    """The mail server's code when it will never take the recipient; ``None`` for what may pass."""
    if not isinstance(error, SMTPRecipientsRefused):
        return _LOCAL
    codes = [code for code, _ in error.recipients.values()]
    return codes[0] if codes and set(codes) <= _NO_SUCH_ADDRESS else None
