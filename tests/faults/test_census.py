"""The census itself: it finds whatever it is there to find."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.census import census

RUN = {"id": "r", "status": "completed", "owner": None, "ready_at": None, "error": None, "completed_at": 10.0}
LOG = {"run_id": "r", "node_id": "a", "iteration": "", "status": "completed", "handle": "out", "started_at": 9.0}


class Kept:
    def __init__(self, run: dict[str, Any], logs: list[dict[str, Any]], unaccounted: list[str]) -> None:
        self._run, self._logs, self._unaccounted = {**RUN, **run}, [{**LOG, **log} for log in logs], unaccounted

    def runs(self) -> list[dict[str, Any]]:
        return [self._run]

    def logs(self) -> list[dict[str, Any]]:
        return self._logs

    def unaccounted(self) -> list[str]:
        return self._unaccounted


def test_what_ended_well_passes() -> None:
    cut_off = {"status": "interrupted", "handle": None}
    again = {"status": "failed", "handle": "error", "node_id": "b"}
    census(Kept({"status": "failed", "error": {"code": "interrupted"}}, [cut_off, {}, again, {"iteration": "1"}], []))


@pytest.mark.parametrize(
    ("run", "logs", "unaccounted"),
    [
        ({"status": "running"}, [], []),
        ({"status": "suspended"}, [], []),
        ({"owner": "wrk_1"}, [], []),
        ({"ready_at": 9.0}, [], []),
        ({"completed_at": None}, [], []),
        ({"status": "failed", "error": {"code": "stalled"}}, [], []),
        ({}, [{"status": "started", "handle": None}], []),
        ({}, [{}, {}], []),
        ({}, [{}, {"status": "failed", "handle": "error"}], []),
        ({}, [{"started_at": 11.0}], []),
        ({}, [], ["key without a run: 1"]),
    ],
)
def test_what_did_not_is_found(run: dict[str, Any], logs: list[dict[str, Any]], unaccounted: list[str]) -> None:
    with pytest.raises(AssertionError):
        census(Kept(run, logs, unaccounted))
