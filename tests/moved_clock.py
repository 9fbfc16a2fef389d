"""`python -m tests.moved_clock SECONDS`: a clock process on a host whose own clock is off by so much."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

import time_machine


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    moved = datetime.now(UTC) + timedelta(seconds=float(sys.argv[1]))
    time_machine.travel(moved, tick=True).start()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "clock"])


if __name__ == "__main__":
    main()
