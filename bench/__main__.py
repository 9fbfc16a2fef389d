"""Measures both shapes and writes docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.load import Call, Figures, measure
from tests.provision import free_port, postgres, redis_server, wait_until
from tests.servers import ROOT, Api, Distributed, Server, chain, node

COUNT = 2_000
SECONDS = 6.0
CHAIN_COUNT = 200
PAGE = ROOT / "docs" / "benchmarks.md"

LARGE = {"left": "{{ input.total }}", "type": "number", "operator": "gte", "right": 100}

Row = tuple[str, str, Figures]


def webhook_call(api: Api) -> Call:
    """Five nodes: webhook, set, if, set, respond; the caller waits for the answer."""
    nodes = [
        node("hook", "webhook_trigger", response="wait"),
        node("order", "set", mapping={"id": "{{ trigger.body.id }}", "total": "{{ trigger.body.total }}"}),
        node("large", "if", conditions=[LARGE]),
        node("answer", "set", mapping={"id": "{{ nodes.order.id }}", "large": True}),
        node("reply", "respond", body={"order": "{{ nodes.answer.id }}"}),
    ]
    edges = chain(*nodes)
    edges[2]["sourceHandle"] = "true"
    workflow = api.published("bench: webhook", nodes, edges, active=True)
    return Call(workflow["webhook_url"], b'{"id": 7, "total": 250}')


def chain_call(api: Api) -> Call:
    """Forty nodes in a row, started over the API; the caller waits for the end."""
    nodes = [node("start", "manual_trigger")]
    nodes += [node(f"n{number}", "set", mapping={"n": number}) for number in range(39)]
    workflow = api.published("bench: chain", nodes, chain(*nodes))
    return Call(
        f"{api.url}/api/v1/workflows/{workflow['id']}/execute?wait=30",
        b'{"context": {}}',
        api.http.headers["Authorization"],
    )


@contextmanager
def baseline(server: Server) -> Iterator[tuple[Call, int]]:
    """The bare endpoint on the same database, and its process id."""
    port = free_port()
    surroundings = {**os.environ, **{f"PENSTOCK_{name.upper()}": text for name, text in server.settings.items()}}
    process = subprocess.Popen([sys.executable, "-m", "bench.baseline", str(port)], cwd=ROOT, env=surroundings)
    call = Call(f"http://127.0.0.1:{port}/", b'{"id": 7, "total": 250}')
    try:
        wait_until(lambda: _answers(call, process.pid), "baseline")
        yield call, process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(call: Call, pid: int) -> bool:
    try:
        measure(call, 1, [pid], count=5, seconds=1)
    except OSError:
        return False
    return True


def measure_shape(shape: str, server: Server) -> list[Row]:
    with server, baseline(server) as (bare, bare_pid), server.api() as api:
        pids = [process.process.pid for process in server.processes]
        hook, forty = webhook_call(api), chain_call(api)
        rows: list[Row] = []
        for callers in (1, 10):
            figures = measure(bare, callers, [bare_pid], count=COUNT, seconds=SECONDS)
            rows.append((shape, "baseline: one row", figures))
            rows.append((shape, "webhook, 5 nodes", measure(hook, callers, pids, count=COUNT, seconds=SECONDS)))
        rows.append((shape, "chain, 40 nodes", measure(forty, 1, pids, count=CHAIN_COUNT, seconds=SECONDS)))
        return rows


def measure_all(say: Callable[[str], None]) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        say("embedded …")
        rows = measure_shape("embedded", Server(Path(folder)))
        say("distributed …")
        with postgres() as new_database, redis_server() as redis, tempfile.TemporaryDirectory() as other:
            server = Distributed(Path(other), new_database(), redis.url)
            return rows + measure_shape("distributed", server)


def table(rows: list[Row]) -> str:
    lines = ["| shape | what | callers | per second | p50 ms | p95 ms | CPU ms |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {shape} | {what} | {f.callers} | {f.per_second:,.0f} | {f.p50_ms:.1f} | {f.p95_ms:.1f} | {f.cpu_ms:.2f} |"
        for shape, what, f in rows
    ]
    return "\n".join(lines)


def page(rows: list[Row]) -> str:
    today = datetime.now(tz=UTC).date()
    return f"""# Benchmarks

Written by `make bench` on {today}: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.
The callers run on the same cores as the server, so ratios count, not absolute values.

- **baseline**: a bare endpoint on the same web server and database that inserts one row and answers.
- **webhook, 5 nodes**: webhook → set → if → set → respond; the caller waits for the answer. Every run
  is on record afterwards, node by node.
- **chain, 40 nodes**: `POST …/execute?wait=30` of forty nodes in a row; the caller waits for the whole
  record of the run.
- **embedded**: `manage.py up` on SQLite. **distributed**: one web, one worker and one clock process on
  PostgreSQL and Redis.
- **CPU**: processor time of all the server's own processes per request (not the database server's).

{table(rows)}
"""


def main() -> None:
    rows = measure_all(lambda text: print(text, file=sys.stderr))
    PAGE.write_text(page(rows))
    print(table(rows))


if __name__ == "__main__":
    main()
