"""One hostile text in every place that people or other servers may fill: it is shown as text, and no script runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.editor import Editor
from tests.runs.hooks.hooked import deliveries_of, hooked
from tests.servers import Server, chain, node

HOSTILE = '"\'><img src=x onerror="window.ran=1"><script>window.ran=1</script>{{constructor}}'


@pytest.fixture(scope="module")
def planted(server: Server) -> Iterator[dict[str, Any]]:
    nodes = [
        node("start", "manual_trigger", label=HOSTILE, notes=HOSTILE),
        node("set", "set", label=HOSTILE, mapping={HOSTILE.replace("{{constructor}}", ""): "{{ trigger.text }}"}),
        node("say", "log", label=HOSTILE, message="{{ trigger.text }}"),
        node("stop", "stop", label=HOSTILE, status="failed", message="{{ trigger.text }}"),
    ]
    body = {
        "context": {"text": HOSTILE, HOSTILE: HOSTILE},
        "correlation_id": HOSTILE,
        "metadata": {"note": HOSTILE},
    }
    with server.api() as api:
        workflow = api.published(HOSTILE, nodes, chain(*nodes))
        path = f"/workflows/{workflow['id']}"
        api.call("PUT", path, {"description": HOSTILE})
        run = api.call("POST", f"{path}/execute?wait=20", body)
        assert run["status"] == "failed"
        credential = {"name": HOSTILE, "kind": "header", "data": {"name": "X-Key", "value": HOSTILE}}
        api.call("POST", "/credentials", credential, status=201)
        api.call("POST", "/api-keys", {"name": HOSTILE}, status=201)
        hook = hooked(api, delivery_id="$.id")
        headers = {"X-Text": HOSTILE, "Content-Type": "text/plain"}
        httpx2.post(hook["webhook_url"], content=HOSTILE, headers=headers, params={"q": HOSTILE})
        httpx2.post(f"{hook['webhook_url']}/{HOSTILE}", content=HOSTILE, headers=headers)
        httpx2.post(hook["webhook_url"], json={"id": HOSTILE})
        refused = deliveries_of(api, hook)[1]["id"]
        yield {"workflow": workflow["id"], "run": run["id"], "hook": hook["id"], "delivery": refused}


@pytest.mark.parametrize(
    "path",
    [
        "/app/workflows",
        "/app/workflows/{workflow}",
        "/app/runs",
        "/app/runs?workflow={workflow}",
        "/app/runs/{run}",
        "/app/runs/{run}?node=say",
        "/app/deliveries?workflow={hook}",
        "/app/deliveries?delivery={delivery}",
        "/app/credentials",
        "/app/settings",
    ],
)
def test_it_is_text_everywhere(open_page: Callable[..., Page], planted: dict[str, Any], path: str) -> None:
    page = open_page(path.format(**planted))
    expect(page.get_by_text("<script>window.ran=1</script>").filter(visible=True).first).to_be_visible()
    assert page.evaluate("window.ran") is None


def test_it_is_text_while_working(open_page: Callable[..., Page], planted: dict[str, Any]) -> None:
    page = open_page(f"/app/workflows/{planted['workflow']}")
    Editor(page).run()
    expect(page.get_by_role("region", name="Run", exact=True)).to_contain_text("Failed")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").wait_for()
    assert page.evaluate("window.ran") is None
