"""Claims of a file that are here already: by which number, in what they differ; and whose the others are."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from deductibles.actions import cob, importing
from deductibles.importing.matching import NOBODY, OTHER_NAME, SEVERAL_PAYERS
from deductibles.models import Claim, ClaimReference, Coverage, Snapshot
from patients.imports import actions, running
from patients.imports.kinds import handlers
from patients.imports.sealing import DIFFERENT, NEW, SAME, WRONG, Found, unseal_rows
from patients.models import Import, Patient, Payer
from tests.claim_line import Line
from tests.claim_tables import row, table
from tests.factories import PatientFactory, PayerFactory
from tests.jobs.test_claims_import import SERVED, imported, new
from tests.jobs.test_imports import AT

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
BORN = {"last_name": "Sample", "first_name": "Robin", "date_of_birth": "1971-03-14"}


@pytest.fixture
def robin(ben: User) -> Patient:
    PayerFactory(company=ben.company, name="Sample Health Plan", payer_id="SHP01")
    return PatientFactory(company=ben.company, **BORN)


def brought(by: User, *rows: dict[str, str], options: Any = ()) -> Import:
    """A file that was looked at; with other bytes than every one before."""
    data = table(*rows) + b"\r\n" * Import.objects.count()
    one, _ = actions.bring("claims", data, "c.csv", by=by, at=AT, options=options)
    running.work_on(one.pk, at=AT)
    one.refresh_from_db()
    return one


def looked(by: User, *rows: dict[str, str], options: Any = ()) -> list[Found]:
    """What each row of a file was found to be."""
    parts = brought(by, *rows, options=options).parts.order_by("number")
    return [one for part in parts for one in unseal_rows(part.sealed)]


def taken_in(by: User, *rows: dict[str, str]) -> None:
    one = brought(by, *rows)
    actions.start(one, whole=True, by=by, at=AT)
    running.work_on(one.pk, at=AT)


def visit(number: str, **changes: str) -> dict[str, str]:
    return row(number, **{**SERVED, **changes})


def make_claim(patient: Patient, number: str, member: str = "W123456789", day: str = "2026-05-15") -> Claim:
    """A claim that was entered here."""
    payer = Payer.objects.filter(company=patient.company).first() or PayerFactory(company=patient.company)
    claim = Claim.objects.create(
        company=patient.company, number=number, patient=patient, date_of_service=day, place_of_service="11",
        created_at=AT, changed_at=AT,
    )  # fmt: skip
    Coverage.objects.create(
        company=patient.company, claim=claim, rank="primary", payer=payer, member_id=member
    )
    return claim


class TestADifference:
    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({}, []),
            ({"Last name": "Twin"}, ["last_name"]),
            ({"DOS": "2026-05-14"}, ["date_of_service"]),
            ({"POS": "21"}, ["place_of_service"]),
            ({"POS": ""}, []),
            ({"Dx": "I10"}, ["diagnoses"]),
            ({"Dx": "r55"}, []),
            ({"Dx": ""}, []),
            ({"Payer id": "SHP02", "Payer": "Other Plan"}, ["primary_payer_id"]),
            ({"Member id": "ANOTHER1"}, ["primary_member_id"]),
            ({"CPT": "99285"}, ["code"]),
            ({"Units": "2"}, ["code"]),
            ({"Modifiers": "25"}, ["code"]),
            ({"Amount": "851.00"}, ["code"]),
            ({"Secondary payer id": "SHP02", "Secondary member id": "S1"}, ["secondary_payer_id"]),
        ],
    )
    def test_is_named_by_its_column_and_an_empty_cell_is_none(
        self, ben: User, robin: Patient, changes: dict[str, str], fields: list[str]
    ) -> None:
        PayerFactory(company=ben.company, name="Other Plan", payer_id="SHP02")
        PatientFactory(company=ben.company, **{**BORN, "last_name": "Twin"})
        taken_in(ben, visit("1"))
        (found,) = looked(ben, visit("1", **changes), options=["add_patients"])
        expected = DIFFERENT if fields else SAME
        assert (found.standing, found.fields, found.name) == (expected, fields, Claim.objects.get().number)

    def test_is_not_one_from_a_coverage_that_ended(self, ben: User, robin: Patient) -> None:
        second = {"Secondary payer id": "SHP02", "Secondary payer": "Other Plan", "Secondary member id": "S1"}
        PayerFactory(company=ben.company, name="Other Plan", payer_id="SHP02")
        taken_in(ben, visit("1", **second))
        cob.end_coverage(Claim.objects.get(), "secondary", by=ben, at=AT)
        (found,) = looked(ben, visit("1", **second))
        assert (found.standing, found.fields) == (DIFFERENT, ["secondary_payer_id"])
        handler = handlers()["claims"]
        kind = handler.kind_of(ben.company)
        (taken,) = handler.taken(ben, kind)
        assert dict(zip([one.name for one in kind.columns], taken, strict=True))["secondary_payer_id"] == ""


class TestANumberOfOurs:
    """Two systems number alike: ours counts for the same patient and day alone."""

    def test_is_the_claim_of_that_patient_and_day(self, ben: User, robin: Patient) -> None:
        claim = make_claim(robin, "C-9")
        (found,) = looked(ben, visit("C-9"))
        assert (found.key, found.standing) == (claim.pk, DIFFERENT), "it has no charges here"

    def test_is_another_claim_on_another_day(self, ben: User, robin: Patient) -> None:
        make_claim(robin, "C-9", day="2026-05-14")
        assert [one.standing for one in looked(ben, visit("C-9"))] == [NEW]

    def test_is_another_claim_of_another_patient(self, ben: User, robin: Patient) -> None:
        make_claim(PatientFactory(company=ben.company), "C-9")
        assert [one.standing for one in looked(ben, visit("C-9"))] == [NEW]


class TestWhoIsInsured:
    """A member id says whose a claim is only with the date of birth, and only among our own."""

    def test_here_under_another_name_is_named(self, ben: User, robin: Patient) -> None:
        make_claim(PatientFactory(company=ben.company, **{**BORN, "last_name": "Married"}), "C-9")
        robin.delete()
        (found,) = looked(ben, visit("1"))
        assert found.wrong["last_name"] == OTHER_NAME

    def test_and_born_on_another_day_is_somebody_else(self, ben: User, robin: Patient) -> None:
        child = {**BORN, "last_name": "Child", "date_of_birth": "2001-01-01"}
        make_claim(PatientFactory(company=ben.company, **child), "C-9")
        robin.delete()
        (found,) = looked(ben, visit("1"))
        assert found.wrong["last_name"] == NOBODY

    def test_at_another_company_is_nobody(self, ben: User, robin: Patient, bo: User) -> None:
        make_claim(PatientFactory(company=bo.company, **{**BORN, "last_name": "Married"}), "C-9")
        robin.delete()
        (found,) = looked(ben, visit("1"))
        assert found.wrong["last_name"] == NOBODY


def test_of_two_payers_with_one_payer_id_the_name_decides_and_else_nobody(ben: User, robin: Patient) -> None:
    meant = PayerFactory(company=ben.company, name="Sample Plan East", payer_id="SHP01")
    east, unsure = looked(ben, visit("1", Payer="sample plan EAST"), visit("2", Payer="Sample"))
    assert east.standing == NEW and unsure.wrong["primary_payer"] == SEVERAL_PAYERS
    PayerFactory(company=ben.company, name="Else", payer_id="SHP03")
    taken_in(ben, visit("1", Payer="sample plan EAST"))
    assert Claim.objects.get().payer == meant


def test_every_column_of_a_claim_must_be_the_same_in_all_its_rows(ben: User, robin: Patient) -> None:
    first, second = looked(ben, visit("1"), visit("1", **{"CPT": "93000", "Member id": "ANOTHER1"}))
    assert (first.standing, second.standing) == (WRONG, WRONG)
    assert "differs from the first row of this claim, row 2" in second.wrong["primary_member_id"]


def test_the_lines_of_a_claim_stay_in_one_part(
    ben: User, robin: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PART", 2)
    rows = [visit("1"), visit("1", CPT="93000"), {"Claim": "", "CPT": "93005", "Amount": "20.00"}, visit("2")]
    assert [one.standing for one in looked(ben, *rows)] == [NEW] * 4
    taken_in(ben, *rows)
    assert [claim.charges.count() for claim in Claim.objects.order_by("pk")] == [3, 1]


def test_what_is_here_is_the_same_also_where_it_could_not_be_completed(line: Line) -> None:
    """A claim lacks what it lacks; brought again to be completed, it is no wrong row."""
    by = line.biller
    one = brought(by, new(0, **{"Patient city": ""}), options=["add_patients", "add_payers"])
    actions.start(one, whole=True, by=by, at=AT)
    running.work_on(one.pk, at=AT)
    again = looked(by, new(0, **{"Patient city": ""}), options=["complete"])
    assert [found.standing for found in again] == [SAME]


def test_nothing_of_another_company_is_taken_out(ben: User, robin: Patient, bo: User) -> None:
    make_claim(PatientFactory(company=bo.company), "C-7")
    make_claim(robin, "C-8")
    handler = handlers()["claims"]
    kind = handler.kind_of(ben.company)
    numbers = [line[0] for line in handler.taken(ben, kind)]
    assert kind.columns[0].name == "claim_number" and numbers == ["C-8"]


class TestCompleting:
    def test_a_silence_that_ended_is_forgotten(self, line: Line) -> None:
        """Three in a row end the asking, and not three in all."""
        silent = {0, 1, 3, 4, 6}
        for number in range(8):
            if number in silent:
                line.vendor.script(f"SIL{number}", status=503)
        rows = [new(number, **{"Member id": f"SIL{number}"}) for number in range(8)]
        done = imported(line, *rows)
        assert (done.added, done.finished) == (8, 3)
        assert {one["why"] for one in done.found["left"]} == {importing.SILENT}
        assert Snapshot.objects.count() == 8

    def test_what_was_written_down_is_counted_once(self, line: Line) -> None:
        done = imported(line, new(0))
        importing._note(ClaimReference.objects.get(), "", at=AT)
        done.refresh_from_db()
        assert done.finished == 1
