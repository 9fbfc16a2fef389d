"""The workflows of the measurements, published over the API, and the requests that run them."""

from __future__ import annotations

from typing import Any

from bench.load import Call
from tests.servers import Api, chain, node

ORDER = b'{"id": 7, "total": 250}'
LARGE = {"left": "{{ input.total }}", "type": "number", "operator": "gte", "right": 100}


def five_nodes(api: Api, response: str) -> Any:
    """webhook → set → if → set → respond."""
    nodes = [
        node("hook", "webhook_trigger", response=response),
        node("order", "set", mapping={"id": "{{ trigger.body.id }}", "total": "{{ trigger.body.total }}"}),
        node("large", "if", conditions=[LARGE]),
        node("answer", "set", mapping={"id": "{{ nodes.order.id }}", "large": True}),
        node("reply", "respond", body={"order": "{{ nodes.answer.id }}"}),
    ]
    edges = chain(*nodes)
    edges[2]["sourceHandle"] = "true"
    return api.published(f"bench: {response}", nodes, edges, active=True)


def webhook(workflow: Any, status: int = 200) -> Call:
    return Call(workflow["webhook_url"], ORDER, status=status)


def execute(api: Api, workflow: Any) -> Call:
    url = f"{api.url}/api/v1/workflows/{workflow['id']}/execute"
    return Call(url, b'{"context": {"body": ' + ORDER + b"}}", str(api.http.headers["Authorization"]), 202)


def execute_and_wait(api: Api, workflow: Any) -> Call:
    url = f"{api.url}/api/v1/workflows/{workflow['id']}/execute?wait=30"
    return Call(url, b'{"context": {}}', str(api.http.headers["Authorization"]))


def trivial_chain(api: Api, length: int) -> Any:
    nodes = [node("hook", "webhook_trigger", response="wait")]
    nodes += [node(f"n{number}", "set", mapping={"n": number}) for number in range(length - 1)]
    return api.published(f"bench: chain of {length}", nodes, chain(*nodes), active=True)


def calling_chain(api: Api, length: int, url: str) -> Any:
    """Each node calls out, so that its start line is on disk before and its outcome after."""
    nodes = [node("hook", "webhook_trigger", response="wait")]
    nodes += [node(f"n{number}", "http_request", url=url) for number in range(length - 1)]
    return api.published("bench: calls in a row", nodes, chain(*nodes), active=True)


def calls_side_by_side(api: Api, count: int, url: str) -> Any:
    nodes = [node("hook", "webhook_trigger", response="wait")]
    nodes += [node(f"n{number}", "http_request", url=url) for number in range(count)]
    edges = [{"id": f"e{number}", "source": "hook", "target": f"n{number}"} for number in range(count)]
    return api.published("bench: calls at once", nodes, edges, active=True)


def calls_of_a_loop(api: Api, count: int, url: str) -> Any:
    """The same for each of a list's items; None where the server has no such node."""
    if "for_each" not in {component["kind"] for component in api.call("GET", "/components")["results"]}:
        return None
    each = node("each", "for_each", items=list(range(count)), concurrency=count)
    call = {**node("call", "http_request", url=url), "parentId": "each"}
    nodes = [node("hook", "webhook_trigger", response="wait"), each, call]
    return api.published("bench: calls of a loop", nodes, chain(*nodes[:2]), active=True)


def every_second(api: Api) -> Any:
    nodes = [node("tick", "schedule_trigger", schedule_value="* * * * * *"), node("n", "set", mapping={"n": 1})]
    return api.published("bench: every second", nodes, chain(*nodes), active=True)
