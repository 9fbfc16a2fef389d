"""Moving about on the canvas: pan, zoom, fit, the small map, and keys that lead beyond what is on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.editor import Editor, box
from tests.browser.making import arrow, chain, made, step

OpenPage = Callable[..., Page]


class Sight(NamedTuple):
    """Where the drawing's corner lies on the canvas, and how large it is drawn."""

    x: float
    y: float
    zoom: float


def sight(page: Page) -> Sight:
    said = page.locator(".react-flow__viewport").evaluate("part => part.style.transform")
    found = re.fullmatch(r"translate\((.+)px, (.+)px\) scale\((.+)\)", str(said))
    assert found, said
    return Sight(*map(float, found.groups()))


def at_rest(page: Page) -> Sight:
    """Once nothing moves any more."""
    now = sight(page)
    while (before := now) != (now := _a_moment_later(page)):
        assert before != now
    return now


def _a_moment_later(page: Page) -> Sight:
    page.evaluate("() => new Promise((done) => setTimeout(done, 120))")
    return sight(page)


def opened(open_page: OpenPage, body: dict[str, Any], node: str = "Start") -> Editor:
    page = open_page("/app/")
    page.goto(f"/app/workflows/{made(page, body)}")
    editor = Editor(page)
    editor.node(node).wait_for()
    return editor


def long_chain(name: str, size: int) -> dict[str, Any]:
    return chain(name, *(f"N{number}" for number in range(1, size)))


def test_the_middle_button_two_fingers_and_space_pan(open_page: OpenPage) -> None:
    editor = opened(open_page, chain("Panned", "First", "Second"))
    page, mouse = editor.page, editor.page.mouse
    begun = at_rest(page)
    mouse.move(700, 650)
    mouse.down(button="middle")
    mouse.move(760, 690, steps=4)
    mouse.up(button="middle")
    by_button = at_rest(page)
    assert (by_button.x - begun.x, by_button.y - begun.y) == pytest.approx((60, 40), abs=1)

    mouse.wheel(30, 50)  # as two fingers on a touch pad tell it
    by_fingers = at_rest(page)
    assert by_fingers.zoom == begun.zoom
    assert by_fingers.x < by_button.x
    assert by_fingers.y < by_button.y

    x, y = box(editor.node("First").get_by_text("First"))
    page.keyboard.down("Space")
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 80, y + 30, steps=4)
    mouse.up()
    page.keyboard.up("Space")
    by_space = at_rest(page)
    assert (by_space.x - by_fingers.x, by_space.y - by_fingers.y) == pytest.approx((80, 30), abs=1)
    editor.saved()
    page.keyboard.press("Control+z")  # nothing was moved on the drawing, so nothing is undone
    assert at_rest(page) == by_space


def test_zoom_goes_to_the_pointer(open_page: OpenPage) -> None:
    editor = opened(open_page, chain("Zoomed", "First", "Second"))
    page = editor.page
    begun = at_rest(page)
    x, y = box(editor.node("Second").get_by_text("Second"))
    page.keyboard.down("Control")  # which is also how the browser tells of a pinch
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    near = at_rest(page)
    assert near.zoom > begun.zoom
    assert box(editor.node("Second").get_by_text("Second")) == pytest.approx((x, y), abs=3)


def test_one_key_shows_everything_another_the_selection(open_page: OpenPage) -> None:
    editor = opened(open_page, long_chain("Shown", 14))
    page = editor.page
    everything = at_rest(page)
    editor.select("N12")
    page.keyboard.press("2")
    of_it = at_rest(page)
    assert of_it.zoom == 1
    expect(editor.node("N12")).to_be_in_viewport()
    expect(editor.node("N3")).not_to_be_in_viewport()
    page.keyboard.press("Escape")
    at_rest(page)  # the settings give back their room
    page.keyboard.press("1")
    assert at_rest(page) == everything
    expect(editor.node("N3")).to_be_in_viewport()


def test_names_stay_readable_where_a_wide_workflow_is_fitted(open_page: OpenPage) -> None:
    page = open_page("/app/")
    page.set_viewport_size({"width": 1024, "height": 768})
    workflow = made(page, long_chain("Wide", 13))
    page.goto(f"/app/workflows/{workflow}")
    name = Editor(page).node("N9").get_by_text("N9")
    expect(name).to_be_visible()
    assert at_rest(page).zoom < 0.4
    assert size_on_screen(page, name) > 8
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Full run").click()
    expect(name).to_be_visible()
    assert size_on_screen(page, name) > 8


def size_on_screen(page: Page, text: Locator) -> float:
    """The height of its letters in pixels of the screen."""
    return float(text.evaluate("part => parseFloat(getComputedStyle(part).fontSize)")) * at_rest(page).zoom


def test_the_small_map_shows_and_leads(open_page: OpenPage) -> None:
    editor = opened(open_page, long_chain("Mapped", 12))
    page = editor.page
    small = page.get_by_role("img", name="Map of the workflow")
    expect(small.locator(".react-flow__minimap-node")).to_have_count(12)
    editor.select("N3")
    page.keyboard.press("2")
    begun = at_rest(page)
    expect(editor.node("N11")).not_to_be_in_viewport()
    there = small.locator(".react-flow__minimap-node").last.bounding_box()
    assert there
    page.mouse.click(there["x"] + there["width"] / 2, there["y"] + there["height"] / 2)
    led = at_rest(page)
    assert led.zoom == begun.zoom
    expect(editor.node("N11")).to_be_in_viewport()

    x, y = box(small)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 20, y, steps=4)
    page.mouse.up()
    assert at_rest(page).x > led.x  # what is seen goes with the hand


def test_nothing_glides_for_those_who_want_no_motion(open_page: OpenPage) -> None:
    editor = opened(open_page, long_chain("Still", 10))
    page = editor.page
    page.emulate_media(reduced_motion="reduce")
    editor.select("N5")
    at_rest(page)
    for key in ("2", "1"):
        page.keyboard.press(key)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        jumped = sight(page)
        assert (jumped.zoom == 1) == (key == "2")
        assert at_rest(page) == jumped
    longest = page.evaluate("""() => Math.max(...[...document.querySelectorAll('*')].flatMap((part) => {
        const { transitionDuration, animationDuration } = getComputedStyle(part);
        return `${transitionDuration},${animationDuration}`.split(',').map(parseFloat);
    }))""")
    assert longest < 0.001  # seconds


def test_keys_lead_beyond_what_is_on_the_page(open_page: OpenPage) -> None:
    """Above 300 nodes only what is in view is on the page; the keyboard goes by the graph."""
    rows = [
        [step(f"r{row}c{column}", "set", column * 300, row * 120, label=f"R{row} C{column}", mapping={"n": 1})]
        for row in range(8)
        for column in range(40)
    ]
    nodes = [step("start", "manual_trigger", -300, label="Start"), *(node for [node] in rows)]
    edges = [arrow("start", f"r{row}c0") for row in range(8)]
    edges += [arrow(a["id"], b["id"]) for [a], [b] in pairwise(rows) if a["id"].split("c")[0] == b["id"].split("c")[0]]
    editor = opened(open_page, {"name": "Larger than the view", "nodes": nodes, "edges": edges})
    page = editor.page
    expect(editor.node("R0 C39")).to_have_count(0)
    editor.select("Start")
    for _ in range(40):
        page.keyboard.press("Alt+ArrowRight")
    last = page.locator(f"#{active(page)}")
    expect(last).to_have_accessible_name(re.compile(r"^R\d C39, Set fields, selected"))
    expect(last).to_be_in_viewport()
    expect(page.get_by_role("complementary", name=re.compile("^Settings of R. C39"))).to_be_visible()
    expect(editor.node("Start")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.insert_text("R7 C20")
    page.keyboard.press("Enter")
    expect(editor.node("R7 C20")).to_be_in_viewport()
    assert active(page) == "node-r7c20"


def active(page: Page) -> str:
    return str(page.locator(".react-flow").get_attribute("aria-activedescendant"))


def test_arrows_move_by_the_grid_and_show_guides(open_page: OpenPage) -> None:
    editor = opened(open_page, chain("Moved by keys", "First", "Second"))
    page = editor.page
    editor.select("First")
    begun, zoom = editor.node("First").bounding_box(), at_rest(page).zoom
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowRight")
    moved = editor.node("First").bounding_box()
    assert begun
    assert moved
    assert ((moved["x"] - begun["x"]) / zoom, (moved["y"] - begun["y"]) / zoom) == pytest.approx((20, 120), abs=1)
    for _ in range(3):
        page.keyboard.press("Control+z")
    assert editor.node("First").bounding_box() == begun

    page.keyboard.press("ArrowUp")
    page.keyboard.down("ArrowDown")
    expect(editor.canvas.locator('[data-axis="y"]').first).to_be_visible()  # level with its neighbours again
    page.keyboard.up("ArrowDown")
    expect(editor.canvas.locator("[data-axis]")).to_have_count(0)
