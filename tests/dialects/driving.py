"""Runs a program that uses a vendor's real client, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.servers import ROOT

DRIVERS = ROOT / "tests" / "dialects" / "drivers"


def drive(name: str, *arguments: object, **environment: str) -> None:
    """`tests/dialects/drivers/{name}.py`, which says ok."""
    _run([sys.executable, "-m", f"tests.dialects.drivers.{name}"], arguments, environment)


def drive_older(name: str, *arguments: object, **environment: str) -> None:
    """The same with Dapr's client of before, by an interpreter of its own."""
    _run([str(DRIVERS / ".venv" / "bin" / "python"), str(DRIVERS / f"{name}.py")], arguments, environment)


def drive_javascript(name: str, *arguments: object) -> None:
    """`tests/dialects/drivers/{name}.mjs`, which says ok after all that its client may have to say."""
    _run(["node", str(DRIVERS / f"{name}.mjs")], arguments, {})


def _run(command: list[str], arguments: tuple[object, ...], environment: dict[str, str]) -> None:
    driven = subprocess.run(
        [*command, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    said = driven.stdout + driven.stderr
    assert (driven.returncode, driven.stdout.splitlines()[-1:]) == (0, ["ok"]), said
