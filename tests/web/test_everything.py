"""Settings, Take everything out: who asks, who fetches, who is told, and what two at once get."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core import mail
from django.core.cache import caches

from accounts.demo import PASSWORD
from accounts.models import User
from config.moving import actions, background
from config.watching.notices import notices_for
from tables.models import Export
from tests.web.test_emergency import signed_in, words
from work import outbox
from work.models import CompanyFile, CompanyFilePart

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]
PAGE, ASK = "/settings/everything/", "/settings/everything/ask/"
WHY = "The company moves to its own server"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def ready(adam: User) -> CompanyFile:
    """The world's file, which adam asked for; its bytes are invented."""
    return CompanyFile.objects.get(company=adam.company, state="ready")


def test_an_admin_asks_and_the_others_are_told(adam: User, cast: Any) -> None:
    User.objects.filter(username="sue").update(email="sue@acme.example")
    his = signed_in(adam)
    empty = his.post(ASK, {"reason": " "})
    assert empty.status_code == 400 and "Say why in a few words" in words(empty)
    answer = his.post(ASK, {"reason": WHY}, follow=True)
    assert "The file is being made" in words(answer) and "Stop it" in words(answer)
    outbox.deliver(at=now())
    (told,) = [one for one in mail.outbox if one.to == ["sue@acme.example"]]
    assert "Adam Example (adam) asked" in told.body and WHY not in told.body
    caches["local"].clear()
    (notice,) = [one for one in notices_for(cast["sue"]) if WHY in one.text]
    assert "Adam Example asked at" in notice.title
    assert not [one for one in [*notices_for(adam), *notices_for(cast["olga"])] if WHY in one.text]
    hers = signed_in(cast["sue"]).get(PAGE)
    assert "asked for by Adam Example" in words(hers) and "Stop it" not in words(hers)
    assert "Make the file" not in words(hers)


def test_it_asks_for_the_password_again(adam: User, page_as: Any, ready: CompanyFile) -> None:
    adam.set_password(PASSWORD)
    adam.save()
    his = page_as(adam)
    for path in (ASK, f"{PAGE}{ready.pk}/fetch/"):
        answer = his.post(path, {"reason": WHY})
        assert answer.status_code == 302 and "reauthenticate" in answer.url
    assert not CompanyFile.objects.filter(reason=WHY).exists()


def test_who_has_no_password_is_asked_again_by_the_provider(
    adam: User, page_as: Any, ready: CompanyFile
) -> None:
    adam.set_unusable_password()
    adam.save()
    his = page_as(adam)
    session = his.session
    session["_by_provider"] = {"person": adam.pk, "vouched": True, "at": 0}
    session.save()
    from_here = {"Origin": "http://testserver", "Referer": f"http://testserver{PAGE}"}
    for path in (ASK, f"{PAGE}{ready.pk}/fetch/"):
        answer = his.post(path, {"reason": WHY} if path == ASK else {}, headers=from_here)
        assert answer.status_code == 302 and answer.url.startswith("/accounts/provider/again/"), path
    assert answer.url.endswith(f"next={quote(PAGE, safe='')}"), "back to the page on which the file is"
    assert not CompanyFile.objects.filter(reason=WHY).exists()
    assert not Export.objects.filter(table="everything").exists()
    session["_by_provider"] = {**session["_by_provider"], "at": int(now().timestamp())}
    session.save()
    assert his.post(f"{PAGE}{ready.pk}/fetch/").status_code == 200


def test_of_two_who_ask_one_waits(adam: User) -> None:
    his = signed_in(adam)
    his.post(ASK, {"reason": WHY})
    again = his.post(ASK, {"reason": "Once more"})
    assert again.status_code == 409 and "You asked for a file that is not ready yet" in words(again)
    row = CompanyFile.objects.get(reason=WHY)
    his.post(f"{PAGE}{row.pk}/away/")
    assert his.post(ASK, {"reason": "Once more"}).status_code == 302


def test_who_asked_fetches_it_and_that_is_kept(adam: User, ready: CompanyFile) -> None:
    answer = signed_in(adam).post(f"{PAGE}{ready.pk}/fetch/")
    assert b"".join(answer.streaming_content) == b"PK.."
    assert answer["Content-Disposition"].startswith('attachment; filename="acme-20')
    assert answer["Content-Length"] == "4" and "no-store" in answer["Cache-Control"]
    taken = Export.objects.get(company=adam.company, table="everything")
    assert (taken.by, taken.rows) == (adam, ready.rows)
    audit = signed_in(adam).get("/settings/audit/?show=files")
    assert "Took everything as a file" in words(audit)


def test_the_file_is_called_by_the_companys_day(adam: User, ready: CompanyFile) -> None:
    CompanyFile.objects.filter(pk=ready.pk).update(asked_at=datetime(2026, 12, 1, 1, tzinfo=UTC))
    answer = signed_in(adam).post(f"{PAGE}{ready.pk}/fetch/")
    assert answer["Content-Disposition"] == 'attachment; filename="acme-2026-11-30.zip"'


def test_nobody_else_fetches_it(adam: User, ready: CompanyFile, cast: Any) -> None:
    eve = User.objects.create(username="eve", first_name="Eve", role="admin", company=adam.company)
    page = signed_in(eve).get(PAGE)
    assert "Fetch the file" not in words(page) and "Throw it away" in words(page)
    answer = signed_in(eve).post(f"{PAGE}{ready.pk}/fetch/")
    assert answer.status_code == 409 and "Only whoever asked" in words(answer)
    assert signed_in(cast["olga"]).post(f"{PAGE}{ready.pk}/fetch/").status_code == 404
    assert not Export.objects.filter(table="everything").exists()


def test_after_a_day_its_bytes_are_gone(adam: User, ready: CompanyFile) -> None:
    late = now() + timedelta(hours=25)
    assert actions.forget_old(at=late) == 1
    assert not CompanyFilePart.objects.filter(of=ready).exists()
    his = signed_in(adam)
    assert "not kept any more" in words(his.post(f"{PAGE}{ready.pk}/fetch/"))
    page = words(his.get(PAGE))
    assert "The yearly archive" in page and "not kept any more and never fetched" in page
    assert his.post(f"{PAGE}{ready.pk}/away/").status_code == 409


def test_whoever_was_disabled_meanwhile_gets_no_file(adam: User) -> None:
    row = actions.ask(adam, reason=WHY, at=now())
    User.objects.filter(pk=adam.pk).update(is_active=False)
    assert background.make(row.pk, at=now())
    row.refresh_from_db()
    assert (row.state, row.note) == ("failed", background.NO_MORE)
