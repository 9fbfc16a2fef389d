"""Workflows of every sort for tests in which everything dies: calls of each kind of repetition, timers, retries,
branches that run at once, joins, loops, variables, failures that are caught and undone, events, runs within runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from tests.faults.conftest import Plant
from tests.recorder import Call, Recorder
from tests.servers import chain, node

# A call arrives a little after the moment in which the engine began it, and clocks are read one after the other.
SLACK_SECONDS = 0.5


def publish_all(plant: Plant, outside: Recorder) -> list[str]:
    """The workflows' ids. Calls carry their run's id: all succeed but `/down`, which fails."""
    for path in ("/read", "/write", "/keyed", "/put", "/undo"):
        outside.answer(path, {"ok": True}, after=0.1)
    outside.answer("/down", {"ok": False}, status=503)
    calls = _calls(outside)
    drawings = {**_lines(calls), **_branches(calls), **_containers(calls)}
    return [plant.desk.publish(name, *drawing) for name, drawing in drawings.items()]


Drawing = tuple[list[Any], list[Any]]

BEGIN = node("begin", "manual_trigger")
LAST = node("last", "set", mapping={"done": True})


def _calls(outside: Recorder) -> dict[str, Any]:
    where = f"{outside.url}/%s?run={{{{ run.id }}}}"
    return {
        "read": node("read", "http_request", url=where % "read"),
        "write": node("write", "http_request", method="POST", url=where % "write", on_error="continue"),
        "keyed": node("keyed", "http_request", method="POST", url=where % "keyed", repeat="keyed"),
        "put": node("put", "http_request", method="PUT", url=where % "put", compensate=True),
        "undo": node("undo", "http_request", method="PUT", url=where % "undo"),
        "down": node("down", "http_request", url=where % "down"),
    }


def _lines(calls: dict[str, Any]) -> dict[str, Drawing]:
    read, write, keyed, put = (calls[name] for name in ("read", "write", "keyed", "put"))
    down = {**calls["down"], "data": {**calls["down"]["data"], "on_error": "continue", "retry": _RETRY}}
    lines = {
        "inner": [BEGIN, read, LAST],
        "calls": [BEGIN, read, write, LAST],
        "timers": [BEGIN, node("short", "delay", duration=0.5), put, node("long", "delay", duration=2), LAST],
        "retries": [BEGIN, down, LAST],
        "outer": [BEGIN, node("child", "sub_workflow", workflow="inner"), keyed, LAST],
    }
    return {name: (nodes, chain(*nodes)) for name, nodes in lines.items()}


_RETRY = {"count": 2, "delay": 0.4}


def _branches(calls: dict[str, Any]) -> dict[str, Drawing]:
    """All together; the first of two, whereupon the other one is stopped; one that hears what the other one tells."""
    read, write, keyed = (calls[name] for name in ("read", "write", "keyed"))
    together, first = node("all", "merge"), node("first", "join", wait_for="any")
    slow = node("slow", "delay", duration=1, unit="hours")
    tell = node("tell", "raise_event", name="told", run="{{ run.id }}", payload={"n": 1})
    hear = node("hear", "wait_for_event", name="told")
    return {
        "branches": _fan([read, write, keyed], together),
        "race": _fan([slow, read], first),
        "events": _fan([tell, hear], together),
    }


def _fan(middles: list[Any], meeting: Any) -> Drawing:
    edges = [edge for middle in middles for edge in chain(BEGIN, middle, meeting)]
    return [BEGIN, *middles, meeting, LAST], [*edges, *chain(meeting, LAST)]


def _containers(calls: dict[str, Any]) -> dict[str, Drawing]:
    """Loops, and a failure inside that undoes what was done before it and is caught."""
    read, put, undo, down = (calls[name] for name in ("read", "put", "undo", "down"))
    each = node("each", "for_each", items=[1, 2, 3, 4], concurrency=2)
    until = node("until", "repeat_until", until="index == 2")
    try_ = node("try", "try")
    undoing = {**chain(put, undo)[0], "sourceHandle": "compensate"}
    zero = node("zero", "set_variables", variables={"total": 0})
    sum_ = node("sum", "for_each", items=[1, 2, 3, 4])
    add = node("add", "set_variables", variables={"total": "{{ vars.total + item }}"})
    total = node("total", "set", mapping={"total": "{{ vars.total }}"})
    counting = [BEGIN, zero, sum_, *_inside(sum_, [add, read]), total]
    return {
        "variables": (counting, chain(BEGIN, zero, sum_, total) + chain(add, read)),
        "each": _around(each, [read], chain(each, LAST)),
        "until": _around(until, [read], chain(until, LAST)),
        "caught": _around(try_, [put, down, undo], [*_by_error(try_), *chain(put, down), undoing]),
    }


def _by_error(container: Any) -> list[Any]:
    return [{**edge, "sourceHandle": "error"} for edge in chain(container, LAST)]


def _around(container: Any, inside: list[Any], edges: list[Any]) -> Drawing:
    return [BEGIN, container, *_inside(container, inside), LAST], [*chain(BEGIN, container), *edges]


def _inside(container: Any, nodes: list[Any]) -> list[Any]:
    return [{**each, "parentId": container["id"]} for each in nodes]


def check(plant: Plant, outside: Recorder) -> None:
    """All runs completed, with the census, and no effect was repeated that may not be, or made after the end."""
    plant.census()
    runs = {run["id"]: run for run in plant.desk.runs()}
    assert Counter(run["status"] for run in runs.values()) == {"completed": len(runs)}, [
        run for run in runs.values() if run["status"] != "completed"
    ][:3]
    judge_writes(plant, calls := _by_run(outside))
    judge_paths(plant, calls)
    summed = {log["run_id"] for log in plant.desk.logs() if log["node_id"] == "sum"}
    assert [runs[run_id]["output"] for run_id in summed] == [{"total": 10}] * len(summed), "a variable was set twice"
    for run_id, of_run in calls.items():
        tokens = {call.headers.get("idempotency-key") for call in of_run if _path(call) == "/keyed"}
        assert len(tokens) <= 1, "a repeated call carried another token"
        ended_at = runs[run_id]["completed_at"]
        late = [call.path for call in of_run if call.at > ended_at + SLACK_SECONDS]
        assert late == [], f"called after the end of {run_id}"


def judge_writes(plant: Plant, calls: dict[str, list[Call]]) -> None:
    cut_off = {
        log["run_id"] for log in plant.desk.logs() if (log["node_id"], log["status"]) == ("write", "interrupted")
    }
    wanted = {run_id for log in plant.desk.logs() if log["node_id"] == "write" for run_id in [log["run_id"]]}
    made = Counter(run_id for run_id, of_run in calls.items() for call in of_run if _path(call) == "/write")
    assert max(made.values()) == 1, "a write that may not be repeated was repeated"
    assert wanted - set(made) <= cut_off, "a write is missing and nothing says why"


def judge_paths(plant: Plant, calls: dict[str, list[Call]]) -> None:
    """Every pass of every loop was made, every failure undone, every event heard once."""
    logs = [log for log in plant.desk.logs() if log["status"] == "completed"]
    passes: dict[str, set[str]] = defaultdict(set)
    for log in logs:
        if log["node_id"] == "read" and log["iteration"]:
            passes[log["run_id"]].add(log["iteration"])
    of = {name: {log["run_id"] for log in logs if log["node_id"] == name} for name in ("each", "until", "put", "hear")}
    assert {run_id: len(passes[run_id]) for run_id in of["each"]} == dict.fromkeys(of["each"], 4)
    assert {run_id: len(passes[run_id]) for run_id in of["until"]} == dict.fromkeys(of["until"], 3)
    undone = {run_id for run_id, of_run in calls.items() if any(_path(call) == "/undo" for call in of_run)}
    failed = {run_id for run_id, of_run in calls.items() if any(_path(call) == "/down" for call in of_run)}
    assert undone == failed & of["put"], "what was done before a failure was not undone, or something else was"
    assert plant.desk.events_delivered() == {run_id: [True] for run_id in of["hear"]}, (
        "an event was lost, or came twice"
    )


def _by_run(outside: Recorder) -> dict[str, list[Call]]:
    calls: dict[str, list[Call]] = defaultdict(list)
    for call in list(outside.calls):
        calls[call.path.partition("run=")[2]].append(call)
    return calls


def _path(call: Call) -> str:
    return call.path.partition("?")[0]
