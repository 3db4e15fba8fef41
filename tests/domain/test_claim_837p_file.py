"""The 837P file: accepted by a validator of others, and saying what the claim says (D-SUB-1)."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from deductibles.x12.claim import (
    Charge,
    Coverage,
    Person,
    Unwritable,
    parse_claim_numbers,
    split_control_number,
)
from tests.x12_claims import (
    ACME,
    HANK,
    HANKS_CLAIM,
    HOME,
    MEDICAID,
    NIGHT,
    RIDE,
    ROSA,
    ROSAS_CLAIM,
    TOMS_CLAIM,
    TRIP,
    file_of,
    named,
    segments_of,
)
from tests.x12_validation import pyx12_errors

OFFICE_VISIT = replace(
    ROSAS_CLAIM,
    place_of_service="11",
    ambulance=None,
    charges=(Charge("99213", (), Decimal(1), Decimal("95")),),
)
MANY_CHARGES = replace(ROSAS_CLAIM, charges=(RIDE,) * 50)
MANY_DIAGNOSES = replace(
    ROSAS_CLAIM,
    diagnoses=(
        "R55",
        "I10",
        "E11.9",
        "J44.1",
        "S72.001A",
        "Z99.2",
        "U07.1",
        "C7A.00",
        "M1A.0",
        "W19.XXXA",
        "R07.9",
        "r42",
    ),
    charges=(replace(RIDE, diagnosis_pointers=(12, 1, 5, 7)),),
)
THREE_PAYERS = replace(
    HANKS_CLAIM,
    coverages=(
        Coverage("tertiary", "Late Mutual", "LATE1", "CI", "L1", relationship="spouse", subscriber=ROSA),
        replace(MEDICAID, insurance_type="12"),
        ACME,
    ),
)
EMERGENCY = replace(
    ROSAS_CLAIM,
    ambulance=replace(
        TRIP,
        reason="Fainted at the bus stop",
        emergency=True,
        conditions=("06", "09"),
        patient_weight=Decimal("151.5"),
        dropoff_name="Round Rock General",
    ),
)
STRETCHER = replace(
    ROSAS_CLAIM,
    ambulance=replace(
        TRIP,
        reason="Transfer to a rehabilitation facility",
        stretcher_purpose="Hip fracture",
        miles=Decimal(0),
    ),
)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param([ROSAS_CLAIM], id="the patient is the subscriber"),
        pytest.param([TOMS_CLAIM], id="a child of the subscriber"),
        pytest.param([HANKS_CLAIM], id="a secondary payer"),
        pytest.param([THREE_PAYERS], id="three payers, one of them a spouse's"),
        pytest.param([EMERGENCY], id="an emergency by ambulance"),
        pytest.param([STRETCHER], id="a planned transfer on a stretcher"),
        pytest.param([OFFICE_VISIT], id="no ambulance at all"),
        pytest.param([MANY_CHARGES], id="fifty charges"),
        pytest.param([MANY_DIAGNOSES], id="twelve diagnoses"),
        pytest.param([ROSAS_CLAIM, TOMS_CLAIM, HANKS_CLAIM], id="several patients"),
        pytest.param(
            [replace(ROSAS_CLAIM, frequency="7", original_reference="P-55", sequence=2)], id="a replacement"
        ),
        pytest.param(
            [replace(ROSAS_CLAIM, frequency="8", original_reference="P-55", sequence=3)], id="a void"
        ),
        pytest.param(
            [replace(ROSAS_CLAIM, provider_signature=False, assignment="C", benefits_assigned="N")],
            id="nothing assigned",
        ),
    ],
)
def test_pyx12_accepts(claims):
    """D-SUB-1: what goes out is a valid 005010X222A1 file."""
    assert pyx12_errors(file_of(*claims)) == []


def test_pyx12_helper_names_the_segment_at_fault():
    broken = file_of(ROSAS_CLAIM).replace("*DH*", "*XX*").replace("SE*", "SE*9")
    found = pyx12_errors(broken)
    assert any(error.startswith("CR1") for error in found)
    assert any("SE count" in error for error in found)


def test_pyx12_helper_says_so_when_the_text_is_no_interchange():
    assert pyx12_errors("hello") == ["pyx12 refused the file without saying why."]


def test_the_same_input_gives_the_same_bytes():
    assert file_of(ROSAS_CLAIM, TOMS_CLAIM, HANKS_CLAIM) == file_of(ROSAS_CLAIM, TOMS_CLAIM, HANKS_CLAIM)


def test_the_envelope_carries_the_control_numbers_the_clock_and_the_usage():
    text = file_of(ROSAS_CLAIM, usage="P")
    assert text[:106] == (
        "ISA*00*          *00*          *ZZ*LONESTAR       *ZZ*CLEARHOUSE     "
        "*260309*0315*^*00501*000000042*0*P*:~"
    )
    assert named(text, "GS") == ["GS*HC*LONESTAR*CLEARHOUSE*20260309*0315*7*X*005010X222A1"]
    assert named(text, "BHT") == ["BHT*0019*00*000000042-C-1001*20260309*0315*CH"]
    assert text.endswith("GE*1*7~IEA*1*000000042~")


def test_the_clock_is_that_of_the_zone_handed_in():
    evening = NIGHT.astimezone(timezone(timedelta(hours=-5)))
    assert "*260308*2215*" in file_of(ROSAS_CLAIM, at=evening)


def test_se_counts_every_segment_from_st_to_se():
    text = file_of(ROSAS_CLAIM, TOMS_CLAIM)
    names = [elements[0] for elements in segments_of(text)]
    count = names.index("SE") - names.index("ST") + 1
    assert named(text, "SE") == [f"SE*{count}*0001"]


def test_a_subscribers_own_claim_stands_under_the_subscriber():
    text = file_of(ROSAS_CLAIM)
    assert named(text, "HL") == ["HL*1**20*1", "HL*2*1*22*0"]
    assert named(text, "SBR") == ["SBR*P*18*GRP-77******CI"]
    assert "NM1*IL*1*Fields*Rosa****MI*W123456789" in text
    assert named(text, "DMG") == ["DMG*D8*19610409*F"]


def test_a_childs_claim_stands_under_the_parent_and_carries_the_childs_birth_date():
    text = file_of(TOMS_CLAIM)
    assert named(text, "HL") == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0"]
    assert named(text, "SBR") == ["SBR*P**GRP-77******CI"]
    assert named(text, "PAT") == ["PAT*19"]
    assert "NM1*QC*1*Fields*Tom~" in text
    assert named(text, "DMG") == ["DMG*D8*20120830*M"]


def test_claims_of_one_patient_share_a_level():
    again = replace(ROSAS_CLAIM, number="C-1009", date_of_service=date(2026, 3, 3))
    text = file_of(ROSAS_CLAIM, HANKS_CLAIM, again)
    assert len(named(text, "HL")) == 3
    assert parse_claim_numbers(text) == ("C-1001", "C-1009", "C-1003")
    assert pyx12_errors(text) == []


def test_two_children_of_one_subscriber_share_the_subscriber():
    sister = Person("Una", "Fields", date(2014, 2, 2), "F", HOME)
    text = file_of(TOMS_CLAIM, replace(TOMS_CLAIM, number="C-1010", patient=sister))
    assert [row.split("*")[3] for row in named(text, "HL")] == ["20", "22", "23", "23"]
    assert pyx12_errors(text) == []


def test_a_subscriber_with_an_own_claim_and_a_childs_has_two_levels():
    text = file_of(ROSAS_CLAIM, TOMS_CLAIM)
    assert named(text, "HL") == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*1", "HL*4*3*23*0"]


@pytest.mark.parametrize("claim", [ROSAS_CLAIM, TOMS_CLAIM])
def test_more_than_a_hundred_claims_of_a_patient_begin_a_new_level(claim):
    many = [replace(claim, number=f"C-{number}") for number in range(120)]
    text = file_of(*many)
    levels = [row.split("*")[3] for row in named(text, "HL")]
    assert levels[-2:] == [levels[-1]] * 2
    assert len(parse_claim_numbers(text)) == 120
    assert pyx12_errors(text) == []


def test_more_than_five_thousand_claims_begin_a_new_transaction():
    visit = replace(OFFICE_VISIT, diagnoses=("R55",))
    text = file_of(*(replace(visit, number=f"C-{number}") for number in range(5001)))
    assert named(text, "ST") == ["ST*837*0001*005010X222A1", "ST*837*0002*005010X222A1"]
    assert named(text, "GE") == ["GE*2*7"]
    assert len(set(named(text, "BHT"))) == 2


def test_money_and_units_have_no_trailing_zeros():
    charges = (
        replace(RIDE, amount=Decimal("850.50")),
        replace(RIDE, units=Decimal("20.0"), amount=Decimal("0.00")),
    )
    text = file_of(replace(ROSAS_CLAIM, charges=charges))
    assert named(text, "CLM") == ["CLM*C-1001*850.5***41:B:1*Y*A*Y*Y"]
    assert named(text, "SV1") == ["SV1*HC:A0427:RH*850.5*UN*1***1", "SV1*HC:A0427:RH*0*UN*20***1"]


def test_the_total_is_the_sum_of_the_charges():
    assert "CLM*C-1001*983.2*" in file_of(ROSAS_CLAIM)


def test_a_charge_without_a_date_is_of_the_claims_date():
    text = file_of(replace(ROSAS_CLAIM, charges=(RIDE, replace(RIDE, date_of_service=date(2026, 3, 3)))))
    assert named(text, "DTP") == ["DTP*472*D8*20260302", "DTP*472*D8*20260303"]


def test_diagnoses_lose_their_point_and_the_first_is_the_principal():
    assert named(file_of(replace(ROSAS_CLAIM, diagnoses=("S72.001A", "r55"))), "HI") == [
        "HI*ABK:S72001A*ABF:R55"
    ]


def test_the_ambulance_trip_is_written_with_its_two_ends():
    text = file_of(EMERGENCY)
    assert named(text, "CR1") == ["CR1*LB*151.5**A*DH*7.4"]
    assert named(text, "CRC") == ["CRC*07*Y*06*09"]
    assert "NM1*PW*2~N3*12 Elm Street*Apt 4~N4*Austin*TX*78701~" in text
    assert "NM1*45*2*Round Rock General~N3*600 Clinic Road~N4*Round Rock*TX*786641200~" in text
    assert all(row.endswith("*1**Y") for row in named(text, "SV1"))


def test_a_reason_in_ones_own_words_travels_as_the_note():
    assert named(file_of(EMERGENCY), "NTE") == ["NTE*ADD*Fainted at the bus stop"]


@pytest.mark.parametrize(
    ("reason", "code"),
    [("b", "B"), ("Preferred physician", "B"), (" transfer to a rehabilitation facility ", "E")],
)
def test_a_reason_of_the_list_needs_no_note(reason, code):
    text = file_of(replace(ROSAS_CLAIM, ambulance=replace(TRIP, reason=reason)))
    assert named(text, "NTE") == []
    assert named(text, "CR1") == [f"CR1****{code}*DH*7.4"]


def test_other_payers_follow_in_their_order_whatever_order_they_were_entered_in():
    text = file_of(THREE_PAYERS)
    assert [row[:9] for row in named(text, "SBR")] == ["SBR*P*18*", "SBR*S*18*", "SBR*T*01*"]
    assert [row.split("*")[-1] for row in named(text, "NM1") if "*PR*" in row] == ["ACME1", "SKTX0", "LATE1"]
    assert named(text, "OI") == ["OI***Y***Y"] * 2
    assert "SBR*S*18***12****MC" in text


def test_a_member_id_of_the_person_stands_in_for_the_coverages():
    patient = replace(HANK, member_id="H 555 1", group_number="G1")
    text = file_of(
        replace(ROSAS_CLAIM, patient=patient, coverages=(replace(ACME, member_id="", group_number=""),))
    )
    assert "NM1*IL*1*Porter*Hank****MI*H5551" in text
    assert "SBR*P*18*G1*" in text


def test_a_replacement_names_the_payers_number_of_the_first():
    text = file_of(replace(ROSAS_CLAIM, frequency="7", original_reference="P 55", sequence=2))
    assert "41:B:7" in text
    assert named(text, "REF")[-1] == "REF*F8*P55"


def test_names_with_accents_are_written_in_plain_letters():
    zoe = Person("Zoë", "Núñez–Øster", date(1990, 1, 1), "F", replace(HOME, line1="Calle “Peñón”: 4*B"))
    text = file_of(replace(ROSAS_CLAIM, patient=zoe))
    assert "NM1*IL*1*Nunez-Oster*Zoe*" in text
    assert 'N3*Calle "Penon" 4 B*Apt 4' in text
    assert text.isascii()
    assert pyx12_errors(text) == []


def test_claim_numbers_are_read_back_in_order():
    resent = replace(HANKS_CLAIM, sequence=2)
    assert parse_claim_numbers(file_of(ROSAS_CLAIM, resent, TOMS_CLAIM)) == ("C-1001", "C-1003.2", "C-1002")


def test_claim_numbers_are_read_with_the_delimiters_of_the_file():
    other = file_of(ROSAS_CLAIM).replace("*", "|").replace("~", "\n")
    assert parse_claim_numbers(other) == ("C-1001",)
    assert parse_claim_numbers(file_of(ROSAS_CLAIM).replace("~", "~\r\n")) == ("C-1001",)


@pytest.mark.parametrize("text", ["", "hello", "ISA", "ISA*00*", "\x00" * 200])
def test_what_is_no_interchange_has_no_claim_numbers(text):
    assert parse_claim_numbers(text) == ()


def test_a_file_cut_anywhere_can_still_be_asked_for_its_numbers():
    text = file_of(ROSAS_CLAIM)
    beginnings = {"C-1001"[:length] for length in range(7)}
    assert all(set(parse_claim_numbers(text[:cut])) <= beginnings for cut in range(len(text)))


@pytest.mark.parametrize(
    ("text", "number"),
    [("C-1.2", ("C-1", 2)), ("C-1", ("C-1", 1)), ("C.x", ("C.x", 1)), ("", ("", 1)), ("A.²", ("A.²", 1))],
)
def test_a_control_number_splits_into_claim_and_sequence(text, number):
    assert split_control_number(text) == number


def test_a_claim_with_problems_is_not_written_and_is_named():
    bad = replace(TOMS_CLAIM, diagnoses=())
    with pytest.raises(Unwritable) as refusal:
        file_of(ROSAS_CLAIM, bad)
    assert set(refusal.value.by_claim) == {"C-1002"}
    assert refusal.value.problems[0].field == "diagnoses"
    assert "diagnosis" in str(refusal.value)


def test_a_claim_is_refused_twice_in_one_file():
    """D-SUB-1: a claim goes out once."""
    with pytest.raises(Unwritable) as refusal:
        file_of(ROSAS_CLAIM, ROSAS_CLAIM)
    assert [problem.code for problem in refusal.value.by_claim["C-1001"]] == ["duplicate"]


def test_a_void_and_its_successor_may_share_a_file():
    void = replace(ROSAS_CLAIM, frequency="8", original_reference="P1", sequence=2)
    assert pyx12_errors(file_of(void, replace(ROSAS_CLAIM, sequence=3))) == []


def test_no_provider_and_no_claim_are_both_said():
    """D-SUB-0: without the billing provider nothing is written, in plain words."""
    with pytest.raises(Unwritable) as refusal:
        file_of(provider=None)
    assert [problem.field for problem in refusal.value.by_claim[""]] == ["provider", "claims"]


@pytest.mark.parametrize(
    "changes",
    [
        {"interchange_control": 0},
        {"interchange_control": 10**9},
        {"group_control": -1},
        {"usage": "X"},
        {"at": datetime(2026, 3, 9, 3, 15)},
    ],
)
def test_an_envelope_that_cannot_be_is_refused(changes):
    with pytest.raises(ValueError, match=r"\.$"):
        file_of(ROSAS_CLAIM, **changes)


def test_a_subscriber_who_is_not_the_patient_is_named_without_an_address():
    text = file_of(TOMS_CLAIM)
    insured = text[text.index("NM1*IL*") : text.index("NM1*PR*")]
    assert insured == "NM1*IL*1*Fields*Rosa****MI*W123456789~"
