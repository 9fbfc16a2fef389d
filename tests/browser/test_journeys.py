"""New → build three nodes → run → see the result: once by mouse, once by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.editor import Editor
from tests.browser.forms import Form
from tests.servers import ADMIN, PASSWORD
from workflows.nodes.registry import REGISTRY

OpenPage = Callable[..., Page]
SCHEMAS = {entry["kind"]: entry["schema"] for entry in REGISTRY.catalogue}


def test_by_mouse(open_page: OpenPage) -> None:
    page = open_page("/app/", signed_in=False)
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="New workflow").first.click()
    page.get_by_label("Name", exact=True).fill("Orders by mouse")
    page.get_by_role("button", name="Create and open").click()

    editor = Editor(page)
    editor.add_by_dragging("Start", "Set fields")
    Form(page, SCHEMAS["set"]).fill("mapping", {"total": "{{ trigger.price * trigger.count }}"})
    editor.exit_of("Set fields").click()
    editor.choose_kind("If")
    rule = {"left": "{{ input.total }}", "type": "number", "operator": "gte", "right": "100"}
    Form(page, SCHEMAS["if"]).fill("conditions", [rule])
    editor.add_by_double_click(0.45, 0.8, "Log")
    Form(page, SCHEMAS["log"]).fill("message", "A large order: {{ input.total }}")
    page.get_by_role("button", name="Show everything").click()
    editor.connect("If", "Log", handle="true")
    editor.saved()
    editor.publish()
    page.get_by_role("switch", name="Active").click()
    expect(page.get_by_role("switch", name="Active")).to_be_checked()

    page.get_by_role("button", name="Payload").click()
    page.get_by_label("Payload (JSON)").fill('{"price": 60, "count": 2}')
    page.get_by_role("button", name="Run with this").click()
    editor.ends()
    for label in ("Start", "Set fields", "If", "Log"):
        expect(editor.node(label)).to_have_attribute("data-status", "completed")

    page.get_by_role("link", name="Full run").click()
    expect(page.get_by_role("heading", name="Orders by mouse")).to_be_visible()
    expect(page.get_by_text("Completed").first).to_be_visible()
    page.get_by_role("tab", name=re.compile("^Log")).click()
    page.get_by_role("table").get_by_role("button", name="Set fields").click()
    expect(page.get_by_role("complementary", name="Node Set fields")).to_contain_text("120")


class Keyboard:
    """All there is to this journey's hands."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def tab_to(self, name: str, *, key: str = "Tab") -> None:
        """Goes from one stop to the next until the one with this name has the focus."""
        for _ in range(60):
            if self.page.locator(":focus").count() and name == self._focused():
                return
            self.press(key)
        raise AssertionError(f"{key} never leads to {name!r}; it last led to {self._focused()!r}")

    def _focused(self) -> str:
        return str(
            self.page.evaluate(
                "(e => e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent)"
                "(document.activeElement)"
            )
        ).strip()


def test_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/app/")
    keys = Keyboard(page)
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
    keys.press("Control+k")
    page.get_by_role("dialog").wait_for()
    keys.write("New workflow")
    expect(page.get_by_role("option", name=re.compile("New workflow"))).to_be_visible()
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="New workflow")).to_be_visible()
    keys.write("Orders by keyboard")
    keys.press("Enter")

    editor = Editor(page)
    editor.node("Start").wait_for()
    keys.press(".")  # the next node, which is the first
    add(keys, "Set fields", after=editor)
    keys.press("Enter")
    keys.tab_to("Fields 1 name")
    keys.write("total")
    keys.tab_to("Fields 1 value")
    keys.write("{{ trigger.price * 2 }}")
    keys.press("Escape")
    add(keys, "Log", after=editor)
    keys.press("Enter")
    keys.tab_to("Message")
    keys.write("twice is {{ input.total }}")
    keys.press("Escape")
    editor.saved()

    keys.press("Escape", "Tab")
    keys.tab_to("Payload", key="Shift+Tab")
    keys.press("Enter")
    keys.tab_to("Payload (JSON)")
    keys.press("Control+a")
    keys.write('{"price": 21}')
    keys.tab_to("Run with this")
    keys.press("Enter")
    editor.ends()

    keys.tab_to("Workflow canvas. Press question mark for all keys.")
    keys.press("Escape", "Escape")  # once for the selection, once to let Tab lead on
    keys.tab_to("Full run")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Orders by keyboard")).to_be_visible()
    expect(page.get_by_role("complementary", name="The run")).to_contain_text("42")


def add(keys: Keyboard, title: str, *, after: Editor) -> None:
    """Tab opens the picker beside the chosen node; what is chosen there arrives wired and chosen itself."""
    keys.press("Tab")
    after.page.get_by_role("dialog").get_by_role("combobox").wait_for()
    keys.write(title)
    expect(after.page.get_by_role("option", name=re.compile(f"^{title}"))).to_be_visible()
    keys.press("Enter")
    after.node(title).wait_for()
