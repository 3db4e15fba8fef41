"""What a saved view and an export keep of the filters in force: everything but a search (I8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.http import urlencode

from accounts.models import User
from tables.listing import NEVER_KEPT, Listing


def given_of(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form as text, none of them endless."""
    return {str(name): str(value)[:600] for name, value in list(data.items())[:60]}


def query_of(listing: Listing, user: User, given: Mapping[str, str], at: datetime) -> str:
    """The filters that the list understands, as a query string without any search."""
    kept = {name: value for name, value in given.items() if name not in NEVER_KEPT}
    return urlencode(listing.filters(user, kept, at))
