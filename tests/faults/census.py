"""What must be true when everything is over, whatever happened before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

TERMINAL = ("completed", "failed", "terminated")

# The engine carries the database's time on by a clock of its own, which is a little behind and never ahead.
SLACK_SECONDS = 0.5

Row = Mapping[str, Any]


class Records(Protocol):
    """What is on record; the desk reads it in the database."""

    def runs(self) -> Sequence[Row]: ...

    def logs(self) -> Sequence[Row]: ...

    def unaccounted(self) -> list[str]: ...


def census(records: Records) -> None:
    """Every run that was accepted has ended and is in nobody's hands, none of them because the engine forgot it;
    nothing was recorded twice, left open or begun after the end; every event, key, firing and delivery is accounted
    for."""
    ended_at = {}
    for run in records.runs():
        assert run["status"] in TERMINAL, run
        assert (run["owner"], run["ready_at"]) == (None, None), run
        assert (run["error"] or {}).get("code") != "stalled", f"forgotten: {run}"
        assert run["completed_at"] is not None, run
        ended_at[run["id"]] = run["completed_at"]
    settled = set()
    for log in records.logs():
        assert log["status"] != "started", f"left open: {log}"
        assert log["started_at"] <= ended_at[log["run_id"]] + SLACK_SECONDS, f"begun after the end: {log}"
        if log["handle"] is not None or log["status"] == "completed":
            key = (log["run_id"], log["node_id"], log["iteration"])
            assert key not in settled, f"recorded twice: {log}"
            settled.add(key)
    assert records.unaccounted() == []
