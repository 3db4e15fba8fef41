"""A policy is drafted, looked at, published with a note, put over open tickets and taken back (K13)."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Company, User
from accounts.steps import Refused
from escalations import actions, policies
from escalations.actions import policies as publishing
from escalations.actions.policy_drafts import (
    add_type,
    begin_draft,
    bring_up_to_date,
    change_draft,
    discard_draft,
    draft_of,
    import_draft,
    seen_part,
)
from escalations.domain.policy_difference import differences
from escalations.domain.policy_parts import without_marks
from escalations.models import PolicyDraft, PolicyVersion, Publication, Reclocking, Ticket, TicketEvent
from escalations.policies import policy_in_force, put_in_force
from patients.domain.intake import Wrong
from tests.actions.reclocking_case import MONDAY, calendar_now, due, put, with_exceptions
from tests.tickets import filed

pytestmark = pytest.mark.django_db
SUPERVISOR = ("types", "supervisor")


def type_in(data: dict[str, Any], key: str) -> dict[str, Any]:
    return next(row for row in data["types"] if row["key"] == key)


def within(days: int) -> Any:
    """The change of a type that gives it so many business days."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        row["turnarounds"] = [{"channel": "any", "min": None, "max": days, "unit": "business_day"}]
        return row

    return change


def edit(company: Company, by: User, change: Any, part: Any = SUPERVISOR) -> PolicyDraft | None:
    """One change of the draft by somebody who sees it as it is."""
    draft = draft_of(company)
    data = draft.data if draft else policy_in_force(company, at=MONDAY).data
    return change_draft(company, part, change, seen=seen_part(data, part), by=by, at=MONDAY)


def publish(company: Company, by: User, *, over_open: bool = False, note: str = "Faster") -> Any:
    """Look at the draft and publish it at once."""
    draft = draft_of(company)
    assert draft is not None
    seen = publishing.preview(company, draft, at=MONDAY)
    return publishing.publish(company, note=note, over_open=over_open, token=seen.token, by=by, at=MONDAY)


def refusal_of(call: Any, *said: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        call(*said, **more)
    return refused.value.code


class TestTheDraft:
    def test_changes_nothing_for_anybody(self, acme, ana, adam, patient):
        edit(acme, adam, within(4))
        assert due(filed("supervisor", ana, patient, MONDAY)) == "Wed 05-13 18:00"
        assert policy_in_force(acme, at=MONDAY).number == 1

    def test_is_begun_by_the_first_change_and_knows_who_began_it_and_from_where(self, acme, adam):
        draft = edit(acme, adam, within(4))
        assert (draft.began_by, draft.base.number, draft.revision) == (adam, 1, 1)
        assert edit(acme, adam, within(5)).revision == 2
        assert PolicyDraft.objects.filter(company=acme).count() == 1

    def test_saving_what_stands_already_begins_none(self, acme, adam):
        assert edit(acme, adam, lambda row: row) is None and draft_of(acme) is None

    def test_two_admins_of_one_part_the_second_is_told_and_of_two_parts_both_go_in(self, acme, adam):
        eve = User.objects.create(username="eve", company=acme, role="admin")
        seen = {
            part: seen_part(policy_in_force(acme, at=MONDAY).data, part)
            for part in (SUPERVISOR, ("types", "zbal"))
        }
        change_draft(acme, SUPERVISOR, within(4), seen=seen[SUPERVISOR], by=eve, at=MONDAY)
        his = {"seen": seen[SUPERVISOR], "by": adam, "at": MONDAY}
        assert refusal_of(change_draft, acme, SUPERVISOR, within(3), **his) == "stale"
        change_draft(acme, ("types", "zbal"), within(9), seen=seen["types", "zbal"], by=adam, at=MONDAY)
        found = draft_of(acme)
        assert [type_in(found.data, key)["turnarounds"][0]["max"] for key in ("supervisor", "zbal")] == [4, 9]

    def test_belongs_to_admins(self, acme, sue, adam):
        assert refusal_of(begin_draft, acme, by=sue, at=MONDAY) == "role"
        draft = begin_draft(acme, by=adam, at=MONDAY)
        assert refusal_of(discard_draft, acme, revision=draft.revision, by=sue, at=MONDAY) == "role"

    def test_whoever_is_no_admin_changes_publishes_imports_and_undoes_nothing(
        self, acme, ana, sue, adam, patient
    ):
        filed("supervisor", ana, patient, MONDAY)
        assert refusal_of(edit, acme, sue, within(4)) == "role" and draft_of(acme) is None
        data = without_marks(policy_in_force(acme, at=MONDAY).data)
        assert refusal_of(import_draft, acme, data, instead=True, by=sue, at=MONDAY) == "role"
        assert refusal_of(add_type, acme, {"key": "new"}, by=sue, at=MONDAY) == "role"
        edit(acme, adam, within(4))
        assert refusal_of(bring_up_to_date, acme, by=sue, at=MONDAY) == "role"
        assert refusal_of(publish, acme, sue, over_open=True) == "role"
        moved = publish(acme, adam, over_open=True).moved
        token = publishing.preview_undo(moved, at=MONDAY).token
        assert refusal_of(publishing.undo, moved, token=token, by=sue, at=MONDAY) == "role"

    def test_is_not_thrown_away_unseen(self, acme, adam):
        edit(acme, adam, within(4))
        edit(acme, adam, within(5))
        assert refusal_of(discard_draft, acme, revision=1, by=adam, at=MONDAY) == "stale"
        discard_draft(acme, revision=2, by=adam, at=MONDAY)
        assert draft_of(acme) is None

    def test_takes_in_what_was_published_meanwhile_and_keeps_its_own(self, acme, adam):
        edit(acme, adam, within(4))
        data = copy.deepcopy(policy_in_force(acme, at=MONDAY).data)
        within(9)(type_in(data, "zbal"))
        within(8)(type_in(data, "supervisor"))
        put_in_force(PolicyVersion, acme, data, by=adam, at=MONDAY)
        draft = draft_of(acme)
        assert publishing.preview(acme, draft, at=MONDAY).is_overtaken
        assert refusal_of(publish, acme, adam) == "stale"
        draft = bring_up_to_date(acme, by=adam, at=MONDAY)
        assert [type_in(draft.data, key)["turnarounds"][0]["max"] for key in ("supervisor", "zbal")] == [4, 9]
        assert publish(acme, adam).version.number == 3


class TestPublishing:
    def test_makes_a_version_with_its_note_and_open_tickets_keep_theirs(self, acme, ana, adam, patient):
        before = filed("supervisor", ana, patient, MONDAY)
        edit(acme, adam, within(4))
        version = publish(acme, adam, note="Two days were too few").version
        assert (version.number, version.created_by) == (2, adam)
        assert Publication.objects.get(version=version).note == "Two days were too few"
        assert due(before) == "Wed 05-13 18:00" and before.policy_version.number == 1
        after = filed("supervisor", ana, patient, MONDAY)
        assert due(after) == "Fri 05-15 18:00" and draft_of(acme) is None

    @pytest.mark.parametrize("note", ["", "   ", "x" * 501, "a\x00b"])
    def test_needs_a_note(self, acme, adam, note):
        edit(acme, adam, within(4))
        with pytest.raises(Wrong):
            publish(acme, adam, note=note)
        assert policy_in_force(acme, at=MONDAY).number == 1

    def test_publishes_what_was_looked_at_or_nothing(self, acme, adam):
        edit(acme, adam, within(4))
        token = publishing.preview(acme, draft_of(acme), at=MONDAY).token
        edit(acme, adam, within(5))
        said = {"note": "x", "over_open": False, "by": adam, "at": MONDAY}
        assert refusal_of(publishing.publish, acme, token=token, **said) == "stale"
        for forged in ("", "1", "..", f"{token.split('.')[0]}.x.9999999999999999999999.x"):
            assert refusal_of(publishing.publish, acme, token=forged, **said) == "stale"

    def test_refuses_what_says_nothing_new_and_a_type_whose_key_is_taken(self, acme, adam):
        begin_draft(acme, by=adam, at=MONDAY)
        assert refusal_of(publish, acme, adam) == "same"
        assert refusal_of(add_type, acme, {"key": "zbal", "name": "Z"}, by=adam, at=MONDAY) == "there"

    def test_refuses_what_contradicts_itself(self, acme, adam):
        edit(acme, adam, within(0))
        assert (
            "Give a number of 1 or more"
            in publishing.preview(acme, draft_of(acme), at=MONDAY).problems[0].words
        )
        assert refusal_of(publish, acme, adam) == "unfit"

    def test_refuses_to_take_away_what_open_tickets_need_and_says_how_many(self, acme, ana, adam, patient):
        waiting = filed("supervisor", ana, patient, MONDAY)
        actions.act(waiting, "wait", by=ana, at=MONDAY, facts={"reason": "patient"})
        filed("zbal", ana, patient, MONDAY)
        edit(acme, adam, lambda row: row | {"waits": {"insurer": False}})
        edit(acme, adam, lambda row: None, ("types", "zbal"))
        found = publishing.preview(acme, draft_of(acme), at=MONDAY).problems
        assert [(one.type, one.count) for one in found if one.count] == [("zbal", 1), ("supervisor", 1)]
        assert "Waiting for the patient" in found[-1].words
        assert refusal_of(publish, acme, adam) == "unfit"

    def test_an_outcome_that_a_reopened_ticket_had_stays(self, acme, ana, sue, adam, patient):
        ticket = filed("supervisor", ana, patient, MONDAY)
        facts = {"outcome": "Decided against", "note": "No."}
        actions.act(ticket, "resolve", by=sue, at=MONDAY, facts=facts)
        edit(acme, adam, lambda row: row | {"outcomes": ["Done on the account"]})
        assert not publishing.preview(acme, draft_of(acme), at=MONDAY).problems, "it is over"
        actions.act(ticket, "reopen", by=sue, at=MONDAY + timedelta(hours=1), facts={"reason": "Again"})
        (found,) = publishing.preview(acme, draft_of(acme), at=MONDAY).problems
        assert "“Decided against”" in found.words and found.count == 1

    def test_what_a_company_edited_survives_a_newer_shipped_policy(self, acme, adam):
        edit(acme, adam, within(4))
        publish(acme, adam)
        data = copy.deepcopy(policy_in_force(acme, at=MONDAY).data)
        within(99)(type_in(data, "zbal"))
        put_in_force(PolicyVersion, acme, data, by=None, at=MONDAY)
        policies.load_policy(acme, by=None, at=MONDAY)
        now = policy_in_force(acme, at=MONDAY).data
        assert type_in(now, "supervisor")["turnarounds"][0]["max"] == 4, "edited here"
        assert type_in(now, "zbal")["turnarounds"][0]["max"] == 10, "as shipped"

    def test_a_type_that_is_switched_off_takes_no_new_ticket_and_nothing_leads_to_it(
        self, acme, ana, adam, patient
    ):
        runs = filed("supervisor", ana, patient, MONDAY)
        edit(acme, adam, lambda row: row | {"off": True})
        assert publishing.preview(acme, draft_of(acme), at=MONDAY).problems == []
        publish(acme, adam, over_open=True)
        with pytest.raises(AssertionError, match="off"):
            filed("supervisor", ana, patient, MONDAY)
        policy = policies.policy_of(policy_in_force(acme, at=MONDAY))
        assert not [rule for kind in policy.types for rule in kind.rules if rule.suggest == "supervisor"]
        assert not [way for fork in policy.which for way in fork.ways if way.type == "supervisor"]
        assert actions.act(runs, "take", by=ana, at=MONDAY).assignee == ana, "what runs goes on"


class TestOverOpenTickets:
    def test_moves_what_was_shown_and_gives_each_its_own_version_back(self, acme, ana, adam, patient):
        oldest = filed("supervisor", ana, patient, MONDAY)
        edit(acme, adam, within(3))
        publish(acme, adam)
        middle, other = filed("supervisor", ana, patient, MONDAY), filed("zbal", ana, patient, MONDAY)
        before = {one.pk: (due(one), one.policy_version_id) for one in (oldest, middle, other)}
        edit(acme, adam, within(4))
        seen = publishing.preview(acme, draft_of(acme), at=MONDAY)
        assert [one.clock.ticket for one in seen.outlook.moved] == [oldest.pk, middle.pk]
        assert seen.outlook.looked_at == 3
        done = publish(acme, adam, over_open=True)
        assert done.moved.moved == 2 and {due(one) for one in (oldest, middle)} == {"Fri 05-15 18:00"}
        for one in (oldest, middle, other):
            one.refresh_from_db()
            assert one.policy_version == done.version
        assert "by a change of the policy" in TicketEvent.objects.get(ticket=oldest, act="reclock").title

        back = publishing.preview_undo(done.moved, at=MONDAY)
        assert len(back.outlook.moved) == 2
        undone = publishing.undo(done.moved, token=back.token, by=adam, at=MONDAY)
        assert undone.moved == 2 and undone.undoes == done.moved
        for one in (oldest, middle, other):
            one.refresh_from_db()
            assert (due(one), one.policy_version_id) == before[one.pk], "each its own"
        assert without_marks(policy_in_force(acme, at=MONDAY).data) == without_marks(
            PolicyVersion.objects.get(company=acme, number=2).data
        )
        assert refusal_of(publishing.undo, done.moved, token=back.token, by=adam, at=MONDAY) == "undone"

    def test_is_late_by_it_and_no_longer_late(self, acme, ana, adam, patient):
        ticket = filed("supervisor", ana, patient, MONDAY)
        edit(acme, adam, within(1))
        wednesday = MONDAY + timedelta(days=1, hours=12)
        seen = publishing.preview(acme, draft_of(acme), at=wednesday)
        assert [one.clock.ticket for one in seen.outlook.breaches] == [ticket.pk]
        friday = MONDAY + timedelta(days=3)
        edit(acme, adam, within(9))
        assert publishing.preview(acme, draft_of(acme), at=friday).outlook.unbreaches

    def test_goes_by_the_calendar_in_force_and_not_by_that_of_the_day_of_filing(
        self, acme, ana, adam, patient
    ):
        ticket = filed("supervisor", ana, patient, MONDAY)
        put(acme, with_exceptions(calendar_now(acme), may_15=()), adam)
        ticket.refresh_from_db()
        assert ticket.calendar_version.number == 1, "the closure did not move it"
        edit(acme, adam, within(4))
        publish(acme, adam, over_open=True)
        assert due(ticket) == "Mon 05-18 18:00"

    def test_is_refused_when_tickets_moved_since_it_was_shown(self, acme, ana, adam, patient):
        ticket = filed("supervisor", ana, patient, MONDAY)
        edit(acme, adam, within(4))
        token = publishing.preview(acme, draft_of(acme), at=MONDAY).token
        Ticket.objects.filter(pk=ticket.pk).update(status="resolved")
        said = {"note": "x", "over_open": True, "token": token, "by": adam, "at": MONDAY}
        assert refusal_of(publishing.publish, acme, **said) == "stale"
        assert policy_in_force(acme, at=MONDAY).number == 1 and draft_of(acme) is not None, "nothing was done"
        assert not Reclocking.objects.filter(policy__isnull=False).exists()

    def test_only_the_newest_version_can_be_taken_back(self, acme, ana, adam, patient):
        filed("supervisor", ana, patient, MONDAY)
        edit(acme, adam, within(4))
        first = publish(acme, adam, over_open=True)
        edit(acme, adam, within(5))
        publish(acme, adam)
        assert refusal_of(publishing.preview_undo, first.moved, at=MONDAY) == "older"


class TestOlderVersions:
    def test_a_draft_from_an_older_version_says_what_that_said(self, acme, adam):
        edit(acme, adam, within(4))
        publish(acme, adam)
        first = PolicyVersion.objects.get(company=acme, number=1)
        draft = begin_draft(acme, first, by=adam, at=MONDAY)
        assert without_marks(draft.data) == without_marks(first.data) and draft.base.number == 2
        version = publish(acme, adam).version
        assert differences(first.data, version.data) == []

    def test_an_import_makes_a_draft_and_takes_the_place_of_one_only_when_told(self, acme, adam):
        data = without_marks(policy_in_force(acme, at=MONDAY).data)
        within(7)(type_in(data, "supervisor"))
        import_draft(acme, data, instead=False, by=adam, at=MONDAY)
        assert policy_in_force(acme, at=MONDAY).number == 1
        assert refusal_of(import_draft, acme, data, instead=False, by=adam, at=MONDAY) == "there"
        assert import_draft(acme, data, instead=True, by=adam, at=MONDAY).revision == 2
        (found,) = differences(policy_in_force(acme, at=MONDAY).data, draft_of(acme).data)
        assert found.words == "Supervisor Escalation: up to 2 business days → up to 7 business days"
