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
    """ "… An admin mends it in Settings, Connections." as it is; for an admin with a link there."""
    before, found, after = sentence.partition(MEND)
    if not found or not user.may(Can.SETTINGS):
        return sentence
    said = '{}Mend it in <a href="{}">Settings, Connections</a>.{}'
    return format_html(said, before, reverse("deductibles:connections"), after)
