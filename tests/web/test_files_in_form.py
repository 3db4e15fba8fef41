"""Files in the filing form: kept before anything is judged, handed to the ticket, forgotten after a week."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from accounts.steps import Refused
from config.sweeping import sweep
from escalations import actions
from escalations.domain.policy import Question
from escalations.files import Upload
from escalations.files_in_form import take_uploads
from escalations.files_shown import file_field
from escalations.models import Attachment, AttachmentContent, FilingDraft, Ticket
from patients.domain.intake import Wrong
from patients.models import Patient
from tests.files import GOOD, picture, sent
from tests.web.test_escalations import make_ticket, text_of
from tests.web.test_files import FILES, HTMX, PROOF, PageAs, loose, names_in, now, png, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return make_ticket(ana, patient)


class TestInTheForm:
    def test_uploading_gives_the_fields_new_inside_with_everything_in_it(
        self, page_as: PageAs, ana: User
    ) -> None:
        earlier = loose(ana, number=3)
        answer = send(page_as(ana), sent(*GOOD["image/png"]), answer_proof=[earlier.name], key="form-key")
        page = text_of(answer)
        assert names_in(answer)[0] == earlier.name and len(names_in(answer)) == 2
        assert "<html" not in page and 'data-said="2 files attached."' in page
        assert f'value="drop:{earlier.name}"' in page and "Remove proof.png" in page
        assert Attachment.objects.exclude(pk=earlier.pk).get().draft == "form-key"

    def test_another_persons_file_cannot_be_smuggled_in(
        self, page_as: PageAs, ana: User, sue: User, ticket: Ticket
    ) -> None:
        (filed,) = actions.attach_to(ticket, [png()], by=ana, at=now())
        others = [loose(sue).name, filed.name, "nothing-of-this-name", "\x00", "x'--"]
        answer = send(page_as(ana), sent(*GOOD["image/png"]), answer_proof=others)
        assert len(names_in(answer)) == 1 and names_in(answer)[0] not in others

    @pytest.mark.parametrize("question", ["", "x" * 41, "Proof", "a'b", "<script>", "\x00"])
    def test_a_question_of_no_possible_name_is_none(self, page_as: PageAs, ana: User, question: str) -> None:
        answer = send(page_as(ana), sent(*GOOD["image/png"]), question=question)
        assert answer.status_code == 400 and "Choose a file first." in text_of(answer)

    def test_without_script_it_leads_back_to_the_form_with_the_file(self, page_as: PageAs, ana: User) -> None:
        body = {"question": "proof", "upload_proof": sent(*GOOD["image/png"])}
        answer = page_as(ana).post(FILES, body)
        name = Attachment.objects.get().name
        assert (answer.status_code, answer["Location"]) == (302, f"/escalations/new/?answer_proof={name}")
        bad = page_as(ana).post(FILES, {"question": "proof", "upload_proof": sent("x.png", b"MZ")})
        page = text_of(bad)
        assert bad.status_code == 400 and "a program" in page and "<html" in page
        assert 'name="question" value="proof"' in page, "once more, for the same question"

    def test_removing_takes_it_out_of_the_field_and_deletes_it(self, page_as: PageAs, ana: User) -> None:
        gone, stays = loose(ana, number=1), loose(ana, number=2)
        body = {"question": "proof", "answer_proof": [gone.name, stays.name]}
        answer = page_as(ana).post(f"{FILES}{gone.name}/remove/", body, headers=HTMX)
        assert answer.status_code == 200 and names_in(answer) == [stays.name]
        assert list(Attachment.objects.all()) == [stays]
        assert AttachmentContent.objects.count() == 1

    def test_a_tickets_file_stays_with_it(self, page_as: PageAs, ana: User, ticket: Ticket) -> None:
        (file,) = actions.attach_to(ticket, [png()], by=ana, at=now())
        answer = page_as(ana).post(f"{FILES}{file.name}/remove/")
        assert answer.status_code == 409 and "stays with it" in text_of(answer)
        with pytest.raises(Refused):
            actions.remove(file, by=ana, at=now())
        assert Attachment.objects.count() == 1

    def test_removing_without_script_leads_back(self, page_as: PageAs, ana: User) -> None:
        answer = page_as(ana).post(f"{FILES}{loose(ana).name}/remove/")
        assert answer.status_code == 302 and not Attachment.objects.exists()


def _posted(user: User, typed: dict[str, Any], *files: Any) -> Any:
    request = RequestFactory().post("/escalations/new/")
    data = QueryDict(mutable=True)
    for name, value in typed.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    request.user, request.POST = user, data  # type: ignore[assignment]
    request._files = MultiValueDict({"upload_proof": list(files)})  # type: ignore[attr-defined]
    return request


class TestTakingUploads:
    def test_posted_files_follow_those_the_form_brought_along(self, ana: User) -> None:
        earlier = loose(ana)
        request = _posted(ana, {"answer_proof": [earlier.name]}, sent("b.png", picture("PNG", (9, 9))))
        names, wrong = take_uploads(request, [PROOF, Question("note", "Note", "text")], "form-key", now())
        assert list(names) == ["proof"] and names["proof"][0] == earlier.name and not wrong
        assert Attachment.objects.get(name=names["proof"][1]).draft == "form-key"

    def test_what_is_wrong_is_told_by_question_and_what_is_good_is_kept(self, ana: User) -> None:
        request = _posted(ana, {}, sent("x.png", b"MZ"), sent(*GOOD["image/png"]))
        names, wrong = take_uploads(request, [PROOF], "", now())
        assert len(names["proof"]) == 1
        assert wrong["proof"].sentence.startswith("1 of 2 files not attached. This file is a program.")

    def test_the_remove_button_of_a_form_without_script_takes_one_out(self, ana: User) -> None:
        gone, stays = loose(ana, number=1), loose(ana, number=2)
        typed = {"answer_proof": [gone.name, stays.name], "do": f"drop:{gone.name}"}
        names, wrong = take_uploads(_posted(ana, typed), [PROOF], "", now())
        assert names == {"proof": [stays.name]} and not wrong
        assert list(Attachment.objects.all()) == [stays]

    def test_a_file_that_a_draft_holds_leaves_the_answer_only(self, ana: User, ticket: Ticket) -> None:
        (file,) = actions.attach_to(ticket, [png()], by=ana, at=now())
        typed = {"answer_proof": [file.name], "do": f"drop:{file.name}"}
        names, _ = take_uploads(_posted(ana, typed), [PROOF], "", now())
        assert names == {"proof": []} and Attachment.objects.count() == 1

    def test_a_page_that_is_only_read_takes_nothing(self, ana: User) -> None:
        request = RequestFactory().get("/escalations/new/?answer_proof=abcdefghij")
        assert take_uploads(request, [PROOF], "", now()) == ({}, {})

    def test_the_field_shows_what_a_draft_has_and_what_is_new(self, ana: User, ticket: Ticket) -> None:
        (held,) = actions.attach_to(ticket, [png()], by=ana, at=now())
        new = loose(ana)
        names = [new.name, held.name, "nothing-of-this-name"]
        assert [row.name for row in file_field(ana, PROOF, names).rows] == [new.name]
        shown = file_field(ana, PROOF, names, ticket=ticket, wrong="Too large.")
        assert [row.name for row in shown.rows] == [new.name, held.name]
        assert shown.said == "Too large. 2 files attached."


class TestFiling:
    @pytest.fixture
    def typed(self, patient: Patient) -> dict[str, Any]:
        return {
            "do": "file",
            "type": "missing-payment",
            "channel": "phone",
            "caller": "patient",
            "patient": str(patient.pk),
            "answer_looked": ["amd", "synergen_pay", "payment_site"],
            "answer_payment_found": "no",
        }

    def test_a_file_belongs_to_the_ticket_it_is_filed_with(
        self, page_as: PageAs, ana: User, sue: User, typed: dict[str, Any]
    ) -> None:
        file = loose(ana)
        assert (
            page_as(ana).post("/escalations/new/", {**typed, "answer_proof": [file.name]}).status_code == 302
        )
        file.refresh_from_db()
        assert file.ticket == Ticket.objects.get(type="missing-payment")
        assert page_as(sue).get(f"{FILES}{file.name}/").status_code == 200

    def test_a_refused_form_keeps_its_files_without_script_too(
        self, page_as: PageAs, ana: User, typed: dict[str, Any]
    ) -> None:
        earlier = loose(ana)
        refused = {**typed, "answer_looked": ["amd"], "answer_proof": [earlier.name]}
        answer = page_as(ana).post("/escalations/new/", {**refused, "upload_proof": sent(*GOOD["image/gif"])})
        assert answer.status_code == 400 and not Ticket.objects.exists()
        assert names_in(answer)[0] == earlier.name and len(names_in(answer)) == 2
        again = page_as(ana).post("/escalations/new/", {**typed, "answer_proof": names_in(answer)})
        assert again.status_code == 302 and Ticket.objects.get().attachments.count() == 2

    def test_a_file_that_cannot_be_kept_keeps_the_ticket_from_being_filed(
        self, page_as: PageAs, ana: User, typed: dict[str, Any]
    ) -> None:
        body = {**typed, "answer_transaction_id": "T-1", "upload_proof": sent("x.png", b"MZ")}
        answer = page_as(ana).post("/escalations/new/", body)
        assert answer.status_code == 400 and "This file is a program." in text_of(answer)
        assert not Ticket.objects.exists(), "whoever attached it believes that it is there"

    def test_a_large_file_may_come_with_the_form(
        self, page_as: PageAs, ana: User, typed: dict[str, Any]
    ) -> None:
        body = {**typed, "upload_proof": sent("long.txt", b"x" * 3_000_000)}
        assert page_as(ana).post("/escalations/new/", body).status_code == 302
        assert Ticket.objects.get().attachments.get().size == 3_000_000

    def test_the_buttons_of_a_form_without_script_attach_and_remove(
        self, page_as: PageAs, ana: User, typed: dict[str, Any]
    ) -> None:
        body = {**typed, "do": "attach", "upload_proof": sent(*GOOD["image/gif"])}
        attached = page_as(ana).post("/escalations/new/", body)
        (name,) = names_in(attached)
        assert attached.status_code == 200 and not Ticket.objects.exists()
        dropped = page_as(ana).post(
            "/escalations/new/", {**typed, "do": f"drop:{name}", "answer_proof": [name]}
        )
        assert dropped.status_code == 200 and names_in(dropped) == []
        assert not Attachment.objects.exists() and not Ticket.objects.exists()

    def test_the_tickets_page_shows_its_files_and_takes_more(
        self, cast: dict[str, User], ticket: Ticket
    ) -> None:
        actions.attach_to(ticket, [png()], by=cast["ana"], at=now())
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast["ana"], backend="accounts.backend.People")
        page = text_of(client.get(f"/escalations/{ticket.number}/"))
        assert "proof.png" in page and "/thumbnail/" in page and "proof.png attached" in page
        (token,) = re.findall(
            r'action="/escalations/E-\d+/files/"[^>]*><input type="hidden" name="csrfmiddlewaretoken" value="(\w+)"',
            page,
        )
        body = {"csrfmiddlewaretoken": token, "file": sent(*GOOD["image/gif"])}
        assert client.post(f"/escalations/{ticket.number}/files/", body).status_code == 302

    def test_both_pages_that_take_files_load_what_that_needs(
        self, page_as: PageAs, ana: User, ticket: Ticket
    ) -> None:
        for path in ("/escalations/new/", f"/escalations/{ticket.number}/"):
            page = text_of(page_as(ana).get(path))
            assert "/js/files." in page and "/css/files." in page, path

    def test_another_persons_file_is_no_proof(
        self, page_as: PageAs, ana: User, sue: User, typed: dict[str, Any]
    ) -> None:
        file = loose(sue)
        answer = page_as(ana).post("/escalations/new/", {**typed, "answer_proof": [file.name]})
        assert answer.status_code == 400 and "Attach it again." in text_of(answer)
        assert not Ticket.objects.exists()


class TestForgetting:
    def test_a_file_without_a_ticket_goes_after_a_week(self, ana: User, ticket: Ticket) -> None:
        old, young = loose(ana, days=8, number=1), loose(ana, days=6, number=2)
        (filed,) = actions.attach_to(ticket, [png(3)], by=ana, at=now() - timedelta(days=30))
        sweep(at=now())
        assert set(Attachment.objects.all()) == {young, filed}
        assert not AttachmentContent.objects.filter(attachment_id=old.pk).exists()

    def test_one_whose_form_is_kept_waits_with_it(self, ana: User) -> None:
        file = loose(ana, days=8, draft="form-key")
        form = FilingDraft.objects.create(
            company=ana.company, user=ana, key="form-key", created_at=now(), updated_at=now()
        )
        assert actions.forget_files(at=now()) == 0 and Attachment.objects.get() == file
        form.delete()
        assert actions.forget_files(at=now()) == 1

    def test_one_sweep_takes_so_many_and_the_next_the_rest(self, ana: User) -> None:
        for number in range(3):
            loose(ana, days=8, number=number)
        assert [actions.forget_files(at=now(), most=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_never_exceed_twenty(ana: User, patient: Patient) -> None:
    ticket = make_ticket(ana, patient)
    actions.attach_to(ticket, [png()] * 18, by=ana, at=now())
    file, refused = png(), []

    def add() -> None:
        try:
            actions.attach_to(ticket, [file, file], by=ana, at=now())
        except Wrong as wrong:
            refused.append(wrong.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ticket.attachments.count() == 20 and len(refused) == 3


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_into_one_form_never_exceed_twenty(ana: User) -> None:
    for number in range(19):
        loose(ana, draft="form-key", number=number)
    files, refused = [png(number) for number in range(50, 54)], []

    def add(file: Upload) -> None:
        try:
            actions.upload(file, by=ana, at=now(), draft="form-key")
        except Wrong as wrong:
            refused.append(wrong.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Attachment.objects.count() == 20 and len(refused) == 3
