"""Measures the browser app against React Flow's bare canvas with the same graph, and writes docs/benchmarks-ui.md."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from bench.ui.measuring import Loaded, busy_ms, drag_fps, opened, pan_fps
from tests.browser.conftest import SIZE, chromium, sign_in
from tests.servers import ROOT, Server

SIZES = (100, 500, 1_000)
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


def measure_canvas(context: BrowserContext, url: str) -> list[str]:
    page, _, ready = opened(context, url)
    cells = [f"{ready:.0f}", f"{drag_fps(page):.0f}", f"{pan_fps(page):.0f}"]
    nodes = page.locator(".react-flow__node")
    elements = page.evaluate("document.querySelectorAll('.react-flow__node *').length") / max(nodes.count(), 1)
    cells.append(f"{elements:.0f}")
    page.close()
    return cells


def measure_panel(context: BrowserContext, url: str) -> list[tuple[str, str]]:
    """The parameter panel at 500 nodes, and the main thread's time for a keystroke in it."""
    page, _, _ = opened(context, url)
    page.evaluate("() => { window.panel = window.after('pointerdown', '[data-inspector]', 1); }")
    page.locator(".react-flow__node").nth(1).click()
    panel = float(page.evaluate("window.panel"))
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    page.locator("#setting-label").click()
    page.wait_for_timeout(1_000)
    before = busy_ms(session)
    page.keyboard.type("x" * LETTERS, delay=30)
    typed = (busy_ms(session) - before) / LETTERS
    page.close()
    return [("Parameter panel opens, 500 nodes", f"{panel:.0f} ms"), ("Main thread per keystroke", f"{typed:.1f} ms")]


def measure_run(context: BrowserContext, url: str) -> list[tuple[str, str]]:
    """From the press of Run to statuses on the screen; forty nodes in a row."""
    page, _, _ = opened(context, url)
    page.evaluate("""() => {
        window.first = window.after('click', '[data-status="completed"]', 1);
        window.all = window.after('click', '[data-status="completed"]', 40);
    }""")
    page.get_by_role("button", name="Run", exact=True).click()
    first, last = float(page.evaluate("window.first")), float(page.evaluate("window.all"))
    page.close()
    return [("Run → first node done on screen", f"{first:.0f} ms"), ("Run → 40 nodes done on screen", f"{last:.0f} ms")]


def measure_loads(browser: Browser, server: Server, editor: str) -> list[tuple[str, str]]:
    rows = []
    for name, path, mark in (("list", "/app/workflows", "table"), ("editor", editor, ".react-flow__node")):
        context = browser.new_context(viewport=SIZE, base_url=server.url)
        page = context.new_page()
        sign_in(page)
        page.close()
        page = context.new_page()
        loaded = Loaded()
        page.on("response", loaded.hear)
        page.goto(path)
        page.locator(mark).first.wait_for()
        page.wait_for_load_state("load")
        rows.append((f"First load, {name}: scripts gzipped", f"{loaded.kib():.0f} KiB in {loaded.requests} requests"))
        context.close()
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
        context = browser.new_context(viewport=SIZE, base_url=server.url)
        page = context.new_page()
        sign_in(page)
        page.close()
        urls = {}
        with server.api() as api:
            for size in SIZES:
                made = api.call("POST", "/workflows", {"name": f"{size} nodes", **graph(size)}, status=201)
                urls[size] = f"/app/workflows/{made['id']}"
            made = api.call("POST", "/workflows", {"name": "Chain", **chain(40)}, status=201)
        for size in SIZES:
            (files / "graph.json").write_text(json.dumps(_for_bare(graph(size))))
            table.append([f"{size:,}", "Penstock", *measure_canvas(context, urls[size])])
            table.append([f"{size:,}", "bare React Flow", *measure_canvas(context, bare)])
        others = measure_loads(browser, server, urls[100])
        others += measure_panel(context, urls[500])
        others += measure_run(context, f"/app/workflows/{made['id']}")
    return table, others


def _for_bare(said: dict[str, Any]) -> dict[str, Any]:
    nodes = [{**node, "data": {"label": node["data"]["label"]}} for node in said["nodes"]]
    return {"nodes": nodes, "edges": said["edges"]}


def written(table: list[list[str]], others: list[tuple[str, str]]) -> str:
    head = ["nodes", "page", "open to interactive, ms", "drag, fps", "pan, fps", "elements per node"]
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *table)]
    rest = [f"| {name} | {value} |" for name, value in others]
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    where = f"headless Chromium without a GPU, {os.cpu_count()} cores that the server shares"
    return f"""# Benchmarks of the browser app

Written by `make bench-ui` on {datetime.now(UTC):%Y-%m-%d}: {where}; load of the machine at the end {load}.
The bare canvas is React Flow's own default nodes with the same graph, measured in the same run: what differs is what
Penstock adds. A workflow may have 1,000 nodes, so that more cannot be measured. Above 300 nodes Penstock draws what is
in view and opens at the start; the bare canvas draws all.

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
