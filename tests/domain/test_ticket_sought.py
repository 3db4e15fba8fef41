"""What somebody typed who looks for tickets: words, phrases, words not wanted."""

from __future__ import annotations

import pytest

from escalations.domain.sought import read_sought


@pytest.mark.parametrize(
    ("typed", "marked", "is_plain"),
    [
        ("attorney", "attorney", True),
        ("attorney letter", "attorney or letter", True),
        ('"portal error" refund', '"portal error" or refund', False),
        ("refund -attorney", "refund", False),
        ('refund -"portal error"', "refund", False),
        ("refund or attorney", "refund or attorney", True),
        ("312-555-0147", "312-555-0147", True),
        ("O'Brien-Kowalska", "O'Brien-Kowalska", True),
        ('"', "", True),
        ("-", "", True),
        ("", "", True),
    ],
)
def test_each_word_and_phrase_that_is_wanted_can_be_marked(typed: str, marked: str, is_plain: bool) -> None:
    found = read_sought(typed)
    assert (found.marked, found.is_plain) == (marked, is_plain)


@pytest.mark.parametrize(
    ("typed", "only"), [("-attorney", True), ('-"a b" -c', True), ("a -b", False), ("", False)]
)
def test_a_search_that_only_leaves_words_out_names_nothing_to_look_for(typed: str, only: bool) -> None:
    assert read_sought(typed).only_without is only
