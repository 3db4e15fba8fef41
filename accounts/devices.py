"""A browser in words, from what it says about itself. Pure; a guess for people, never for decisions."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "a program (curl)"),
    ("python", "a program (Python)"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def in_words(user_agent: str) -> str:
    """Say which browser on which system, as far as it tells: ``Firefox on Windows``."""
    browser = next((word for mark, word in _BROWSERS if mark.lower() in user_agent.lower()), "")
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "A browser that does not say which"


def is_handheld(user_agent: str) -> bool:
    """Say whether it looks like a phone or tablet, for the picture beside it."""
    return any(mark in user_agent for mark in ("iPhone", "iPad", "Android"))
