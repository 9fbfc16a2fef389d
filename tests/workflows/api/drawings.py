"""Small drawings that tests save and run."""

from __future__ import annotations

from typing import Any

from tests.people import ApiClient

Json = dict[str, Any]


def node(id: str, kind: str, **data: Any) -> Json:  # noqa: A002
    return {"id": id, "position": {"x": 0, "y": 0}, "data": {"componentId": kind, **data}}


def edge(source: str, target: str, **more: Any) -> Json:
    return {"id": f"{source}-{target}", "source": source, "target": target, **more}


def hello(**more: Any) -> Json:
    """Starts by hand, and sets one value."""
    return {
        "name": "Hello",
        "nodes": [node("start", "manual_trigger"), node("greet", "set", mapping={"text": "hello {{ trigger.who }}"})],
        "edges": [edge("start", "greet")],
        **more,
    }


def by_clock(value: str = "0 9 * * *", **settings: Any) -> Json:
    return {
        "name": "Every morning",
        "nodes": [
            node("clock", "schedule_trigger", schedule_value=value, **settings),
            node("say", "log", message="hi"),
        ],
        "edges": [edge("clock", "say")],
    }


def calling(workflow: str, name: str = "Caller") -> Json:
    return {
        "name": name,
        "nodes": [node("start", "manual_trigger"), node("call", "sub_workflow", workflow=workflow)],
        "edges": [edge("start", "call")],
    }


def made(client: ApiClient, body: Json | None = None, *, published: bool = False, active: bool = False) -> Json:
    """A stored workflow, as the API tells it."""
    answer = client.post("/workflows", {**(body or hello()), "is_active": active})
    assert answer.status_code == 201, answer.json()
    if published:
        answer = client.post(f"/workflows/{answer.json()['id']}/publish")
        assert answer.status_code == 200, answer.json()
    workflow: Json = answer.json()
    return workflow
