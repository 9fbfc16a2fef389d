"""What hands do on the canvas: rename, line up, undo over a reload, copy, re-wire."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.editor import Editor, box
from tests.browser.making import chain, made

OpenPage = Callable[..., Page]


def opened(open_page: OpenPage, name: str) -> Editor:
    """The editor on a workflow of its own: Start → First → Second."""
    page = open_page("/app/")
    workflow = made(page, chain(name, "First", "Second"))
    page.goto(f"/app/workflows/{workflow}")
    editor = Editor(page)
    editor.node("Second").wait_for()
    return editor


def test_rename_in_place_and_undo_after_a_reload(open_page: OpenPage) -> None:
    editor = opened(open_page, "Renamed in place")
    page = editor.page
    editor.node("First").get_by_text("First").dblclick()
    page.get_by_label("Node name").fill("Total of the order")
    page.keyboard.press("Enter")
    expect(editor.node("Total of the order")).to_be_visible()
    editor.select("Second")
    page.keyboard.press("F2")
    page.keyboard.insert_text("Last")
    page.keyboard.press("Escape")
    expect(editor.node("Second")).to_be_visible()
    editor.saved()

    page.reload()
    editor.node("Total of the order").wait_for()
    page.keyboard.press("Control+z")
    expect(editor.node("First")).to_be_visible()
    page.keyboard.press("Control+Shift+z")
    expect(editor.node("Total of the order")).to_be_visible()


def test_a_menu_offers_what_fits(open_page: OpenPage) -> None:
    editor = opened(open_page, "With menus")
    page = editor.page
    editor.node("First").click(button="right")
    page.get_by_role("menuitem", name=re.compile("^Disable or enable")).click()
    expect(editor.node("First")).to_have_attribute("data-disabled", "true")
    editor.node("First").click(button="right")
    page.get_by_role("menuitem", name=re.compile("^Delete")).click()
    expect(editor.node("First")).to_have_count(0)
    expect(editor.canvas.locator(".react-flow__edge")).to_have_count(1)  # the chain closed over it


def test_dragging_shows_guides_and_keeps_to_them(open_page: OpenPage) -> None:
    editor = opened(open_page, "Lined up")
    page = editor.page
    start = box(editor.node("Second").get_by_text("Second"))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 40, start[1] + 60, steps=4)
    page.mouse.move(start[0] + 60, start[1] + 5, steps=4)
    expect(editor.canvas.locator('[data-axis="y"]').first).to_be_visible()
    page.mouse.up()
    expect(editor.canvas.locator("[data-axis]")).to_have_count(0)
    editor.saved()
    second, first = editor.node("Second").bounding_box(), editor.node("First").bounding_box()
    assert second
    assert first
    assert abs(second["y"] - first["y"]) < 1


def test_notes_are_markdown_and_groups_fold(open_page: OpenPage) -> None:
    editor = opened(open_page, "Annotated")
    page = editor.page
    page.mouse.move(700, 700)
    page.keyboard.press("n")
    page.get_by_label("Note, in Markdown").fill("# Mind the <b>gap</b>\n\n- one\n- **two**")
    page.keyboard.press("Control+Enter")
    note = editor.canvas.get_by_role("note")
    expect(note.get_by_role("heading", name="Mind the <b>gap</b>")).to_be_visible()
    expect(note.locator("b")).to_have_count(0)
    expect(note.get_by_role("listitem")).to_have_count(2)

    page.keyboard.press("Escape")
    editor.select("First")
    editor.node("Second").click(modifiers=["Shift"])
    page.keyboard.press("g")
    group = editor.canvas.get_by_role("group", name=re.compile("^Group Group"))
    group.get_by_text("Group").dblclick()
    page.get_by_label("Node name").fill("The work")
    page.keyboard.press("Enter")
    group = editor.canvas.get_by_role("group", name=re.compile("^Group The work"))
    group.get_by_role("button", name="Fold the group").click()
    expect(editor.node("First")).to_have_count(0)
    expect(group).to_contain_text("2 nodes")
    expect(editor.canvas.locator(".react-flow__edge")).to_have_count(1)
    editor.saved()

    page.reload()
    expect(group).to_contain_text("2 nodes")
    expect(note).to_contain_text("Mind the <b>gap</b>")
    group.get_by_role("button", name="Unfold the group").click()
    expect(editor.node("Second")).to_be_visible()


def test_two_tabs_lose_nothing(open_page: OpenPage) -> None:
    first = opened(open_page, "By two hands")
    other = first.page.context.new_page()
    other.goto(first.page.url)
    second = Editor(other)
    second.node("Second").wait_for()

    rename(first, "First", "Mine")
    rename(second, "Second", "Theirs")
    first.saved()
    second.saved()
    for editor in (first, second):
        expect(editor.node("Mine")).to_be_visible()
        expect(editor.node("Theirs")).to_be_visible()
        expect(editor.page.get_by_label("You, in another tab")).to_be_visible()

    other.route("**/api/v1/**", lambda route: route.abort())  # it cannot hear of the first one's change
    rename(second, "Mine", "Other name")
    expect(other.get_by_role("status").filter(has_text="Offline")).to_be_visible()
    rename(first, "Mine", "One name")
    first.saved()
    other.unroute_all()
    dialog = other.get_by_role("dialog", name="You both changed the same")
    expect(dialog).to_contain_text("One name")
    expect(dialog).to_contain_text("Other name")
    dialog.get_by_role("radio", name=re.compile("^Theirs")).check()
    other.get_by_role("button", name="Save the draft of both").click()
    second.saved()
    expect(second.node("One name")).to_be_visible()


def rename(editor: Editor, label: str, name: str) -> None:
    editor.node(label).get_by_text(label).dblclick()
    editor.page.get_by_label("Node name").fill(name)
    editor.page.keyboard.press("Enter")
