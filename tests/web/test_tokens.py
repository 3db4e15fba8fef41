"""The colours of the pages: every pair can be read in both themes, and no colour stands outside the tokens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.front.colours import THEMES, TOKENS, contrast, pairs, tokens

SHEETS = sorted(Path(TOKENS.parent).glob("*.css"))
TEMPLATES = sorted(Path("templates").rglob("*.html"))
RAW = re.compile(r"(?<![\w&-])#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb)\(", re.IGNORECASE)
NAMED = re.compile(r":[^;{}]*(?<![\w-])(?:white|black|red|green|blue|gr[ae]y|orange|yellow|purple)(?![\w-])")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "pair", sorted(set(pairs()), key=str), ids=lambda pair: f"{pair.fore} on {pair.back}"
)
def test_a_pair_of_tokens_stands_far_enough_apart(pair, theme):
    """WCAG 1.4.3 and 1.4.11: words at least 4.5 to 1, edges of controls at least 3 to 1."""
    assert contrast(pair.fore, pair.back, theme) >= pair.least


def test_the_formula_agrees_with_known_contrasts(monkeypatch):
    """Black upon white is 21 to 1; the middle grey of WCAG's examples, #767676, is 4.54 to 1."""
    known = {"white": (1.0, 0.0, 0.0), "black": (0.0, 0.0, 0.0), "grey": (0.5659, 0.0, 0.0)}
    monkeypatch.setattr(
        "config.front.colours.tokens", lambda: {name: (one, one) for name, one in known.items()}
    )
    assert contrast("black", "white", "light") == pytest.approx(21, abs=0.01)
    assert contrast("grey", "white", "dark") == pytest.approx(4.54, abs=0.03)


def test_every_colour_of_the_token_sheet_is_read():
    """A token the reader of the sheet misses would go unmeasured."""
    plain = re.findall(r"^\s*--([\w-]+): light-dark\(", TOKENS.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(plain) - set(tokens()) <= {"veil"}, "the veil alone is see-through"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_takes_its_colours_from_the_tokens(sheet):
    """No raw colour outside tokens.css: a theme is changed in one place."""
    if sheet == TOKENS:
        return
    text = COMMENT.sub("", sheet.read_text(encoding="utf-8"))
    assert not RAW.findall(text)
    assert not NAMED.findall(text)


def test_no_page_carries_a_colour_or_a_style_of_its_own():
    """The policy refuses inline styles; drawings are coloured by their classes."""
    wrong = re.compile(r"\sstyle=|<style|(?:fill|stroke)=\"#")
    assert not [str(page) for page in TEMPLATES if wrong.search(page.read_text(encoding="utf-8"))]


def test_every_sheet_says_in_which_layer_its_rules_are():
    """Cascade layers: their order is stated once, and no rule stands outside one."""
    order = re.search(r"@layer ([\w, ]+);", TOKENS.read_text(encoding="utf-8"))
    assert order
    known = set(order[1].split(", "))
    for sheet in SHEETS:
        text = COMMENT.sub("", sheet.read_text(encoding="utf-8"))
        assert set(re.findall(r"@layer (\w+) \{", text)) <= known, sheet.name
        assert not [line for line in text.splitlines() if re.match(r"[^\s@}]", line)], sheet.name
