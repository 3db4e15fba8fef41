"""Files of tickets on the pages: what is taken, who gets at it, what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from accounts.models import User
from escalations import actions, files_pictures
from escalations.domain.answers import MOST_FILES
from escalations.domain.policy import Question
from escalations.files import MOST_AT_ONCE, MOST_BYTES, MOST_OF_TICKET, Upload, megabytes, read_upload
from escalations.files_answer import disposition
from escalations.files_kinds import name_for
from escalations.files_shown import TicketFiles
from escalations.models import Attachment, AttachmentContent, Ticket, TicketEvent
from escalations.policies import calendar_of
from patients.domain.intake import Wrong
from patients.models import Door, Patient, PatientReading
from tests.files import GOOD, NAMES, REFUSED, SCRIPT, picture, sent, turned
from tests.web.test_escalations import make_ticket, text_of

pytestmark = pytest.mark.django_db
PageAs = Callable[[User], Client]
FILES = "/escalations/files/"
HTMX = {"HX-Request": "true"}
PROOF = Question("proof", "Proof of payment", "file")


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return make_ticket(ana, patient)


def now() -> datetime:
    return datetime.now(UTC)


def png(number: int = 0, name: str = "proof.png") -> Upload:
    """A picture that is no other's."""
    return read_upload(sent(name, picture("PNG", (40 + number, 20))))


def loose(user: User, *, draft: str = "", days: int = 0, number: int = 0) -> Attachment:
    """A file without a ticket, uploaded some days ago."""
    return actions.upload(png(number), by=user, at=now() - timedelta(days=days), draft=draft)


def send(client: Client, *files: Any, **typed: Any) -> Any:
    """Upload as htmx does it from the field of the question *proof*."""
    body = {"question": "proof", "upload_proof": list(files), **typed}
    return client.post(FILES, body, headers=HTMX)


def names_in(answer: Any) -> list[str]:
    return re.findall(r'name="answer_proof" value="([^"]+)"', text_of(answer))


class TestWhatIsTaken:
    @pytest.mark.parametrize("kind", GOOD)
    def test_each_kind_is_told_by_its_content_and_comes_back_as_it_was(
        self, kind: str, page_as: PageAs, ana: User
    ) -> None:
        name, data = GOOD[kind]
        (key,) = names_in(send(page_as(ana), sent(name, data, "application/x-msdownload")))
        kept = Attachment.objects.get(name=key)
        assert (kept.kind, kept.filename, kept.size) == (kind, name, len(data))
        answer = page_as(ana).get(f"{FILES}{key}/")
        assert answer.content == data
        assert answer["Content-Type"].split(";")[0] == kind

    def test_a_kind_nobody_keeps_is_sent_as_mere_bytes(self, page_as: PageAs, ana: User) -> None:
        """A row written past the rules is nothing that a browser would open."""
        name, data = GOOD["text/plain"]
        (key,) = names_in(send(page_as(ana), sent(name, data, "text/plain")))
        Attachment.objects.filter(name=key).update(kind="text/html")
        answer = page_as(ana).get(f"{FILES}{key}/")
        assert (answer["Content-Type"], answer.content) == ("application/octet-stream", data)

    @pytest.mark.parametrize("what", REFUSED)
    def test_what_is_not_what_it_says_is_refused_with_a_sentence(
        self, what: str, page_as: PageAs, ana: User
    ) -> None:
        name, data, words = REFUSED[what]
        answer = send(page_as(ana), sent(name, data, "image/png"))
        assert answer.status_code == 400
        assert words in text_of(answer) and " send " in text_of(answer).lower().replace("<", " ")
        assert not Attachment.objects.exists() and not AttachmentContent.objects.exists()

    def test_a_picture_with_a_web_page_behind_it_is_only_ever_saved(self, page_as: PageAs, ana: User) -> None:
        polyglot = picture("GIF") + b"<html>" + SCRIPT
        (key,) = names_in(send(page_as(ana), sent("page.html", polyglot, "text/html")))
        answer = page_as(ana).get(f"{FILES}{key}/")
        assert answer["Content-Type"] == "image/gif"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith('attachment; filename="page.html.gif"')
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["Cache-Control"] == "private, no-store"

    def test_a_small_picture_stands_upright_and_forgets_what_the_camera_knew(
        self, page_as: PageAs, ana: User
    ) -> None:
        (key,) = names_in(send(page_as(ana), sent("proof.jpg", turned())))
        answer = page_as(ana).get(f"{FILES}{key}/thumbnail/")
        assert (answer["Content-Type"], answer["Content-Disposition"]) == ("image/webp", "inline")
        assert answer["X-Content-Type-Options"] == "nosniff"
        small = Image.open(BytesIO(answer.content))
        assert (small.format, small.size) == ("WEBP", (20, 40)), "40 by 20, turned a quarter"
        assert not small.getexif() and b"Nowak" not in answer.content
        top = small.convert("RGB").getpixel((10, 5))
        assert top[0] > 150 > top[2], "what was left is on top"
        assert b"Nowak" in page_as(ana).get(f"{FILES}{key}/").content, "proof is kept as it came"

    def test_a_large_picture_is_shown_within_256_pixels(self) -> None:
        small = files_pictures.look_at(picture("PNG", (2_000, 500)), "image/png")
        assert Image.open(BytesIO(small or b"")).size == (256, 64)

    def test_what_is_no_picture_has_none(self, page_as: PageAs, ana: User) -> None:
        (key,) = names_in(send(page_as(ana), sent(*GOOD["application/pdf"])))
        assert page_as(ana).get(f"{FILES}{key}/thumbnail/").status_code == 404

    def test_several_are_taken_one_by_one(self, page_as: PageAs, ana: User) -> None:
        answer = send(page_as(ana), sent(*GOOD["image/png"]), sent("x.png", b"MZ"), sent("y", b""))
        assert answer.status_code == 400
        assert len(names_in(answer)) == Attachment.objects.count() == 1
        assert "2 of 3 files not attached." in text_of(answer)


class TestHowMuch:
    def test_the_limits_are_said_in_the_same_words_everywhere(self) -> None:
        assert (megabytes(MOST_BYTES), megabytes(MOST_AT_ONCE)) == ("25 MB", "50 MB")
        assert MOST_OF_TICKET == MOST_FILES == 20
        assert [megabytes(size) for size in (1, 820, 64_400, 2_440_000)] == [
            "1 byte",
            "820 bytes",
            "64 KB",
            "2.4 MB",
        ]
        proxy = (settings.BASE_DIR / "deploy/nginx.conf").read_text()
        assert "client_max_body_size 53m;" in proxy, "50 MB of files and 2.5 MB of form"

    @pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
    def test_a_file_of_25_mb_is_taken_and_a_byte_more_is_not(
        self, page_as: PageAs, ana: User, more: int, status: int
    ) -> None:
        answer = send(page_as(ana), sent("long.txt", b"x" * (MOST_BYTES + more)))
        assert answer.status_code == status
        assert ("larger than 25 MB" in text_of(answer)) is bool(more)
        assert Attachment.objects.count() == 1 - more

    def test_what_is_too_large_is_never_read(self) -> None:
        class Huge:
            name, size = "huge.png", MOST_BYTES + 1

            def read(self, size: int = -1) -> bytes:
                raise AssertionError("read")

        with pytest.raises(Wrong, match="larger than 25 MB"):
            read_upload(Huge())

    @pytest.mark.parametrize("path", [FILES, "/escalations/E-1001/files/"])
    def test_a_request_of_more_is_refused_by_its_length_alone(
        self, page_as: PageAs, ana: User, ticket: Ticket, path: str
    ) -> None:
        answer = _claims_length(page_as(ana), path, MOST_AT_ONCE + 2_500_001)
        assert answer.status_code == 413 and "larger than 52.5 MB" in text_of(answer)

    @pytest.mark.parametrize("path", ["/patients/new/", f"{FILES}nothing/remove/"])
    def test_a_page_that_takes_no_files_takes_no_large_ones(
        self, page_as: PageAs, ana: User, path: str
    ) -> None:
        answer = _claims_length(page_as(ana), path, 2_500_001)
        assert answer.status_code == 413 and "larger than 2.5 MB" in text_of(answer)

    def test_nobody_sends_files_without_signing_in(self) -> None:
        assert _claims_length(Client(), FILES, 2_500_001).status_code == 413
        assert not Attachment.objects.exists()

    def test_the_21st_file_of_a_form_is_refused_and_the_20_stay(self, page_as: PageAs, ana: User) -> None:
        names = [loose(ana, draft="form-key", number=number).name for number in range(MOST_FILES)]
        answer = send(
            page_as(ana), sent("one.png", picture("PNG", (90, 9))), answer_proof=names, key="form-key"
        )
        assert answer.status_code == 400 and "At most 20 files" in text_of(answer)
        assert names_in(answer) == names
        lying = send(page_as(ana), sent("one.png", picture("PNG", (90, 9))), key="form-key")
        assert lying.status_code == 400 and Attachment.objects.count() == MOST_FILES

    def test_the_21st_file_of_a_ticket_is_refused(self, page_as: PageAs, ana: User, ticket: Ticket) -> None:
        actions.attach_to(ticket, [png()] * 19, by=ana, at=now())
        two = {"file": [sent(*GOOD["image/png"]), sent(*GOOD["image/gif"])]}
        answer = page_as(ana).post(f"/escalations/{ticket.number}/files/", two)
        assert answer.status_code == 400 and "Send at most 1 more." in text_of(answer)
        assert ticket.attachments.count() == 19, "all or none"
        one = {"file": sent(*GOOD["image/png"])}
        assert page_as(ana).post(f"/escalations/{ticket.number}/files/", one).status_code == 302
        full = page_as(ana).post(f"/escalations/{ticket.number}/files/", one)
        assert full.status_code == 400 and ticket.attachments.count() == 20

    def test_a_person_cannot_fill_the_database_with_forms_never_filed(
        self, ana: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("escalations.actions.attachments.MOST_WITHOUT_TICKET", 2)
        loose(ana, draft="a"), loose(ana, draft="b")
        with pytest.raises(Wrong, match="not filed"):
            loose(ana, draft="c")

    def test_the_same_file_twice_in_one_form_is_one_file(self, ana: User) -> None:
        first, again = loose(ana, draft="form"), loose(ana, draft="form")
        assert first == again and Attachment.objects.count() == 1
        assert loose(ana, draft="another form") != first


def _claims_length(client: Client, path: str, length: int) -> Any:
    """Ask with a body that says it is so long; nobody reads on to find out."""
    return client.generic(
        "POST", path, b"-", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(length)
    )


class TestNames:
    @pytest.mark.parametrize("what", NAMES)
    def test_a_name_is_cleaned(self, what: str) -> None:
        said, kept = NAMES[what]
        assert name_for(said, "image/png") == kept and len(kept) <= 120

    @pytest.mark.parametrize("what", [one for one in NAMES if one not in ("dots", "only a path", "nothing")])
    def test_no_name_breaks_out_of_its_header(self, what: str, page_as: PageAs, ana: User) -> None:
        said = NAMES[what][0].encode("utf-8", "replace").decode()
        (key,) = names_in(send(page_as(ana), sent(said, GOOD["image/png"][1])))
        answer = page_as(ana).get(f"{FILES}{key}/")
        header = answer["Content-Disposition"]
        assert re.fullmatch(
            r"attachment; filename=\"[A-Za-z0-9._ -]+\"; filename\*=UTF-8''[A-Za-z0-9._~%-]+", header
        )
        assert "Set-Cookie" not in answer.headers and "x" not in answer.cookies

    def test_a_name_in_other_letters_comes_back_whole(self) -> None:
        said = disposition("Überweisung 受領証.pdf")
        assert 'filename="Uberweisung .pdf"' in said
        assert "filename*=UTF-8''%C3%9Cberweisung%20%E5%8F%97%E9%A0%98%E8%A8%BC.pdf" in said


class TestWhoGetsAtIt:
    def test_a_file_without_a_ticket_is_its_uploaders_alone(
        self, page_as: PageAs, ana: User, sue: User, otto: User
    ) -> None:
        path = f"{FILES}{loose(ana).name}/"
        assert page_as(ana).get(path).status_code == 200
        for stranger in (sue, otto):
            for end in ("", "thumbnail/"):
                assert page_as(stranger).get(path + end).status_code == 404
            assert page_as(stranger).post(f"{path}remove/").status_code == 404
        assert Attachment.objects.count() == 1

    def test_a_tickets_file_is_for_whoever_may_see_the_ticket(
        self, page_as: PageAs, cast: dict[str, User], ticket: Ticket
    ) -> None:
        (file,) = actions.attach_to(ticket, [png()], by=cast["ana"], at=now())
        asked = {name: page_as(cast[name]).get(f"{FILES}{file.name}/").status_code for name in cast}
        assert {name for name, status in asked.items() if status == 200} == {"ana", "ben", "sue"}
        assert asked["adam"] == 403 and asked["otto"] == asked["bo"] == 404

    def test_that_the_patient_was_read_is_kept(
        self, page_as: PageAs, ana: User, sue: User, ticket: Ticket
    ) -> None:
        (file,) = actions.attach_to(ticket, [png()], by=ana, at=now())
        page_as(sue).get(f"{FILES}{file.name}/")
        read = PatientReading.objects.get(user=sue)
        assert (read.patient_id, read.door) == (ticket.patient_id, Door.TICKET)

    @pytest.mark.parametrize(
        "name", ["x", "nothing-of-this-name-here", "%00", "..%2f..%2fetc", "'", "x" * 300]
    )
    def test_a_name_that_is_no_files_is_nothing(self, page_as: PageAs, ana: User, name: str) -> None:
        for end in ("", "thumbnail/"):
            assert page_as(ana).get(f"{FILES}{name}/{end}").status_code == 404
        assert page_as(ana).post(f"{FILES}{name}/remove/").status_code == 404

    def test_another_companys_ticket_takes_nothing(
        self, page_as: PageAs, otto: User, ben: User, ticket: Ticket
    ) -> None:
        body = {"file": sent(*GOOD["image/png"])}
        assert page_as(otto).post(f"/escalations/{ticket.number}/files/", body).status_code == 404
        body = {"file": sent(*GOOD["image/png"])}
        assert page_as(ben).post(f"/escalations/{ticket.number}/files/", body).status_code == 403
        assert not Attachment.objects.exists()

    def test_names_are_not_to_be_guessed(self, ana: User) -> None:
        names = {loose(ana, number=number).name for number in range(5)}
        assert len(names) == 5 and all(re.fullmatch(r"[A-Za-z0-9_-]{22}", name) for name in names)


class TestOnATicket:
    def test_a_file_is_added_with_its_line_on_the_timeline(
        self, page_as: PageAs, sue: User, ticket: Ticket
    ) -> None:
        answer = page_as(sue).post(
            f"/escalations/{ticket.number}/files/", {"file": sent(*GOOD["application/pdf"])}
        )
        assert (answer.status_code, answer["Location"]) == (302, f"/escalations/{ticket.number}/#files")
        event = TicketEvent.objects.filter(ticket=ticket).latest("id")
        assert (event.act, event.title, event.by) == ("attach", "proof.pdf attached", sue)
        version = ticket.version
        ticket.refresh_from_db()
        assert ticket.version == version, "nobody who acts on the ticket meanwhile is too late"

    def test_the_audit_names_who_attached_it(self, sue: User, ticket: Ticket) -> None:
        (file,) = actions.attach_to(ticket, [png()], by=sue, at=now())
        kept = Attachment.pgh_event_models  # type: ignore[attr-defined]
        (history,) = set(kept.values())
        context = history.objects.get(pgh_obj_id=file.pk).pgh_context.metadata
        assert (context["who"], context["act"]) == ("sue", "attach")

    def test_what_is_wrong_is_told_and_the_rest_is_added(
        self, page_as: PageAs, ana: User, ticket: Ticket
    ) -> None:
        both = {"file": [sent(*GOOD["image/png"]), sent("x.png", b"MZ")]}
        answer = page_as(ana).post(f"/escalations/{ticket.number}/files/", both)
        page = text_of(answer)
        assert answer.status_code == 400
        assert "1 of 2 files not attached. This file is a program." in page
        assert f'href="/escalations/{ticket.number}/"' in page
        assert ticket.attachments.count() == 1

    def test_no_file_at_all_is_told(self, page_as: PageAs, ana: User, ticket: Ticket) -> None:
        for path in (FILES, f"/escalations/{ticket.number}/files/"):
            answer = page_as(ana).post(path, {})
            assert answer.status_code == 400 and "Choose a file first." in text_of(answer)

    def test_the_section_lists_them_oldest_first_and_says_what_they_answer(
        self, ana: User, ben: User, ticket: Ticket
    ) -> None:
        first, second = actions.attach_to(ticket, [png(1, "a.png"), png(2, "b.png")], by=ana, at=now())
        ticket.answers = {"proof": [second.name]}
        shown = TicketFiles(ticket, ana, calendar_of(ticket.calendar_version), ticket.created_at, [PROOF])
        assert [(row.filename, row.about) for row in shown.rows] == [
            ("a.png", ""),
            ("b.png", "Proof of payment"),
        ]
        assert shown.rows[0].who == str(ana) and shown.rows[0].thumbnail_url and shown.room == 18
        theirs = TicketFiles(ticket, ben, calendar_of(ticket.calendar_version), ticket.created_at)
        assert shown.may_add and not theirs.may_add
