"""The page of a company's sign-in provider in words."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from accounts.models import SignInIdentity, SignInProvider, User
from accounts.provider_actions import PROOF_LASTS
from work.hooks.probe import FAILED, Step
from work.oidc import flow, probe


class ProviderScreen:
    """What is set, how the newest test went, who was linked."""

    def __init__(self, row: SignInProvider | None, user: User, now: datetime) -> None:
        self.row, self.user, self.now = row, user, now

    @property
    def standing(self) -> tuple[str, str]:
        """A standing and its words."""
        if self.row is None:
            return "none_stated", "Not set"
        if not self.row.enabled:
            return "paused", "Off"
        if self.verdict_failed:
            return "breached", "The newest test failed"
        return "on_track", "People sign in by it alone" if self.row.alone else "People may sign in by it"

    @cached_property
    def steps(self) -> list[Step]:
        """The steps of the newest test."""
        return probe.steps_of(self.row.test) if self.row else []

    @property
    def verdict_failed(self) -> bool:
        """Whether the newest test ended before its end."""
        return any(step.state == FAILED for step in self.steps)

    @property
    def verdict(self) -> str:
        """How the newest test ended."""
        failed = next((step for step in self.steps if step.state == FAILED), None)
        return f"It ends here: {failed.name}." if failed else "Every step went well."

    @property
    def callback(self) -> str:
        """The address to register at the provider; there is one once the provider is saved."""
        return flow.callback_url(self.row) if self.row else ""

    @cached_property
    def linked(self) -> int:
        """How many people of the company are linked to a sign-in of this issuer."""
        if self.row is None:
            return 0
        rows = SignInIdentity.objects.filter(company_id=self.row.company_id, issuer=self.row.issuer)
        return rows.count()

    @property
    def proved(self) -> bool:
        """Whether this admin has just signed in by it, so that passwords may be switched off."""
        row = self.row
        if row is None or row.proved_at is None or row.proved_by_id != self.user.pk:
            return False
        return row.proved_at > self.now - PROOF_LASTS
