"""The measurements of one shape of the server, in the order of the goals' table."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from threading import Thread
from typing import Any

import httpx2
import psutil

from bench import workflows
from bench.inside import Inside
from bench.load import Call, Figures, measure, middle
from bench.slices import two_fifths_of_a_core
from tests.provision import free_port, wait_until
from tests.servers import ROOT, Api, Distributed, Server, surroundings

ROUNDS = 3
SECONDS = 2.5
MANY = 100_000
BURST = 2_000
FINISHED = 1_000_000
PENDING = 10_000
DUE = 1_000
# A fifth of what a tool manages that keeps nothing (8,800/s), and more than 15 times one that keeps all.
W1_GOAL = 1_760

Share = Callable[[Sequence[subprocess.Popen[bytes]]], AbstractContextManager[None]]


@dataclass(frozen=True)
class Row:
    """One figure beside its goal; `met` is None where there is none."""

    work: str
    what: str
    value: str
    goal: str = ""
    met: bool | None = None


def within(work: str, what: str, value: float, most: float, unit: str = "ms") -> Row:
    return Row(work, what, f"{value:,.2f} {unit}", f"≤ {most:g} {unit}", value <= most)


def reaching(work: str, what: str, value: float, least: float, unit: str = "/s") -> Row:
    return Row(work, what, f"{value:,.2f}{unit}", f"≥ {least:,g}{unit}", value >= least)


@contextmanager
def baseline(kind: str, server: Server) -> Iterator[tuple[Call, int]]:
    """A bare server on the same database, and its process id."""
    port = free_port()
    command = [sys.executable, "-m", "bench.baseline", kind, str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=surroundings(server.settings))
    call = Call(f"http://127.0.0.1:{port}/", workflows.ORDER)

    def answers() -> bool:
        assert process.poll() is None, f"the baseline {kind} ended"
        with suppress(httpx2.TransportError):
            return httpx2.post(call.url, json={}).status_code == 200
        return False

    try:
        wait_until(answers, f"baseline {kind}")
        yield call, process.pid
    finally:
        process.kill()
        process.wait()


class Shape:
    """A running server, its workflows, and one method for each line of the table."""

    def __init__(self, server: Server, api: Api, inside: Inside, stack: ExitStack) -> None:
        self._server = server
        self._api = api
        self._inside = inside
        self._stack = stack
        self._waiting = workflows.five_nodes(api, "wait")
        self._accepted = workflows.five_nodes(api, "accepted")
        self._target = stack.enter_context(baseline("slow", server))[0].url

    @property
    def _pids(self) -> list[int]:
        return [process.process.pid for process in self._server.processes if process.process.poll() is None]

    def rows(self, say: Callable[[str], None]) -> Iterator[Row]:
        parts = (
            self.w1,
            self.w2,
            self.two_webs,
            self.w2_execute,
            self.w3,
            self.w4,
            self.w5,
            self.many_pending,
            self.growth,
        )
        for part in parts:
            say(f"  {part.__name__.replace('_', ' ')} …")
            try:
                yield from part()
            except (AssertionError, RuntimeError, OSError, ValueError) as fault:
                text = str(fault).splitlines()[0][:120]
                yield Row(part.__name__.upper(), "could not be measured", text, "", False)

    # --- webhooks ---

    def _hook_rate(self, callers: int = 10, seconds: float = SECONDS) -> Figures:
        return measure(workflows.webhook(self._waiting), callers, self._pids, count=MANY, seconds=seconds)

    def w1(self) -> Iterator[Row]:
        with baseline("asgi", self._server) as (bare, pid):
            bares, hooks = [], []
            for _ in range(ROUNDS):
                bares.append(measure(bare, 10, [pid], count=MANY, seconds=SECONDS))
                hooks.append(self._hook_rate())
            one = middle([self._hook_rate(1) for _ in range(ROUNDS)])
        ten, least = middle(hooks), W1_GOAL if isinstance(self._server, Distributed) else 0.7 * W1_GOAL
        spread = f"{min(each.per_second for each in hooks):,.0f}-{max(each.per_second for each in hooks):,.0f}"
        self.w1_rate = ten.per_second
        yield reaching("W1", f"ten callers (rounds: {spread})", ten.per_second, least)
        yield within("W1", "processor time per run", ten.cpu, 0.8)
        yield within("W1", "ten callers, p99", ten.p99, 17)
        yield within("W1", "one caller, p50", one.p50, 2)
        ratio = ten.per_second / middle(bares).per_second
        yield Row("W1", "of a bare endpoint with one insert", f"{ratio:.2f} × {middle(bares).per_second:,.0f}/s")

    def w2(self) -> Iterator[Row]:
        bursts, finished = [], []
        for _ in range(ROUNDS):
            bursts.append(self._burst())
            seconds = self._inside.took(self._accepted["id"], bursts[-1].count, "created_at")
            finished.append(bursts[-1].count / seconds)
        yield reaching("W2", "webhook with 202: accepted", middle(bursts).per_second, 2_080)
        yield reaching("W2", "webhook with 202: finished", median(finished), 1_560)

    def _burst(self) -> Figures:
        figures = measure(workflows.webhook(self._accepted, 202), 10, self._pids, count=BURST, seconds=60)
        self._all_finished(self._accepted)
        return figures

    def _all_finished(self, workflow: Any) -> None:
        """Asked now and then only: the question counts many rows, on the same cores."""

        def are_finished() -> bool:
            time.sleep(0.5)
            return bool(self._inside.unfinished(workflow["id"]) == 0)

        wait_until(are_finished, "all runs end", 120)

    def w2_execute(self) -> Iterator[Row]:
        call = workflows.execute(self._api, self._accepted)
        shapes: dict[str, list[Figures]] = {"ours": [], "threads": [], "ASGI": []}
        with baseline("drf", self._server) as (bare, pid), baseline("drf-asgi", self._server) as (other, other_pid):
            for _ in range(ROUNDS):
                shapes["threads"].append(measure(bare, 10, [pid], count=MANY, seconds=SECONDS))
                shapes["ours"].append(measure(call, 10, self._pids, count=MANY, seconds=SECONDS))
                self._all_finished(self._accepted)  # or the baselines would have to wait for them
                shapes["ASGI"].append(measure(other, 10, [other_pid], count=MANY, seconds=SECONDS / 2))
        ours, threads, asgi = (middle(rounds) for rounds in shapes.values())
        yield reaching(
            "W2", "execute, of a bare REST framework insert", ours.per_second / threads.per_second, 0.8, " ×"
        )
        yield Row("W2", "execute, runs included", f"{ours.per_second:,.0f}/s, {ours.cpu:.2f} ms")
        bares = f"{threads.per_second:,.0f}/s, {threads.cpu:.2f} ms; {asgi.per_second:,.0f}/s, {asgi.cpu:.2f} ms"
        yield Row("W2", "the bare insert in threads; under Django's ASGI handler", bares)

    def two_webs(self) -> Iterator[Row]:
        """The same with a second web process that listens on the port of the first."""
        if not isinstance(self._server, Distributed):
            return
        second = self._server.launch("web")
        wait_until(lambda: second.listens_on(self._server.port), "the second web listens")
        ten = middle([self._hook_rate() for _ in range(ROUNDS)])
        burst = middle([self._burst() for _ in range(ROUNDS)])
        second.stop()
        yield reaching("W1", "ten callers, two web processes on one port", ten.per_second, W1_GOAL)
        yield within("W1", "processor time per run, with two", ten.cpu, 0.8)
        yield reaching("W2", "webhook with 202, two web processes: accepted", burst.per_second, 2_080)

    # --- one run ---

    def w3(self) -> Iterator[Row]:
        forty = workflows.trivial_chain(self._api, 40)
        hook = measure(workflows.webhook(forty), 1, self._pids, count=300, seconds=SECONDS)
        yield within("W3", "40 trivial nodes, by webhook", hook.p50, 12)
        call = workflows.execute_and_wait(self._api, forty)
        execute = measure(call, 1, self._pids, count=300, seconds=SECONDS)
        yield Row("W3", "the same by execute?wait, with the whole record", f"{execute.p50:.1f} ms")
        calling = workflows.calling_chain(self._api, 40, self._target)
        effects = measure(workflows.webhook(calling), 1, self._pids, count=50, seconds=SECONDS)
        yield within("W3", "39 of them calling out by HTTP, each on disk before and after", effects.p50, 30)
        hundred, thousand = (workflows.trivial_chain(self._api, length) for length in (100, 1_000))
        short = measure(workflows.webhook(hundred), 1, self._pids, count=100, seconds=SECONDS)
        long = measure(workflows.webhook(thousand), 1, self._pids, count=20, seconds=SECONDS)
        yield within("growth", "1,000 nodes, of ten times 100 nodes", long.p50 / (10 * short.p50), 1.2, "×")

    def w4(self) -> Iterator[Row]:
        for what, make in (("nodes", workflows.calls_side_by_side), ("items of a loop", workflows.calls_of_a_loop)):
            workflow = make(self._api, 100, f"{self._target}slow")
            if workflow is None:
                yield Row("W4", f"100 × 200 ms HTTP as {what}", "no such node", "≤ 260 ms", False)
                continue
            figures = measure(workflows.webhook(workflow), 1, self._pids, count=7, seconds=10)
            yield within("W4", f"100 × 200 ms HTTP as {what}", figures.p50, 260)

    # --- the clock ---

    def w5(self) -> Iterator[Row]:
        ticking = workflows.every_second(self._api)
        time.sleep(12)
        idle = self._inside.lags(ticking["name"], 1)
        load = Thread(target=self._hook_rate, args=(10, 10.0))
        load.start()
        load.join()
        busy = self._inside.lags(ticking["name"], 1 + len(idle))
        self._api.call("POST", f"/workflows/{ticking['id']}/deactivate", {})
        for what, found in (("idle", idle), ("under W1's load", busy)):
            yield within("W5", f"start after the due instant, {what}: median", median(found), 10)
            yield within("W5", f"start after the due instant, {what}: p95", quantiles(found, n=20)[18], 50)
        yield self._many_due(ticking)

    def _many_due(self, like: Any) -> Row:
        self._inside.many_due(like["id"], DUE, 3.0)
        wait_until(lambda: len(self._inside.lags("bench: due", 0)) == DUE, "all that was due has started", 60)
        return within("W5", "1,000 due in one second: the last starts", max(self._inside.lags("bench: due", 0)), 5_000)

    # --- much of it ---

    def many_pending(self) -> Iterator[Row]:
        worker = next((each for each in self._server.processes if each.command == "worker"), None)
        if worker is not None:
            worker.process.send_signal(signal.SIGSTOP)
        try:
            self._inside.copies(self._accepted["id"], PENDING, "pending")
            start = workflows.execute(self._api, self._accepted)
            figures = measure(start, 1, self._pids, count=200, seconds=5)
        finally:
            if worker is not None:
                worker.process.send_signal(signal.SIGCONT)
        yield within("many", f"a start call with {PENDING:,} pending, p99", figures.p99, 200)
        self._all_finished(self._accepted)
        if worker is not None:
            yield from self._two_workers()

    def _two_workers(self) -> Iterator[Row]:
        """There may be no core for each of them and for the database: so each has the same part of one."""
        sliced, whole = [], []
        for count in (1, 2):
            workers = [each.process for each in self._server.processes if each.command == "worker"]
            if len(workers) < count:
                workers.append(self._server.launch("worker").process)
                time.sleep(4)
            sliced.append(self._finished_per_second(workers, two_fifths_of_a_core))
            whole.append(self._finished_per_second(workers, lambda _: nullcontext()))
        what = "two workers with two fifths of a core each, of one with so much"
        yield reaching("growth", what, sliced[1] / sliced[0], 1.7, " ×")
        yield Row("growth", "pending runs finished by one worker; by two", f"{whole[0]:,.0f}/s; {whole[1]:,.0f}/s")

    def _finished_per_second(self, workers: Sequence[subprocess.Popen[bytes]], share: Share) -> float:
        """All of them begin at once: they stood still for longer than from one look at the queue to the next."""
        count = 5 * BURST
        for each in workers:
            each.send_signal(signal.SIGSTOP)
        self._inside.copies(self._accepted["id"], count, "pending")
        time.sleep(1.5)
        for each in workers:
            each.send_signal(signal.SIGCONT)
        with share(workers):
            self._all_finished(self._accepted)
        seconds: float = self._inside.took(self._accepted["id"], count, "started_at")
        return count / seconds

    def growth(self) -> Iterator[Row]:
        before = middle([self._hook_rate() for _ in range(ROUNDS)]).per_second
        self._inside.copies(self._waiting["id"], FINISHED, "finished")
        time.sleep(3)
        after = middle([self._hook_rate() for _ in range(ROUNDS)]).per_second
        yield reaching("growth", f"W1's rate with {FINISHED:,} finished runs", after / before, 0.9, " ×")


def measured(server: Server, say: Callable[[str], None]) -> list[Row]:
    with ExitStack() as stack:
        stack.enter_context(server)
        api, inside = stack.enter_context(server.api()), stack.enter_context(closing(Inside(server)))
        return list(Shape(server, api, inside, stack).rows(say))


def w6(folder: Path) -> list[Row]:
    """The embedded server, started a second time: from the command to the first answer, and what it holds idle."""
    server = Server(folder)
    with server, server.api() as api:
        call = workflows.webhook(workflows.five_nodes(api, "wait"))
    began = time.perf_counter()
    process = server.launch("up")
    try:
        while not _is_answered(call):
            time.sleep(0.02)
        took = time.perf_counter() - began
        time.sleep(5)
        tree = [psutil.Process(process.process.pid), *psutil.Process(process.process.pid).children(recursive=True)]
        memory = sum(each.memory_full_info().pss for each in tree) / 2**20
    finally:
        server.stop()
        server.kill()
    return [
        within("W6", "from the command to the first webhook's answer", took, 2, "s"),
        within("W6", "idle, all processes", memory, 150, "MiB"),
    ]


def _is_answered(call: Call) -> bool:
    with suppress(httpx2.TransportError):
        return httpx2.post(call.url, content=call.body, headers={"content-type": "application/json"}).status_code == 200
    return False


def profile(database_url: str) -> dict[str, Any]:
    """The module of this name in a process of its own, on an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"PENSTOCK_DATA": folder, "PENSTOCK_DATABASE_URL": database_url}
        clean = {name: text for name, text in os.environ.items() if not name.startswith("PENSTOCK_")}
        command = [sys.executable, "-m", "bench.profile"]
        said = subprocess.run(command, cwd=ROOT, env=clean | settings, stdout=subprocess.PIPE, check=True, timeout=180)
        found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
        return found


def celery_chain(broker: str) -> float:
    command = [sys.executable, "-m", "bench.baseline", "celery", broker]
    said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=120)
    return float(json.loads(said.stdout.splitlines()[-1]))


def all_met(rows: Sequence[Row]) -> bool:
    return all(row.met is not False for row in rows)
