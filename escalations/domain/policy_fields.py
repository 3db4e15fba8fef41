"""The fields of a type, a question and a rule as a form has them. Pure.

What is typed is compared with what was shown: a field nobody touched keeps its data to the letter, and what a
form has no field for is never looked at. So opening and saving changes nothing.
"""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from escalations.domain.answers import READERS
from escalations.domain.policy import EFFECTS, PREFILLS, STRENGTHS
from patients.domain.intake import Wrong, text

Typed = Mapping[str, str]
Faults = dict[str, str]
"""What is wrong, a sentence by the name of the field."""
MOST_WORDS = 60


@dataclass(frozen=True)
class Field:
    """One field: its name in the data, its label, how it is read and how long it may be.

    ``look``: line, text, paragraphs (blank lines between), lines (one each), words (commas between), flag,
    number or choice.
    """

    name: str
    label: str
    look: str = "line"
    longest: int = 200
    needed: bool = False
    options: tuple[str, ...] = ()
    help: str = ""

    def show(self, row: Mapping[str, Any]) -> str:
        """The field as its form shows it."""
        value = row.get(self.name)
        if value is None or value is False:
            return ""
        if value is True:
            return "yes"
        if isinstance(value, list):
            return _BETWEEN[self.look].join(str(one) for one in value)
        return str(value)

    def read(self, typed: str) -> Any:
        """The data that was typed, ``None`` for nothing; raises Wrong."""
        found = _READ[self.look](self, plain(typed))
        if self.needed and not found:
            raise Wrong("required", f"{self.label} is missing. Type it.")
        return found


def plain(typed: str) -> str:
    """What was typed as one line break a line, without blanks at its ends."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def fill(row: Mapping[str, Any], fields: Sequence[Field], typed: Typed, faults: Faults) -> dict[str, Any]:
    """The row with what was typed in these fields; what cannot be used is told in ``faults``."""
    found = copy.deepcopy(dict(row))
    for field in fields:
        said, shown = typed.get(field.name, ""), field.show(row)
        if plain(said) == plain(shown) and (shown or not field.needed):
            continue
        try:
            value = field.read(said)
        except Wrong as wrong:
            faults[field.name] = wrong.sentence
            continue
        if value is None or value == "" or value is False or value == []:
            found.pop(field.name, None)
        else:
            found[field.name] = value
    return found


def _line(field: Field, said: str) -> Any:
    found: str = text(field.label, field.longest)(said)
    return found


def _text(field: Field, said: str) -> Any:
    if len(said) > field.longest:
        raise Wrong("too_long", f"{field.label} is longer than {field.longest:,} characters. Shorten it.")
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Cn"} and letter != "\n" for letter in said):
        raise Wrong("characters", f"{field.label} has a character that cannot be printed. Type it again.")
    return said


def _paragraphs(field: Field, said: str) -> Any:
    pieces = [" ".join(one.split()) for one in _text(field, said).split("\n\n")]
    return [one for one in pieces if one]


def _listed(between: str) -> Callable[[Field, str], Any]:
    def read(field: Field, said: str) -> Any:
        one_line = text(f"Each of “{field.label}”", 120)
        words = [one_line(one) for one in _text(field, said).split(between)]
        once: dict[str, str] = {}
        for one in words:
            once.setdefault(one.casefold(), one)
        found = [one for one in once.values() if one]
        if len(found) > MOST_WORDS:
            raise Wrong("too_many", f"{field.label}: name at most {MOST_WORDS}.")
        return found

    return read


def _flag(field: Field, said: str) -> Any:
    return said in ("yes", "on", "true")


def _number(field: Field, said: str) -> Any:
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and 0 < len(said) <= 4):
        raise Wrong("number", f"{field.label}: give a whole number up to 9999.")
    return int(said)


def _choice(field: Field, said: str) -> Any:
    if said and said not in field.options:
        raise Wrong("choice", f"{field.label}: choose one of those offered.")
    return said


_READ: dict[str, Callable[[Field, str], Any]] = {
    "line": _line,
    "text": _text,
    "paragraphs": _paragraphs,
    "lines": _listed("\n"),
    "words": _listed(","),
    "flag": _flag,
    "number": _number,
    "choice": _choice,
}
_BETWEEN = {"paragraphs": "\n\n", "lines": "\n", "words": ", "}

TYPE = (
    Field("name", "Name", longest=80, needed=True),
    Field("purpose", "What it is for", longest=300, needed=True, help="One sentence."),
    Field("urgency", "Urgency", "choice", needed=True, options=("normal", "urgent")),
    Field("also", "Also looked for as", "words", 2000, help="Commas between."),
    Field("guide", "Guidance", "paragraphs", 10_000, help="A blank line between paragraphs."),
    Field("outcomes", "Outcomes", "lines", 4000, needed=True, help="One a line, in the order offered."),
    Field("off", "Switched off: no new ticket of this type can be filed", "flag"),
)
QUESTION = (
    Field("label", "Question", longest=200, needed=True),
    Field("kind", "Kind of answer", "choice", needed=True, options=tuple(READERS)),
    Field("hint", "Hint", longest=300, help="A few words beside the question."),
    Field("suffix", "Unit after the answer", longest=20),
    Field("prefill", "Filled in with", "choice", options=PREFILLS),
)
DEFAULT = Field(
    "default",
    "Taken where nothing is answered",
    longest=500,
    help="As it is answered: yes, 45, a date, one of the answers, or today.",
)
"""Read by the question it belongs to, not by itself."""
RULE = (
    Field("strength", "Strength", "choice", needed=True, options=STRENGTHS),
    Field("message", "What it says", "text", 600, needed=True),
    Field("instead", "What to do instead", "text", 600),
    Field("instead_unset", "What to do while that address is not set", "text", 600),
    Field("override", "A supervisor may file all the same, with a reason", "flag"),
    Field("deflect", "The caller is turned away without a ticket, and the call is logged", "flag"),
    Field("beside", "Comes beside this ticket, once it is filed", "flag"),
    Field("after_business_days", "Once it was sent more business days ago than", "number"),
    Field("effect", "What the system does", "choice", options=EFFECTS),
)
