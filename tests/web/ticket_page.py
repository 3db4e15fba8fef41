"""The page of a ticket: read, and sent a step of its forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from accounts.models import User
from escalations.models import Ticket
from escalations.policies import calendar_of
from escalations.screens import moment_words

PageAs = Callable[[User], Client]


def url(ticket: Ticket, more: str = "") -> str:
    return f"/escalations/{ticket.number}/{more}"


def text_of(answer: Any) -> str:
    return answer.content.decode()


def page(client: Client, ticket: Ticket) -> str:
    answer = client.get(url(ticket))
    assert answer.status_code == 200
    return text_of(answer)


def send(client: Client, ticket: Ticket, act: str, **facts: Any) -> Any:
    return client.post(url(ticket, "steps/"), {"act": act, **facts})


def part(html: str, start: str, end: str) -> str:
    return html.split(start, 1)[1].split(end, 1)[0]


def due_words(ticket: Ticket) -> str:
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert ticket.due_at is not None
    return moment_words(ticket.due_at, calendar_of(ticket.calendar_version), datetime.now(UTC))
