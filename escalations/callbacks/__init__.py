"""Whom to call back, by when, and how the attempts went."""
