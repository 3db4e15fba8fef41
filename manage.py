#!/usr/bin/env python
"""Holdline's commands. Without DATABASE_URL they find or start the embedded engines of VAR_DIR."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as missing:
        raise SystemExit(
            "Django is not installed for this Python. Run `make run` once, then .venv/bin/python manage.py."
        ) from missing
    from config.engines import start_for

    start_for(sys.argv)
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as reason:  # our own refusals are whole sentences; the trail adds nothing
        raise SystemExit(str(reason)) from reason


if __name__ == "__main__":
    main()
