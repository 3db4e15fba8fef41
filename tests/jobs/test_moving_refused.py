"""A company's file that somebody cut, altered or made up: refused in a sentence, and nothing is written."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Company, User
from escalations.models import Ticket
from patients.models import Patient
from tests import factories
from tests.moving import members, repacked
from tests.world_rows import attach_picture, file_ticket

pytestmark = pytest.mark.django_db
Said = dict[str, bytes]


@pytest.fixture(scope="module")
def file(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Path]:
    """A small company's file; the company stays for this module's tests."""
    path = tmp_path_factory.mktemp("moving") / "acme.zip"
    with django_db_blocker.unblock():
        try:
            cast, at = factories.make_cast(), timezone.now()
            patient = factories.PatientFactory(company=cast["ana"].company)
            ticket = file_ticket(cast["ana"], patient=patient.pk, at=at)
            attach_picture(ticket, cast["ana"], at=at)
            factories.PatientFactory(company=cast["otto"].company)
            call_command("export_company", "acme", to=path)
            yield path
        finally:
            call_command("flush", interactive=False, verbosity=0)


def refused(path: Path, **more: Any) -> str:
    """What the import says; nothing may have been written."""
    before = Company.objects.count(), User.objects.count(), Patient.objects.count(), Ticket.objects.count()
    with pytest.raises(CommandError) as why:
        call_command("import_company", path, into="acme-new", **more)
    assert before == (
        Company.objects.count(),
        User.objects.count(),
        Patient.objects.count(),
        Ticket.objects.count(),
    )
    return str(why.value)


def sealed(said: Said, name: str, rows: list[dict[str, Any]]) -> None:
    """Put rows into a table and mend every digest, as a forger would."""
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    said[name] = data
    manifest = json.loads(said["manifest.json"])
    for part in (*manifest["tables"], manifest["files"]):
        if part["file"] == name:
            part.update(rows=len(rows), bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    said["manifest.json"] = json.dumps(manifest).encode()


def table(name: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[Said], None]:
    """Change every row of a table."""

    def changed(said: Said) -> None:
        path = f"tables/{name}.jsonl"
        rows = [json.loads(line) for line in said[path].splitlines()]
        for row in rows:
            change(row)
        sealed(said, path, rows)

    return changed


def without(name: str, column: str) -> Callable[[Said], None]:
    """Leave a column out of a table, in the manifest too."""

    def changed(said: Said) -> None:
        table(name, lambda row: row.pop(column))(said)
        manifest = json.loads(said["manifest.json"])
        for part in manifest["tables"]:
            if part["table"] == name:
                part["columns"].remove(column)
        said["manifest.json"] = json.dumps(manifest).encode()

    return changed


def told(**more: Any) -> Callable[[Said], None]:
    def changed(said: Said) -> None:
        said["manifest.json"] = json.dumps({**json.loads(said["manifest.json"]), **more}).encode()

    return changed


def altered(said: Said) -> None:
    name = "tables/patients_patient.jsonl"
    said[name] = said[name].replace(b'"version":1', b'"version":2')


def picture_altered(said: Said) -> None:
    name = next(name for name in said if name.startswith("files/attachments/"))
    said[name] = said[name][:-1] + b"x"


def two_rows_of_one_number(said: Said) -> None:
    name = "tables/patients_patient.jsonl"
    (row,) = [json.loads(line) for line in said[name].splitlines()]
    sealed(said, name, [row, {**row, "account_number": "A-2"}])


def newer(said: Said) -> None:
    schema = [*json.loads(said["manifest.json"])["schema"], "patients 0999_of_next_year"]
    told(schema=schema)(said)


def stranger(said: Said) -> None:
    said["files/attachments/9.exe"] = b"MZ"


CASES: dict[str, tuple[Callable[[Said], None], str]] = {
    "an altered row": (altered, "its digest differs"),
    "an altered picture": (picture_altered, "its digest differs"),
    "a member more": (stranger, "which stands in no list of it"),
    "a way out of the folder": (lambda said: said.update({"../../etc/cron.d/x": b"x"}), "leads elsewhere"),
    "no manifest": (lambda said: said.pop("manifest.json") and None, "manifest.json is missing"),
    "another format": (told(format="something"), "no file of a company of Holdline"),
    "a format of later": (told(format_version=2), "format version 2"),
    "a manifest of nonsense": (told(tables=[{"table": 7}]), "does not say what it should"),
    "a manifest that is no JSON": (lambda said: said.update({"manifest.json": b"{" * 9_000}), "is no JSON"),
    "a newer schema": (newer, "newer Holdline"),
    "a table that is missing": (lambda said: said.pop("tables/patients_patient.jsonl") and None, "missing in it"),
    "another company's patient": (
        table("escalations_ticket", lambda row: row.update(patient_id=row["patient_id"] + 1)),
        "patient_id names a patient that is not in the file",
    ),
    "another company's person": (
        table("escalations_ticket", lambda row: row.update(filed_by_id=999_999)), "filed_by_id names a user",
    ),
    "one number twice": (two_rows_of_one_number, "moving_key_pkey refuses it"),
    "a number that is none": (table("patients_patient", lambda row: row.update(id=True)), "its number is none"),
    "a column more": (table("patients_patient", lambda row: row.update(company_id=1)), "its columns are not those"),
    "no numbers of rows": (without("patients_patient", "id"), "no column “id”"),
    "no usernames": (without("accounts_user", "username"), "no column “username”"),
    "no digests of rules": (without("escalations_policyversion", "digest"), "no column “digest”"),
    "no numbers of a history": (without("patients_patientevent", "pgh_id"), "no column “pgh_id”"),
    "no bytes of an attachment": (without("escalations_attachmentcontent", "data"), "no column “data”"),
    "a moment that never ends": (
        table("escalations_ticket", lambda row: row.update(due_at="infinity")), "due_at is nothing that Holdline writes",
    ),
    "a birth before Christ": (
        table("patients_patient", lambda row: row.update(date_of_birth="0044-03-15 BC")), "date_of_birth is nothing",
    ),
    "a number that is no number": (
        table("patients_patient", lambda row: row.update(version="NaN")), "version is nothing",
    ),
    "a history of all time": (
        table("patients_patientevent", lambda row: row.update(pgh_created_at="-infinity")), "pgh_created_at is nothing",
    ),
    "a status of no life cycle": (
        table("escalations_ticket", lambda row: row.update(status="eaten")), "status is nothing that Holdline writes",
    ),
    "a zone of nowhere": (
        table("accounts_company", lambda row: row.update(time_zone="../../etc/passwd")), "time_zone is nothing",
    ),
    "a name too long": (
        table("patients_patient", lambda row: row.update(first_name="x" * 61)), "a value is none that its column takes",
    ),
    "a byte that no text has": (
        table("patients_patient", lambda row: row.update(first_name="a\0b")), "a value is none that its column takes",
    ),
    "an admin's role made up": (table("accounts_user", lambda row: row.update(role="root")), "role is nothing"),
    "rules under another's digest": (
        table("escalations_policyversion", lambda row: row["data"].update(types=[])), "its digest is not that of its data",
    ),
    "an attachment of other bytes": (
        table("escalations_attachment", lambda row: row.update(sha256="0" * 64)), "not the file its row speaks of",
    ),
    "a file that is in no list": (
        table("escalations_attachmentcontent", lambda row: row.update(data="manifest.jso")), "is missing in it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_is_not_holdlines_is_refused(file: Path, tmp_path: Path, case: str) -> None:
    change, sentence = CASES[case]
    said = refused(repacked(file, tmp_path / "changed.zip", change))
    assert sentence in said and said.startswith("Nothing was written. ")
    assert "Example" not in said


def test_a_file_that_was_cut_or_is_none_is_refused(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    for share in (2, 3, 10):
        cut.write_bytes(file.read_bytes()[: -file.stat().st_size // share])
        assert "cut short" in refused(cut)
    cut.write_bytes(b"")
    assert "no zip file" in refused(cut)
    assert "is not there" in refused(tmp_path / "nowhere.zip")
    damaged = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as packed:
        start = packed.getinfo("tables/patients_patient.jsonl").header_offset
    damaged[start + 80] ^= 0xFF
    cut.write_bytes(damaged)
    assert "cut short or damaged" in refused(cut) or "digest differs" in refused(cut)


def test_a_bomb_a_lock_and_a_foreign_packing_are_refused(file: Path, tmp_path: Path) -> None:
    bomb = repacked(file, tmp_path / "bomb.zip", lambda said: said.update({"files/x": b"0" * 50_000_000}))
    assert bomb.stat().st_size < 5_000_000
    assert "unpacks to far more than it weighs" in refused(bomb)
    assert "packed in a way" in refused(
        repacked(file, tmp_path / "lzma.zip", lambda said: None, by=zipfile.ZIP_LZMA)
    )
    locked = bytearray(file.read_bytes())
    at = locked.index(b"PK\x01\x02")
    struct.pack_into("<H", locked, at + 8, 1)
    (tmp_path / "locked.zip").write_bytes(locked)
    assert "locked with a password" in refused(tmp_path / "locked.zip")
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(tmp_path / "twice.zip", "w") as twice,
    ):
        for name, data in [*members(file).items(), ("manifest.json", b"{}")]:
            twice.writestr(name, data)
    assert "the same name" in refused(tmp_path / "twice.zip")


def test_rights_that_a_file_claims_are_not_given(file: Path, tmp_path: Path) -> None:
    path = repacked(
        file,
        tmp_path / "root.zip",
        table("accounts_user", lambda row: row.update(is_superuser=True, is_staff=True)),
    )
    call_command("import_company", path, into="acme-new")
    assert not User.objects.filter(company__key="acme-new").filter(is_superuser=True).exists()
    assert not User.objects.filter(company__key="acme-new").filter(is_staff=True).exists()


def test_an_export_writes_over_nothing_and_knows_its_company(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing is written over"):
        call_command("export_company", "acme", to=file)
    with pytest.raises(CommandError, match="There is no company"):
        call_command("export_company", "nobody", to=tmp_path / "x.zip")
    with pytest.raises(CommandError, match="Give a folder that is there"):
        call_command("export_company", "acme", to=tmp_path / "nowhere" / "x.zip")
    assert file.stat().st_mode & 0o077 == 0
