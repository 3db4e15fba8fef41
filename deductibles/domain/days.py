"""Dates as people read them: with their year where it is not the reader's own. Pure."""

from __future__ import annotations

from datetime import date


def short(on: date, year: int) -> str:
    """A date in a table: "20 May", with the year when it is not ``year``."""
    return f"{on.day} {on:%b}{_other(on, year)}"


def weekday(on: date, year: int) -> str:
    """A date with its day of the week: "Wed 20 May"."""
    return f"{on:%a} {on.day} {on:%b}{_other(on, year)}"


def spoken(on: date, year: int) -> str:
    """A date in a sentence: "Wednesday 20 May"."""
    return f"{on:%A} {on.day} {on:%B}{_other(on, year)}"


def plain(on: date, year: int) -> str:
    """A date in a sentence without its day of the week: "20 November"."""
    return f"{on.day} {on:%B}{_other(on, year)}"


def _other(on: date, year: int) -> str:
    return "" if on.year == year else f" {on.year}"
