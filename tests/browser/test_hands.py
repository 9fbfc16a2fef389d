"""Choosing, moving about, copying and tidying on the canvas, by mouse and by key."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.editor import Editor, box
from tests.browser.making import chain, made

OpenPage = Callable[..., Page]
CHOSEN = ".react-flow__node.selected"
# What the browser does at Ctrl+C and Ctrl+V; without a window it hands those keys to text fields only.
COPY = """() => {
  const clipboardData = new DataTransfer();
  document.activeElement.dispatchEvent(new ClipboardEvent("copy", {clipboardData, bubbles: true, cancelable: true}));
  return clipboardData.getData("text/plain");
}"""
PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""


def opened(open_page: OpenPage, name: str) -> Editor:
    """The editor on a workflow of its own: Start → First → Second."""
    page = open_page("/app/")
    page.goto(f"/app/workflows/{made(page, chain(name, 'First', 'Second'))}")
    editor = Editor(page)
    editor.node("Second").wait_for()
    return editor


def test_choosing_by_frame_and_key(open_page: OpenPage) -> None:
    editor = opened(open_page, "Chosen")
    page = editor.page
    chosen = editor.canvas.locator(CHOSEN)
    start, end = box(editor.node("Start")), box(editor.node("First"))
    page.mouse.move(start[0] - 160, start[1] - 80)
    page.mouse.down()
    page.mouse.move(end[0], end[1] + 80, steps=6)
    page.mouse.up()
    expect(chosen).to_have_count(2)
    page.keyboard.press("Escape")
    expect(chosen).to_have_count(0)
    page.keyboard.press("Control+a")
    expect(chosen).to_have_count(3)
    page.keyboard.press("Control+d")
    expect(editor.canvas.locator(".react-flow__node")).to_have_count(6)
    page.keyboard.press("Control+z")
    expect(editor.canvas.locator(".react-flow__node")).to_have_count(3)


def test_moving_about(open_page: OpenPage) -> None:
    editor = opened(open_page, "Moved about")
    page = editor.page
    view = editor.canvas.locator(".react-flow__viewport")
    before = view.get_attribute("style") or ""
    page.mouse.move(700, 700)
    page.keyboard.down("Space")
    page.mouse.down()
    page.mouse.move(800, 640, steps=4)
    page.mouse.up()
    page.keyboard.up("Space")
    expect(view).not_to_have_attribute("style", before)
    moved = view.get_attribute("style") or ""
    page.mouse.wheel(0, 80)
    expect(view).not_to_have_attribute("style", moved)
    page.keyboard.press("1")
    expect(editor.node("Start")).to_be_in_viewport()
    page.keyboard.press("/")
    page.get_by_role("combobox").fill("Second")
    page.keyboard.press("Enter")
    expect(editor.canvas.locator(CHOSEN)).to_have_attribute("data-id", "second")


def test_a_node_is_dragged_out_of_the_picker_and_an_illegal_wire_says_why(open_page: OpenPage) -> None:
    editor = opened(open_page, "Dragged from the picker")
    page = editor.page
    page.get_by_role("button", name="Add node").click()
    page.get_by_role("option", name=re.compile("^Log")).first.drag_to(
        editor.canvas, target_position={"x": 400, "y": 150}
    )
    expect(editor.node("Log")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show everything").click()
    editor.connect("Second", "First")
    expect(page.get_by_text(re.compile("circle"))).to_be_visible()
    expect(editor.canvas.locator(".react-flow__edge")).to_have_count(2)


def test_copied_into_another_workflow_and_tidied(open_page: OpenPage) -> None:
    editor = opened(open_page, "Copied from")
    page = editor.page
    page.keyboard.press("Control+a")
    text = page.evaluate(COPY)
    other = page.context.new_page()
    body = chain("Copied to", "Own")
    body["nodes"][1]["position"]["y"] = 330  # askew
    other.goto(f"/app/workflows/{made(page, body)}")
    target = Editor(other)
    target.node("Own").wait_for()
    other.evaluate(PASTE, text)
    expect(target.canvas.locator(".react-flow__node")).to_have_count(5)
    expect(target.node("Second")).to_be_visible()
    other.keyboard.press("Escape")
    before = target.canvas.locator('[data-id="own"]').get_attribute("style") or ""
    other.keyboard.press("Shift+t")
    expect(target.canvas.locator('[data-id="own"]')).not_to_have_attribute("style", before)
    other.keyboard.press("Control+z")
    target.saved()
