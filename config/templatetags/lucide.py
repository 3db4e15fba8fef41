"""``{% lucide "name" size=16 class="icon" %}``: icons drawn once a process.

The package draws an icon anew each time it stands on a page, and a page has dozens: it copies a tree and
writes it out. This library has the name of the package's and comes after it in INSTALLED_APPS, so templates
load it instead.
"""

from __future__ import annotations

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@register.simple_tag
def lucide(name: str, *, size: int | None = 24, **attributes: object) -> str:
    """The icon as inline SVG, safe to stand in a page; raises ``IconDoesNotExist`` for a name nobody has."""
    return _drawn(name, size, tuple(attributes.items()))


@lru_cache(maxsize=512)
def _drawn(name: str, size: int | None, attributes: tuple[tuple[str, object], ...]) -> str:
    return draw(name, size=size, **dict(attributes))
