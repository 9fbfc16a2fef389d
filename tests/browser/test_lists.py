"""The list of workflows leads to a run by its bar, and a run that is opened in its middle goes on live."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.editor import Editor
from tests.browser.making import arrow, asked, chain, made, step

OpenPage = Callable[..., Page]


def begun(page: Page, name: str) -> str:
    """A run that waits in its middle for the event `go`."""
    nodes = [
        step("start", "manual_trigger", 0, label="Start"),
        step("hold", "wait_for_event", 300, label="Hold", name="go"),
        step("after", "set", 600, label="After", mapping={"x": 1}),
    ]
    workflow = made(page, {"name": name, "nodes": nodes, "edges": [arrow("start", "hold"), arrow("hold", "after")]})
    return str(asked(page, "post", f"/workflows/{workflow}/execute", {"version": "draft"})["id"])


def test_opened_in_the_middle_it_goes_on_live(open_page: OpenPage) -> None:
    page = open_page("/app/")
    run = begun(page, "In the middle")
    page.goto(f"/app/runs/{run}")
    canvas = Editor(page)
    expect(canvas.node("Start")).to_have_attribute("data-status", "completed")
    expect(canvas.node("Hold")).to_have_attribute("data-status", "waiting")
    asked(page, "post", f"/runs/{run}/events/go", {})
    expect(canvas.node("After")).to_have_attribute("data-status", "completed")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()


def test_the_list_is_filtered_by_its_address_and_its_bars_lead_to_runs(open_page: OpenPage) -> None:
    page = open_page("/app/")
    first, second = (made(page, {**chain(f"Listed {n}", "Step"), "tags": ["listed"]}) for n in (1, 2))
    for workflow in (first, second):
        asked(page, "post", f"/workflows/{workflow}/publish", {})
    run = asked(page, "post", f"/workflows/{first}/execute?wait=20", {"context": {}})["id"]
    page.goto("/app/workflows")
    page.get_by_label("Tag", exact=True).select_option("listed")
    page.wait_for_url(re.compile("tag=listed"))
    page.reload()
    rows = page.get_by_role("table", name="Workflows").get_by_role("row")
    expect(rows).to_have_count(3)
    for n in (1, 2):
        page.get_by_label(f"Choose Listed {n}").check()
    page.get_by_role("toolbar", name="Chosen workflows").get_by_role("button", name="Activate", exact=True).click()
    expect(page.get_by_text("2 of 2 activated")).to_be_visible()
    expect(page.get_by_role("switch", name="Listed 2 is active")).to_be_checked()
    page.get_by_label("Last run", exact=True).select_option("completed")
    expect(rows).to_have_count(2)
    page.get_by_role("group", name="Last runs of Listed 1").get_by_role("link").click()
    page.wait_for_url(re.compile(f"/app/runs/{run}$"))
    page.go_back()
    page.wait_for_url(re.compile("tag=listed&status=completed|status=completed&tag=listed"))
    expect(rows).to_have_count(2)
