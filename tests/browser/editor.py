"""The editor's page, in the words of the one who uses it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


class Editor:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.canvas = page.locator(".react-flow")

    # --- the drawing ---

    def node(self, label: str) -> Locator:
        return self.canvas.get_by_role("group", name=re.compile(rf"^{re.escape(label)}(,|$)"))

    def exit_of(self, label: str, handle: str = "out") -> Locator:
        return self.node(label).locator(f'[data-exit="{handle}"]')

    def entry_of(self, label: str) -> Locator:
        return self.node(label).locator(".react-flow__handle.target")

    def choose_kind(self, title: str) -> None:
        """Picks a node kind in the picker that stands open."""
        self.page.get_by_role("option", name=re.compile(rf"^{re.escape(title)}")).first.click()

    def add_by_dragging(self, label: str, title: str, *, handle: str = "out", down: int = 0) -> None:
        """Drags from an exit to the empty canvas: the new node arrives wired."""
        start = box(self.exit_of(label, handle))
        self._drag(start, (start[0] + 160, start[1] + down))
        self.choose_kind(title)

    def add_by_double_click(self, x: float, y: float, title: str) -> None:
        """A node that stands alone, at a place of the canvas given in parts of its size."""
        size = self.canvas.bounding_box()
        assert size
        self.page.mouse.dblclick(size["x"] + x * size["width"], size["y"] + y * size["height"])
        self.choose_kind(title)

    def connect(self, source: str, target: str, *, handle: str = "out") -> None:
        self._drag(box(self.exit_of(source, handle)), box(self.entry_of(target)))

    def select(self, label: str) -> None:
        self.node(label).click()

    def _drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        mouse.move(*end, steps=4)
        mouse.up()

    # --- the bar ---

    def saved(self) -> None:
        expect(self.page.get_by_role("status").filter(has_text=re.compile("^Saved$"))).to_be_visible()

    def publish(self) -> None:
        self.page.get_by_role("button", name="Publish", exact=True).click()
        expect(self.page.get_by_text(re.compile(r"Version \d+ published"))).to_be_visible()

    def run(self) -> None:
        self.page.get_by_role("button", name="Run", exact=True).click()

    def ends(self, status: str = "Completed") -> None:
        """Waits until the run that is followed here has ended so."""
        expect(self.page.get_by_role("region", name="Run", exact=True).get_by_text(status).first).to_be_visible()


def box(part: Locator) -> tuple[float, float]:
    """The middle of what is seen of it, once it has come to rest."""
    part.hover()
    size = part.bounding_box()
    assert size
    return size["x"] + size["width"] / 2, size["y"] + size["height"] / 2
