"""Deliveries with replay, and listening for a test request in the editor."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx2
from playwright.sync_api import Page, expect

from tests.browser.editor import Editor
from tests.runs.hooks.hooked import hooked
from tests.servers import Server, chain, node

OpenPage = Callable[..., Page]


def test_deliveries_are_looked_through_and_replayed(open_page: OpenPage, server: Server) -> None:
    with server.api() as api:
        workflow = hooked(api, node("echo", "set", label="Echo", mapping={"x": "{{ trigger.body.x }}"}))
        url = workflow["webhook_url"]
        httpx2.post(url, json={"x": 41}, headers={"X-Api-Key": "canary"})
        httpx2.post(url, content=b"{", headers={"content-type": "application/json"})

    page = open_page(f"/app/deliveries?workflow={workflow['id']}")
    rows = page.get_by_role("table", name="Deliveries, newest first").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Not JSON")
    rows.nth(2).get_by_role("button", name=re.compile("^POST")).click()
    detail = page.get_by_role("complementary", name="The delivery")
    expect(detail).to_contain_text("[hidden]")
    expect(detail).to_contain_text("41")
    expect(detail).not_to_contain_text("canary")

    detail.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("1 run started")).to_be_visible()
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("Run started")
    page.get_by_label("Outcome").select_option("refused")
    expect(rows).to_have_count(2)
    rows.nth(1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Replay 1").click()
    expect(page.get_by_text(re.compile("0 runs started, 1 not"))).to_be_visible()


def test_a_test_request_is_heard_and_run_with(open_page: OpenPage, server: Server) -> None:
    nodes = [
        node("hook", "webhook_trigger", label="Hook"),
        node("echo", "set", label="Echo", mapping={"x": "{{ trigger.body.x }}"}),
    ]
    with server.api() as api:
        workflow = api.call("POST", "/workflows", {"name": "Heard", "nodes": nodes, "edges": chain(*nodes)}, status=201)

    page = open_page(f"/app/workflows/{workflow['id']}")
    editor = Editor(page)
    editor.select("Hook")
    settings = page.get_by_role("complementary", name="Settings of Hook")
    expect(settings).to_contain_text("Unsigned")
    settings.get_by_role("button", name="Listen for a test request").click()
    expect(settings).to_contain_text("Listening until")
    expect(editor.node("Hook")).to_have_attribute("data-status", "waiting")
    url = settings.get_by_text("/hooks/test/").inner_text()
    assert httpx2.post(url, content=b"{").status_code == 400
    expect(settings).to_contain_text("would be refused: Not JSON")
    assert httpx2.post(url, json={"x": 42}).status_code == 200
    expect(settings).to_contain_text("It is the payload of the next run")
    expect(editor.node("Hook")).to_have_attribute("data-status", "completed")
    page.get_by_role("button", name="Payload").click()
    expect(page.get_by_label("Payload (JSON)")).to_have_value(re.compile('"x": 42'))
    page.keyboard.press("Escape")
    settings.get_by_role("button", name="Run with it").click()
    editor.ends()
    editor.select("Echo")
    expect(page.get_by_role("complementary", name="Settings of Echo")).to_contain_text("42")

    editor.select("Hook")
    settings.get_by_role("button", name="Ask for a signature").click()
    expect(settings.get_by_label("Who may call")).to_have_value("standard")
    expect(settings).not_to_contain_text("Unsigned")
