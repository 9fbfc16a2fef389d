"""No screen has a serious or critical finding of axe, in either theme."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.editor import Editor
from tests.browser.making import arrow, made, step
from tests.runs.hooks.hooked import deliveries_of, hooked
from tests.servers import Api, Server, chain, node

OpenPage = Callable[..., Page]

pytestmark = pytest.mark.parametrize("theme", ["light", "dark"])


@pytest.fixture(scope="module")
def ids(server: Server) -> dict[str, str]:
    """A workflow with a finished, a failed and a waiting run."""
    nodes = [
        node("start", "manual_trigger", label="Start"),
        node("half", "transform", label="Half", expression="trigger.n / trigger.parts"),
        node("pause", "delay", label="Pause", duration="{{ trigger.pause }}"),
    ]
    with server.api() as api:
        workflow = api.published("Accessible", nodes, chain(*nodes))
        hook = hooked(api)
        httpx2.post(hook["webhook_url"], json={"a": 1})
        httpx2.put(hook["webhook_url"], content=b"no JSON")
        return {
            "delivery": deliveries_of(api, hook)[0]["id"],
            "workflow": workflow["id"],
            "completed": _run(api, workflow["id"], parts=2, pause=0),
            "failed": _run(api, workflow["id"], parts=0, pause=0),
            "waiting": _run(api, workflow["id"], parts=2, pause=3600),
        }


def _run(api: Api, workflow_id: str, **payload: int) -> str:
    path = f"/workflows/{workflow_id}/execute"
    return str(api.call("POST", path, {"context": {"n": 4, **payload}}, status=202)["id"])


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/app/workflows", "Workflows"),
        ("/app/workflows?new", "New workflow"),
        ("/app/workflows?search=nothing-is-called-so", "Workflows"),
        ("/app/workflows/{workflow}/versions", "Versions of Accessible"),
        ("/app/runs", "Runs"),
        ("/app/runs/{completed}", "Accessible"),
        ("/app/runs/{failed}", "Accessible"),
        ("/app/runs/{waiting}", "Accessible"),
        ("/app/deliveries", "Deliveries"),
        ("/app/deliveries?delivery={delivery}", "Deliveries"),
        ("/app/credentials", "Credentials"),
        ("/app/settings", "Settings"),
        ("/app/nowhere", ""),
        ("/api/v1/docs", "Penstock"),
    ],
)
def test_a_screen(open_page: OpenPage, ids: dict[str, str], theme: str, path: str, heading: str) -> None:
    page = open_page(path.format(**ids), theme=theme)
    expect(page.get_by_role("heading", name=heading).first).to_be_visible()
    page.wait_for_load_state("networkidle" if "/runs/" not in path else "load")
    assert axe.faults(page) == []


def test_signing_in(open_page: OpenPage, theme: str) -> None:
    page = open_page("/app/", theme=theme, signed_in=False)
    page.get_by_role("button", name="Sign in").wait_for()
    assert axe.faults(page) == []


def test_notes_groups_and_containers(open_page: OpenPage, theme: str) -> None:
    page = open_page("/app/", theme=theme)
    note = {"id": "n", "text": "# Mind\n\n- [this](https://example.com)", "position": {"x": 0, "y": 200}}
    group = {"id": "g", "title": "Two", "nodes": ["start", "each"], "collapsed": False, "colour": "grey"}
    inner = {**step("inner", "log", 40, 80, label="Inside", message="x"), "parentId": "each"}
    nodes = [
        step("start", "manual_trigger", 0),
        step("each", "for_each", 300, label="Each", items="{{ [1, 2] }}"),
        inner,
    ]
    body = {
        "name": "Annotated",
        "nodes": nodes,
        "edges": [arrow("start", "each")],
        "notes": [{**note, "width": 240, "height": 120}],
        "groups": [group],
    }
    page.goto(f"/app/workflows/{made(page, body)}")
    editor = Editor(page)
    editor.node("Inside").wait_for()
    page.get_by_role("heading", name="Mind").wait_for()
    editor.select("Inside")
    assert axe.faults(page) == []
    page.get_by_role("button", name="Fold the container").click()
    expect(editor.node("Inside")).to_have_count(0)
    page.get_by_role("button", name="Unfold the container").click()
    editor.node("Each").get_by_text("Each", exact=True).click(button="right")
    page.get_by_role("menu").wait_for()
    assert axe.faults(page) == []


def test_the_editor_in_use(open_page: OpenPage, ids: dict[str, str], theme: str) -> None:
    page = open_page(f"/app/workflows/{ids['workflow']}", theme=theme)
    editor = Editor(page)
    editor.select("Pause")
    assert axe.faults(page) == []
    editor.exit_of("Pause").click()
    page.get_by_role("dialog").wait_for()
    assert axe.faults(page) == []
    page.keyboard.press("Escape")
    editor.run()
    page.get_by_role("region", name="Run", exact=True).wait_for()
    assert axe.faults(page) == []
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").wait_for()
    assert axe.faults(page) == []
