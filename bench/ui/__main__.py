"""Measures the browser app against React Flow's bare canvas with the same graph, and writes docs/benchmarks-ui.md."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route

from bench.ui.measuring import Loaded, busy_ms, drag_fps, heap_mib, opened, pan_fps, zoom_fps
from tests.browser.conftest import SIZE, chromium, sign_in
from tests.servers import ROOT, Api, Server

SIZES = (100, 500, 1_000, 2_000)
MAX_NODES = 1_000  # that the server stores, workflows/graph.py
LETTERS = 20
PAGE = ROOT / "docs" / "benchmarks-ui.md"


def graph(size: int) -> dict[str, Any]:
    """A comb: rows of twenty nodes, each row a chain that hangs on the first node."""
    nodes: list[dict[str, Any]] = [_node("start", "manual_trigger", 0, 0)]
    edges = []
    for index in range(size - 1):
        row, column = divmod(index, 20)
        nodes.append(_node(f"n{index}", "set", (column + 1) * 300, row * 120, mapping={"n": index}))
        source = "start" if column == 0 else f"n{index - 1}"
        edges.append({"id": f"e{index}", "source": source, "target": f"n{index}"})
    return {"nodes": nodes, "edges": edges}


def _node(id_: str, kind: str, x: int, y: int, **data: Any) -> dict[str, Any]:
    return {"id": id_, "position": {"x": x, "y": y}, "data": {"componentId": kind, "label": id_, **data}}


@contextmanager
def bare_page(folder: Path) -> Iterator[str]:
    """React Flow alone, built and served as files; the graph lies beside it."""
    build = ["npx", "vite", "build", "--config", "bench/vite.config.ts", "--outDir", str(folder), "--logLevel", "warn"]
    subprocess.run(build, cwd=ROOT / "frontend", check=True)
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Bench:
    """Opens pages cold: each in a browser context of its own, which has nothing cached."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self._browser = browser
        self._url = server.url
        with self._context() as context:
            page = context.new_page()
            sign_in(page)
            self._session = context.storage_state()

    def _context(self, **more: Any) -> BrowserContext:
        return self._browser.new_context(viewport=SIZE, base_url=self._url, **more)

    @contextmanager
    def page(self) -> Iterator[Page]:
        with self._context(storage_state=self._session) as context:
            yield context.new_page()


def measure_canvas(bench: Bench, url: str, prepare: Callable[[Page], None] = lambda _: None) -> list[str]:
    """One row: what opening costs (the middle of three), how it moves, and what it holds."""
    times, work = [], []
    for last in (False, False, True):
        with bench.page() as page:
            prepare(page)
            ready, busy = opened(page, url)
            times.append(ready)
            work.append(busy)
            if last:
                session = page.context.new_cdp_session(page)
                heap = heap_mib(session)
                fps = [drag_fps(page), pan_fps(page), zoom_fps(page)]
                nodes = page.locator(".react-flow__node").count()
                elements = page.evaluate("document.querySelectorAll('.react-flow__node *').length") / max(nodes, 1)
    numbers = [median(times), median(work), *fps, heap, elements]
    return [f"{number:.0f}" for number in numbers]


def measure_panel(bench: Bench, url: str) -> list[tuple[str, str]]:
    """The parameter panel at 500 nodes, and the main thread's time for a keystroke in it."""
    with bench.page() as page:
        opened(page, url)
        page.evaluate("() => { window.panel = window.after('pointerdown', '[data-inspector]', 1); }")
        page.locator(".react-flow__node").nth(1).click()
        panel = float(page.evaluate("window.panel"))
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.locator("#setting-label").click()
        page.wait_for_timeout(1_000)
        before = busy_ms(session)
        page.keyboard.type("x" * LETTERS, delay=30)
        typed = (busy_ms(session) - before) / LETTERS
    return [("Parameter panel opens, 500 nodes", f"{panel:.0f} ms"), ("Main thread per keystroke", f"{typed:.1f} ms")]


def measure_run(bench: Bench, url: str) -> list[tuple[str, str]]:
    """From the press of Run to statuses on the screen, the middle of three; forty nodes in a row."""
    firsts, lasts = [], []
    for _ in range(3):
        with bench.page() as page:
            opened(page, url)
            page.evaluate("""() => {
                window.first = window.after('click', '[data-status="completed"]', 1);
                window.all = window.after('click', '[data-status="completed"]', 40);
            }""")
            page.get_by_role("button", name="Run", exact=True).click()
            firsts.append(float(page.evaluate("window.first")))
            lasts.append(float(page.evaluate("window.all")))
    return [
        ("Run → first node done on screen", f"{median(firsts):.0f} ms"),
        ("Run → 40 nodes done on screen", f"{median(lasts):.0f} ms"),
    ]


def measure_loads(bench: Bench, editor: str) -> list[tuple[str, str]]:
    rows = []
    for name, path, mark in (("list", "/app/workflows", "table"), ("editor", editor, ".react-flow__node")):
        with bench.page() as page:
            loaded = Loaded()
            page.on("response", loaded.hear)
            page.goto(path)
            page.locator(mark).first.wait_for()
            page.wait_for_load_state("networkidle")
        rows.append((f"First load, {name}: scripts gzipped", f"{loaded.kib():.0f} KiB in {loaded.requests} requests"))
    return rows


def chain(size: int) -> dict[str, Any]:
    nodes = [_node("start", "manual_trigger", 0, 0)]
    nodes += [_node(f"n{i}", "set", (i % 10) * 300, (i // 10 + 1) * 120, mapping={"n": i}) for i in range(size - 1)]
    ids = [node["id"] for node in nodes]
    edges = [{"id": f"e{i}", "source": a, "target": b} for i, (a, b) in enumerate(pairwise(ids))]
    return {"nodes": nodes, "edges": edges}


def measure_all(folder: Path, bare: str, files: Path) -> tuple[list[list[str]], list[tuple[str, str]]]:
    table: list[list[str]] = []
    with Server(folder) as server, chromium() as browser:
        bench = Bench(browser, server)
        with server.api() as api:
            stored = {size: _stored(api, f"{size} nodes", graph(size)) for size in SIZES if size <= MAX_NODES}
            run = _stored(api, "Chain", chain(40))
        for size in SIZES:
            (files / "graph.json").write_text(json.dumps(_for_bare(graph(size))))
            larger = partial(_answer_with, graph(size)) if size > MAX_NODES else lambda _: None
            ours = stored.get(size, stored[max(stored)])
            table.append([f"{size:,}", "Penstock", *measure_canvas(bench, ours, larger)])
            table.append([f"{size:,}", "bare React Flow", *measure_canvas(bench, bare)])
        others = measure_loads(bench, stored[100]) + measure_panel(bench, stored[500]) + measure_run(bench, run)
    return table, others


def _stored(api: Api, name: str, drawn: dict[str, Any]) -> str:
    """The address of its editor."""
    return f"/app/workflows/{api.call('POST', '/workflows', {'name': name, **drawn}, status=201)['id']}"


def _answer_with(drawn: dict[str, Any], page: Page) -> None:
    """Lets the editor read a graph that is larger than the server would store."""

    def answer(route: Route) -> None:
        said = route.fetch()
        route.fulfill(response=said, json={**said.json(), **drawn})

    page.route(re.compile(r"/api/v1/workflows/fl_\w+$"), answer)


def _for_bare(said: dict[str, Any]) -> dict[str, Any]:
    nodes = [{**node, "data": {"label": node["data"]["label"]}} for node in said["nodes"]]
    return {"nodes": nodes, "edges": said["edges"]}


def written(table: list[list[str]], others: list[tuple[str, str]]) -> str:
    head = ["nodes", "page", "open to interactive, ms", "main thread in that, ms", "drag, fps", "pan, fps", "zoom, fps"]
    head += ["heap, MiB", "elements per node"]
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *table)]
    rest = [f"| {name} | {value} |" for name, value in others]
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    where = f"headless Chromium without a GPU, {os.cpu_count()} cores that the server shares"
    return f"""# Benchmarks of the browser app

Written by `make bench-ui` on {datetime.now(UTC):%Y-%m-%d}: {where}; load of the machine at the end {load}.
The bare canvas is React Flow's own default nodes with the same graph, measured in the same run: what differs is what
Penstock adds. Pages are opened with nothing cached; of three openings, and of three runs, the middle one is told. Above
300 nodes Penstock draws what is in view and opens at the start; the bare canvas draws all. A workflow may have
{MAX_NODES:,} nodes; the larger graph is put into the server's answer on its way to the browser.

{chr(10).join(lines)}

| what | measured |
| --- | --- |
{chr(10).join(rest)}
"""


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as data,
        tempfile.TemporaryDirectory() as files,
        bare_page(Path(files)) as bare,
    ):
        table, others = measure_all(Path(data), bare, Path(files))
    PAGE.write_text(written(table, others))
    print(PAGE.read_text())


if __name__ == "__main__":
    main()
