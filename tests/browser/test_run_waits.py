"""A run that waits: what for, until when, and what somebody at the browser can do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.conftest import Theme
from tests.browser.editor import Editor
from tests.browser.making import arrow, asked, made, step

OpenPage = Callable[..., Page]


def waiting_workflow(name: str, task_type: str) -> dict[str, Any]:
    """Sets a variable, asks for a decision, waits for an event, then for a worker."""
    paid: dict[str, Any] = {"name": "order.paid", "correlation": "o-17", "at_most": 2, "unit": "hours"}
    nodes = [
        step("start", "manual_trigger", 0, label="Start"),
        step("note", "set_variables", 300, label="Note it", variables={"total": 120}),
        step("ask", "approve", 600, label="Boss", message="Pay 120?"),
        step("paid", "wait_for_event", 900, label="Paid", **paid),
        step("send", "worker_task", 1200, label="Send it", task_type=task_type),
    ]
    arrows = [arrow("start", "note"), arrow("note", "ask"), arrow("ask", "paid", "approved"), arrow("paid", "send")]
    return {"name": name, "nodes": nodes, "edges": arrows}


def waits(page: Page) -> Locator:
    return page.get_by_role("region", name="What it waits for")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_its_page(open_page: OpenPage, theme: Theme) -> None:
    page = open_page("/app/", theme=theme)
    workflow = made(page, waiting_workflow(f"Waits {theme}", f"send_{theme}"))
    body = {"context": {}, "version": "draft", "deadline_seconds": 7200}
    run = asked(page, "post", f"/workflows/{workflow}/execute", body)["id"]
    page.goto(f"/app/runs/{run}")
    expect(page.get_by_text("Deadline")).to_be_visible()
    expect(waits(page)).to_contain_text("Pay 120?")
    expect(page.get_by_role("complementary", name="The run")).to_contain_text("total")
    waits(page).get_by_label("Comment").fill("go on")
    waits(page).get_by_role("button", name="Approve").click()
    expect(waits(page)).to_contain_text("The event order.paid about o-17")
    expect(waits(page)).to_contain_text("Gives up in 2 hr.")
    assert axe.faults(page) == []

    page.get_by_role("tab", name="Events").click()
    page.get_by_role("button", name="Raise an event…").click()
    page.get_by_label("Name", exact=True).fill("too.early")
    page.get_by_role("button", name="Raise", exact=True).click()
    table = page.get_by_role("table", name="Events, the newest first")
    expect(table.get_by_role("row", name="too.early")).to_contain_text("Lies in the inbox")
    waits(page).get_by_role("button", name="Raise it…").click()
    page.get_by_role("button", name="Raise", exact=True).click()
    expect(waits(page)).to_contain_text(f"A worker for send_{theme}")
    expect(table.get_by_role("row", name="order.paid")).to_contain_text("After")

    key = asked(page, "post", "/api-keys", {"name": f"Worker {theme}"})["secret"]
    worker = {"Authorization": f"Bearer {key}"}
    task = page.request.get(f"/api/tasks/poll/send_{theme}?workerid=w-1", headers=worker).json()
    assert task["workflowInstanceId"] == run
    expect(waits(page)).to_contain_text("w-1 took it")
    assert axe.faults(page) == []
    report = {"workflowInstanceId": run, "taskId": task["taskId"], "status": "COMPLETED", "outputData": {"sent": True}}
    assert page.request.post("/api/tasks", data=report, headers=worker).ok
    expect(page.get_by_text("Completed").first).to_be_visible()
    expect(waits(page)).to_have_count(0)


def test_in_the_editor(open_page: OpenPage) -> None:
    page = open_page("/app/")
    page.goto(f"/app/workflows/{made(page, waiting_workflow('Waits in the editor', 'send'))}")
    editor = Editor(page)
    editor.node("Paid").wait_for()
    editor.run()
    waits(page).get_by_role("button", name="Approve").click()
    expect(editor.node("Paid")).to_have_attribute("data-status", "waiting")
    editor.select("Paid")
    waits(page).get_by_role("button", name="Raise it…").click()
    page.get_by_role("button", name="Raise", exact=True).click()
    expect(editor.node("Send it")).to_have_attribute("data-status", "waiting")
