"""Which of a section's pages stand beside the one that is shown."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def has_page(group: dict[str, Any], page: str | None) -> bool:
    """Whether the page is one of these; a page that does not name itself is known by its address."""
    return any(item["key"] == page if page else item["current"] for item in group["items"])


@register.filter
def beside(part: dict[str, Any], page: str | None) -> list[dict[str, Any]]:
    """The pages under the heading of this one, or all of a section without headings."""
    if not part["groups"]:
        return list(part["items"]) if len(part["items"]) > 1 else []
    return next((list(group["items"]) for group in part["groups"] if has_page(group, page)), [])
