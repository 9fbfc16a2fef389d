"""The schedule form with its preview, and the Schedule screen, as a person uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.editor import Editor
from tests.browser.forms import Form
from tests.provision import wait_until
from tests.servers import Api, Server, chain, node
from workflows.nodes.registry import REGISTRY

OpenPage = Callable[..., Page]
SCHEMA = {entry["kind"]: entry["schema"] for entry in REGISTRY.catalogue}["schedule_trigger"]
BERLIN = ZoneInfo("Europe/Berlin")


def scheduled(api: Api, name: str, *, active: bool = True, **settings: Any) -> Any:
    nodes = [node("clock", "schedule_trigger", label="Clock", **settings), node("say", "log", message="hi")]
    return api.published(name, nodes, chain(*nodes), active=active)


def next_change() -> date:
    """The next day on which the clocks go forward in Berlin."""
    day = datetime.now(UTC).replace(hour=12, minute=0)
    while True:
        before, day = day, day + timedelta(days=1)
        if (day.astimezone(BERLIN).utcoffset() or timedelta()) > (before.astimezone(BERLIN).utcoffset() or timedelta()):
            return day.date()


def test_the_form_shows_what_the_schedule_will_do_and_where_the_clocks_change(
    open_page: OpenPage, server: Server
) -> None:
    with server.api() as api:
        workflow = scheduled(api, "Nightly", active=False, schedule_value="0 9 * * *")
    page = open_page(f"/app/workflows/{workflow['id']}")
    Editor(page).select("Clock")
    form, note = Form(page, SCHEMA), page.get_by_role("table", name="Next starts")
    expect(note.locator("tbody time")).to_have_count(10)
    form.fill("schedule_value", "30 2 * * *")
    form.fill("timezone", "Europe/Berlin")
    form.fill("starts_on", str(next_change() - timedelta(days=1)))
    changed = note.locator("[data-clock-change=gap]")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("does not exist")
    expect(note.locator("tr").filter(has_text="03:00")).to_have_count(1)
    expect(page.get_by_text("At 02:30, Europe/Berlin")).to_be_visible()


def test_a_schedule_is_seen_paused_and_resumed(open_page: OpenPage, server: Server) -> None:
    with server.api() as api:
        scheduled(api, "Every hour here", schedule_value="0 * * * *")
    page = open_page("/app/workflows")
    page.get_by_role("link", name="Schedule", exact=True).click()
    row = page.get_by_role("table", name="Coming starts").get_by_role("row").filter(has_text="Every hour here")
    expect(row.get_by_role("img", name=re.compile("2[34] starts"))).to_be_visible()
    page.get_by_role("button", name="7 days").click()
    expect(row.get_by_role("img", name=re.compile("16[78] starts"))).to_be_visible()

    row.get_by_role("button", name="More about Every hour here").click()
    page.get_by_role("menuitem", name="Pause…").click()
    page.get_by_label("Reason").fill("The far side is being moved.")
    page.keyboard.press("Enter")
    resting = page.get_by_role("table", name="Resting schedules").get_by_role("row").filter(has_text="Every hour here")
    expect(resting).to_contain_text("The far side is being moved.")
    resting.get_by_role("button", name="Resume").click()
    expect(row).to_be_visible()


def test_past_starts_and_a_backfill_with_its_progress(open_page: OpenPage, server: Server) -> None:
    with server.api() as api:
        workflow = scheduled(api, "Every second here", schedule_value="* * * * * *")
        firings = f"/firings?workflow={workflow['id']}&outcome=started"
        wait_until(lambda: len(api.call("GET", firings)["results"]) >= 2, "two starts")
        api.call("POST", f"/workflows/{workflow['id']}/deactivate")
        daily = scheduled(api, "Once a day here", schedule_value="0 9 * * *")
    page = open_page(f"/app/schedule?tab=past&workflow={workflow['id']}")
    past = page.get_by_role("table", name="Past starts, latest first")
    expect(past.get_by_text("Started").first).to_be_visible()
    past.get_by_role("link", name="Completed").first.click()
    expect(page.get_by_role("heading", name="Every second here")).to_be_visible()

    page.goto("/app/schedule?hours=168")
    page.get_by_role("button", name="More about Once a day here").click()
    page.get_by_role("menuitem", name="Backfill…").click()
    end = datetime.now().astimezone() - timedelta(days=1)
    page.get_by_label("From").fill((end - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Until").fill(end.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Starts a minute, at most").fill("600")
    page.get_by_role("button", name="Start 3").click()
    page.get_by_role("tab", name="Backfills").click()
    row = page.get_by_role("table", name="Backfills").get_by_role("row").filter(has_text="Once a day here")
    expect(row).to_contain_text("3 of 3")
    expect(row).to_contain_text("Completed")
    assert daily["id"]


def test_an_alert_workflow_is_named_and_tested_by_keyboard(open_page: OpenPage, server: Server) -> None:
    with server.api() as api:
        scheduled(api, "Watched here", schedule_value="0 9 * * *")
        start = node("start", "manual_trigger")
        api.published("Tell us here", [start], [])
    page = open_page("/app/schedule?tab=alerts")
    choice = page.get_by_label("Alert workflow of Watched here")
    choice.focus()
    page.keyboard.type("Tell us here")
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has=choice)
    row.get_by_role("button", name="Send test").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Test alert sent")).to_be_visible()
    with server.api() as api:
        runs = api.call("GET", "/runs?trigger=alert")["results"]
    assert [run["workflow_name"] for run in runs] == ["Tell us here"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tab", ["coming", "past", "backfills", "alerts"])
def test_the_screen_is_accessible(open_page: OpenPage, server: Server, theme: str, tab: str) -> None:
    page = open_page(f"/app/schedule?tab={tab}", theme=theme)
    expect(page.get_by_role("tabpanel")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert axe.faults(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_is_accessible(open_page: OpenPage, server: Server, theme: str) -> None:
    with server.api() as api:
        workflow = scheduled(api, "Accessible clock", schedule_value="30 2 * * *", timezone="Europe/Berlin")
    page = open_page(f"/app/workflows/{workflow['id']}", theme=theme)
    Editor(page).select("Clock")
    expect(page.get_by_role("table", name="Next starts")).to_be_visible()
    assert axe.faults(page) == []
