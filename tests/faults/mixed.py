"""Workflows of every sort for tests in which everything dies: calls of each kind of repetition, timers, retries,
branches that run at once, and runs within runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from tests.faults.conftest import Plant
from tests.recorder import Call, Recorder
from tests.servers import chain, node

# A call arrives a little after the moment in which the engine began it, and clocks are read one after the other.
SLACK_SECONDS = 0.5


def publish_all(plant: Plant, outside: Recorder) -> list[str]:
    """The workflows' ids. Calls carry their run's id: `/read`, `/write`, `/keyed` and `/put` succeed, `/down` fails."""
    for path in ("/read", "/write", "/keyed", "/put"):
        outside.answer(path, {"ok": True}, after=0.1)
    outside.answer("/down", {"ok": False}, status=503)
    return [plant.desk.publish(name, *drawing) for name, drawing in _drawings(outside).items()]


def _drawings(outside: Recorder) -> dict[str, tuple[list[Any], list[Any]]]:
    where = f"{outside.url}/%s?run={{{{ run.id }}}}"
    begin = node("begin", "manual_trigger")
    read = node("read", "http_request", url=where % "read")
    write = node("write", "http_request", method="POST", url=where % "write", on_error="continue")
    keyed = node("keyed", "http_request", method="POST", url=where % "keyed", repeat="keyed")
    put = node("put", "http_request", method="PUT", url=where % "put")
    down = node("down", "http_request", url=where % "down", on_error="continue", retry={"count": 2, "delay": 0.4})
    last = node("last", "set", mapping={"done": True})
    lines = {
        "inner": [begin, read, last],
        "calls": [begin, read, write, last],
        "timers": [begin, node("short", "delay", duration=0.5), put, node("long", "delay", duration=2), last],
        "retries": [begin, down, last],
        "outer": [begin, node("child", "sub_workflow", workflow="inner"), keyed, last],
    }
    branches = [begin, read, write, keyed, node("all", "merge"), last]
    fan = [edge for middle in (read, write, keyed) for edge in chain(begin, middle, branches[4])]
    return {
        **{name: (nodes, chain(*nodes)) for name, nodes in lines.items()},
        "branches": (branches, [*fan, *chain(branches[4], last)]),
    }


def check(plant: Plant, outside: Recorder) -> None:
    """All runs completed, with the census, and no effect was repeated that may not be, or made after the end."""
    plant.census()
    runs = {run["id"]: run for run in plant.desk.runs()}
    assert Counter(run["status"] for run in runs.values()) == {"completed": len(runs)}, [
        run for run in runs.values() if run["status"] != "completed"
    ][:3]
    calls = _by_run(outside)
    cut_off = {
        log["run_id"] for log in plant.desk.logs() if (log["node_id"], log["status"]) == ("write", "interrupted")
    }
    wanted = {run_id for log in plant.desk.logs() if log["node_id"] == "write" for run_id in [log["run_id"]]}
    made = Counter(run_id for run_id, of_run in calls.items() for call in of_run if _path(call) == "/write")
    assert max(made.values()) == 1, "a write that may not be repeated was repeated"
    assert wanted - set(made) <= cut_off, "a write is missing and nothing says why"
    for run_id, of_run in calls.items():
        tokens = {call.headers.get("idempotency-key") for call in of_run if _path(call) == "/keyed"}
        assert len(tokens) <= 1, "a repeated call carried another token"
        ended_at = runs[run_id]["ended_at"]
        late = [call.path for call in of_run if call.at > ended_at + SLACK_SECONDS]
        assert late == [], f"called after the end of {run_id}"


def _by_run(outside: Recorder) -> dict[str, list[Call]]:
    calls: dict[str, list[Call]] = defaultdict(list)
    for call in list(outside.calls):
        calls[call.path.partition("run=")[2]].append(call)
    return calls


def _path(call: Call) -> str:
    return call.path.partition("?")[0]
