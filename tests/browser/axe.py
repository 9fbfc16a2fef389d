"""Accessibility: axe-core runs inside the page."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from tests.servers import ROOT


@cache
def _source() -> str:
    return (ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text()


def faults(page: Page) -> list[str]:
    """Every serious or critical finding: the rule, and where."""
    # Evaluated and not added as a script, which the page's own policy would refuse.
    page.evaluate(_source())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {rule['help']} at {node['target']} {node['html'][:160]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
