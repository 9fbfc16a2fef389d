"""A run looked at afterwards: scrubbed along its timeline, laid beside another one, taken back into the editor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.editor import Editor
from tests.browser.making import arrow, asked, made, step

OpenPage = Callable[..., Page]


def ran(page: Page, workflow: str, total: int) -> Any:
    path = f"/workflows/{workflow}/execute?wait=20"
    return asked(page, "post", path, {"version": "draft", "context": {"total": total}})


def orders(page: Page, name: str) -> str:
    """Start → pause for half a second → large or small."""
    rule = {"left": "{{ trigger.total }}", "type": "number", "operator": "gte", "right": "100"}
    nodes = [
        step("start", "manual_trigger", 0, label="Start"),
        step("pause", "delay", 300, label="Pause", duration=0.5, unit="seconds"),
        step("check", "if", 600, label="Check", conditions=[rule]),
        step("large", "set", 900, 0, label="Large", mapping={"text": "large: {{ trigger.total }}"}),
        step("small", "set", 900, 160, label="Small", mapping={"text": "small"}),
    ]
    edges = [
        arrow("start", "pause"),
        arrow("pause", "check"),
        arrow("check", "large", "true"),
        arrow("check", "small", "false"),
    ]
    return made(page, {"name": name, "nodes": nodes, "edges": edges})


def test_scrubbed_along_its_timeline(open_page: OpenPage) -> None:
    page = open_page("/app/")
    run = ran(page, orders(page, "Scrubbed"), 120)
    page.goto(f"/app/runs/{run['id']}")
    canvas = Editor(page)
    expect(canvas.node("Large")).to_have_attribute("data-status", "completed")
    slider = page.get_by_role("slider", name="Moment of the run shown on the canvas")
    slider.fill("100")
    expect(canvas.node("Start")).to_have_attribute("data-status", "completed")
    expect(canvas.node("Pause")).to_have_attribute("data-status", "running")
    expect(canvas.node("Large")).not_to_have_attribute("data-status", "completed")
    slider.press("End")
    expect(canvas.node("Small")).to_have_attribute("data-status", "skipped")
    assert faults(page) == []


def test_two_runs_side_by_side_and_one_taken_back_into_the_editor(open_page: OpenPage) -> None:
    page = open_page("/app/", theme="dark")
    workflow = orders(page, "Compared")
    first, second = ran(page, workflow, 120), ran(page, workflow, 7)
    page.goto(f"/app/runs/{second['id']}")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Compare with another run…").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Completed")).click()
    table = page.get_by_role("table", name="Both runs, node by node")
    expect(table.get_by_role("row", name=re.compile("^Large"))).to_contain_text("status, output")
    expect(Editor(page).node("Check")).to_have_attribute("data-differs", "true")
    table.get_by_role("button", name="Large").click()
    expect(page.get_by_role("group", name="Output in the other")).to_contain_text("large: 120")
    expect(page.get_by_role("table", name="Output of “Large”")).to_contain_text("large: 120")
    assert faults(page) == []

    page.goto(f"/app/runs/{first['id']}")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Load into the editor as pins").click()
    page.wait_for_url(re.compile("/app/workflows/"))
    editor = Editor(page)
    expect(editor.node("Check")).to_contain_text("pinned")
    editor.run()
    editor.ends()
    expect(editor.node("Check")).to_contain_text("Given")
    expect(editor.node("Large")).to_have_attribute("data-status", "completed")


def test_held_let_go_and_replayed_with_edits(open_page: OpenPage) -> None:
    page = open_page("/app/")
    nodes = [step("start", "manual_trigger", 0), step("pause", "delay", 300, duration=60, unit="seconds")]
    workflow = made(page, {"name": "Held", "nodes": nodes, "edges": [arrow("start", "pause")]})
    run = asked(page, "post", f"/workflows/{workflow}/execute", {"version": "draft"})
    page.goto(f"/app/runs/{run['id']}")
    page.get_by_role("button", name="Suspend").click()
    expect(page.get_by_text("Suspended", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Suspend")).to_be_visible()
    page.get_by_role("button", name="Terminate").click()
    page.get_by_role("dialog").get_by_role("button", name="Terminate").click()
    page.get_by_role("button", name="Run again").wait_for()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Replay with edits…").click()
    page.get_by_label("Payload (JSON)").fill('{"edited": true}')
    page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Again of")).to_be_visible()
    expect(page.get_by_role("complementary", name="The run")).to_contain_text("edited")


def test_many_runs_are_told_one_thing(open_page: OpenPage) -> None:
    page = open_page("/app/")
    workflow = orders(page, "In bulk")
    for total in (1, 2, 3):
        ran(page, workflow, total)
    page.goto(f"/app/runs?workflow={workflow}")
    page.get_by_label("Choose all shown").check()
    chosen = page.get_by_role("group", name="Chosen runs")
    expect(chosen).to_contain_text("3 runs chosen")
    assert faults(page) == []
    chosen.get_by_role("button", name="Retry").click()
    page.get_by_role("dialog").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("dialog", name="3 runs run again")).to_be_visible()
    page.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("table", name="Runs, newest first").get_by_role("row")).to_have_count(7)
