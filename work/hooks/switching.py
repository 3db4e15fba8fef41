"""An endpoint that switches itself off, and the mail that tells the company's admins."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Can, roles_that_may
from work import outbox
from work.hooks.models import HookEndpoint
from work.models import OutboxMessage

KIND = "webhook-off"


def switch_itself_off(endpoint: HookEndpoint, why: str, *, at: datetime) -> bool:
    """Send nothing there any more, and tell the admins; False when it is off already."""
    with transaction.atomic(), acting(None, "switch webhook off", reason=why):
        rows = HookEndpoint.objects.filter(pk=endpoint.pk, enabled=True)
        done = rows.update(
            enabled=False,
            off_why=why,
            off_at=at,
            off_by=None,
            version=F("version") + 1,
            changed_at=at,
            changed_by=None,
        )
        if done:
            people = User.objects.filter(
                company_id=endpoint.company_id, is_active=True, role__in=roles_that_may(Can.SETTINGS)
            )
            admins = people.exclude(email="").order_by("pk").values_list("pk", flat=True)
            outbox.post_many(
                [(endpoint.company_id, KIND, {"endpoint": endpoint.pk, "user": key}) for key in admins], at=at
            )
    return bool(done)


@outbox.handles(KIND)
def mail_admin(message: OutboxMessage) -> None:
    """Mail one admin that an endpoint is off; nobody who left, and not when it is on again."""
    row = HookEndpoint.objects.filter(pk=message.payload.get("endpoint"), enabled=False, removed_at=None)
    endpoint = row.first()
    person = User.objects.filter(pk=message.payload.get("user"), is_active=True).exclude(email="").first()
    if endpoint is None or person is None or endpoint.off_by_id is not None:
        return
    link = f"{settings.SITE_URL.rstrip('/')}{reverse('hooks:endpoint', args=[endpoint.pk])}"
    said = [
        f"The webhook “{endpoint.description or f'number {endpoint.pk}'}” has switched itself off.",
        endpoint.off_why,
        "What waits for it is kept and goes out when it is switched on again; what happens meanwhile is not "
        "written down for it.",
        f"Its log, a test of its address and the switch are here:\n{link}",
    ]
    EmailMessage(
        "A webhook has switched itself off",
        "\n\n".join(said) + "\n",
        to=[person.email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
