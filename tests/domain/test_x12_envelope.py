"""The X12 envelope: delimiters from the ISA, counts, control numbers and cut files (D-X12-1)."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deductibles.x12.envelope import LARGEST, Delimiters, EnvelopeError, delimiters_of, parse

EXAMPLES = Path(__file__).parent.parent / "data" / "x271"
PLAIN = (EXAMPLES / "plain_ppo.edi").read_text()
TWO = (EXAMPLES / "two_transactions.edi").read_text()
ODD = (EXAMPLES / "odd_delimiters.edi").read_bytes().decode()


def test_a_whole_file_is_read_into_its_transactions():
    interchange = parse(TWO)
    assert [(t.kind, t.control, t.group, t.number) for t in interchange.transactions] == [
        ("271", "0001", "HB", 3),
        ("271", "0002", "HB", 20),
    ]
    assert interchange.transactions[0].version == "005010X279A1"
    assert (interchange.sender, interchange.receiver, interchange.control) == (
        "TESTPAYER",
        "TESTPROV",
        "000000019",
    )


def test_segments_know_their_elements_text_and_place_in_the_file():
    segment = parse(PLAIN).transactions[0].segments[1]
    assert (segment[0], segment[2], segment.get(4), segment.get(40)) == ("BHT", "11", "20260915", "")
    assert (segment.number, segment.raw) == (4, "BHT*0022*11*CLM-1001*20260915*0312")


def test_d_x12_1_delimiters_come_from_the_isa():
    assert delimiters_of(PLAIN) == Delimiters("*", "^", ":", "~")
    assert delimiters_of(ODD) == Delimiters("|", "!", ">", "\n")
    assert len(parse(ODD).transactions[0].raws) == 17


def test_a_file_without_repetition_separator_has_none_to_split_by():
    marks = delimiters_of(PLAIN.replace("*^*", "*U*"))
    assert marks.repetition == ""
    assert marks.repeated("30^59") == ["30^59"]


@pytest.mark.parametrize(
    "ends",
    [
        PLAIN.replace("\n", ""),
        PLAIN.replace("\n", "\r\n"),
        "\ufeff\r\n " + PLAIN,
        PLAIN.encode(),
        PLAIN + "\n\n",
        PLAIN.replace("~\n", "\r\n"),
        PLAIN.replace("~\n", "\r"),
        bytearray(PLAIN.encode()),
    ],
    ids=["one line", "crlf", "byte order mark", "bytes", "blank end", "crlf ends", "cr ends", "bytearray"],
)
def test_line_ends_and_encoding_do_not_change_what_is_read(ends):
    assert [t[0] for t in parse(ends).transactions[0].segments][:3] == ["ST", "BHT", "HL"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("SE*19*0001", "SE*18*0001", "SE01"),
        ("SE*19*0001", "SE*x*0001", "SE01"),
        ("SE*19*0001", "SE*" + "9" * 5000 + "*0001", "SE01"),
        ("SE*19*0001", "SE*²*0001", "SE01"),
        ("SE*19*0001", "SE*19*0002", "SE02"),
        ("GE*1*1~", "GE*2*1~", "GE01"),
        ("GE*1*1~", "GE*1*2~", "GE02"),
        ("IEA*1*", "IEA*2*", "IEA01"),
        ("IEA*1*000000001", "IEA*1*000000002", "IEA02"),
        ("EB*G*IND*30***29*4300*****Y~\n", "", "SE01"),
        ("SE*19*0001~\n", "", "no end"),
        ("GE*1*1~\n", "", "GE"),
        ("GS*HB", "XX*HB", "IEA"),
        ("ST*271*0001", "XT*271*0001", "GE"),
        ("SE*19*0001~", "SE*19~", "too few"),
        ("GE*1*1~", "GE*1*1~\nNTE*ADD*MORE~", "IEA"),
    ],
)
def test_d_x12_1_counts_and_control_numbers_that_disagree_are_refused(old, new, said):
    assert old in PLAIN
    with pytest.raises(EnvelopeError, match=said):
        parse(PLAIN.replace(old, new))


def test_d_x12_1_a_second_interchange_or_anything_after_the_end_is_refused():
    with pytest.raises(EnvelopeError, match="after the end"):
        parse(PLAIN + PLAIN)
    with pytest.raises(EnvelopeError, match="cut"):
        parse(PLAIN + "and more")


@pytest.mark.parametrize("text", [PLAIN, TWO, ODD], ids=["plain", "two", "odd"])
def test_d_x12_1_a_missing_last_terminator_is_a_cut_file(text):
    whole = text.rstrip("\n") if not text.startswith("ISA|") else text
    parse(whole)
    with pytest.raises(EnvelopeError, match="cut"):
        parse(whole[:-1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ISA",
        "hello",
        "ISA" + "*" * 103,
        "ISA" + "A" * 200,
        PLAIN[:105],
        PLAIN[:106],
        "{}",
        PLAIN.replace("*00501*", "*0050*"),
        PLAIN[:52] + "*" + PLAIN[53:],
        PLAIN.replace(":~", "*~", 1),
        PLAIN.replace(":~", "::", 1),
        PLAIN.replace("EXAMPLE", "EX\0MPLE"),
        PLAIN.encode("utf-16"),
        b"\xff\xfe\x00",
        "~" * 10_000,
        "\n" * 10_000,
        None,
        42,
    ],
    ids=lambda text: repr(text)[:20],
)
def test_what_is_no_interchange_is_refused_with_a_sentence(text):
    with pytest.raises(EnvelopeError) as refused:
        parse(text)
    assert str(refused.value).endswith(".")


def test_a_text_too_large_to_be_an_answer_is_refused_unread():
    with pytest.raises(EnvelopeError, match="too large"):
        parse("~" * (LARGEST + 1))


def test_what_a_database_or_a_page_cannot_hold_does_not_come_out():
    raw = parse(PLAIN.replace("EXAMPLE PPO", "EX\ud800MPLE PPO")).transactions[0].raws
    "".join(raw).encode("utf-8")


def test_an_interchange_with_only_an_acknowledgement_is_sound_and_empty():
    isa = PLAIN.split("~")[0]
    text = isa + "~TA1*000000001*260915*0312*A*000~IEA*0*000000001~"
    assert parse(text).transactions == ()


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_no_text_or_bytes_raise_anything_but_an_envelope_error(text):
    for candidate in (text, PLAIN + text if isinstance(text, str) else PLAIN.encode() + text):
        try:
            parse(candidate)
        except EnvelopeError as refused:
            assert str(refused)
