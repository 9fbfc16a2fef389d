"""Versions: published with a note, compared on the canvas, and brought back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.editor import Editor
from tests.browser.making import asked, chain, made

OpenPage = Callable[..., Page]


def test_compare_and_restore(open_page: OpenPage) -> None:
    page = open_page("/app/")
    body = chain("Versioned", "First", "Second")
    workflow = made(page, body)
    asked(page, "post", f"/workflows/{workflow}/publish", {"note": "As it began"})
    body["nodes"][1]["data"]["mapping"] = {"value": 2}
    body["nodes"].pop()
    body["edges"].pop()
    asked(page, "put", f"/workflows/{workflow}", {"nodes": body["nodes"], "edges": body["edges"]})

    page.goto(f"/app/workflows/{workflow}")
    page.get_by_role("button", name="Publish with a note").click()
    page.get_by_label("What is new").fill("One less")
    page.get_by_role("button", name="Publish with this note").click()
    page.get_by_role("link", name="Version 2").click()

    expect(page.get_by_role("navigation", name="Versions")).to_contain_text("One less")
    drawing = Editor(page)
    expect(drawing.node("First")).to_have_attribute("data-mark", "changed")
    expect(drawing.node("Second")).to_have_attribute("data-mark", "removed")
    side = page.get_by_role("complementary", name="Differences")
    expect(side).to_contain_text("mapping.value")

    page.get_by_role("button", name=re.compile("^Version 1")).click()
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="Put it into the draft").click()
    expect(Editor(page).node("Second")).to_be_visible()
    expect(page.get_by_text("Draft, version 2 is published")).to_be_visible()
    drawing.saved()
    page.keyboard.press("Control+z")
    expect(drawing.node("Second")).to_have_count(0)
    page.keyboard.press("Control+Shift+z")
    expect(drawing.node("Second")).to_be_visible()
    drawing.saved()

    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("versions of")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Versions of Versioned")).to_be_visible()
