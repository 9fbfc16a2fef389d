"""What a workflow is called and how its runs are held, apart from its drawing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import Theme
from tests.browser.editor import Editor
from tests.browser.making import asked, chain, made

OpenPage = Callable[..., Page]


def test_all_of_them_are_kept(open_page: OpenPage) -> None:
    page = open_page("/app/")
    alarm = made(page, chain("Alarm", "Shout"))
    workflow = made(page, chain("Held", "First"))
    page.goto(f"/app/workflows/{workflow}")
    Editor(page).node("First").wait_for()
    page.get_by_role("button", name="Workflow settings").click()
    dialog = page.get_by_role("dialog", name="Workflow settings")
    dialog.get_by_label("Name", exact=True).fill("Held tight")
    dialog.get_by_label("Description").fill("One at a time")
    dialog.get_by_label("Tags").fill("shop, daily")
    dialog.get_by_label("Runs at once").fill("many")
    expect(dialog.get_by_text("A whole number from 1 to 10,000")).to_be_visible()
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_label("Runs at once").fill("1")
    dialog.get_by_label("Deadline of a run").fill("2")
    dialog.get_by_label("Unit of the deadline").select_option("hours")
    dialog.get_by_label("Runs are kept for").fill("30")
    dialog.get_by_label("Runs kept at most").fill("0")
    dialog.get_by_label("When a run fails, start").select_option("Alarm")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("Workflow name")).to_have_value("Held tight")
    Editor(page).saved()

    stored = asked(page, "get", f"/workflows/{workflow}")
    said = ("name", "description", "tags", "max_concurrent_runs", "deadline_seconds", "alert_workflow")
    assert [stored[name] for name in said] == ["Held tight", "One at a time", ["shop", "daily"], 1, 7200, alarm]
    assert (stored["run_days"], stored["runs_kept"]) == (30, 0)


def test_by_keyboard_and_by_the_palette(open_page: OpenPage) -> None:
    page = open_page("/app/")
    workflow = made(page, chain("Called", "First"))
    page.goto(f"/app/workflows/{workflow}")
    Editor(page).node("First").wait_for()
    page.keyboard.press("Control+,")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    for _ in range(4):  # description, tags, runs at once, deadline
        page.keyboard.press("Tab")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Settings saved")).to_be_visible()
    assert asked(page, "get", f"/workflows/{workflow}")["deadline_seconds"] == 300
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Find a workflow or a command").fill("deadline")
    page.get_by_role("option", name="Workflow settings").click()
    expect(page.get_by_label("Deadline of a run")).to_have_value("5")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(open_page: OpenPage, theme: Theme) -> None:
    page = open_page("/app/", theme=theme)
    page.goto(f"/app/workflows/{made(page, chain('Checked', 'First'))}")
    page.get_by_role("button", name="Workflow settings").click()
    page.get_by_label("Deadline of a run").fill("soon")
    assert axe.faults(page) == []
