"""Faults done to a running Holdline on purpose: each counted, and what became of every claim looked at."""
