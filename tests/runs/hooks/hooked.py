"""A workflow with a webhook on a real server, and what tests ask about it."""

from __future__ import annotations

from typing import Any

from tests.servers import Api, chain, node


def hooked(api: Api, *nodes: dict[str, Any], active: bool = True, **settings: Any) -> Any:
    drawing = [node("hook", "webhook_trigger", **settings), *nodes]
    return api.published("hooked", drawing, chain(*drawing), active=active)


def runs_of(api: Api, workflow: Any) -> list[Any]:
    found: list[Any] = api.call("GET", f"/runs?workflow={workflow['id']}")["results"]
    return found


def deliveries_of(api: Api, workflow: Any) -> list[Any]:
    """Newest first."""
    found: list[Any] = api.call("GET", f"/deliveries?workflow={workflow['id']}")["results"]
    return found


def signing_key(api: Api, key: str, **more: str) -> str:
    """The id of a new credential."""
    return credential(api, "signing", key=key, **more)


def credential(api: Api, kind: str, **data: str) -> str:
    body = {"name": f"{kind} {next(_numbers)}", "kind": kind, "data": data}
    return str(api.call("POST", "/credentials", body, status=201)["id"])


_numbers = iter(range(10**6))
