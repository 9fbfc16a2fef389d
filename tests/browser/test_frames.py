"""What hands do with containers, groups and notes: drag in and out, stretch, colour, fold, watch."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.editor import Editor, box
from tests.browser.making import arrow, asked, chain, made, step
from tests.servers import PASSWORD, Server

OpenPage = Callable[..., Page]


def framed(name: str) -> dict[str, Any]:
    """Start → Each (a container with one node in it), a node that stands alone, and a note below."""
    nodes = [
        step("start", "manual_trigger", 0, label="Start"),
        step("each", "for_each", 300, label="Each", items="{{ [1, 2] }}"),
        {**step("inner", "log", 40, 100, label="Inside", message="x"), "parentId": "each"},
        step("alone", "set", 0, 240, label="Alone", mapping={"n": 1}),
    ]
    note = {"id": "n", "text": "Mind the gap", "position": {"x": 0, "y": 420}, "width": 240, "height": 120}
    return {"name": name, "nodes": nodes, "edges": [arrow("start", "each")], "notes": [{**note, "colour": "yellow"}]}


def opened(open_page: OpenPage, body: dict[str, Any]) -> tuple[Editor, str]:
    page = open_page("/app/")
    workflow = made(page, body)
    page.goto(f"/app/workflows/{workflow}")
    editor = Editor(page)
    editor.node("Start").wait_for()
    return editor, workflow


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=5)
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def grip(editor: Editor, label: str) -> tuple[float, float]:
    """Where a node is taken hold of: its words."""
    return box(editor.node(label).get_by_text(label, exact=True))


def drawn(editor: Editor, workflow: str) -> dict[str, Any]:
    """The draft as the server has it, its nodes by id."""
    editor.saved()
    record = asked(editor.page, "get", f"/workflows/{workflow}")
    return {**record, "nodes": {node["id"]: node for node in record["nodes"]}}


def place(part: Locator) -> tuple[float, float]:
    found = part.bounding_box()
    assert found
    return found["x"], found["y"]


def test_a_node_is_dragged_into_a_container_and_out_again(open_page: OpenPage) -> None:
    editor, workflow = opened(open_page, framed("Dragged in and out"))
    page = editor.page
    home = grip(editor, "Alone")
    inside = grip(editor, "Inside")
    page.mouse.move(*home)
    page.mouse.down()
    page.mouse.move(inside[0], inside[1] + 20, steps=8)
    expect(editor.node("Each")).to_have_attribute("data-drop", "true")
    page.mouse.up()
    expect(editor.node("Each")).not_to_have_attribute("data-drop", "true")
    assert drawn(editor, workflow)["nodes"]["alone"]["parentId"] == "each"

    drag(page, grip(editor, "Alone"), home)
    assert "parentId" not in drawn(editor, workflow)["nodes"]["alone"]
    page.keyboard.press("Control+z")
    assert drawn(editor, workflow)["nodes"]["alone"]["parentId"] == "each"


def test_a_container_takes_along_what_lies_in_it(open_page: OpenPage) -> None:
    editor, workflow = opened(open_page, framed("Carried along"))
    before = drawn(editor, workflow)["nodes"]
    start = grip(editor, "Each")
    inside = place(editor.node("Inside"))
    drag(editor.page, start, (start[0] + 60, start[1] + 90))
    moved = place(editor.node("Inside"))
    assert moved[0] > inside[0]
    assert moved[1] > inside[1]
    after = drawn(editor, workflow)["nodes"]
    assert after["each"]["position"] != before["each"]["position"]
    assert after["inner"]["position"] == before["inner"]["position"]  # it counts from the container's corner


def test_a_note_is_stretched_moved_and_coloured(open_page: OpenPage) -> None:
    editor, workflow = opened(open_page, framed("Stretched"))
    page = editor.page
    note = editor.canvas.get_by_role("note")
    note.click()
    corner = editor.canvas.locator(".react-flow__resize-control.handle.bottom.right")
    at = box(corner)
    drag(page, at, (at[0] + 80, at[1] + 60))
    [stretched] = drawn(editor, workflow)["notes"]
    assert stretched["width"] > 240
    assert stretched["height"] > 120

    page.get_by_role("group", name="Colour of the note").get_by_role("button", name="blue").click()
    expect(note).to_have_attribute("data-colour", "blue")
    middle = box(note.get_by_text("Mind the gap"))
    drag(page, middle, (middle[0] + 100, middle[1] - 40))
    [moved] = drawn(editor, workflow)["notes"]
    assert moved["colour"] == "blue"
    assert moved["position"] != stretched["position"]
    for _ in range(3):
        page.keyboard.press("Control+z")
    [back] = drawn(editor, workflow)["notes"]
    assert (back["width"], back["height"], back["colour"]) == (240, 120, "yellow")


def test_a_group_is_dragged_coloured_and_tells_how_its_run_stands(open_page: OpenPage) -> None:
    body = chain("Grouped", "First", "Second")
    group = {"id": "g", "title": "Work", "nodes": ["first", "second"], "collapsed": False, "colour": "grey"}
    editor, workflow = opened(open_page, {**body, "groups": [group]})
    page = editor.page
    frame = editor.canvas.get_by_role("group", name=re.compile("^Group Work"))
    before = drawn(editor, workflow)["nodes"]
    title = box(frame.get_by_text("Work"))
    drag(page, title, (title[0] + 40, title[1] + 80))
    after = drawn(editor, workflow)["nodes"]
    moves = {
        tuple(after[id_]["position"][axis] - before[id_]["position"][axis] for axis in "xy")
        for id_ in ("first", "second")
    }
    assert len(moves) == 1  # both by the same way
    assert moves != {(0, 0)}

    frame.get_by_text("Work").click()
    page.get_by_role("group", name="Colour of the group").get_by_role("button", name="green").click()
    expect(frame).to_have_attribute("data-colour", "green")
    page.keyboard.press("Shift+c")
    expect(frame).to_have_attribute("data-colour", "blue")

    frame.get_by_role("button", name="Fold the group").click()
    editor.run()
    editor.ends()
    expect(frame).to_have_accessible_name("Group Work, 2 nodes, folded, completed")
    expect(frame).to_contain_text("Completed")

    page.get_by_role("link", name="Full run").click()
    expect(page.get_by_role("heading", level=1, name="Grouped")).to_be_visible()
    expect(frame).to_contain_text("Completed")
    frame.get_by_role("button", name="Unfold the group").click()
    expect(editor.node("Second")).to_have_attribute("data-status", "completed")


@pytest.fixture
def colleague(server: Server) -> str:
    """The e-mail address of a second person in the administrator's project."""
    email = "grace@example.com"
    server.do(f"""
from accounts.models import Membership, Project, User
if not User.objects.filter(email="{email}").exists():
    user = User.objects.create_user("{email}", "{PASSWORD}")
    Membership.objects.create(user=user, project=Project.objects.order_by("created_at", "id").first())
""")
    return email


def test_two_people_see_each_other_and_choose_what_stays(open_page: OpenPage, colleague: str) -> None:
    mine, _ = opened(open_page, chain("By two people", "First", "Second"))
    page = mine.page
    other = open_page("/app/", email=colleague).context.new_page()  # where a 409 is no complaint
    other.goto(page.url)
    theirs = Editor(other)
    theirs.select("Second")
    seen = page.get_by_role("list", name="Also here").get_by_label(re.compile(re.escape(colleague)))
    expect(seen).to_be_visible()
    expect(other.get_by_role("list", name="Also here").get_by_role("img")).to_have_accessible_name(
        re.compile("^admin@example.com")
    )
    expect(seen).to_have_accessible_name(f"{colleague}: at “Second”")

    # Both rewire one connection: neither wins without a word.
    other.route("**/api/v1/**", lambda route: route.abort())
    other.get_by_role("button", name="Show everything").click()
    start, end = box(theirs.exit_of("First")), box(theirs.entry_of("Second"))
    other.mouse.click(start[0] + (end[0] - start[0]) / 4, start[1])
    other.keyboard.press("Delete")
    expect(other.locator(".react-flow__edge")).to_have_count(1)
    expect(other.get_by_role("status").filter(has_text="Offline")).to_be_visible()
    mine.add_by_double_click(0.4, 0.8, "Set fields")
    rewire(mine, "Second", "Set fields")
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    mine.saved()
    other.unroute_all()
    dialog = other.get_by_role("dialog", name="You both changed the same")
    expect(dialog).to_contain_text("A connection from First")
    expect(dialog).to_contain_text("First → Set fields")
    dialog.get_by_role("radio", name=re.compile("^Theirs")).check()
    other.get_by_role("button", name="Save the draft of both").click()
    theirs.saved()
    expect(other.locator(".react-flow__edge")).to_have_count(2)
    expect(theirs.node("Set fields")).to_be_visible()
    leave(other)
    expect(seen).to_have_count(0, timeout=30_000)


def rewire(editor: Editor, source_end: str, target: str) -> None:
    """Takes the end of the connection that leads into one node to another one."""
    x, y = box(editor.entry_of(source_end))
    drag(editor.page, (x - 26, y), box(editor.entry_of(target)))


def leave(page: Page) -> None:
    page.goto("/app/runs")
