"""Workflows and node kinds for the engine's tests. The kinds are the smallest that show what an engine must do."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from django.db import connections

from accounts.models import Membership, Project, User
from runs.engine import short_way
from runs.engine.database import Database, Postgres, Sqlite, is_sqlite
from runs.engine.process import Engine
from runs.models import Run
from runs.services import StartOptions, start_run
from workflows.document import write_document
from workflows.models import Version, Workflow
from workflows.nodes import base
from workflows.nodes.base import Context, NodeError, Output, Params, Result
from workflows.nodes.registry import REGISTRY
from workflows.requirements import record_requirement


class Value(Params):
    value: Any = None
    handle: str = "out"
    seconds: float = 0.0
    name: str = ""
    times: int = 0


class Calls:
    """What the kinds below did, in this process."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.tokens: list[str] = []
        self.gates: dict[str, threading.Event] = {}
        self.before: Callable[[str], None] = lambda node_id: None


calls = Calls()


class Kind(base.Node):
    title = description = icon = "test"
    category: ClassVar[base.Category] = "data"
    params = Value


class Start(Kind):
    kind = "manual_trigger"
    category = "trigger"
    pure = True

    async def run(self, params: Value, ctx: Context) -> Result:
        return Output(ctx.trigger)


class Set(Kind):
    kind = "set"
    pure = True

    async def run(self, params: Value, ctx: Context) -> Result:
        return Output(ctx.input if params.value is None else params.value, params.handle)


class Effect(Kind):
    """Counts its calls; waits for a gate or some seconds; fails as often as it is told."""

    kind = "effect"
    category = "action"
    repeat: ClassVar[base.Repeat] = "safe"

    async def run(self, params: Value, ctx: Context) -> Result:
        calls.before(ctx.node_id)
        calls.begun.append(ctx.node_id)
        calls.tokens.append(ctx.token)
        gate = calls.gates.get(ctx.node_id)
        while gate is not None and not gate.is_set():
            await asyncio.sleep(0.005)
        await asyncio.sleep(params.seconds)
        if calls.begun.count(ctx.node_id) <= params.times:
            raise NodeError("not_yet", f"attempt {ctx.attempt}")
        calls.ended.append(ctx.node_id)
        ctx.log("done")
        return Output(params.value if params.value is not None else ctx.input, params.handle)


class Once(Effect):
    kind = "once"
    repeat = "once"


class Think(Effect):
    """Pure, and takes its time."""

    kind = "think"
    pure = True


class Sleep(Kind):
    kind = "sleep"

    async def run(self, params: Value, ctx: Context) -> Result:
        return base.Wait(timedelta(seconds=params.seconds), Output(ctx.input))


class Await(Kind):
    """Waits for the event `name`; for `seconds` at most, unless that is 0."""

    kind = "await"

    async def run(self, params: Value, ctx: Context) -> Result:
        until = ctx.now() + timedelta(seconds=params.seconds) if params.seconds else None
        return base.WaitForEvent(params.name, params.value, until)


class Child(Kind):
    kind = "child"

    async def run(self, params: Value, ctx: Context) -> Result:
        return base.StartChild(params.name, ctx.input, wait=params.handle == "out")


class Answer(Kind):
    kind = "answer"

    async def run(self, params: Value, ctx: Context) -> Result:
        return base.Respond(201, [("x-a", "b")], params.value)


class StopRun(Kind):
    kind = "stop"

    async def run(self, params: Value, ctx: Context) -> Result:
        failed = params.handle == "failed"
        return base.Stop("failed" if failed else "completed", params.value, "told to" if failed else "")


class Tell(Kind):
    """Opens a secret and says it everywhere."""

    kind = "tell"

    async def run(self, params: Value, ctx: Context) -> Result:
        secret = await ctx.secret(params.name)
        ctx.log(f"it is {secret.data['token']}")
        return Output({"said": f"it is {secret.data['token']}!"})


class Crash(Kind):
    kind = "crash"

    async def run(self, params: Value, ctx: Context) -> Result:
        raise RuntimeError("boom")


class Refuse(Kind):
    """Fails with `value` as its details, and says `name` as often as it is told."""

    kind = "refuse"

    async def run(self, params: Value, ctx: Context) -> Result:
        for _ in range(params.times):
            ctx.log(params.name)
        raise NodeError("refused", params.name, details=params.value)


class Odd(Kind):
    """Gives what no database takes."""

    kind = "odd"
    pure = True

    async def run(self, params: Value, ctx: Context) -> Result:
        return Output({"nul": "\0"})


class Deaf(Kind):
    """Ignores being cancelled."""

    kind = "deaf"

    async def run(self, params: Value, ctx: Context) -> Result:
        calls.begun.append(ctx.node_id)
        end = time.monotonic() + params.seconds
        while time.monotonic() < end:
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue
        return Output(None)


class Kinds:
    """As the registry: kinds by name."""

    table: ClassVar[dict[str, base.Node]] = {
        kind.kind: kind()
        for kind in (
            Start,
            Set,
            Effect,
            Once,
            Think,
            Sleep,
            Await,
            Child,
            Answer,
            StopRun,
            Tell,
            Crash,
            Refuse,
            Odd,
            Deaf,
        )
    }

    def get(self, name: str) -> base.Node | None:
        """These, and for all else the real ones."""
        return self.table.get(name) or REGISTRY.get(name)

    def names(self) -> list[str]:
        return sorted({*self.table, *REGISTRY.names()})


# --- rows ---


def new_project() -> Project:
    project = Project.objects.create(name="Alice's")
    user = User.objects.create(email=f"{project.id}@example.com")
    Membership.objects.create(project=project, user=user, role="owner")
    return project


def published(drawing: str, project: Project | None = None, key: str = "flow", **settings: dict[str, Any]) -> Workflow:
    """`a:set>b:effect a>c:set b.error>d:set`; settings by node id. The kind is said where a node is first named, as
    is the container in which it lies: `each:for_each a@each:effect>b@each`."""
    project = project or new_project()
    kinds, parents, edges = _read(drawing)
    version = Version.objects.create(state="published", number=1)
    membership = Membership.objects.filter(project=project).get()
    workflow = Workflow.objects.create(
        project=project,
        key=key,
        name=key,
        authorization=membership,
        draft=Version.objects.create(state="draft"),
        published=version,
    )
    Version.objects.filter(id=version.id).update(workflow=workflow)
    nodes = [
        {
            "id": name,
            "data": {"componentId": kind, **settings.get(name, {})},
            "position": {"x": 0, "y": 0},
            "parentId": parents.get(name),
        }
        for name, kind in kinds.items()
    ]
    arrows = [
        {"id": f"e{n}", "source": source, "target": target, "sourceHandle": handle}
        for n, (source, handle, target) in enumerate(edges)
    ]
    write_document(version, {"nodes": nodes, "edges": arrows})
    record_requirement(version)
    return workflow


def _read(drawing: str) -> tuple[dict[str, str], dict[str, str], list[tuple[str, str | None, str]]]:
    kinds: dict[str, str] = {}
    parents: dict[str, str] = {}
    edges = []

    def name_of(word: str) -> tuple[str, str | None]:
        word, _, kind = word.partition(":")
        name, _, handle = word.partition(".")
        name, _, parent = name.partition("@")
        if parent:
            parents[name] = parent
        kinds.setdefault(name, kind or "set")
        return name, handle or None

    for word in drawing.split():
        names = [name_of(part) for part in word.split(">")]
        edges += [(a, handle, b) for (a, handle), (b, _) in pairwise(names)]
    return kinds, parents, edges


# --- running ---


def begun(workflow: Workflow, payload: Any = None, **options: Any) -> Run:
    return start_run(workflow, {} if payload is None else payload, StartOptions("api", **options))


@contextmanager
def engine(**options: Any) -> Iterator[Engine]:
    options = {"slots": 50, "lease": 30.0, "kinds": Kinds(), **options}
    running = Engine(**options)
    running.start()
    try:
        yield running
    finally:
        running.stop(0)


def ended(run: Run, seconds: float = 30) -> Run:
    """The run when it is terminal."""
    end = time.monotonic() + seconds
    while True:
        run.refresh_from_db()
        if run.is_terminal:
            return run
        assert time.monotonic() < end, f"still {run.status} after {seconds} s: {logs(run)}"
        time.sleep(0.01)


def until(true: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def logs(run: Run) -> list[tuple[str, int, str, str | None]]:
    return [(log.node_id, log.attempt, log.status, log.handle) for log in run.logs.order_by("started_at", "seq")]


def iterations(run: Run, node_id: str) -> dict[str, str]:
    """The last status of a node in each iteration."""
    return {log.iteration: log.status for log in run.logs.filter(node_id=node_id).order_by("iteration", "attempt")}


def forget_connections() -> None:
    """In a thread of a test's own, before it ends."""
    connections.close_all()


def around_writes(monkeypatch: pytest.MonkeyPatch, around: Callable[[], AbstractContextManager[None]]) -> None:
    """Puts something around each transaction of the journal, also where it is one statement."""
    for kind in (Sqlite, Postgres):
        real = kind.transaction

        @contextmanager
        def transaction(self: Database, real: Any = real) -> Iterator[None]:
            with around(), real(self):
                yield

        monkeypatch.setattr(kind, "transaction", transaction)
    writing = short_way.write

    def write(*args: Any) -> set[str]:
        with around():
            return writing(*args)

    if not is_sqlite():  # where it is a transaction like others
        monkeypatch.setattr(short_way, "write", write)
