"""How fast eligibility answers are read, over a bare tokenizer, as the ratio of two medians of one run.

The tokenizer splits every segment into elements and does nothing else. The bar is held on answers of the
size payers send: the example answers with the benefit lines of a full plan (every service type, level and
network) in between, some 740 segments, of which a bare tokenizer reads a few thousand a second. The examples
as they are, 25 segments each, are measured too: there the fixed work of a reading (envelope, coverage,
choice) stands against next to nothing to split.
"""

import json
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from deductibles.x12.eligibility import read

EXAMPLES = Path(__file__).parent.parent / "tests" / "data" / "x271"
AS_OF = date(2026, 9, 15)
BAR = 0.5
ROUNDS = 41
_SERVICES = (
    *("1", "33", "35", "47", "48", "50", "86", "88", "98", "AL", "MH", "UC", "2", "4", "5"),
    *("6", "7", "8", "12", "13", "18", "20", "40", "42", "45", "51", "52", "53", "62", "65"),
)
_BENEFITS = (
    "EB*B*IND*{0}***27*30*****Y~DTP*292*D8*20260915~MSG*PRIMARY CARE VISIT~",
    "EB*B*IND*{0}***27*60*****Y~MSG*SPECIALIST VISIT~",
    "EB*A*IND*{0}***27**.2****Y~DTP*292*D8*20260915~",
    "EB*A*IND*{0}***27**.4****N~HSD*VS*20***34*1~",
    "EB*C*IND*{0}***23*500*****Y~EB*C*IND*{0}***29*120.5*****Y~",
    "EB*C*FAM*{0}***23*1000*****N~EB*C*FAM*{0}***29*1000*****N~",
    "EB*G*IND*{0}***23*5000*****Y~EB*G*IND*{0}***29*4300*****Y~",
    "EB*F*IND*{0}***23***VS*20**Y~REF*18*GROUP0001~MSG*LIMIT PER CALENDAR YEAR~",
    "EB*I**{0}**NOT COVERED OUTSIDE THE SERVICE AREA~",
    "EB*1**{0}**EXAMPLE PPO~LS*2120~NM1*PR*2*EXAMPLE HEALTH PLAN~PER*IC**TE*8005550100~LE*2120~",
)


def measure() -> dict[str, object]:
    """Answers a second for the reader and for a bare tokenizer, and their ratio, on payer-sized answers.

    `small_ratio` is the same ratio on the example files as they stand, for honesty; the bar is not on it.
    """
    examples = [path.read_text() for path in sorted(EXAMPLES.glob("*.edi")) if path.stem not in _ODD]
    ours, bare = _rates([_payer_sized(text) for text in examples])
    small_ours, small_bare = _rates(examples)
    return {
        "name": "271 answers read",
        "ours_per_second": round(ours),
        "bare_per_second": round(bare),
        "ratio": round(ours / bare, 3),
        "bar": BAR,
        "small_ours_per_second": round(small_ours),
        "small_bare_per_second": round(small_bare),
        "small_ratio": round(small_ours / small_bare, 3),
    }


_ODD = {"odd_delimiters", "truncated", "aaa42_retry", "aaa72", "two_transactions"}
"""Left out: a tokenizer for `*` and `~` does not split the first, and nobody reads benefits in the rest."""


def _payer_sized(text: str) -> str:
    """The answer with a plan's other benefits before its end, SE01 counted anew."""
    more = "".join(line.format(service) for service in _SERVICES for line in _BENEFITS)
    head, rest = text.split("SE*", 1)
    count, rest = rest.split("*", 1)
    return f"{head}{more}SE*{int(count) + more.count('~')}*{rest}"


def _rates(texts: list[str]) -> tuple[float, float]:
    """Texts a second for the reader and the tokenizer, the two measured by turns."""
    repeat = max(1, 400_000 // sum(map(len, texts)))
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(_read, texts, repeat))
        bare.append(_seconds(_tokenize, texts, repeat))
    done = len(texts) * repeat
    return done / statistics.median(ours), done / statistics.median(bare)


def _seconds(work: Callable[[str], object], texts: list[str], repeat: int) -> float:
    start = time.perf_counter()
    for _ in range(repeat):
        for text in texts:
            work(text)
    return time.perf_counter() - start


def _read(text: str) -> object:
    return read(text, as_of=AS_OF)


def _tokenize(text: str) -> object:
    return [segment.split("*") for segment in text.split("~")]


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
