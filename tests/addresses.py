"""Every address of the URL configuration, as the tests that cover all of them read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import RoutePattern


@dataclass(frozen=True)
class Address:
    """One entry of the URL configuration: its full name and the names of what stands in its path."""

    name: str
    route: str
    parts: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    def path(self, world: Any) -> str:
        """The address of acme's own row, so that who is let in finds something."""
        return reverse(self.name, kwargs={part: world.value(self, part) for part in self.parts})


def _walk(patterns: Any, route: str = "", space: str = "", before: tuple[str, ...] = ()) -> Iterator[Address]:
    for entry in patterns:
        whole = route + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Address(f"{space}{entry.name}", whole, (*before, *_parts(entry)))
        else:
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry.url_patterns, whole, inner, (*before, *_parts(entry)))


def _parts(entry: Any) -> tuple[str, ...]:
    """What stands in the path of one entry, or of all those below it."""
    plain = isinstance(entry.pattern, RoutePattern)
    return tuple(entry.pattern.converters if plain else entry.pattern.regex.groupindex)


ADDRESSES = list(_walk(get_resolver().url_patterns))


def named(addresses: Iterable[Address]) -> Any:
    """Parametrize a test by ``address``, each case called by the address's name."""
    return pytest.mark.parametrize("address", addresses, ids=lambda address: address.name)
