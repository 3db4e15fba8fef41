"""Settings, Import, claims: a table or an 837P is looked at, mended and taken in as drafts; nothing twice."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from deductibles.actions.claims import void
from deductibles.models import Charge, Claim, ClaimReference, Coverage
from patients.imports import actions, running
from patients.models import Import, Patient, Payer
from tables import xlsx_file
from tables.models import Export
from tests.api.claim_bodies import NOW, claim_body, provide
from tests.claim_tables import DAY, ROBIN, lines_in, row, table
from tests.factories import PatientFactory, PayerFactory
from tests.imports import upload, workbook
from tests.x12_claims import HANKS_CLAIM, ROSAS_CLAIM, TOMS_CLAIM, file_of

pytestmark = pytest.mark.django_db
HERE = "/settings/import/claims/"


@pytest.fixture
def biller(page_as: Any, ben: User) -> Client:
    browser: Client = page_as(ben)
    return browser


@pytest.fixture
def robin(ben: User) -> Patient:
    PayerFactory(company=ben.company, name="Sample Health Plan", payer_id="SHP01")
    return PatientFactory(
        company=ben.company, last_name="Sample", first_name="Robin", date_of_birth="1971-03-14",
        account_number="A-1",
    )  # fmt: skip


def brought(browser: Client, data: bytes, *, name: str = "claims.csv", **ticked: Any) -> str:
    answer = browser.post(HERE, {**upload(data, name), **ticked})
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"])


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_the_lines_of_a_claim_become_one_draft_as_somebody_would_have_entered_it(
    biller: Client, robin: Patient
) -> None:
    data = table(
        row("4711", Modifiers="25 59"),
        {"Claim": "", "CPT": "93000", "Units": "2", "Amount": "$1,000.50", "Modifiers": ""},
        row("4712", CPT="99285"),
    )
    page = brought(biller, data)
    assert "2 claims looked at. Nothing is imported yet." in text_of(biller.get(page))
    assert not Claim.objects.exists()
    biller.post(page, {"do": "whole"})
    assert "2 claims added." in text_of(biller.get(page))
    first, second = Claim.objects.order_by("pk")
    assert (first.status, first.patient, str(first.date_of_service), first.place_of_service) == (
        "draft", robin, DAY, "11",
    )  # fmt: skip
    assert [(one.code, one.modifiers, str(one.amount)) for one in first.charges.all()] == [
        ("99284", ["25", "59"], "850.00"),
        ("93000", [], "1000.50"),
    ]
    assert str(first.total) == "1850.50" and first.payer == Payer.objects.get()
    assert first.coverages.get().member_id == "W123456789"
    assert (first.elsewhere.number, second.elsewhere.number) == ("4711", "4712")
    assert first.number.startswith("C-") and first.number != second.number
    shown = text_of(biller.get(f"/claims/{first.number}/"))
    assert "4711" in shown
    assert first.number in text_of(biller.get("/claims/", {"q": "4711"}))


def test_what_is_wrong_is_said_by_row_and_column_and_keeps_out_the_whole_claim(
    biller: Client, robin: Patient
) -> None:
    PatientFactory(company=robin.company, last_name="Twin", first_name="Ada", date_of_birth="1980-01-01")
    PatientFactory(company=robin.company, last_name="Twin", first_name="Ada", date_of_birth="1980-01-01")
    data = table(
        row("1", Amount="1e3"),
        row("1", CPT="93000"),
        row("2", DOS="44123", **{"Member id": "1.23E+08"}),
        row("3", **{"Last name": "Nobody"}),
        row("4", **{"Payer id": "NONE"}),
        row("5", **{"Last name": "Twin", "First name": "Ada", "DOB": "1980-01-01"}),
        row("6", **{"Last name": "Married", "Member id": "MEMBER-9"}),
        row("7", Account="A-1", DOB="1999-09-09"),
        row("8", CPT="=HYPERLINK(1)"),
        row("9"),
        row("9", DOS="2026-01-05", CPT="93000"),
        row("10"),
        row("4", CPT="93000"),
        row("11", **{"Total charge": "12.00"}),
        row("12", **{"Cannot be taken": "icd"}),
        row(""),
    )
    earlier = Claim.objects.create(
        company=robin.company,
        number="C-1",
        patient=robin,
        date_of_service=DAY,
        created_at=NOW,
        changed_at=NOW,
    )
    Coverage.objects.create(
        company=robin.company, claim=earlier, rank="primary", payer=Payer.objects.get(), member_id="MEMBER-9"
    )
    page = brought(biller, data)
    said = text_of(biller.get(page))
    for words in (
        "1 new to be added", "12 wrong", "Amount Amount: ", "row 2",
        "Date of service is a spreadsheet's number of a day", "Primary member id was rounded by a spreadsheet",
        "No patient here has this name", "No payer here has this payer id", "Several patients here",
        "are those of a patient with another name", "This account number is another patient's here",
        "Procedure code is a formula", "A claim has one date of service", "stands further up already",
        "do not add up", "not of ICD-10", "Another row of this claim is wrong",
    ):  # fmt: skip
        assert words in said, words
    wrong = lines_in(biller.post(f"{page}wrong/"))
    assert [one["Claim"] for one in wrong][:3] == ["1", "1", "2"] and len(wrong) == 15
    assert "Row 3: Another row" in wrong[1]["What is wrong"]
    biller.post(page, {"do": "good"})
    assert ClaimReference.objects.get().number == "10"
    for name in ("Nobody", "MEMBER-9", "Twin"):
        assert name not in str(Import.objects.get().found)


def test_patients_and_payers_are_added_only_when_that_was_ticked_and_each_once(
    biller: Client, ben: User
) -> None:
    new = [row(str(number), **{"Primary payer kind": "Medicare"}) for number in range(5)]
    page = brought(biller, table(*new))
    assert "5 wrong" in text_of(biller.get(page))
    assert biller.post(page, {"do": "whole"}).status_code == 409
    heads = {name: str(place) for name, place in Import.objects.get().columns.items()}
    ticked = {"do": "columns", "options": ["add_patients", "add_payers"], **heads}
    assert biller.post(page, ticked).status_code == 302
    assert not Patient.objects.exists() and not Payer.objects.exists(), "looking adds nobody"
    assert "5 new to be added" in text_of(biller.get(page))
    biller.post(page, {"do": "whole"})
    patient, payer = Patient.objects.get(), Payer.objects.get()
    assert (str(patient), patient.company, payer.kind) == ("Robin Sample", ben.company, "medicare")
    assert Claim.objects.filter(patient=patient, payer=payer).count() == 5


def test_a_payer_that_is_here_is_found_whatever_spaces_stand_in_the_file(
    biller: Client, robin: Patient, ben: User
) -> None:
    payer = PayerFactory(company=ben.company, payer_id="SHP 02", name="Other Health Plan")
    count = Payer.objects.count()
    spaced = row("1", **{"Payer id": "SHP  02", "Payer": "Other   Health Plan"})
    page = brought(biller, table(spaced), options=["add_payers"])
    biller.post(page, {"do": "good"})
    assert Claim.objects.get().payer == payer and Payer.objects.count() == count


def test_a_patient_is_made_once_for_claims_in_different_parts(
    biller: Client, robin: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PART", 1)
    new = [row(str(number), **{"Last name": "Newcomer"}) for number in range(4)]
    biller.post(brought(biller, table(*new), options=["add_patients"]), {"do": "good"})
    assert Claim.objects.filter(patient=Patient.objects.get(last_name="Newcomer")).count() == 4


def test_a_claim_that_is_here_is_not_taken_in_again_from_another_file(
    biller: Client, robin: Patient, ben: User
) -> None:
    biller.post(brought(biller, table(row("1"), row("2"))), {"do": "whole"})
    page = brought(biller, table(row("2", Amount="999.00"), row("1"), row("3")))
    said = text_of(biller.get(page))
    assert "1 new to be added" in said and "1 the same" in said and "Different: Procedure code" in said
    assert f"/claims/{Claim.objects.get(elsewhere__number='2').number}/" in biller.get(page).content.decode()
    biller.post(page, {"do": "whole"})
    assert Claim.objects.count() == 3
    assert str(Claim.objects.get(elsewhere__number="2").total) == "850.00"
    assert brought(biller, table(row("1"), row("2"))).endswith(f"/{Import.objects.earliest('pk').pk}/")
    void(Claim.objects.get(elsewhere__number="1"), by=ben, at=NOW)
    assert "1 the same" in text_of(biller.get(brought(biller, table(row("1")))))


def test_another_companys_claims_patients_and_payers_are_nobody_here(
    biller: Client, robin: Patient, page_as: Any, bo: User
) -> None:
    biller.post(brought(biller, table(row("1"))), {"do": "whole"})
    other = page_as(bo)
    assert "1 wrong" in text_of(other.get(brought(other, table(row("1")))))
    page = brought(other, table(row("1", Account="")), name="again.csv")
    heads = {name: str(place) for name, place in Import.objects.latest("pk").columns.items()}
    other.post(page, {"do": "columns", "options": ["add_patients", "add_payers"], **heads})
    other.post(page, {"do": "whole"})
    assert Claim.objects.get(company=bo.company).patient.company == bo.company


def test_an_837p_comes_in_like_a_table_and_its_segments_are_named(
    biller: Client, ben: User, adam: User
) -> None:
    text = file_of(ROSAS_CLAIM, TOMS_CLAIM, HANKS_CLAIM)
    page = brought(biller, text.encode(), name="claims.837", options=["add_patients", "add_payers"])
    said = text_of(biller.get(page))
    assert "3 new to be added" in said and "Not read" in said and "Change the columns" not in said
    biller.post(page, {"do": "whole"})
    rosa = Claim.objects.get(elsewhere__number="C-1001")
    assert (str(rosa.patient), rosa.place_of_service, rosa.diagnoses) == ("Rosa Fields", "41", ["R55", "I10"])
    assert rosa.ambulance["miles"] == "7.4" and rosa.ambulance["pickup"]["city"] == "Austin"
    assert Claim.objects.get(elsewhere__number="C-1003").coverages.count() == 2
    provide(adam)
    mine = file_of(ROSAS_CLAIM, interchange_control=43)
    again = text_of(biller.get(brought(biller, mine.encode(), name="2.837")))
    assert "1 the same" in again
    theirs = mine.replace("XX*1234567893", "XX*1987654321").replace("C-1001", "C-1007")
    page = brought(biller, theirs.encode(), name="3.837")
    assert "The billing provider is not yours" in text_of(biller.get(page))
    assert "segment" in text_of(biller.get(page))
    wrong = lines_in(biller.post(f"{page}wrong/"))
    assert wrong[0]["Claim number"] == "C-1007" and wrong[0]["What is wrong"].startswith("Segment ")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (file_of(ROSAS_CLAIM)[:900].encode(), "cut"),
        (file_of(ROSAS_CLAIM).encode("utf-16")[:900], "cut"),
        (file_of(ROSAS_CLAIM).replace("X222A1", "X223A2").encode(), "837I"),
        (b"ISA*00*", "does not begin with a whole ISA"),
        (b"ISA*00*" * 3_000_000, "20 MB"),
        (b"%PDF-1.7", "This is a PDF."),
        (b"Claim,Last name\r\n", "No column is named"),
        (table(heads=[*["Claim", "Last name", "First name", "DOB", "DOS", "CPT", "Amount"]]), "no rows"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why_and_no_claim_is_taken_in(
    biller: Client, data: bytes, said: str
) -> None:
    answer = biller.post(HERE, upload(data, "claims.837"), follow=True)
    assert answer.status_code in (200, 400)
    assert said in text_of(answer)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_names_with_accents_arrive_in_every_encoding(biller: Client, robin: Patient, encoding: str) -> None:
    zoe = PatientFactory(
        company=robin.company, last_name="Núñez", first_name="Zoë", date_of_birth="1980-01-01"
    )
    data = table(row("1", **{"Last name": "NUÑEZ", "First name": "Zoe", "DOB": "1/1/1980"}))
    biller.post(brought(biller, data.decode().encode(encoding)), {"do": "whole"})
    assert Claim.objects.get().patient == zoe


def test_a_workbook_that_damaged_its_cells_is_told_so(biller: Client, robin: Patient) -> None:
    heads = [
        "Claim",
        "Last name",
        "First name",
        "DOB",
        "DOS",
        "POS",
        "Payer id",
        "Member id",
        "CPT",
        "Amount",
    ]
    good = ["1", "Sample", "Robin", "1971-03-14", DAY, 1, "SHP01", "W1", 99284, 850.5]
    page = brought(
        biller, workbook(heads, good, ["2", *good[1:7], 123456789012345678, *good[8:]]), name="c.xlsx"
    )
    said = text_of(biller.get(page))
    assert "1 new to be added" in said and "Primary member id was rounded" in said
    biller.post(page, {"do": "good"})
    claim = Claim.objects.get()
    assert (claim.place_of_service, str(claim.total)) == ("01", "850.50")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_all_that_is_taken_out_comes_in_again_elsewhere_and_is_known_here(
    biller: Client, ben: User, bo: User, page_as: Any, api: Any, form: str
) -> None:
    elder = {"first_name": "Ann", "last_name": "Elder", "date_of_birth": "1960-02-03", "zip": "02134"}
    child = {"relationship": "child", "subscriber": elder}
    payer = PayerFactory(company=ben.company, name="@Odd Plan", payer_id="+1", kind="medicaid")
    body = claim_body(ben.company, payer=payer)
    body["coverages"][0] |= child
    for one in (body, claim_body(ben.company), {**claim_body(ben.company), "ambulance": None, "charges": []}):
        assert api(ben).post("/api/v1/claims/", one).status_code == 201
    files = {}
    for kind in ("patients", "payers", "claims"):
        answer = biller.post(f"/settings/import/{kind}/export/", {"format": form})
        files[kind] = b"".join(answer.streaming_content)
        assert Export.objects.latest("pk").table == f"{kind}-all"
    if form == "xlsx":
        cells = [
            cell for line in load_workbook(io.BytesIO(files["payers"])).active.iter_rows() for cell in line
        ]
        assert {cell.data_type for cell in cells if cell.value} == {"s"}
    else:
        assert b"'@Odd Plan" in files["payers"]
    other = page_as(bo)
    for kind, data in files.items():
        for browser, standing in ((biller, "the same"), (other, "new to be added")):
            answer = browser.post(f"/settings/import/{kind}/", upload(data, f"{kind}.{form}"))
            page = str(answer["Location"])
            said = text_of(browser.get(page))
            count = "2" if kind == "claims" else "3"  # a claim without a charge line is no row of the table
            assert f"{count} {standing}" in said, (kind, said[600:900])
            browser.post(page, {"do": "good"})
    for model in (Patient, Payer):
        assert (
            model.objects.filter(company=bo.company).count()
            == model.objects.filter(company=ben.company).count()
        )
    assert _told(bo) == _told(ben)


def _told(by: User) -> list[Any]:
    """What the claims of a company say, but for their numbers and keys."""
    found = []
    for claim in Claim.objects.filter(company=by.company).exclude(charges=None).order_by("pk"):
        covers = [
            (one.rank, one.payer.name, one.payer.kind, one.member_id, one.relationship, one.subscriber)
            for one in claim.coverages.all()
        ]
        charges = Charge.objects.filter(claim=claim).values_list("code", "modifiers", "units", "amount",
                                                                  "diagnosis_pointers")  # fmt: skip
        patient = {name: getattr(claim.patient, name) for name in ("first_name", "date_of_birth", "zip")}
        found.append(
            (claim.date_of_service, claim.diagnoses, claim.ambulance, patient, covers, list(charges))
        )
    return found


def test_an_export_needs_a_known_form_and_a_workbook_takes_no_more_than_it_can(
    biller: Client, robin: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert biller.post(f"{HERE}export/", {"format": "pdf"}).status_code == 302
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 0)
    refused = biller.post("/settings/import/patients/export/", {"format": "xlsx"}, follow=True)
    assert "Take them as CSV" in text_of(refused)
    assert not Export.objects.exists()


def test_a_digest_is_of_one_kind_so_that_a_file_brought_to_the_wrong_door_is_not_lost(
    biller: Client, robin: Patient, ben: User
) -> None:
    data = table(row("1"))
    one, _ = actions.bring("patients", data, "x.csv", by=ben, at=NOW)
    assert f"/{one.pk}/" not in brought(biller, data)
    assert str(robin) == f"{ROBIN['First name']} {ROBIN['Last name']}"
