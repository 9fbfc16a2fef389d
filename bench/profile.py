"""Where a run's time goes: the front door, engine and journal in one process without a socket, in microseconds of
processor time. Run as a module, with the settings of an empty database, it prints one JSON object.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import os
import pstats
import threading
import time
from collections.abc import Sequence
from typing import Any

import django
import psutil
import uvloop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

LENGTHS = (10, 40, 100, 1_000)
CALLERS = 10


def published(length: int, member: Any) -> str:
    """A webhook that waits for a chain of so many nodes; its token."""
    from tests.servers import chain, node
    from workflows import services

    nodes = [node("hook", "webhook_trigger", response="wait")]
    nodes += [node(f"n{number}", "set", mapping={"n": "{{ trigger.body.id }}"}) for number in range(length - 1)]
    drawing = {"description": "", "nodes": nodes, "edges": chain(*nodes), "is_active": True}
    changes: Any = {"name": f"chain of {length}", **drawing}
    workflow = services.create_workflow(member, changes)
    return services.publish(workflow, member.user).hook_token


async def deliver(token: str) -> None:
    from config.asgi import application

    answers: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b'{"id": 7, "total": 250}', "more_body": False}

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "path": f"/hooks/{token}",
        "method": "POST",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
    }
    await application(scope, receive, send)
    assert answers[0]["status"] == 200, answers


async def _many(token: str, count: int) -> None:
    left = iter(range(count))

    async def caller() -> None:
        for _ in left:
            await deliver(token)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


def _journal_seconds() -> float:
    [journal] = [thread for thread in threading.enumerate() if thread.name == "journal"]
    times = [thread for thread in psutil.Process().threads() if thread.id == journal.native_id]
    return float(sum(each.user_time + each.system_time for each in times))


async def _cost(token: str, count: int) -> dict[str, float]:
    """Microseconds per run, in the event loop's thread and in the journal's."""
    await _many(token, CALLERS)
    loop, journal = time.thread_time(), _journal_seconds()
    await _many(token, count)
    return {
        "loop": 1e6 * (time.thread_time() - loop) / count,
        "journal": 1e6 * (_journal_seconds() - journal) / count,
    }


# Whose functions a line of the profile counts for.
PARTS = {
    "front door": ("wire/asgi.py", "runs/front.py", "runs/hooks/", "config/asgi.py", "runs/engine/reception.py"),
    "state and plan": ("runs/engine/state.py", "runs/engine/plan.py"),
    "settings and expressions": ("workflows/expressions/", "runs/engine/compiled.py", "pydantic"),
    "nodes": ("workflows/nodes/",),
    "JSON": ("wire/strict_json.py", "json/encoder.py", "json/__init__.py", "json/decoder.py"),
    "ids": ("wire/ids.py",),
    "the run in hand": ("runs/engine/",),
}


async def _shares(token: str, count: int) -> dict[str, float]:
    """Which part of the event loop's time goes where, by the functions' own times, summing to 1."""
    profile = cProfile.Profile()
    profile.enable()
    await _many(token, count)
    profile.disable()
    stats: Any = pstats.Stats(profile)
    spent = dict.fromkeys((*PARTS, "everything else"), 0.0)
    for (path, _, name), (_, _, own, _, _) in stats.stats.items():
        if name != "<method 'poll' of 'select.epoll' objects>":
            spent[_part_of(path)] += own
    total = sum(spent.values())
    return {part: own / total for part, own in spent.items()}


def _part_of(path: str) -> str:
    return next((part for part, places in PARTS.items() if any(place in path for place in places)), "everything else")


async def measured(tokens: Sequence[tuple[int, str]]) -> dict[str, Any]:
    from runs.engine.process import Engine

    engine = Engine()
    await engine.start_here()
    found: dict[str, Any] = {str(length): await _cost(token, max(30, 6_000 // length)) for length, token in tokens}
    found["shares"] = await _shares(tokens[0][1], 500)
    await engine.stop_here(1)
    return found


def main() -> None:
    django.setup()
    from runs.serving.first_start import first_admin, migrate

    migrate()
    member = first_admin()
    tokens = [(length, published(length, member)) for length in LENGTHS]
    print(json.dumps(uvloop.run(measured(tokens))))


if __name__ == "__main__":
    main()
