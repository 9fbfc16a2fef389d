"""Choosing, wiring, copying and tidying on the canvas, by mouse and by key."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.editor import Editor, box
from tests.browser.making import asked, chain, made

OpenPage = Callable[..., Page]
CHOSEN = ".react-flow__node.selected"


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


def test_a_node_is_dragged_out_of_the_picker(open_page: OpenPage) -> None:
    editor = opened(open_page, "Dragged from the picker")
    page = editor.page
    page.get_by_role("button", name="Add node").click()
    page.get_by_role("option", name=re.compile("^Log")).first.drag_to(
        editor.canvas, target_position={"x": 400, "y": 150}
    )
    expect(editor.node("Log")).to_be_visible()


def test_tidied(open_page: OpenPage) -> None:
    page = open_page("/app/")
    body = chain("Askew", "Own")
    body["nodes"][1]["position"]["y"] = 330
    page.goto(f"/app/workflows/{made(page, body)}")
    editor = Editor(page)
    own = editor.canvas.locator('[data-id="own"]')
    before = own.get_attribute("style") or ""
    page.keyboard.press("Shift+t")
    expect(own).not_to_have_attribute("style", before)
    page.keyboard.press("Control+z")
    expect(own).to_have_attribute("style", before)
    editor.saved()


def test_copied_nodes_are_pasted_into_another_workflow_and_another_browser(open_page: OpenPage) -> None:
    first = opened(open_page, "Copied from")
    page = first.page
    first.select("First")
    first.node("Second").click(modifiers=["Shift"])
    page.keyboard.press("Control+c")
    into = made(page, {"name": "Pasted into", "nodes": [], "edges": []})
    other = open_page(f"/app/workflows/{into}")  # in a browser context of its own
    for where in (page, other):
        if where is page:
            page.goto(f"/app/workflows/{into}")
        editor = Editor(where)
        editor.canvas.focus()
        where.keyboard.press("Control+v")
        expect(editor.node("First")).to_be_visible()
        expect(editor.node("Second")).to_have_accessible_name("Second, Set fields, selected")
        expect(editor.canvas.locator(".react-flow__edge")).to_have_count(1)
        where.keyboard.press("Control+x")
        expect(editor.node("First")).to_have_count(0)
        editor.saved()
    other.keyboard.press("Control+v")
    expect(Editor(other).node("First")).to_be_visible()


def test_text_that_is_no_graph_is_said_to_be_none(open_page: OpenPage) -> None:
    editor = opened(open_page, "Nothing to paste")
    page = editor.page
    name = page.get_by_label("Workflow name")
    name.select_text()
    page.keyboard.press("Control+c")
    editor.canvas.focus()
    page.keyboard.press("Control+v")
    expect(page.get_by_text("The clipboard holds no nodes")).to_be_visible()
    editor.canvas.click(button="right", position={"x": 400, "y": 100})
    page.get_by_role("menuitem", name=re.compile("^Paste")).click()
    expect(page.get_by_text("This browser pastes by key only: press Ctrl V")).to_be_visible()


def test_an_illegal_drop_says_why(open_page: OpenPage) -> None:
    editor = opened(open_page, "Dropped in vain")
    page = editor.page
    drop(editor, "Second", "First")
    expect(page.get_by_text("This would go round in a circle: “First” already leads to “Second”.")).to_be_visible()
    drop(editor, "First", "Start")
    expect(page.get_by_text("Nothing can lead into a trigger: it starts the workflow.")).to_be_visible()
    drop(editor, "First", "Second")
    expect(page.get_by_text("These two are already connected.")).to_be_visible()
    expect(editor.canvas.locator(".react-flow__edge")).to_have_count(2)


def drop(editor: Editor, source: str, onto: str) -> None:
    """Drags from the exit of a node to the words of another; only where it may be dropped do ends light up."""
    mouse = editor.page.mouse
    end = box(editor.node(onto).get_by_text(onto, exact=True))
    mouse.move(*box(editor.exit_of(source)))
    mouse.down()
    mouse.move(end[0] + 40, end[1] + 60, steps=4)
    expect(editor.entry_of("Start")).to_have_count(0)
    expect(editor.canvas.locator(".target[data-legal]")).to_have_count(0)
    mouse.move(*end, steps=4)
    mouse.up()


def test_an_entry_dropped_on_nothing_asks_what_leads_there(open_page: OpenPage) -> None:
    page = open_page("/app/")
    start, alone = chain("Led to", "Alone")["nodes"]
    page.goto(f"/app/workflows/{made(page, {'name': 'Led to', 'nodes': [start, alone], 'edges': []})}")
    editor = Editor(page)
    x, y = box(editor.entry_of("Alone"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y + 150, steps=6)
    page.mouse.up()
    editor.choose_kind("If")
    expect(editor.node("If")).to_be_visible()
    edge = editor.canvas.locator(".react-flow__edge")
    expect(edge).to_have_count(1)
    editor.saved()
    workflow = asked(page, "get", f"/workflows/{page.url.rsplit('/', 1)[-1]}")
    [wire] = workflow["edges"]
    assert (wire["sourceHandle"], wire["target"]) == ("true", "alone")
