"""What the account pages say: whose system this is, the password rules, times as people say them."""

from __future__ import annotations

from django import template
from django.conf import settings

from accounts import demo, keeping
from accounts.models import Company
from accounts.passwords import RULES

register = template.Library()


@register.simple_tag
def system_name() -> str:
    """Whose system this is: SYSTEM_NAME, or the company's name where there is only one."""
    if settings.SYSTEM_NAME:
        return str(settings.SYSTEM_NAME)
    names = list(Company.objects.values_list("name", flat=True)[:2])
    return names[0] if len(names) == 1 else ""


@register.simple_tag
def password_rules() -> tuple[str, ...]:
    """The rules of a new password, one sentence each."""
    return RULES


@register.simple_tag
def demo_hint() -> dict[str, object] | None:
    """Who can sign in to the demo, and how; None wherever the demo does not run."""
    if not settings.DEMO:
        return None
    people = [(name, role) for name, role, company in demo.CAST if company == "acme"]
    return {"people": people, "password": demo.PASSWORD}


@register.simple_tag
def idle_words() -> str:
    """How long a session lasts without activity, in words."""
    return _in_words(settings.SESSION_IDLE_SECONDS)


@register.simple_tag
def absolute_words() -> str:
    """How long a session lasts in all, in words."""
    return _in_words(settings.SESSION_ABSOLUTE_SECONDS)


@register.simple_tag
def kept_words() -> str:
    """How long a form is kept, in words."""
    return _in_words(keeping.LIFE)


def _in_words(seconds: int) -> str:
    if seconds % 3600 == 0:
        return "an hour" if seconds == 3600 else f"{seconds // 3600} hours"
    minutes = max(1, round(seconds / 60))
    return "a minute" if minutes == 1 else f"{minutes} minutes"
