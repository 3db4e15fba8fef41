"""What the account pages say: whose system this is, the password rules, times as people say them."""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.models import Authenticator
from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from accounts import demo, keeping, passkeys
from accounts.models import Company, SignInProvider
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


@register.simple_tag(takes_context=True)
def passkey_refusal(context: Any) -> str:
    """Why no passkey can be used on this page; empty where one can."""
    return passkeys.refusal(context["request"])


@register.simple_tag
def provider_offered() -> bool:
    """Whether any company signs in by a provider of its own; which ones, nobody is told."""
    return SignInProvider.objects.filter(enabled=True).exists()


@register.simple_tag
def factors_of(person: Any) -> set[str]:
    """The kinds of second factor the person has: ``totp``, ``webauthn``, ``recovery_codes``."""
    return set(Authenticator.objects.filter(user=person).values_list("type", flat=True))


@register.filter
def as_json(value: Any) -> str:
    """For an attribute that a script reads."""
    return json.dumps(value, cls=DjangoJSONEncoder)


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
