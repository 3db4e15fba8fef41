"""The lists that have a table: what each page tells this room about itself, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.roles import Can
from tables.shape import Table

NEVER_KEPT = frozenset({"q", "s", "cursor", "csrfmiddlewaretoken"})
"""What no saved view and no audit line may have: a search can be a patient's name (I8)."""


@dataclass(frozen=True)
class Source:
    """What an export takes from its list.

    ``ids`` are the rows that match, in the order shown, at most one more than the cap; ``rows`` reads some
    of them by their ids; ``cell`` is what stands in a column of a row, as text.
    """

    ids: Sequence[int]
    rows: Callable[[Sequence[int]], Mapping[int, Any]]
    cell: Callable[[Any, str], str]


@dataclass(frozen=True)
class Listing:
    """One list page.

    ``needs`` is the capability that opens it; ``filters`` gives back those of the given filters that the
    page itself understands, as text; ``source`` gives the rows of an export; ``kept_from`` names the columns
    that a person has no use for.
    """

    table: Table
    needs: Can
    url_name: str
    filters: Callable[[User, Mapping[str, str], datetime], dict[str, str]]
    source: Callable[[User, Mapping[str, str], datetime, int], Source]
    kept_from: Callable[[User], tuple[str, ...]] = lambda user: ()


_LISTINGS: dict[str, Listing] = {}


def register(listing: Listing) -> Listing:
    """Make a list known; each page does so where it declares its columns."""
    _LISTINGS[listing.table.key] = listing
    return listing


def listing_of(key: str) -> Listing | None:
    """The list with this key, None when there is none."""
    return _LISTINGS.get(key)
