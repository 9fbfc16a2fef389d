"""A process of its own with a server's settings, asked over a pipe: it answers one JSON line for each JSON line.

Whoever asks stays outside: it shares no connection, no lock and no clock with what it measures or kills.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.servers import ROOT, surroundings

Question = Callable[..., Any]


class Beside:
    """The asking side: every method is a question of the module's."""

    def __init__(self, module: str, settings: dict[str, str]) -> None:
        """`settings` are those of the server, named as its variables without PENSTOCK_."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**surroundings(settings), "DJANGO_SETTINGS_MODULE": "config.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __getattr__(self, name: str) -> Any:
        def ask(*args: Any) -> Any:
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.write(json.dumps([name, *args]) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

        return ask

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(20)
        finally:
            self._process.kill()
            self._process.stdout.close()


def answer(*questions: Question) -> None:
    """The module's side, until nobody asks any more."""
    import django

    django.setup()
    known = {each.__name__: each for each in questions}
    for line in sys.stdin:
        name, *args = json.loads(line)
        sys.stdout.write(json.dumps(known[name](*args), default=str) + "\n")
        sys.stdout.flush()
