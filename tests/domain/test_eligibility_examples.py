"""The example answers as expected, cut at every byte, mutated and hostile (D-X12-1 to D-X12-12)."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deductibles.x12.eligibility import Identity, Reading, read

EXAMPLES = Path(__file__).parent.parent / "data" / "x271"
EXPECTED = json.loads((EXAMPLES / "expected.json").read_text())
AS_OF = date(2026, 9, 15)
FIELDS = [
    *("usable", "envelope_valid", "active", "individual", "family", "out_of_network"),
    *("effective_remaining", "flags", "remaining_basis"),
]
TEXTS = {name: (EXAMPLES / name).read_bytes().decode() for name in EXPECTED}
WHOLE = sorted(set(TEXTS) - {"truncated.edi"})


def test_every_example_file_has_an_expected_reading():
    assert {path.name for path in EXAMPLES.glob("*.edi")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_example_reads_exactly_as_expected(name):
    found = read(TEXTS[name], as_of=AS_OF).as_json()
    assert {field: found[field] for field in FIELDS} == {field: EXPECTED[name][field] for field in FIELDS}
    rejects = [{key: reject[key] for key in ("loop", "code", "follow_up")} for reject in found["rejects"]]
    assert rejects == EXPECTED[name]["rejects"]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_example_reads_the_same_from_bytes(name):
    assert read(TEXTS[name].encode(), as_of=AS_OF) == read(TEXTS[name], as_of=AS_OF)


@pytest.mark.parametrize(
    ("name", "trace", "wanted"),
    [
        (name, trace, wanted)
        for name, reading in EXPECTED.items()
        for trace, wanted in reading.get("per_transaction", {}).items()
    ],
)
def test_an_example_with_several_transactions_is_read_by_trace(name, trace, wanted):
    found = read(TEXTS[name], trace=trace, as_of=AS_OF).as_json()
    assert (found["usable"], found["flags"], found["trace"]) == (True, [], trace)
    assert found["individual"] == {"annual": wanted["deductible"], "remaining": wanted["remaining"]}


def test_reading_the_same_text_twice_says_the_same():
    for text in TEXTS.values():
        first, second = read(text, as_of=AS_OF), read(text, as_of=AS_OF)
        assert (first, first.trail) == (second, second.trail)


@pytest.mark.parametrize(
    "name", ["embedded_family_met.edi", "odd_delimiters.edi", "two_transactions.edi", "aaa72.edi"]
)
@pytest.mark.parametrize("trace", [None, "CLM-1019B"])
def test_d_x12_1_an_answer_cut_at_any_byte_gives_no_amount(name, trace):
    whole = TEXTS[name].encode()
    last = whole.rindex(b"\n" if name.startswith("odd") else b"~")
    for end in range(last):
        found = read(whole[:end], trace=trace, as_of=AS_OF)
        assert (found.usable, found.effective_remaining, found.envelope_valid) == (False, None, False), end
        assert not found.may_release and found.problem


def assert_sound(found):
    """What holds of any reading whatever was read, and that it can be sent and explained."""
    assert isinstance(found, Reading)
    assert found.usable == (found.effective_remaining is not None)
    assert not found.usable or (found.active is True and found.envelope_valid)
    assert found.usable or found.problem
    assert not (found.may_release or found.may_hold) or found.usable
    json.dumps(found.as_json(), ensure_ascii=False).encode("utf-8")
    assert all(line.why.endswith(".") for line in found.trail)


def read_every_way(text):
    """The readings of a text under each combination of what a caller may ask."""
    person = Identity("TST000111", date(1980, 1, 1), "Pat", "Sample")
    for asked in (
        {},
        {"trace": "CLM-1001"},
        {"identity": person},
        {"out_of_network": True, "ambulance": False},
    ):
        yield read(text, as_of=AS_OF, **asked)


PIECES = st.sampled_from(
    [
        *(
            "",
            "*",
            "30",
            "59",
            "30^59",
            "IND",
            "FAM",
            "23",
            "24",
            "29",
            "Y",
            "N",
            "W",
            "MB",
            "MA",
            "C",
            "R",
            "1",
            "6",
        ),
        *(
            "0",
            "99999.99",
            "-1",
            "1e9",
            "NaN",
            "٣",
            "9" * 30,
            "D8",
            "RD8",
            "20260101",
            "20269999",
            "20260101-20251231",
        ),
        *(
            "EB",
            "HL",
            "23",
            "22",
            "III",
            "AAA",
            "42",
            "72",
            "NM1",
            "PRP",
            "DTP",
            "346",
            "347",
            "TRN",
            "\ud800",
            "\0",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_mutation_of_an_example_raises_or_yields_an_unsound_reading(data):
    text = TEXTS[data.draw(st.sampled_from([name for name in WHOLE if not name.startswith("odd")]))]
    head, rest = text.split("SE*", 1) if text.count("SE*") == 1 else (text, "")
    segments = [segment.split("*") for segment in head.replace("\n", "").split("~")[:-1]]
    for _ in range(data.draw(st.integers(1, 6))):
        mutate(segments, data)
    body = "~".join("*".join(segment) for segment in segments) + "~"
    if rest:
        body += f"SE*{len(segments) - 1}*{rest.split('*', 1)[1]}"
    for found in read_every_way(body):
        assert_sound(found)


def mutate(segments, data):
    """Change an element, or drop, repeat, move or add a segment, leaving ISA, GS and ST in place."""
    at = data.draw(st.integers(3, len(segments) - 1))
    act = data.draw(st.sampled_from(["element", "element", "element", "drop", "repeat", "move", "add"]))
    if act == "element":
        element = data.draw(st.integers(0, len(segments[at]) - 1))
        segments[at] = [*segments[at][:element], data.draw(PIECES), *segments[at][element + 1 :]]
    elif act == "drop" and len(segments) > 4:
        del segments[at]
    elif act == "repeat":
        segments.insert(at, list(segments[data.draw(st.integers(3, len(segments) - 1))]))
    elif act == "move":
        segments.insert(data.draw(st.integers(3, len(segments) - 1)), segments.pop(at))
    else:
        segments.insert(at, data.draw(st.lists(PIECES, min_size=1, max_size=14)))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=400), st.binary(max_size=400)))
def test_no_text_or_bytes_raise(text):
    for found in read_every_way(text):
        assert_sound(found)


PLAIN = TEXTS["plain_ppo.edi"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "\0",
            "ISA",
            "~",
            "~" * 5000,
            "*" * 5000,
            "<xml/>",
            "{}",
            "\ud800",
            "\ufeff",
            "ISA*" * 500,
        ),
        PLAIN.replace("SAMPLE", "SAM\0PLE"),
        PLAIN.replace("SAMPLE", "SAM\udfffPLE"),
        PLAIN.encode("utf-16"),
        b"\x80\x81\xff" * 100,
        b"\xff" + PLAIN.encode(),
        PLAIN * 3,
        PLAIN.replace("*", "\n"),
        PLAIN.lower(),
        PLAIN[::-1],
    ],
    ids=lambda text: repr(text)[:24],
)
def test_a_hostile_file_is_answered_with_a_sentence_and_no_amount(text):
    for found in read_every_way(text):
        assert_sound(found)
        if "SAMPLE" not in str(text).upper() and "SAM" not in str(text).upper():
            assert (found.usable, found.envelope_valid) == (False, False)


def long_answer(segment, times):
    """The plain answer with one segment repeated before its end, counts right."""
    head, rest = PLAIN.split("SE*19*")
    return f"{head}{segment * times}SE*{19 + times * segment.count('~')}*{rest}"


@pytest.mark.parametrize(
    "segment",
    [
        "EB*C*IND*30***29*5*****Y~",
        "HL*9*2*22*1~",
        "HL*9*3*23*0~",
        "HL*9*9*99*0~",
        "AAA*N**72*C~",
        "TRN*2*X*9~",
        "DTP*291*D8*20260101~",
        "EB*R**30~",
        "MSG*" + "X" * 200 + "~",
    ],
)
def test_an_answer_of_megabytes_is_read_through(segment):
    text = long_answer(segment, 2_000_000 // len(segment))
    assert_sound(read(text, as_of=AS_OF, trace="CLM-1001"))


@pytest.mark.parametrize(
    "text", ["x" * 10_000_000, "~" * 10_000_000, PLAIN[:106] + "EB~" * 3_000_000], ids=["x", "~", "EB"]
)
def test_ten_megabytes_of_nothing_are_refused(text):
    assert read(text, as_of=AS_OF).envelope_valid is False
