"""What must be true when everything is over, whatever happened before."""

from __future__ import annotations

from tests.faults.desk import Desk

TERMINAL = ("completed", "failed", "terminated")


def census(desk: Desk) -> None:
    """Every run that was accepted has ended and is in nobody's hands; nothing was recorded twice or left open; every
    event, key, firing and delivery is accounted for."""
    for run in desk.runs():
        assert run["status"] in TERMINAL, run
        assert (run["owner"], run["ready_at"]) == (None, None), run
    settled = set()
    for log in desk.logs():
        assert log["status"] != "started", f"left open: {log}"
        if log["handle"] is not None or log["status"] == "completed":
            key = (log["run_id"], log["node_id"], log["iteration"])
            assert key not in settled, f"recorded twice: {log}"
            settled.add(key)
    assert desk.unaccounted() == []
