"""Measures both shapes and writes docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import Row, celery_chain, measured, profile, w6
from tests.provision import postgres, redis_server
from tests.servers import ROOT, Distributed, Server

PAGE = ROOT / "docs" / "benchmarks.md"
MET = {True: "yes", False: "**no**", None: ""}

EXPLANATION = """\
- **W1**: webhook → set → if → set → respond; the caller waits for the answer, and the run is on disk, node by node,
  before it gets it. The goals are those of a machine with two cores that does nothing else.
- **W2**: the same run, accepted with 202 and run afterwards; by webhook, and by `POST …/execute`, whose answer is the
  run's whole record.
- **W3**: one run of forty nodes in a row. **W4**: a hundred calls that take 200 ms each, in one run.
- **W5**: a schedule that fires every second. **W6**: the embedded server, started with nothing to do.
- **embedded**: `manage.py up` on SQLite. **distributed**: one web, one worker and one clock process on PostgreSQL and
  Redis; where a row says so, two web processes that listen on one port.
- **processor time**: of all the server's own processes per request (not the database server's). Medians of three
  rounds, in turn with the baseline's, where there is a rate; of all requests where there is a time.
- **growth**: the database is loaded with runs, vacuumed, analyzed and written out before the rate is taken again. Two
  workers and the database want more than two cores. So that each worker has as much as the other and as the one alone,
  it is stopped for 30 ms after every 20 ms (`bench/slices.py`); with all cores the two are as fast as those allow.
- **baselines**: a bare ASGI endpoint that inserts one row; a bare REST framework view that inserts the row of a run;
  a chain of forty Celery tasks. Same machine, same databases, same minute.
- The machine is a virtual one. Three runs of all this within an hour: W1 of the embedded server 2,151, 1,735 and 2,053,
  of the distributed one 2,186, 2,286 and 2,257; 39 calls on PostgreSQL in 25.2, 30.4 and 26.9 ms; and in the second of
  them one of ten scheduled starts under load was 115 ms late on PostgreSQL. On a busy machine rates fall to a half.
"""

CONCLUSIONS = """\
What the profiles led to, and what they did not:

- A run by webhook once cost 9 ms on the embedded server and 17 ms on the distributed one: an insert by the ORM in a
  thread, a wake-up, a claim, three commits and a look at the table, each in another thread or process. It is now born
  in the hands of the process that took it in: one event loop, and one commit shared by all callers of that moment.
- A respond or a stop node counted as an effect and cost a commit of its own; both give the same answer when they are
  run again, so they are pure.
- The route of a webhook is a guess that the commit itself checks, so no question goes ahead of it.
- `json.dumps` makes an encoder at every call with other than its own options: kept encoders halve its time. orjson
  takes a ninth of that, 0.34 µs for a small value; what it would write otherwise than we do is left to the thorough
  writer.
- The parts of a run know one another, so that an ended one left 120 objects behind in circles for the collector to
  find. A run that is let go of is taken apart. With orjson, in turn with the server as it was, on a busy machine:
  0.79 → 0.59 ms of the web process's time for a webhook's run on PostgreSQL, at 1.5 times the rate.
- Such a run was entered into 41 indexes on PostgreSQL, a dozen of them Django's second ones for LIKE, and for each log
  the database looked for the run that the same commit makes. Without those: 0.33 → 0.24 ms of its time, on a busy
  machine.
- The first of ten callers had a commit for itself, and the other nine waited for it. What is said in one turn of the
  event loop is written together now. On the quiet machine, in turn: 1,530 → 1,710 runs a second on PostgreSQL, and
  1,760 → 1,900 accepted with 202 on SQLite; ten waiting callers on SQLite gained nothing.
- Django's ASGI handler takes about twice the processor time of its WSGI handler in threads that are kept.
- The garbage collector looked through all that the server had loaded every few thousand runs, and everything stood
  still for 170 ms meanwhile: the p95 of schedules under load. It passes over that now (`runs/serving/memory.py`); the
  longest pause is some 10 ms, and a tenth of W1's processor time is gone.
- Two thirds of what `execute` cost, and nearly all of what reading a run cost, was Django making the same SQL again:
  for the caller, the workflow with all that its record tells, and the record itself. It is made once in each thread
  (`wire/prepared.py`), and a start goes through the reception as a webhook's does. On a busy machine, SQLite, ten
  callers and the runs included: 5.9 → 2.5 ms of processor time for `execute`, 5.7 → 1.6 ms for reading a run. REST
  framework with all of our middleware is 0.16 ms of it.
- Django fills values into the text of a statement by itself, so that PostgreSQL makes a plan for every question; for
  the workflow with all its record tells that took 0.75 ms, the answer 0.08. Those kept statements are prepared ones
  there now: `execute` in one process on PostgreSQL, on a busy machine, 200 → 310/s and 3.1 → 2.5 ms.
- A start held a thread until its run was on disk, and handed it to the event loop and back. Its answer can be made
  before, as nothing has happened in the run yet; the loop sends it when the run is on disk. The caller, their
  membership and the project are one question now, a workflow that draws no schedule is not asked for them, and the
  routes that programs call all day are tried first. On a busy machine, SQLite, ten callers and the runs included, in
  turn with the server as it was: 224 → 317/s and 2.29 → 1.82 ms for `execute`.
- A caller's token is known again by its text once its signature was right, which saves 35 µs of a request; when it
  ends and whether its user may still sign in is asked each time.
- Half of a prepared question's cost on SQLite was Django writing the places of its statement anew, and setting each
  field of what came out. Both are spared, and whether starts of a workflow were missed is asked together with it. The
  thread of `execute`, in one process and without the run: 0.49-0.54 → 0.38-0.43 ms on SQLite, 0.67-0.71 → 0.53 on
  PostgreSQL.
- A request, its view, the session's user and the answer know one another, so that each request left 90 objects to the
  collector, and a reading its whole record. They are taken apart (`accounts/api/base.py`). With the former, on a busy
  machine and in turn: 1.44-1.84 → 1.18-1.52 ms for `execute` with ten callers and the runs included, 0.71-0.84 → 0.52
  for reading a run of five nodes, 3.7-4.7 → 3.1-3.7 for `execute?wait` of forty.
- What a request costs in its thread nearly doubles beside the engine, with one caller as with ten: most likely cold
  caches. One, two or ten threads, SQLite's file mapped into memory, and two middlewares less make no difference.
- Every five seconds the sweeper read every run that ever was, on SQLite with the one writer's lock in hand: that made
  schedules late under load, starts slow beside many pending runs, and W1 slower with the count of finished runs. It
  reads two small indexes now.
- A run by webhook costs PostgreSQL no more beside 400,000 finished runs than beside none (0.30 and 0.33 ms of its
  processor time): no table is read through, and nothing but a commit takes 5 ms. What was measured as slower once, and
  as quicker at another time, was most likely the rest of the loading, vacuuming and writing out on the same cores. The
  measurement waits for that now.
- Of reading a run with 3,000 logs (1.4 MB, SQLite), 41 of 160 ms of processor time went into writing the JSON; orjson
  takes 15. A page of 200 logs takes 11 ms where it is the first and 83 where it is the last: what came into a node
  follows from all that came before it. Without logs the record takes 102.
- Threads that poll for SQLite's lock hardly ever find it free beside a busy journal. They take turns (`wire/turns.py`).
- Which runs are due is asked before what has gathered is written, so that a claim waits for one commit and not for two.
- httpcore2's pool looks through all its connections twice in every call: with a hundred calls at once that was half of
  a call's 0.75 ms. Without its pool and connections, by h11 alone on the event loop's own sockets, one call after the
  other took 0.14 ms each instead of 0.26 on a busy machine; h11 takes half of it.
- h11 took half of a call's own part. llhttp, the parser that the front door has by uvicorn, reads the same answer in
  3 µs; what a URL says is read once for many calls, and a request whose parts were checked needs no second check. A
  call on a connection that answers at once, without sockets: 73 → 14 µs of processor time.
- On SQLite, too, the statement that moves a run on looks whether it is as the journal left it, and no guard is asked
  before. psycopg makes a cursor for every statement; the journal keeps one. For each of 39 calls in a row, in one
  process on a busy machine, in turn with the former and with llhttp: 0.38-0.43 → 0.26-0.32 ms of the event loop's
  processor time, and 0.25-0.29 → 0.20-0.25 of the journal's on SQLite, 0.14-0.17 → 0.12-0.14 on PostgreSQL.
- All of it together, of the event loop's own part of a call without sockets and journal: 200 → 110 µs. Runs of 39 calls
  in turn with the former, web without a worker beside it, on a machine so busy that half of them took twice as long:
  the quickest tenth took 31.9 → 25.3 ms at most on the embedded server, 39.5 → 31.5 on the distributed one.
- Of a commit of PostgreSQL's for one call, 0.11 ms are the statement, flat parameters instead of JSON would save 0.02,
  and two to three times as much as all of it is the flush to disk.
- To make the next call ready while its start line goes to disk gained 20 µs of each on SQLite and perhaps 45 on
  PostgreSQL: the event loop then keeps the journal's thread from Python's lock just when that is to send. It was left.
- A wake-up by Celery costs its sender 0.7 ms of processor time and the worker that hears it 1.4 ms. The first one goes
  out at once, the next one 20 ms later at the earliest, for all runs of that while. On a busy machine, at 200 runs with
  202 a second, the distributed server: 1.45 → 1.31 ms for web, worker and clock together.
- The front door with uvicorn, without the run, on a busy machine: 85 → 77 µs of a webhook. A body that says its length
  is not counted once more, and the wrappers around each answer wait for nothing. uvicorn itself is some 30 µs of it.
- The fewer callers share a commit, the dearer is a run. In one process on PostgreSQL, on a busy machine, ten callers
  share commits of five runs and each takes 0.75-0.83 ms, five callers commits of three and 1.0-1.06 ms: two web
  processes on one port, with half the callers each, need more for the same.
- To write a run with 202 as pending and to claim it costs the embedded server no more than to begin it at once, once
  many are written and claimed together: 0.13 and 0.28 ms in two parts, 0.38 in one, without a socket. So in a rush
  what comes in goes first (`runs/engine/rush.py`): of a burst of 2,000, with both cores for it, 3,400-4,400 are
  accepted a second instead of 1,300-1,700, and all are finished when they were before.
- A worker with thousands of pending runs stood still while it claimed the next hundred: for a third of its time, on
  PostgreSQL and a busy machine. It claims them now while the last ones begin.
- Python lets go of its lock for each row of an `executemany`. Sixteen rows in one INSERT: 103 → 97 µs of the journal's
  time for a claimed run on SQLite. The loop and the journal still take turns rather than work side by side.
- A collector that is called less often, and uvloop for the worker, change nothing that can be measured.
- Between two calls of a run the journal asked PostgreSQL's guard, waited, sent three changes and the end of the
  transaction, and waited again. What the guard would say is known while nothing is asked of the run: one statement
  looks whether it is so, and writes (`runs/engine/short_way.py`). In turn with the former on a busy machine, the
  journal's processor time for each call: 0.49-0.54 → 0.22-0.29 ms. On SQLite a question costs no round trip.
- Its first form looked for the attempt to settle among all of its run's: 1.1 ms in a run of 300 nodes, 0.3 by id.
- Runs that come in and runs that end go the same way now, where a batch waited thirteen times for PostgreSQL. On a busy
  machine, for a webhook's run: 0.61-0.65 → 0.55-0.60 ms of the web process's time and 0.24-0.25 → 0.21-0.23 of
  PostgreSQL's.
- A shorter switch interval of Python's threads did not make schedules more punctual under load.
"""


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def table(rows: Sequence[Row]) -> str:
    lines = ["| work | what | measured | goal | met |", "|---|---|---|---|---|"]
    lines += [f"| {row.work} | {row.what} | {row.value} | {row.goal} | {MET[row.met]} |" for row in rows]
    return "\n".join(lines)


def cost_table(costs: Mapping[str, Mapping[str, Any]]) -> str:
    lines = ["| database | thread | 10 nodes | 100 nodes | each further node |", "|---|---|---|---|---|"]
    for name, found in costs.items():
        for which, thread in (("loop", "event loop"), ("journal", "journal")):
            short, long = found["10"][which], found["100"][which]
            lines.append(f"| {name} | {thread} | {short:,.0f} µs | {long:,.0f} µs | {(long - short) / 90:,.0f} µs |")
    return "\n".join(lines)


def share_table(shares: Mapping[str, float]) -> str:
    lines = ["| part of the event loop's time | share |", "|---|---|"]
    lines += [f"| {part} | {100 * share:.0f} % |" for part, share in sorted(shares.items(), key=lambda item: -item[1])]
    return "\n".join(lines)


def page(tables: Mapping[str, Sequence[Row]], costs: Mapping[str, Mapping[str, Any]]) -> str:
    today = datetime.now(tz=UTC).date()
    parts = [f"## {name}\n\n{table(rows)}" for name, rows in tables.items()]
    shares = share_table(next(iter(costs.values()))["shares"]) if costs else ""
    return f"""# Benchmarks

Written by `make bench` on {today}: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.
The callers and the database server run on the same cores as the server, so ratios count, not absolute values.

{EXPLANATION}
{(chr(10) * 2).join(parts)}

## Where the time goes

Processor time of a run by webhook, without a socket, from chains of 10 and 100 nodes with ten callers. The rest of
W1's processor time is the web server's.

{cost_table(costs)}

Of the event loop's part, by the functions' own times in a run of ten nodes (the profiler makes small functions look
dearer than they are):

{shares}

{CONCLUSIONS}"""


def show(tables: Mapping[str, Sequence[Row]], name: str) -> None:
    print(f"{name}\n\n{table(tables[name])}\n", flush=True)


def main() -> None:
    tables: dict[str, Sequence[Row]] = {}
    costs: dict[str, Mapping[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        for name in ("idle", "up", "distributed"):
            (Path(folder) / name).mkdir()
        say("start of the embedded server")
        beginning = w6(Path(folder) / "idle")
        say("embedded")
        tables["Embedded, SQLite"] = [*measured(Server(Path(folder) / "up"), say), *beginning]
        show(tables, "Embedded, SQLite")
        costs["SQLite"] = profile("")
        with postgres() as new_database, redis_server() as redis:
            say("distributed")
            site = Distributed(Path(folder) / "distributed", new_database(), redis.url, share_port="true")
            rows = measured(site, say)
            baseline = Row("W3", "baseline: a Celery chain of 40", f"{celery_chain(redis.url):.1f} ms")
            tables["Distributed, PostgreSQL and Redis"] = [*rows, baseline]
            show(tables, "Distributed, PostgreSQL and Redis")
            costs["PostgreSQL"] = profile(new_database())
    PAGE.write_text(page(tables, costs))
    print(cost_table(costs))


if __name__ == "__main__":
    main()
