"""What this process can run, and which versions need more than that.

The claim leaves those versions out. Most processes know everything, and then all that is asked, once a second, is
whether somebody has published a version that needs something new.
"""

from __future__ import annotations

import json
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from runs.engine import queries
from runs.engine.compiled import Kinds
from runs.engine.database import Database
from workflows.requirements import ENGINE_FORMAT

ROOT = Path(__file__).resolve().parents[2]


class Abilities:
    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._seen = 0
        self._beyond: list[int] = []
        """Requirements that it does not meet."""
        self._unknown: set[str] = set()

    def on_record(self) -> dict[str, Any]:
        """For the worker's row."""
        kinds = json.dumps(self._kinds.names())
        return {"code_version": code_version(), "engine_format": ENGINE_FORMAT, "node_kinds": kinds}

    def unknown_versions(self) -> str:
        """As JSON, for the claim."""
        return json.dumps(sorted(self._unknown))

    def learn(self, database: Database) -> None:
        """Which versions there are by now that need more."""
        for seen, engine_format, kinds in database.rows(queries.NEW_REQUIREMENTS, {"after": self._seen}):
            self._seen = seen
            if engine_format > ENGINE_FORMAT or not all(map(self._kinds.get, json.loads(kinds))):
                self._beyond.append(seen)
        if self._beyond:
            rows = database.rows(queries.VERSIONS_THAT_NEED, {"ids": json.dumps(self._beyond)})
            self._unknown.update(version_id for (version_id,) in rows)

    def learn_of(self, version_id: str) -> None:
        """One that was found out only when it was looked at: published a moment ago, or before requirements were
        on record."""
        self._unknown.add(version_id)


@cache
def code_version() -> str:
    """The project's version and, in a clone, the commit: `0.1.0+7ead412abcde`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    try:
        commit = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):  # no git, or no clone
        return str(project["version"])
    return f"{project['version']}+{commit.strip()}"
