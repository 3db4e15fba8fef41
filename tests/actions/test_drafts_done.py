"""What a filing form still had on its way when it was done with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.models import User
from escalations import actions
from escalations.models import FilingDraft

pytestmark = pytest.mark.django_db


def test_what_is_still_on_its_way_of_a_form_that_is_done_leaves_no_draft(ana: User) -> None:
    """The request that keeps what was typed may arrive after the one that files it or notes the call."""
    now = datetime.now(UTC)
    said, key = {"note": ["Asks once more."]}, "0123456789abcdef0123456789abcdef"
    assert actions.save_draft(said, by=ana, at=now, key=key)
    actions.discard_draft(key, by=ana)
    assert actions.save_draft(said, by=ana, at=now, key=key), "a form that goes on is kept again"
    actions.discard_draft(key, by=ana, done=True)
    assert not actions.save_draft(said, by=ana, at=now, key=key)
    assert not FilingDraft.objects.filter(user=ana).exists()
