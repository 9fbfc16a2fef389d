"""Runs a program that uses a vendor's real client, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.servers import ROOT


def drive(name: str, *arguments: object, **environment: str) -> None:
    """`tests/dialects/drivers/{name}.py`, which says ok."""
    command = [sys.executable, "-m", f"tests.dialects.drivers.{name}", *map(str, arguments)]
    driven = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False
    )
    assert (driven.returncode, driven.stdout) == (0, "ok\n"), driven.stdout + driven.stderr
