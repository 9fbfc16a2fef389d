"""What is measured in a page, by the clock of the page itself."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, Page, Response

from tests.servers import ROOT

WATCH = """
window.firstNode = new Promise((done) => {
  const look = () => document.querySelector('.react-flow__node')
    ? requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))
    : requestAnimationFrame(look);
  look();
});
window.frames = (ms) => new Promise((done) => {
  let count = 0;
  const start = performance.now();
  const tick = (now) => {
    count++;
    if (now - start < ms) requestAnimationFrame(tick);
    else done(count * 1000 / (now - start));
  };
  requestAnimationFrame(tick);
});
window.after = (event, selector, count) => new Promise((done) => {
  addEventListener(event, () => {
    const start = performance.now();
    const look = () => document.querySelectorAll(selector).length >= count
      ? requestAnimationFrame(() => done(performance.now() - start))
      : requestAnimationFrame(look);
    look();
  }, {once: true, capture: true});
});
"""
SECONDS = 2.0


@dataclass
class Loaded:
    """The scripts that a page asked for, and how many requests there were in all."""

    requests: int = 0
    scripts: set[str] = field(default_factory=set)

    def hear(self, response: Response) -> None:
        self.requests += 1
        path = urlsplit(response.url).path
        if path.startswith("/static/app/") and path.endswith(".js"):
            self.scripts.add(path.removeprefix("/static/app/"))

    def kib(self) -> float:
        """Gzipped."""
        return sum(len(gzip.compress((_dist() / name).read_bytes(), 9)) for name in self.scripts) / 1024


def _dist() -> Path:
    return ROOT / "frontend" / "dist"


def opened(page: Page, url: str) -> tuple[float, float]:
    """Opens it: milliseconds until it had drawn and was free again, and how many of them the main thread worked."""
    page.add_init_script(WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(url, wait_until="commit")
    ready = float(page.evaluate("window.firstNode"))
    return ready, busy_ms(session)


def frames_while(page: Page, act: Callable[[float], None]) -> float:
    """Frames per second while `act` is called again and again with the part of the time that has passed."""
    page.evaluate(f"() => {{ window.counted = window.frames({SECONDS * 1000}); }}")  # begun, not waited for
    steps = int(SECONDS * 60)
    for step in range(steps):
        act(step / steps)
    return float(page.evaluate("window.counted"))


def drag_fps(page: Page) -> float:
    node = page.locator(".react-flow__node").first
    node.hover()
    box = node.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.down()
    fps = frames_while(page, lambda part: page.mouse.move(x + 300 * part, y + 200 * part))
    page.mouse.up()
    return fps


def pan_fps(page: Page) -> float:
    page.mouse.move(700, 450)
    return frames_while(page, lambda _: page.mouse.wheel(6, 4))


def zoom_fps(page: Page) -> float:
    """In and out again, at the middle of the canvas, as two fingers do it."""
    page.mouse.move(700, 450)
    page.keyboard.down("Control")
    fps = frames_while(page, lambda part: page.mouse.wheel(0, -12 if part < 0.5 else 12))
    page.keyboard.up("Control")
    return fps


def busy_ms(session: CDPSession) -> float:
    """Milliseconds that the main thread has worked so far, without what the measuring itself asks of it."""
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"] - metrics["DevToolsCommandDuration"]) * 1000


def heap_mib(session: CDPSession) -> float:
    """What the page's own JavaScript holds, once what nobody needs is thrown away."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1024**2
