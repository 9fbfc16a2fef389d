"""The whole catalogue by mouse: for every kind each field of its form is filled in, published, run and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from tests.browser.editor import Editor
from tests.browser.forms import Form
from tests.recorder import Recorder
from tests.servers import Api, Server, node
from workflows.nodes.registry import REGISTRY

Steps = list[tuple[str, Any]]
KINDS = {entry["kind"]: entry for entry in REGISTRY.catalogue}
RULE = {"left": "{{ trigger.n }}", "type": "number", "operator": "gte", "right": "1"}

# The order is that in which a person goes through the form: some fields show only after others.
STEPS: dict[str, Steps] = {
    "manual_trigger": [],
    "schedule_trigger": [
        ("schedule_type", "weekly"),
        ("schedule_value", "mon 09:00"),
        ("timezone", "Europe/Berlin"),
        ("starts_on", "2026-01-01"),
        ("ends_on", "2036-01-01"),
        ("jitter", 5),
        ("catch_up", "all"),
        ("overlap", "queue"),
        ("grace", 120),
    ],
    "webhook_trigger": [
        ("methods", ["GET", "POST"]),
        ("path", "orders/{id}"),
        ("name", "whole-catalogue"),
        ("auth", "jwt"),
        ("jwt_algorithm", "RS256"),
        ("jwt_issuer", "shop"),
        ("jwt_audience", "orders"),
        ("auth", "hmac"),
        ("signature_header", "X-Sign"),
        ("signature_prefix", "v1="),
        ("signature_hash", "sha512"),
        ("signature_encoding", "base64"),
        ("timestamp_header", "X-Sent-At"),
        ("auth", "bearer"),
        ("credential", "CREDENTIAL"),
        ("allowed_addresses", "127.0.0.0/8"),
        ("filter", "trigger.body.n > 1"),
        ("action", "event"),
        ("event", "paid"),
        ("correlation", "trigger.body.id"),
        ("action", "start"),
        ("delivery_id", "X-Order-Id"),
        ("response", "fixed"),
        ("answer_status", 201),
        ("answer_type", "application/json"),
        ("answer_body", '{"ok": true}'),
        ("response", "wait"),
        ("wait_seconds", 5),
    ],
    "http_request": [
        ("method", "POST"),
        ("url", "RECORDER"),
        ("query", [{"key": "page", "value": "2"}]),
        ("headers", [{"key": "X-Order", "value": "7"}, {"key": "X-Who", "value": "me"}]),
        ("auth", "CREDENTIAL"),
        ("body_type", "form"),
        ("form", [{"key": "a", "value": "b"}]),
        ("body_type", "raw"),
        ("raw", "<order/>"),
        ("content_type", "application/xml"),
        ("body_type", "json"),
        ("body", {"n": "{{ trigger.n }}"}),
        ("timeout", 10),
        ("follow_redirects", False),
        ("fail_on_error", False),
    ],
    "respond": [
        ("status", 201),
        ("headers", [{"key": "X-Order", "value": "7"}]),
        ("body", {"done": True}),
        ("more", True),
    ],
    "log": [("message", "n is {{ trigger.n }}"), ("level", "warning")],
    "worker_task": [
        ("task_type", "send_invoice"),
        ("input", {"n": 1}),
        ("respond_within", 30),
        ("at_most", 0.1),
        ("unit", "seconds"),
    ],
    "set": [("mapping", {"n": "{{ trigger.n }}", "limit": 5, "tags": ["a"]}), ("keep_input", True)],
    "set_variables": [("variables", {"n": "{{ trigger.n }}", "limit": 5})],
    "transform": [("expression", "trigger.n + 1")],
    "code": [("source", "print(trigger)\nreturn trigger['n'] + 1"), ("seconds", 5)],
    "javascript": [("source", "return $.n + 1;"), ("inputs", {"n": "{{ trigger.n }}"}), ("seconds", 5)],
    "jq": [("filter", ".list | map(. + 1)"), ("data", {"list": [1, 2]}), ("seconds", 5)],
    "altostrat_api": [("method", "POST"), ("endpoint", "/workflows/validate"), ("body", {"name": "x"})],
    "json_parser": [("text", '{"n": 2}')],
    "text_transform": [("template", "{{ trigger.n | plus: 1 }} of {{ trigger.list | size }}"), ("seconds", 5)],
    "date_transform": [
        ("date", "2026-01-31T09:00:00Z"),
        ("operation", "add"),
        ("amount", 1),
        ("unit", "months"),
        ("format", "%d.%m.%Y %H:%M"),
        ("timezone", "Europe/Berlin"),
    ],
    "if": [("conditions", [RULE]), ("logic", "or")],
    "switch": [("cases", [{"name": "large", "conditions": [RULE], "logic": "or"}])],
    "merge": [("mode", "list")],
    "join": [("wait_for", "count"), ("count", 1), ("cancel_rest", False)],
    "for_each": [("items", [1, 2]), ("concurrency", 2), ("batch_size", 2), ("on_failure", "collect")],
    "repeat_until": [("until", "index == 1"), ("max_passes", 3), ("output", "all")],
    "try": [],
    "wait_for_event": [("name", "paid"), ("correlation", "7"), ("at_most", 0.1), ("unit", "seconds")],
    "wait_until": [("moment", "2026-01-01T09:00:00"), ("timezone", "Europe/Berlin")],
    "raise_event": [
        ("name", "paid"),
        ("run", "nobody"),
        ("run", ""),
        ("correlation", "nobody waits for this"),
        ("payload", {"n": 1}),
    ],
    "approve": [
        ("message", "Shall {{ trigger.n }} be paid?"),
        ("approvers", ["ada@example.com", "bob@example.com"]),
        ("at_most", 0.1),
        ("unit", "seconds"),
    ],
    "delay": [("duration", 0.1), ("unit", "seconds")],
    "stop": [("status", "failed"), ("message", "not today"), ("status", "terminated"), ("output", {"n": 1})],
    "sub_workflow": [("workflow", "WORKFLOW"), ("payload", {"n": 1}), ("wait", False)],
    "start_workflow": [("workflow", "WORKFLOW"), ("payload", {"n": 1})],
    "iterator": [
        ("items", [1, 2]),
        ("concurrency", 2),
        ("batch_size", 2),
        ("on_failure", "collect"),
        ("workflow", "WORKFLOW"),
        ("payload", {"n": "{{ index }}"}),
    ],
}


def test_every_field_of_every_kind_is_filled_in_here() -> None:
    fields = {kind: set(entry["schema"]["properties"]) for kind, entry in KINDS.items()}
    assert {kind: {name for name, _ in steps} for kind, steps in STEPS.items()} == fields


@pytest.fixture
def api(server: Server) -> Iterator[Api]:
    with server.api() as api:
        yield api


@pytest.fixture
def real(api: Api, loopback_recorder: Recorder) -> Callable[[Steps], Steps]:
    """Puts ids and addresses of things that exist in the place of their names."""
    credential = {"name": f"key {uuid4()}", "kind": "bearer", "data": {"token": "t0ken"}}
    things = {
        "RECORDER": f"{loopback_recorder.url}/orders",
        "CREDENTIAL": api.call("POST", "/credentials", credential, status=201)["id"],
        "WORKFLOW": api.published("called", [node("start", "manual_trigger")], [])["id"],
    }
    return lambda steps: [
        (name, things[value] if isinstance(value, str) and value in things else value) for name, value in steps
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_set_up_by_mouse(
    kind: str, api: Api, real: Callable[[Steps], Steps], open_page: Callable[..., Page]
) -> None:
    start = {**node("start", "manual_trigger", label="Start"), "position": {"x": 0, "y": 0}}
    workflow = api.call("POST", "/workflows", {"name": f"all of {kind}", "nodes": [start], "edges": []}, status=201)
    steps = real(STEPS[kind])
    page = open_page(f"/app/workflows/{workflow['id']}")
    editor = Editor(page)
    if KINDS[kind]["is_trigger"]:
        editor.add_by_double_click(0.4, 0.75, KINDS[kind]["title"])
    else:
        editor.add_by_dragging("Start", KINDS[kind]["title"])

    form = Form(page, KINDS[kind]["schema"])
    for name, value in steps:
        form.fill(name, value)
        assert form.raw_json_fields() == []
    editor.saved()
    editor.publish()
    page.get_by_role("button", name="Payload").click()
    page.get_by_label("Payload (JSON)").fill('{"n": 3}')
    page.get_by_role("button", name="Run with this").click()
    editor.ends()

    [stored] = [
        each["data"]
        for each in api.call("GET", f"/workflows/{workflow['id']}/versions/1")["nodes"]
        if each["id"] != "start"
    ]
    assert {name: stored.get(name) for name, _ in steps} == dict(steps)


# What every node can be told whatever its kind; the browser app brings this part of the form itself.
COMMON: dict[str, Any] = {
    "properties": {
        "notes": {"type": "string"},
        "on_error": {"enum": ["stop", "continue", "error"]},
        "retry": {
            "type": "object",
            "properties": {
                "count": {"type": "integer"},
                "delay": {"type": "number"},
                "backoff": {"title": "Back-off", "enum": ["fixed", "linear", "exponential"]},
            },
        },
        "timeout": {"type": "number"},
        "compensate": {"title": "Can be undone", "type": "boolean"},
        "repeat": {"title": "Repeat after a crash", "enum": ["safe", "keyed", "once"]},
        "disabled": {"type": "boolean"},
    }
}


def test_what_every_node_can_be_told(api: Api, open_page: Callable[..., Page]) -> None:
    start = {**node("start", "manual_trigger", label="Start"), "position": {"x": 0, "y": 0}}
    workflow = api.call("POST", "/workflows", {"name": "common", "nodes": [start], "edges": []}, status=201)
    page = open_page(f"/app/workflows/{workflow['id']}")
    editor = Editor(page)
    editor.add_by_dragging("Start", "Log")
    Form(page, KINDS["log"]["schema"]).fill("message", "well")
    wanted = {
        "notes": "Look twice.",
        "on_error": "error",
        "retry": {"count": 2, "delay": 0.5, "backoff": "exponential"},
        "timeout": 9,
        "compensate": True,
        "repeat": "once",
        "disabled": True,
    }
    for name, value in wanted.items():
        Form(page, COMMON).fill(name, value)
    editor.saved()
    editor.publish()
    [stored] = [
        each["data"]
        for each in api.call("GET", f"/workflows/{workflow['id']}/versions/1")["nodes"]
        if each["id"] != "start"
    ]
    assert {name: stored[name] for name in wanted} == wanted
