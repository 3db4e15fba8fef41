"""Sentences about a vendor that lead to where the trouble is mended."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.roles import Can
from deductibles.gateways.wire import MEND

register = template.Library()


@register.filter
def with_way(sentence: str, user: Any) -> str | SafeString:
    """The sentence "… Mend it in Settings, Connections." with a link for who may; others read who can."""
    before, found, after = sentence.partition(MEND)
    if not found:
        return sentence
    if not user.may(Can.SETTINGS):
        return f"{before}An admin mends it in Settings, Connections.{after}"
    said = '{}Mend it in <a href="{}">Settings, Connections</a>.{}'
    return format_html(said, before, reverse("deductibles:connections"), after)
