"""A whole company out and into an empty one: the same rows, the same dates, and nobody else's."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone

from accounts.models import ApiToken, Company, User
from config.audit.search import Sought, find
from config.moving import actions, background
from config.moving.bringing import bring_in, look
from config.moving.manifest import Unfit
from config.moving.tables import shapes
from deductibles.models import Claim, Hold, HoldAct, HoldTotal, Sending
from escalations.models import Attachment, PolicyMove, Ticket
from tables.models import Export
from tests.moving import content_of, manifest_of, members, rows_of, url_of
from tests.moving_world import SECRET, fill
from work import leases
from work.models import CompanyFile, CompanyFilePart, Connection, HookEndpoint

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Moved:
    """acme's file, the file of what it became here, and what it became in a database of its own."""

    file: Path
    again: Path
    elsewhere: Path


@pytest.fixture(scope="module")
def moved(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Moved]:
    """acme taken out, brought into this database and into an empty one, and taken out of both again."""
    folder = tmp_path_factory.mktemp("moved")
    with django_db_blocker.unblock():
        fresh = _empty_copy()
        try:
            file, again, elsewhere = folder / "acme.zip", folder / "again.zip", folder / "elsewhere.zip"
            fill()
            call_command("export_company", "acme", to=file)
            call_command("import_company", file, into="acme-two")
            call_command("export_company", "acme-two", to=again)
            _manage(fresh, "import_company", str(file), "--into", "acme")
            _manage(fresh, "export_company", "acme", "--to", str(elsewhere))
            yield Moved(file, again, elsewhere)
        finally:
            call_command("flush", interactive=False, verbosity=0)
            _drop(fresh)


def _empty_copy() -> str:
    """Another database with the schema of this one and no company."""
    name = str(connection.settings_dict["NAME"])
    connection.close()
    with _server() as cursor:
        # A template is copied only while nobody is in it, not even a session that a thread left behind.
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}_fresh" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}_fresh" TEMPLATE "{name}"')
    return f"{name}_fresh"


def _drop(name: str) -> None:
    with _server() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class _server:
    """A session with the server that is in none of our databases."""

    def __enter__(self) -> Any:
        self._raw = psycopg2.connect(url_of("postgres"))
        self._raw.autocommit = True
        return self._raw.cursor()

    def __exit__(self, *said: object) -> None:
        self._raw.close()


def _manage(database: str, *argv: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *argv], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "DATABASE_URL": url_of(database)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def two(moved: Moved) -> Company:
    return Company.objects.get(key="acme-two")


@pytest.fixture
def acme(moved: Moved) -> Company:
    return Company.objects.get(key="acme")


def test_what_comes_in_is_what_was_taken_out(moved: Moved) -> None:
    """Row by row, in this database and in another: only numbers differ, and what is meant to."""
    before = content_of(moved.file)
    assert before["accounts_companyevent"]
    assert sum(map(len, before.values())) > 300
    for path in (moved.again, moved.elsewhere):
        after = content_of(path)
        # The company's own row was written once more when it was made for the file.
        own = after.pop("accounts_companyevent")
        assert all(one in own for one in before["accounts_companyevent"])
        assert {table for table in after if before[table] != after[table]} == set()


def test_the_world_fills_the_tables_that_move(moved: Moved) -> None:
    """Else the comparison above says nothing about them."""
    empty = {one["table"] for one in manifest_of(moved.file)["tables"] if one["comes_in"] and not one["rows"]}
    assert {name for name in empty if not name.endswith(("event", "history"))} == set()


def test_due_dates_release_dates_and_sums_are_equal(acme: Company, two: Company) -> None:
    def told(company: Company) -> list[Any]:
        tickets = Ticket.objects.filter(company=company).order_by("number")
        holds = Hold.objects.filter(company=company).order_by("claim__number")
        totals = HoldTotal.objects.filter(company=company).values("part", "kind").order_by("part", "kind")
        return [
            list(tickets.values_list("number", "due_at", "expected_from", "due_order", "status")),
            list(holds.values_list("claim__number", "release_on", "anchor_on", "remaining", "active")),
            Claim.objects.filter(company=company).aggregate(models.Sum("total"), models.Count("id")),
            list(totals.annotate(n=models.Sum("lines"), sum=models.Sum("dollars")).exclude(n=0)),
        ]

    before, after = told(acme), told(two)
    assert all(before)
    assert before == after


def test_ids_that_stand_inside_other_columns_are_those_of_the_new_rows(acme: Company, two: Company) -> None:
    act = HoldAct.objects.get(company=two)
    holds = set(Hold.objects.filter(company=two).values_list("pk", flat=True))
    assert act.holds and {*act.holds, act.skipped[0]["id"]} <= holds
    move = PolicyMove.objects.get(company=two)
    mine = set(Ticket.objects.filter(company=two).values_list("pk", flat=True))
    assert set(move.tickets) <= mine and move.tickets
    names = {
        one: set(Attachment.objects.filter(company=one).values_list("name", flat=True)) for one in (acme, two)
    }
    assert names[acme] and names[two] and not names[acme] & names[two]
    merged = Ticket.objects.get(company=two, merged_into__isnull=False)
    assert merged.merged_into_id in mine and merged.answers["proof"][0] in names[two]
    ana = User.objects.get(company=two, username__startswith="ana")
    taken = Export.objects.get(company=two)
    assert taken.query == f"assignee={ana.pk}&q=x"
    told = ana.notifications.get(words="Late.")
    assert told.key == f"breach:{told.ticket_id}:1:x"


def test_tickets_are_found_by_their_words_and_the_audit_by_the_ticket(acme: Company, two: Company) -> None:
    number = Ticket.objects.filter(company=two, patient__isnull=False).exclude(status="draft").earliest("pk")
    admin = User.objects.get(company=two, role="admin")
    sought = Sought(
        since=timezone.now() - timezone.timedelta(days=2), until=timezone.now() + timezone.timedelta(days=1),
        by="all", about=("ticket", number.pk),
    )  # fmt: skip
    acts = find(admin, sought).acts
    assert {act.facts["user"] for act in acts} <= {*two.people.values_list("pk", flat=True), None}
    assert any(act.facts["act"] == "file" for act in acts)
    words = {
        one.number: one.written.words for one in Ticket.objects.select_related("written").filter(company=two)
    }
    before = {
        one.number: one.written.words for one in Ticket.objects.select_related("written").filter(company=acme)
    }
    assert words == before and any(words.values())


def test_the_audit_says_from_which_file_it_came(moved: Moved, two: Company) -> None:
    import_ = CompanyFile.objects.get(company=two, way="in")
    admin = User.objects.get(company=two, role="admin")
    sought = Sought(
        timezone.now() - timezone.timedelta(hours=1), timezone.now() + timezone.timedelta(hours=1), "holdline"
    )
    told = [act for act in find(admin, sought).acts if act.facts["act"] == "bring company in"]
    assert told and all(
        f"file {import_.digest[:16]}" in act.facts["reason"] for act in told if "reason" in act.facts
    )


def test_nobody_gets_in_and_nothing_leaves(moved: Moved, acme: Company, two: Company) -> None:
    people = User.objects.filter(company=two)
    assert people.count() == User.objects.filter(company=acme).count() > 4
    assert not any(one.has_usable_password() or one.is_superuser or one.is_staff for one in people)
    assert {one.username for one in people} >= {"ana-acme-two", "adam-acme-two"}
    assert not ApiToken.objects.filter(user__company=two).exists()
    assert not Sending.objects.get(company=two).armed
    way = Connection.objects.get(company=two, kind="arboost")
    assert (way.address, way.secret, way.from_environment) == ("", "", False)
    assert "https://arboost.example/v1" in way.notes
    assert not HookEndpoint.objects.filter(company=two).exclude(enabled=False, secret="").exists()


def test_no_secret_is_in_the_file(moved: Moved, acme: Company) -> None:
    whole = b"".join(members(moved.file).values())
    hidden = [
        *Connection.objects.exclude(secret="").values_list("secret", flat=True),
        *HookEndpoint.objects.exclude(secret="").values_list("secret", flat=True),
        *ApiToken.objects.values_list("digest", flat=True),
        SECRET,
    ]
    assert len(hidden) >= 4
    assert [one for one in hidden if one.encode() in whole] == []
    columns = {one["table"]: one["columns"] for one in manifest_of(moved.file)["tables"]}
    assert "password" not in columns["accounts_user"]


def test_no_other_company_is_in_the_file_or_touched(moved: Moved) -> None:
    other = Company.objects.get(key="other")
    whole = b"".join(members(moved.file).values())
    assert b"Other Ambulance" not in whole and b'"otto"' not in whole
    people = set(User.objects.filter(company=other).values_list("pk", flat=True))
    assert not {row["id"] for row in rows_of(moved.file, "accounts_user")} & people
    assert other.people.count() == 3


def test_a_second_import_finds_the_company_full(moved: Moved) -> None:
    with pytest.raises(CommandError, match=r"acme-two is not empty: it has \d+ "):
        call_command("import_company", moved.file, into="acme-two")
    with pytest.raises(CommandError, match="another digest|not the one you gave"):
        call_command("import_company", moved.file, into="acme-three", sha256="0" * 64)
    assert not Company.objects.filter(key="acme-three").exists()


def test_a_company_that_was_just_opened_takes_it_in(moved: Moved, capsys: Any) -> None:
    """What it was opened with makes room; its own admin stays."""
    call_command("create_company", "acme-four", "Acme", admin="anna", zone="America/Denver")
    call_command("import_company", moved.file, into="acme-four", dry_run=True)
    assert not Ticket.objects.filter(company__key="acme-four").exists()
    capsys.readouterr()
    call_command("import_company", moved.file, into="acme-four", admin="adam")
    assert "/accounts/password/reset/key/" in capsys.readouterr().out
    four = Company.objects.get(key="acme-four")
    assert four.time_zone == "America/Chicago"
    assert (
        four.people.filter(username="anna").exists()
        and four.people.count() == len(rows_of(moved.file, "accounts_user")) + 1
    )
    own = ("accounts.Company", "accounts.User", "accounts.AccountAct", "pghistory.Context")
    for shape in shapes():
        if shape.moves and not shape.history and shape.label not in own:
            count = shape.model._default_manager.filter(company=four).count()
            assert count == len(rows_of(moved.file, shape.name)), shape.name


def test_who_dies_halfway_leaves_nothing(moved: Moved) -> None:
    def die(table: str, rows: int) -> None:
        if table == "deductibles_hold":
            raise KeyboardInterrupt

    before = Ticket.objects.count(), User.objects.count()
    with pytest.raises(KeyboardInterrupt):
        bring_in(moved.file, "acme-five", at=timezone.now(), told=die)
    assert not Company.objects.filter(key="acme-five").exists()
    assert before == (Ticket.objects.count(), User.objects.count())


def test_of_two_at_once_one_wins(moved: Moved) -> None:
    refused: list[str] = []

    def other() -> None:
        try:
            bring_in(moved.file, "acme-six", at=timezone.now())
        except Unfit as unfit:
            refused.append(str(unfit))
        finally:
            connection.close()

    def meanwhile(table: str, rows: int) -> None:
        if table == "patients_patient":
            thread = Thread(target=other)
            thread.start()
            thread.join()

    bring_in(moved.file, "acme-six", at=timezone.now(), told=meanwhile)
    assert refused == ["Another file is just being brought into acme-six. Wait for it to end."]
    assert Company.objects.filter(key="acme-six").count() == 1


def asked(acme: Company) -> CompanyFile:
    return actions.ask(User.objects.get(username="adam"), reason="The yearly archive", at=timezone.now())


def test_a_worker_makes_what_an_admin_asked_for(acme: Company, tmp_path: Path) -> None:
    row = asked(acme)
    assert background.catch_up(at=timezone.now()) == 1
    row.refresh_from_db()
    assert (row.state, row.tables, row.rows > 300) == ("ready", row.of_tables, True)
    whole = b"".join(actions.fetch(row, by=row.by, at=timezone.now()))
    assert (len(whole), hashlib.sha256(whole).hexdigest()) == (row.bytes, row.digest)
    path = tmp_path / "fetched.zip"
    path.write_bytes(whole)
    assert look(path, "acme-seven").manifest.rows == row.rows
    assert background.catch_up(at=timezone.now()) == 0


def test_a_worker_that_died_is_followed_by_one_that_begins_anew(acme: Company) -> None:
    row = asked(acme)
    CompanyFile.objects.filter(pk=row.pk).update(state="making", attempts=1)
    CompanyFilePart.objects.create(company=acme, of=row, number=0, data=b"half a file")
    background.make(row.pk, at=timezone.now())
    row.refresh_from_db()
    assert row.state == "ready" and sum(len(one.data) for one in row.parts.all()) == row.bytes
    CompanyFile.objects.filter(pk=row.pk).update(state="making", attempts=background.MOST_ATTEMPTS)
    background.make(row.pk, at=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.note, row.parts.count()) == ("failed", background.GIVEN_UP, 0)


def test_who_slept_past_the_lease_writes_no_piece_into_the_file_of_whoever_began_anew(acme: Company) -> None:
    row, at = asked(acme), timezone.now()
    name = f"file of company {acme.pk}"
    first = leases.take(name, at=at, lifetime=timedelta(minutes=10))
    second = leases.take(name, at=at + timedelta(minutes=11), lifetime=timedelta(minutes=10))
    assert first is not None and second is not None
    asleep = background._Pieces(row, background._Held(name, first, at))
    with pytest.raises(leases.Lost):
        asleep.write(b"x" * background.PIECE)
    assert not row.parts.exists()
    awake = background._Pieces(row, background._Held(name, second, at))
    awake.write(b"y" * background.PIECE)
    assert row.parts.count() == 1


def test_what_is_thrown_away_while_it_is_made_leaves_nothing(acme: Company) -> None:
    row = asked(acme)
    CompanyFilePart.objects.create(company=acme, of=row, number=0, data=b"half a file")
    actions.throw_away(row, by=row.by)
    CompanyFilePart.objects.create(company=acme, of=row, number=1, data=b"written by a worker meanwhile")
    assert not background.make(row.pk, at=timezone.now())
    actions.forget_old(at=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.parts.count()) == ("over", 0)


def test_the_file_can_be_read_without_holdline(moved: Moved) -> None:
    said = manifest_of(moved.file)
    assert said["format_version"] == 1 and said["company"]["name"] == "Acme Ambulance"
    patients = rows_of(moved.file, "patients_patient")
    assert {"first_name", "date_of_birth", "account_number"} <= patients[0].keys()
    pictures = [name for name in members(moved.file) if name.startswith("files/attachments/")]
    assert pictures and {name.rpartition(".")[2] for name in pictures} == {"png"}
    assert {one["table"] for one in said["left_out"]} >= {"mfa.Authenticator", "sessions.Session"}
    assert json.loads(members(moved.file)["files.jsonl"].splitlines()[0]).keys() == {
        "name",
        "bytes",
        "sha256",
    }
