"""The list of claims: what was sought, by status and number."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.access import SignedIn
from deductibles import queries
from deductibles.domain.states import STATUS_LABELS
from deductibles.models import Claim


class ClaimsScreen:
    """What the list shows above its rows."""

    def __init__(self, request: SignedIn) -> None:
        self.user = request.user
        self.sought = request.POST.get("q", "").replace("\x00", "").strip()[:100]
        asked = request.GET.get("status", "")
        self.status = asked if asked in STATUS_LABELS else ""

    @property
    def rows(self) -> QuerySet[Claim]:
        """Claims that match, each once however many of its coverages do."""
        found = queries.find_claims(self.user, q=self.sought, status=self.status)
        return found.distinct() if self.sought else found

    @property
    def statuses(self) -> list[dict[str, Any]]:
        """The statuses as chips."""
        return [
            {"label": label, "href": f"?status={status}", "on": status == self.status}
            for status, label in STATUS_LABELS.items()
        ]
