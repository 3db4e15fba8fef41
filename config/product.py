"""Which Holdline this is."""

VERSION = "0.1.0"
"""The same as in ``pyproject.toml``, which is not there where Holdline is installed; a test compares them."""
