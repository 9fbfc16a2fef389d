"""Workflows made through the API, for journeys whose subject begins with one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from playwright.sync_api import Page


def step(id_: str, kind: str, x: int, y: int = 0, **data: Any) -> dict[str, Any]:
    return {"id": id_, "position": {"x": x, "y": y}, "data": {"componentId": kind, **data}}


def arrow(source: str, target: str, handle: str | None = None) -> dict[str, Any]:
    return {"id": f"{source}-{target}", "source": source, "target": target, "sourceHandle": handle}


def chain(name: str, *labels: str) -> dict[str, Any]:
    """Start, and a `set` for each label, one behind the other."""
    ids = ["start", *(label.lower() for label in labels)]
    nodes = [step("start", "manual_trigger", 0, label="Start")]
    for place, (id_, label) in enumerate(zip(ids[1:], labels, strict=True), 1):
        nodes.append(step(id_, "set", place * 300, label=label, mapping={"value": place}))
    pairs = pairwise(ids)
    return {"name": name, "nodes": nodes, "edges": [arrow(*pair) for pair in pairs]}


def made(page: Page, body: dict[str, Any]) -> str:
    """The id of a new workflow."""
    return str(asked(page, "post", "/workflows", body)["id"])


def asked(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One call of the API in the name of the one who is signed in on this page."""
    token = page.request.get("/api/v1/session").json()["csrf_token"]
    answer = page.request.fetch(f"/api/v1{path}", method=method, data=body, headers={"X-CSRFToken": token})
    assert answer.ok, answer.text()
    return answer.json() if answer.body() else None
