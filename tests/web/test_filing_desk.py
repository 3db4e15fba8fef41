"""The filing desk without script: drafts, suggestions, keywords, overrides, patients added in place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company, User
from escalations import actions
from escalations.models import FilingDraft, LinkKind, Ticket, TicketEvent, TicketLink, Waiver
from patients.models import Patient, PatientMark
from tests.factories import PatientFactory
from tests.tickets import TYPES, filed, good_form

pytestmark = pytest.mark.django_db
PageAs = Callable[[User], Client]
NEW = "/escalations/new/"


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak", phone="3125550147")


@pytest.fixture
def desk(page_as: PageAs, ana: User) -> Client:
    return page_as(ana)


def text_of(answer: Any) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("key", TYPES)
def test_every_type_is_filed_by_its_form(desk: Client, patient: Patient, key: str) -> None:
    answer = desk.post(NEW, good_form(key, patient))
    assert answer.status_code == 302, text_of(answer)
    ticket = Ticket.objects.get()
    assert ticket.type == key and ticket.status == "open" and ticket.promise
    assert answer.url == f"{NEW}?filed={ticket.number}"


class TestDrafts:
    def test_what_is_typed_is_kept_and_found_again_after_the_browser_was_killed(
        self, desk: Client, patient: Patient
    ) -> None:
        typed = good_form(
            "refund", patient, key="first-form", note="Paid twice in May.", answer_amount="not yet"
        )
        assert desk.post(NEW + "advice/", typed).status_code == 200
        assert "Refund Request" in text_of(desk.get(NEW)), "offered under what is not filed yet"
        page = text_of(desk.get(f"{NEW}?resume=first-form"))
        assert "Paid twice in May." in page and 'value="not yet"' in page
        assert 'name="key" value="first-form"' in page

    def test_two_tabs_are_two_drafts(self, desk: Client, patient: Patient) -> None:
        for key in ("tab-number-one", "tab-number-two"):
            desk.post(NEW + "advice/", good_form("refund", patient, key=key, note=key))
        assert {row.said["note"][0] for row in FilingDraft.objects.all()} == {
            "tab-number-one",
            "tab-number-two",
        }

    def test_filing_ends_the_draft_of_this_form_alone(self, desk: Client, patient: Patient) -> None:
        for key in ("tab-number-one", "tab-number-two"):
            desk.post(NEW + "advice/", good_form("refund", patient, key=key))
        assert desk.post(NEW, good_form("refund", patient, key="tab-number-one")).status_code == 302
        assert [row.key for row in FilingDraft.objects.all()] == ["tab-number-two"]

    def test_nobody_sees_or_discards_another_persons_draft(
        self, desk: Client, page_as: PageAs, sue: User, patient: Patient
    ) -> None:
        desk.post(NEW + "advice/", good_form("refund", patient, key="ana-s-form", note="only hers"))
        client = page_as(sue)
        assert "only hers" not in text_of(client.get(f"{NEW}?resume=ana-s-form"))
        client.post(NEW + "discard/", {"key": "ana-s-form"})
        assert FilingDraft.objects.count() == 1
        desk.post(NEW + "discard/", {"key": "ana-s-form"})
        assert not FilingDraft.objects.exists()

    def test_a_form_sent_twice_files_one_ticket(self, desk: Client, patient: Patient) -> None:
        typed = good_form("refund", patient)
        first, second = desk.post(NEW, typed), desk.post(NEW, typed)
        assert first.url == second.url and Ticket.objects.count() == 1

    def test_a_draft_kept_under_a_number_waits_for_its_proof_and_is_filed_by_a_colleague(
        self, desk: Client, page_as: PageAs, sue: User, patient: Patient
    ) -> None:
        """R-MISS-2: a draft may be incomplete, a filed ticket may not."""
        typed = good_form("missing-payment", patient, answer_transaction_id="", do="draft")
        desk.post(NEW, typed)
        draft = Ticket.objects.get()
        assert (draft.status, draft.promise, draft.due_at) == ("draft", "", None)
        assert "A draft." in text_of(desk.get(f"/escalations/{draft.number}/"))
        client = page_as(sue)
        page = text_of(client.get(f"{NEW}?draft={draft.number}"))
        assert f'name="draft_ticket" value="{draft.number}"' in page
        again = {**typed, "do": "file", "draft_ticket": draft.number, "key": "the-form-of-sue"}
        refused = client.post(NEW, again)
        assert refused.status_code == 400 and "R-MISS-2" in text_of(refused)
        draft.refresh_from_db()
        assert draft.status == "draft", "a refused filing leaves the draft as it was"
        assert client.post(NEW, {**again, "answer_transaction_id": "TX-88"}).status_code == 302
        draft.refresh_from_db()
        assert draft.status == "open" and draft.due_at is not None and Ticket.objects.count() == 1
        late = client.post(NEW, {**again, "answer_transaction_id": "TX-88", "key": "another-form-1"})
        assert Ticket.objects.count() == 2 or late.status_code in (302, 409)

    def test_a_draft_needs_its_type_first(self, desk: Client, patient: Patient) -> None:
        answer = desk.post(NEW, {"do": "draft", "note": "Somebody called.", "key": "form-without-type"})
        assert answer.status_code == 400 and "Choose a type first" in text_of(answer)
        assert "Somebody called." in text_of(answer)

    def test_old_drafts_are_thrown_away_and_young_ones_kept(self, ana: User) -> None:
        now = datetime.now(UTC)
        for key, days in (("an-old-draft", 15), ("a-young-draft", 13)):
            actions.save_draft({"note": ["x"]}, by=ana, at=now - timedelta(days=days), key=key)
        assert actions.forget_old_drafts(at=now) == 1
        assert FilingDraft.objects.get().key == "a-young-draft"

    def test_a_huge_form_is_not_kept_and_nothing_breaks(self, desk: Client, patient: Patient) -> None:
        answer = desk.post(NEW + "advice/", good_form("refund", patient, note="x" * 210_000))
        assert answer.status_code == 200 and not FilingDraft.objects.exists()
        assert "longer than 10,000 characters" in text_of(answer)

    def test_an_untouched_form_leaves_no_draft(self, desk: Client) -> None:
        desk.post(NEW + "advice/", {"key": "untouched-form", "type": "refund", "caller": "patient"})
        desk.post(NEW + "advice/", {"key": "emptied-form", "touched": "yes", "note": "", "type": ""})
        assert not FilingDraft.objects.exists()


class TestSuggestions:
    def test_a_refund_whose_payment_is_not_there_becomes_a_missing_payment_r_x_3(
        self, desk: Client, patient: Patient
    ) -> None:
        typed = good_form("refund", patient, answer_payment_visible="no", note="Paid in May.")
        page = text_of(desk.post(NEW, typed))
        assert 'value="use:R-REF-2:missing-payment"' in page
        page = text_of(desk.post(NEW, {**typed, "do": "use:R-REF-2:missing-payment"}))
        assert 'value="missing-payment" selected' in page and "Paid in May." in page

    def test_a_made_up_suggestion_changes_nothing(self, desk: Client, patient: Patient) -> None:
        page = text_of(desk.post(NEW, good_form("refund", patient, do="use:R-REF-2:stop-claim")))
        assert 'value="refund" selected' in page

    def test_going_back_to_a_type_finds_its_answers_again(self, desk: Client, patient: Patient) -> None:
        typed = good_form("refund", patient, answer_amount="88.00")
        changed = {**typed, "type": "zbal", "type_was": "refund", "do": "find"}
        page = text_of(desk.post(NEW, changed))
        assert '<input type="hidden" name="answer_amount" value="88.00">' in page

    def test_answers_that_mean_nothing_to_the_new_type_are_let_go_without_a_scolding(
        self, desk: Client, patient: Patient
    ) -> None:
        typed = good_form("refund", patient, type="stop-claim", type_was="refund", do="find")
        assert "choose one of" not in text_of(desk.post(NEW, typed))

    def test_the_same_request_again_is_added_to_the_ticket_that_runs_r_x_7(
        self, desk: Client, ana: User, patient: Patient
    ) -> None:
        running = filed("refund", ana, patient, datetime.now(UTC) - timedelta(days=1))
        typed = good_form("refund", patient, note="Asks where the money is.")
        page = text_of(desk.post(NEW + "advice/", typed))
        assert f'value="add:{running.number}"' in page
        answer = desk.post(NEW, {**typed, "do": f"add:{running.number}"}, follow=True)
        assert f'The call is noted on <a href="/escalations/{running.number}/"' in text_of(answer)
        assert Ticket.objects.count() == 1
        assert TicketEvent.objects.get(act="contact").text == "Asks where the money is."

    def test_two_unresolved_contacts_suggest_an_sos_r_x_7(
        self, desk: Client, ana: User, patient: Patient
    ) -> None:
        at = datetime.now(UTC) - timedelta(days=2)
        filed("refund", ana, patient, at)
        typed = good_form("medical-records", patient)
        assert "use:R-X-7:patient-sos" not in text_of(desk.post(NEW + "advice/", typed))
        filed("zbal", ana, patient, at)
        page = text_of(desk.post(NEW + "advice/", typed))
        assert "use:R-X-7:patient-sos" in page
        page = text_of(desk.post(NEW, {**typed, "do": "use:R-X-7:patient-sos"}))
        assert 'name="answer_attempts" value="2"' in page, "counted from the patient's tickets"

    def test_an_unanswered_transfer_offers_a_supervisor_ticket_with_the_attempt_copied_r_exec_4(
        self, desk: Client, patient: Patient
    ) -> None:
        typed = good_form("executive-keywords", patient, answer_transfer_answered="no")
        page = text_of(desk.post(NEW, typed, follow=True))
        origin = Ticket.objects.get()
        address = f"{NEW}?follows={origin.number}&amp;rule=R-EXEC-4"
        assert address in page
        page = text_of(desk.get(address.replace("&amp;", "&")))
        assert 'value="supervisor" selected' in page
        assert 'name="answer_scenario" value="transfer_unanswered"' in page.replace(" checked", "") or (
            'value="transfer_unanswered"' in page
        )
        assert f'name="follows" value="{origin.number}"' in page
        second = good_form("supervisor", patient, follows=origin.number, key="the-second-form")
        assert desk.post(NEW, second).status_code == 302
        link = TicketLink.objects.get()
        assert (link.other_id, link.kind) == (origin.pk, LinkKind.FOLLOWS)
        assert origin.number in text_of(desk.get(f"/escalations/{link.ticket.number}/"))


class TestKeywords:
    def test_a_word_is_heard_while_typing_and_offers_its_ticket_r_exec_1(
        self, desk: Client, patient: Patient
    ) -> None:
        page = text_of(
            desk.post(NEW + "advice/", good_form("refund", patient, note="Her attorneys will write."))
        )
        assert "<mark>attorneys</mark>" in page and "use:R-EXEC-1:executive-keywords" in page
        typed = good_form("refund", patient, note="Her attorneys will write.")
        page = text_of(desk.post(NEW, {**typed, "do": "use:R-EXEC-1:executive-keywords"}))
        assert 'value="executive-keywords" selected' in page and ">Attorney</textarea>" in page.replace(
            "\n", ""
        )

    def test_a_word_nobody_decided_on_stays_in_sight_until_somebody_does(
        self, desk: Client, patient: Patient
    ) -> None:
        desk.post(NEW, good_form("refund", patient, note="No lawyer yet."))
        ticket = Ticket.objects.get()
        (heard,) = ticket.keywords
        assert (heard["word"], heard["negated"], heard["decision"]) == ("Lawyer", True, "")
        address = f"/escalations/{ticket.number}/"
        page = text_of(desk.get(address))
        assert "was heard" in page and "with a “no” before it" in page
        answer = desk.post(address + "steps/", {"act": "dismiss", "word": "Lawyer", "reason": ""})
        assert answer.status_code == 400 and "The reason is missing" in text_of(answer)
        desk.post(address + "steps/", {"act": "dismiss", "word": "Lawyer", "reason": "Said there is none."})
        assert "was heard" not in text_of(desk.get(address))
        waiver = Waiver.objects.get()
        assert (waiver.rule, waiver.subject, waiver.reason) == ("R-EXEC-1", "Lawyer", "Said there is none.")

    def test_a_word_set_aside_in_the_form_is_counted_with_its_reason(
        self, desk: Client, patient: Patient
    ) -> None:
        typed = good_form("refund", patient, note="Works for a lawyer.", dismiss_Lawyer="It is an employer.")
        desk.post(NEW, typed)
        assert Ticket.objects.get().keywords[0]["decision"] == "dismissed"
        assert Waiver.objects.get().reason == "It is an employer."

    def test_a_second_ticket_is_linked_and_decides_the_word(self, desk: Client, patient: Patient) -> None:
        answer = desk.post(NEW, good_form("refund", patient, note="He will sue: lawsuit.", do="link"))
        origin = Ticket.objects.get()
        assert answer.url == f"{NEW}?follows={origin.number}&rule=R-EXEC-1"
        page = text_of(desk.get(answer.url))
        assert 'value="executive-keywords" selected' in page and ">Lawsuit</textarea>" in page.replace(
            "\n", ""
        )
        second = good_form("executive-keywords", patient, follows=origin.number, key="the-second-form")
        desk.post(NEW, second)
        origin.refresh_from_db()
        assert origin.keywords[0]["decision"] == "linked"


class TestOverrides:
    def test_a_supervisor_overrides_with_a_reason_that_is_kept(
        self, page_as: PageAs, sue: User, patient: Patient
    ) -> None:
        client = page_as(sue)
        typed = good_form("itemized-bill", patient, answer_account_status="neither")
        refused = text_of(client.post(NEW, typed))
        assert 'name="override_R-ITEM-4"' in refused
        answer = client.post(NEW, {**typed, "override_R-ITEM-4": "The court asked for it."})
        assert answer.status_code == 302
        waiver = Waiver.objects.get()
        assert (waiver.kind, waiver.rule) == ("override", "R-ITEM-4")
        page = text_of(client.get(f"/escalations/{Ticket.objects.get().number}/"))
        assert "R-ITEM-4 overridden" in page and "The court asked for it." in page

    def test_an_agent_may_not_override_however_it_is_sent(self, desk: Client, patient: Patient) -> None:
        typed = good_form("itemized-bill", patient, answer_account_status="neither")
        page = text_of(desk.post(NEW, typed))
        assert "A supervisor may override this." in page and 'name="override_R-ITEM-4"' not in page
        answer = desk.post(NEW, {**typed, "override_R-ITEM-4": "I want to."})
        assert answer.status_code == 400 and not Ticket.objects.exists()

    @pytest.mark.parametrize(
        ("key", "changes", "rule"),
        [
            ("itemized-bill", {"answer_recipient": "insurer"}, "R-ITEM-2"),
            ("stop-claim", {"answer_compassionate_care_applied": "yes"}, "R-STOP-2"),
            ("missing-payment", {"answer_transaction_id": ""}, "R-MISS-2"),
            ("refund", {"answer_payment_visible": "no"}, "R-REF-2"),
        ],
    )
    def test_nobody_overrides_a_block(
        self, page_as: PageAs, sue: User, patient: Patient, key: str, changes: dict[str, str], rule: str
    ) -> None:
        typed = good_form(key, patient, **{**changes, f"override_{rule}": "Because."})
        answer = page_as(sue).post(NEW, typed)
        assert answer.status_code == 400 and rule in text_of(answer) and not Ticket.objects.exists()


class TestPatientsInPlace:
    def test_a_patient_is_added_in_the_middle_and_nothing_typed_is_lost(
        self, desk: Client, patient: Patient
    ) -> None:
        typed = good_form("refund", patient, patient="", note="First call ever.", do="add_patient")
        facts = {"new-first_name": "Jan", "new-last_name": "Kos", "new-date_of_birth": "1980-02-03"}
        page = text_of(desk.post(NEW, {**typed, **facts}))
        added = Patient.objects.get(last_name="Kos")
        assert f'name="patient" value="{added.pk}"' in page and "First call ever." in page

    def test_what_is_wrong_with_a_new_patient_is_said_beside_the_field(
        self, desk: Client, patient: Patient
    ) -> None:
        facts = {"new-first_name": "J4n", "new-last_name": "", "new-date_of_birth": "2099-01-01"}
        answer = desk.post(NEW, {**good_form("refund", patient, patient=""), **facts, "do": "add_patient"})
        page = text_of(answer)
        assert answer.status_code == 400 and Patient.objects.count() == 1
        assert "Last name is missing" in page and "in the future" in page and 'value="J4n"' in page

    def test_somebody_who_may_be_here_already_is_shown_once_r_all_1(
        self, desk: Client, patient: Patient
    ) -> None:
        facts = {
            "new-first_name": "Casimir",
            "new-last_name": "Nowak",
            "new-date_of_birth": patient.date_of_birth.isoformat(),
        }
        typed = {**good_form("refund", patient, patient=""), **facts, "do": "add_patient"}
        answer = desk.post(NEW, typed)
        assert answer.status_code == 409 and Patient.objects.count() == 1
        assert f'name="patient" value="{patient.pk}"' in text_of(answer)
        desk.post(NEW, {**typed, "known": str(patient.pk)})
        assert Patient.objects.count() == 2

    def test_the_words_compassionate_care_offer_to_mark_the_patient_r_stop_2(
        self, desk: Client, patient: Patient
    ) -> None:
        typed = good_form("refund", patient, note="Applied for Compassionate Care.")
        assert "Mark the patient" in text_of(desk.post(NEW + "advice/", typed))
        asked = desk.post(NEW, {**typed, "do": "mark"})
        assert asked.status_code == 400 and "Say how you know of the application" in text_of(asked)
        assert not PatientMark.objects.exists(), "nothing is marked without saying how it is known"
        desk.post(NEW, {**typed, "do": "mark", "mark_reason": "She read the letter out to me."})
        assert PatientMark.objects.get().reason == "She read the letter out to me."
        assert PatientMark.objects.get().patient == patient
        blocked = desk.post(NEW, good_form("stop-claim", patient))
        assert blocked.status_code == 400 and "R-STOP-2" in text_of(blocked)


def test_shift_n_begins_with_the_same_caller_and_patient(desk: Client, ana: User, patient: Patient) -> None:
    ticket = filed("refund", ana, patient, datetime.now(UTC))
    page = text_of(desk.get(f"{NEW}?again={ticket.number}"))
    assert f'name="patient" value="{patient.pk}"' in page
    assert 'name="channel" value="phone"' in page and "checked" in page


def test_a_wish_not_to_be_contacted_takes_effect_at_once_r_dnc_2(desk: Client, patient: Patient) -> None:
    desk.post(NEW, good_form("do-not-contact", patient, answer_channels=["calls", "mail"]))
    patient.refresh_from_db()
    assert patient.do_not_contact == ["calls", "mail"]
    page = text_of(desk.post(NEW + "advice/", good_form("patient-callback", patient)))
    assert "Do not contact by calls." in page and "R-DNC-2" in page


@pytest.mark.parametrize(
    "what", ["resume", "draft", "again", "follows", "filed", "added", "rule", "type", "patient"]
)
@pytest.mark.parametrize("value", ["E-1", "../../etc", "0" * 400, "‮", "<b>", "x\x00y", "🂡"])
def test_no_address_of_the_page_fails(desk: Client, what: str, value: str) -> None:
    assert desk.get(NEW, {what: value}).status_code == 200


def test_another_companys_tickets_and_patients_are_not_there(
    page_as: PageAs, otto: User, ana: User, patient: Patient
) -> None:
    ticket = filed("refund", ana, patient, datetime.now(UTC), note="secret words")
    client = page_as(otto)
    for query in (
        f"again={ticket.number}",
        f"follows={ticket.number}&rule=R-EXEC-4",
        f"filed={ticket.number}",
    ):
        page = text_of(client.get(f"{NEW}?{query}"))
        assert "Nowak" not in page and f"{ticket.number}</a> is filed" not in page
    answer = client.post(NEW, good_form("refund", patient, do=f"add:{ticket.number}"))
    assert answer.status_code == 200 and not TicketEvent.objects.filter(act="contact").exists()


def test_a_draft_without_patient_caller_and_channel_can_be_called_off(desk: Client) -> None:
    desk.post(NEW, {"do": "draft", "type": "refund", "key": "half-a-draft", "note": "Hung up."})
    draft = Ticket.objects.get()
    assert (draft.status, draft.patient, draft.channel, draft.caller) == ("draft", None, "", "")
    answer = desk.post(f"/escalations/{draft.number}/steps/", {"act": "cancel", "reason": "Hung up."})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.status == "cancelled"
    assert desk.get(f"/escalations/{draft.number}/").status_code == 200
