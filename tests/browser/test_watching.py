"""Watching a run: branches at the same time, a connection that breaks, and the tab's own icon."""

from __future__ import annotations

import re
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import SIZE, sign_in
from tests.browser.editor import Editor
from tests.browser.making import arrow, asked, made, step
from tests.servers import Server

OpenPage = Callable[..., Page]

BOTH_WAYS: dict[str, Any] = {
    "name": "Two branches",
    "nodes": [
        step("start", "manual_trigger", 0, label="Start"),
        step("upper", "wait_for_event", 300, label="Upper", name="upper"),
        step("lower", "wait_for_event", 300, 160, label="Lower", name="lower"),
    ],
    "edges": [arrow("start", "upper"), arrow("start", "lower")],
}


def waiting_run(page: Page) -> str:
    """The id of a run of both branches."""
    workflow = made(page, BOTH_WAYS)
    return str(asked(page, "post", f"/workflows/{workflow}/execute", {"version": "draft"})["id"])


def raise_event(page: Page, run: str, name: str) -> None:
    asked(page, "post", f"/runs/{run}/events/{name}", {})


def test_branches_at_the_same_time_are_seen_to_overlap(open_page: OpenPage) -> None:
    page = open_page("/app/")
    run = waiting_run(page)
    page.goto(f"/app/runs/{run}")
    canvas = Editor(page)
    for label in ("Upper", "Lower"):
        expect(canvas.node(label)).to_have_attribute("data-status", "waiting")
    icons = [icon(page)]
    raise_event(page, run, "upper")
    expect(canvas.node("Upper")).to_have_attribute("data-status", "completed")
    expect(canvas.node("Lower")).to_have_attribute("data-status", "waiting")
    raise_event(page, run, "lower")
    expect(page.get_by_text("Completed").first).to_be_visible()
    expect(canvas.node("Lower")).to_have_attribute("data-status", "completed")

    upper, lower = (span_of(bar(page, label)) for label in ("Upper", "Lower"))
    assert max(upper[0], lower[0]) < min(upper[1], lower[1]), "their bars lie side by side in time"
    assert lower[1] > upper[1], "what waited longer is longer"
    icons.append(icon(page))
    page.get_by_role("link", name="Runs").first.click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    icons.append(icon(page))
    assert all(one != other for one, other in pairwise(icons)), "waiting, completed, and the app's own"


def icon(page: Page) -> str:
    return str(page.locator('link[rel="icon"]').get_attribute("href"))


def bar(page: Page, label: str) -> Locator:
    """In the timeline: the attempt's bar, beside the row's name."""
    rows = page.get_by_role("group", name="Timeline, one row per node")
    return (
        rows.get_by_role("button", name=re.compile(f"^{label}: ")).locator("xpath=..").locator("[title*='attempt 1']")
    )


def span_of(bar: Locator) -> tuple[float, float]:
    size = bar.bounding_box()
    assert size
    return size["x"], size["x"] + size["width"]


class Relay:
    """Stands between the browser and the server, and can cut every connection that goes through it."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self.is_cut = False
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)

    def _begin(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments))
        self._threads[-1].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Breaks what goes through, and lets nothing new through until `mend`."""
        with self._lock:
            self.is_cut = True
            pairs, self._pairs = self._pairs, []
        for one in (each for pair in pairs for each in pair):
            with suppress(OSError):  # already closed by its own end
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        while self._threads:
            self._threads.pop().join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._pairs.append((near, far))
                self._begin(self._carry, near, far)

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with near, far:
            while True:
                ready, _, _ = select.select([near, far], [], [])
                for one in ready:
                    try:
                        piece = one.recv(65_536)
                        (far if one is near else near).sendall(piece)
                    except OSError:
                        return
                    if not piece:
                        return


@contextmanager
def relay_to(server: Server) -> Iterator[Relay]:
    relay = Relay(server.port)
    try:
        yield relay
    finally:
        relay.close()


def test_a_stream_that_breaks_comes_back_with_nothing_missed(browser: Browser, server: Server) -> None:
    # A context of its own: that requests fail while the wire is cut is what this is about.
    with relay_to(server) as relay, browser.new_context(viewport=SIZE, base_url=relay.url) as context:
        page = context.new_page()
        sign_in(page)
        run = waiting_run(page)
        page.goto(f"/app/runs/{run}")
        canvas = Editor(page)
        expect(canvas.node("Upper")).to_have_attribute("data-status", "waiting")
        relay.cut()
        expect(page.get_by_text("Connection lost, trying again…")).to_be_visible()
        with server.api() as api:
            api.call("POST", f"/runs/{run}/events/upper", {"n": 1}, status=202)
        expect(canvas.node("Upper")).to_have_attribute("data-status", "waiting")
        relay.mend()
        expect(canvas.node("Upper")).to_have_attribute("data-status", "completed", timeout=60_000)
        with server.api() as api:
            api.call("POST", f"/runs/{run}/events/lower", {"n": 2}, status=202)
        expect(page.get_by_text("Completed").first).to_be_visible()
        expect(page.get_by_role("tab", name="Log (3)")).to_be_visible()
