#!/usr/bin/env python
"""The one entry: `up` (everything, embedded), `web`, `worker`, `clock`, and Django's own commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as fault:  # Django's own commands would show a traceback
        sys.exit(f"The database cannot be used: {str(fault).strip()}")


if __name__ == "__main__":
    main()
