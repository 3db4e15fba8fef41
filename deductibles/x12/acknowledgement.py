"""What comes back about an 837P: TA1, 999 (005010X231A1) and 277CA (005010X214), as verdicts (D-SUB-3).

Pure: text in, verdicts out. A file whose envelope does not close is refused whole (`EnvelopeError`); a
segment inside that makes no sense is left out and counted, never guessed at. Nothing here knows our claims:
a verdict names the interchange, the group or the claim as it was sent, and the matching is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from deductibles.x12.acknowledgement_codes import (
    DUPLICATES,
    ENTITIES,
    INTERCHANGE_NOTES,
    REJECTING,
    SETTLING,
    STATUSES,
    SYNTAX,
    TAKING,
)
from deductibles.x12.claim_parts import split_control_number
from deductibles.x12.envelope import Interchange, Segment, Transaction, parse

ACCEPTED, REJECTED, NOTED = "accepted", "rejected", "noted"
"""``noted`` is a word on the way (received, forwarded), which settles nothing."""

CLAIMS = "HC"
"""AK101 of a group of 837s; what is said of others is not about ours."""
SENT_BEFORE, HAD_BEFORE = "025", "19"
"""TA105 and AK905 for a control number they have had: a second copy is no reason to reject the first."""
_HAD_BEFORE = "They have had this file before: the first copy counts, and this one was not read."
_MOST_WORDS = 300
_MOST_FAULTS = 5
_MOST_FILES = 1_000


@dataclass(frozen=True)
class FileVerdict:
    """What a TA1 or a 999 says of a whole file, or of one transaction in it.

    ``kind`` is TA1 or 999. ``control`` is the interchange's control number (TA1) or the group's (999), as
    sent; ``transaction`` the ST02 it is about, empty when it is about all; ``word`` one of the three above.
    """

    kind: str
    control: str
    transaction: str
    word: str
    code: str
    sentence: str


@dataclass(frozen=True)
class ClaimVerdict:
    """What a 277CA says of one claim: ``number`` and ``sequence`` as sent in CLM01.

    ``codes`` are category, status and entity as they came (``A7:562:85``); ``payer_reference`` is the number
    under which the receiver knows the claim, if it told one.
    """

    number: str
    sequence: int
    word: str
    codes: tuple[str, ...]
    sentence: str
    payer_reference: str = ""

    @property
    def duplicate(self) -> bool:
        """Whether they refuse it because they have it already."""
        return any(code.split(":")[0] in REJECTING and _word_of(code) == NOTED for code in self.codes)


@dataclass(frozen=True)
class Acknowledged:
    """All verdicts of one interchange, in its order; ``left_out`` counts what could not be understood.

    ``above`` are rejections of a 277CA that stand above the claims: of the provider, or of the whole.
    """

    control: str
    files: tuple[FileVerdict, ...] = ()
    claims: tuple[ClaimVerdict, ...] = ()
    kinds: tuple[str, ...] = ()
    left_out: int = 0
    above: tuple[str, ...] = ()


@dataclass
class _Found:
    files: list[FileVerdict] = field(default_factory=list)
    claims: list[ClaimVerdict] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    left_out: int = 0
    above: dict[str, None] = field(default_factory=dict)


def read(text: str | bytes) -> Acknowledged:
    """Read one interchange of acknowledgements; `EnvelopeError` when it is not one whole."""
    return of(parse(text))


def of(whole: Interchange) -> Acknowledged:
    """The acknowledgements of an interchange that was read already."""
    found = _Found()
    for verdict in _interchange_verdicts(whole):
        found.files.append(verdict)
        found.kinds.append("TA1")
    for transaction in whole.transactions:
        if transaction.kind == "999":
            _read_999(transaction, found)
        elif transaction.kind == "277" and "X214" in transaction.version:
            _read_277ca(transaction, found)
        elif transaction.kind == "835":
            continue  # a payment is no acknowledgement, and read elsewhere
        else:
            found.left_out += 1
            continue
        found.kinds.append("277CA" if transaction.kind == "277" else "999")
    return Acknowledged(
        whole.control,
        tuple(found.files),
        tuple(found.claims),
        tuple(dict.fromkeys(found.kinds)),
        found.left_out,
        tuple(found.above)[:_MOST_FAULTS],
    )


def _interchange_verdicts(whole: Interchange) -> Iterator[FileVerdict]:
    """The TA1 segments between ISA and the first group."""
    for raw in whole.notices:
        row = Segment(raw, 0, whole.delimiters.element)
        code, note = row.get(4), row.get(5)
        word = {"A": ACCEPTED, "E": NOTED, "R": REJECTED}.get(code, NOTED)
        if note == SENT_BEFORE:
            yield FileVerdict("TA1", row.get(1), "", NOTED, f"{code}:{note}", _HAD_BEFORE)
            continue
        said = INTERCHANGE_NOTES.get(note, "") if note not in ("", "000") else ""
        sentence = {
            ACCEPTED: "The interchange arrived and its envelope is in order.",
            NOTED: "The interchange arrived; its envelope has errors, which were overlooked.",
            REJECTED: "The whole interchange was rejected: nothing in it was read.",
        }[word]
        yield FileVerdict("TA1", row.get(1), "", word, f"{code}:{note}", f"{sentence} {said}".strip())


def _read_999(transaction: Transaction, found: _Found) -> None:
    """AK1 names our group; AK2 … IK5 each transaction; AK9 sums up. A group without AK2 is judged by AK9."""
    group, of = "", ""
    faults: list[str] = []
    about: list[FileVerdict] = []
    closing, again = "", False
    for row in transaction.segments:
        match row[0]:
            case "AK1":
                group = row.get(2) if row.get(1) == CLAIMS else ""
            case "AK2":
                of, faults = row.get(2), []
            case "IK3" if len(faults) < _MOST_FAULTS:
                faults.append(_place(row))
            case "IK4" if len(faults) < _MOST_FAULTS:
                faults.append(f"element {row.get(1).split(transaction.delimiters.component)[0]} is wrong")
            case "IK5" if row.get(1) in SYNTAX:
                about.append(_syntax(group, of, row.get(1), faults))
            case "AK9" if row.get(1) in SYNTAX:
                closing, again = row.get(1), again or HAD_BEFORE in row[5:10]
    if again:
        about = [FileVerdict("999", group, "", NOTED, f"{closing}:{HAD_BEFORE}", _HAD_BEFORE)]
    elif closing and (not about or closing not in ("A", "E", "P")):
        about = [_syntax(group, "", closing, []), *(one for one in about if one.word == REJECTED)]
    if not group or not about:
        found.left_out += 1
        return
    # Said twice is said once: each is looked up in the whole file it is about.
    found.files += list({(one.transaction, one.word): one for one in about}.values())[:_MOST_FILES]


def _place(row: Segment) -> str:
    where = f" of loop {row.get(3)}" if row.get(3) else ""
    return f"segment {row.get(1)}{where} (number {row.get(2)}) is wrong"


def _syntax(group: str, of: str, code: str, faults: list[str]) -> FileVerdict:
    word = SYNTAX[code]
    thing = f"Transaction {of}" if of else "The file"
    sentence = {
        ACCEPTED: f"{thing} was read without errors.",
        NOTED: f"{thing} was taken in part; each claim is told of separately.",
        REJECTED: f"{thing} was rejected and not read.",
    }[word]
    more = f" What was wrong: {'; '.join(faults)}." if faults else ""
    return FileVerdict("999", group, of, word, code, (sentence + more)[:_MOST_WORDS])


def _read_277ca(transaction: Transaction, found: _Found) -> None:
    """Patient levels only (HL03 PT): TRN02 is the claim as sent, STC what became of it."""
    level, number, payer_reference = "", "", ""
    statuses: list[Segment] = []

    def close() -> None:
        if level != "PT":
            return
        if not number or not statuses:
            found.left_out += 1
            return
        found.claims.append(_claim_verdict(transaction, number, statuses, payer_reference))

    for row in transaction.segments:
        if row[0] == "HL":
            close()
            level, number, payer_reference, statuses = row.get(3), "", "", []
        elif row[0] == "TRN" and level == "PT":
            if number:
                close()
                payer_reference, statuses = "", []
            number = row.get(2)
        elif row[0] == "STC" and level == "PT":
            statuses.append(row)
        elif row[0] == "STC":
            codes = _codes(transaction, row)
            found.above |= dict.fromkeys(_sentence(code) for code in codes if _word_of(code) == REJECTED)
        elif row[0] == "REF" and row.get(1) == "1K" and level == "PT":
            payer_reference = row.get(2)[:50]
    close()


def _claim_verdict(
    transaction: Transaction, sent: str, statuses: list[Segment], payer_reference: str
) -> ClaimVerdict:
    codes = [one for row in statuses for one in _codes(transaction, row)]
    words = {_word_of(code) for code in codes}
    word = REJECTED if REJECTED in words else ACCEPTED if ACCEPTED in words else NOTED
    # What settles the claim is said first; the words on the way add nothing beside it.
    told = [code for code in codes if _word_of(code) == word]
    free = next((row.get(12) for row in statuses if row.get(12)), "")
    sentence = " ".join(dict.fromkeys(_sentence(code) for code in told))
    if free:
        sentence = f"{sentence} They write: “{free.strip()}”."
    number, sequence = split_control_number(sent.strip())
    return ClaimVerdict(number, sequence, word, tuple(codes), sentence[:_MOST_WORDS], payer_reference)


def _codes(transaction: Transaction, row: Segment) -> Iterator[str]:
    """The composites of one STC, up to three, each as ``category:status:entity``."""
    for index in (1, 10, 11):
        parts = row.get(index).split(transaction.delimiters.component)
        if parts[0]:
            yield ":".join(part for part in parts[:3])


def _word_of(code: str) -> str:
    category, status, *_ = [*code.split(":"), ""]
    if category in REJECTING and status in DUPLICATES:
        return NOTED  # what they have already is there: the verdict on that counts, not this one
    if category in REJECTING:
        return REJECTED
    return ACCEPTED if category in SETTLING else NOTED


def _sentence(code: str) -> str:
    """One code in words: what happened, what about, and whose it is."""
    category, status, entity = (code.split(":") + ["", ""])[:3]
    happened = REJECTING.get(category) or SETTLING.get(category) or TAKING.get(category, "A word on the way.")
    what = STATUSES.get(status, f"status code {status}" if status else "")
    whose = ENTITIES.get(entity, "")
    about = f"{what} ({whose})" if what and whose else what
    return f"{happened} {about[:1].upper()}{about[1:]}." if about else happened
