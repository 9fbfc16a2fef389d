"""`python -m tests.browser.pictures`: the pictures of docs/images, taken of the samples in a fresh installation."""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path
from typing import Any, get_args

import httpx2
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import SIZE, Theme, chromium, sign_in
from tests.browser.editor import Editor
from tests.servers import ROOT, Api, Server

FOLDER = ROOT / "docs" / "images"
SMALL: ViewportSize = {"width": 1024, "height": 768}
SIZES = ((SIZE, ""), (SMALL, "-1024"))
PLAIN = (
    ("new-workflow", "/app/workflows?new"),
    ("runs", "/app/runs"),
    ("deliveries", "/app/deliveries"),
    ("schedule", "/app/schedule"),
    ("credentials", "/app/credentials"),
    ("settings", "/app/settings"),
)


def some_life(api: Api) -> dict[str, Any]:
    """Runs of each sample, so that there is something to see; gives the samples by name."""
    samples = {each["name"]: each for each in api.call("GET", "/workflows")["results"]}
    for quantity in (3, 40, 0, 12, 250, 8, 77):
        httpx2.post(samples["Check an order"]["webhook_url"], json={"customer": "Ada", "quantity": quantity})
    for name, times in (("Order report", 9), ("Morning round", 1)):
        for _ in range(times):
            api.call("POST", f"/workflows/{samples[name]['id']}/execute?wait=20", {"context": {}})
    return samples


def take(page: Page, name: str, ending: str) -> None:
    page.wait_for_timeout(800)  # fonts and the first layout
    page.screenshot(path=FOLDER / f"{name}-{ending}.png")


def take_all(page: Page, samples: dict[str, Any], ending: str) -> None:
    report = f"/app/workflows/{samples['Order report']['id']}"
    page.goto("/app/workflows")
    page.get_by_role("table").wait_for()
    take(page, "workflows", ending)
    page.goto(report)
    editor = Editor(page)
    editor.select("How large?")
    editor.run()
    editor.ends()
    page.get_by_role("button", name="Show everything").click()
    take(page, "editor", ending)
    page.get_by_role("link", name="Full run").click()
    page.get_by_role("heading", name="Order report").wait_for()
    editor.select("How large?")
    take(page, "run", ending)
    for name, path in (*PLAIN, ("versions", f"{report}/versions")):
        page.goto(path)
        page.get_by_role("heading").first.wait_for()
        take(page, name, ending)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, chromium() as browser:
        with server.api() as api:
            samples = some_life(api)
        for theme, (size, suffix) in product(get_args(Theme), SIZES):
            context = browser.new_context(viewport=size, base_url=server.url, color_scheme=theme)
            page = context.new_page()
            sign_in(page)
            take_all(page, samples, f"{theme}{suffix}")
            context.close()


if __name__ == "__main__":
    main()
