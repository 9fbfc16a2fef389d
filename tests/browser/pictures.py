"""`python -m tests.browser.pictures`: the pictures of docs/images, taken of the samples in a fresh installation.

`python -m tests.browser.pictures series` takes the README's series alone: from an empty canvas to a finished run.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Any, get_args

import httpx2
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import SIZE, Theme, chromium, sign_in
from tests.browser.editor import Editor
from tests.browser.forms import Form
from tests.servers import ROOT, Api, Server
from workflows.nodes.registry import REGISTRY

FOLDER = ROOT / "docs" / "images"
SMALL: ViewportSize = {"width": 1024, "height": 768}
SERIES_SIZE: ViewportSize = {"width": 1200, "height": 720}
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
    api.call("POST", "/credentials", {"name": "Shop", "kind": "bearer", "data": {"token": "t"}}, status=201)
    report = api.call("GET", f"/workflows/{samples['Order report']['id']}")
    split = next(node for node in report["nodes"] if node["data"]["componentId"] == "switch")
    split["data"]["cases"][0]["conditions"][0]["right"] = 200
    api.call("PUT", f"/workflows/{report['id']}", {"nodes": report["nodes"], "edges": report["edges"]})
    api.call("POST", f"/workflows/{report['id']}/publish", {"note": "A large day begins at 200"})
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
        if name == "schedule":
            page.get_by_role("button", name="7 days").click()
        take(page, name, ending)


def take_series(page: Page) -> None:
    """Six pictures of building a workflow by mouse."""
    editor = Editor(page)
    page.goto("/app/workflows?new")
    page.get_by_label("Name", exact=True).fill("Orders of the day")
    page.get_by_role("button", name="Create and open").click()
    editor.exit_of("Start").click()
    page.get_by_role("combobox").fill("set")
    take(page, "build", "1")
    editor.choose_kind("Set fields")
    orders = '{{ [{"item": "Tea", "price": 4}, {"item": "Lamp", "price": 120}] }}'
    fill_in(page, "set", "Orders", mapping={"orders": orders})
    page.keyboard.press("Control+Shift+Enter")
    editor.ends()
    page.get_by_role("button", name="Show everything").click()
    take(page, "build", "2")
    page.get_by_role("button", name="Fold the run away").click()
    editor.exit_of("Orders").click()
    editor.choose_kind("If")
    total = "{{ sum(order.price for order in input.orders) }}"
    rule = {"left": total, "type": "number", "operator": "gte", "right": "100"}
    fill_in(page, "if", "A good day?", conditions=[rule])
    editor.saved()
    page.get_by_role("button", name="Show everything").click()
    take(page, "build", "3")
    editor.exit_of("A good day?", "true").click()
    editor.choose_kind("Set fields")
    fill_in(page, "set", "Praise", mapping={"text": "Well done: {{ len(input.orders) }} orders"})
    editor.exit_of("A good day?", "false").click()
    editor.choose_kind("Log")
    fill_in(page, "log", "Note it", message="Only {{ len(input.orders) }} orders today")
    page.get_by_role("button", name="Show everything").click()
    editor.saved()
    take(page, "build", "4")
    editor.run()
    editor.ends()
    page.get_by_role("button", name="Show everything").click()
    editor.select("Praise")
    take(page, "build", "5")
    page.get_by_role("link", name="Full run").click()
    page.get_by_role("heading", name="Orders of the day").wait_for()
    editor.select("Praise")
    take(page, "build", "6")


def fill_in(page: Page, kind: str, label: str, **settings: Any) -> None:
    schemas = {entry["kind"]: entry["schema"] for entry in REGISTRY.catalogue}
    for name, value in settings.items():
        Form(page, schemas[kind]).fill(name, value)
    page.get_by_label("Label").fill(label)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, chromium() as browser:
        context = browser.new_context(viewport=SERIES_SIZE, base_url=server.url, color_scheme="light")
        page = context.new_page()
        sign_in(page)
        take_series(page)
        context.close()
        if "series" in sys.argv:
            return
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
