"""The hook's door, `/hooks/…`: an ASGI application in front of Django.

202 with the run's id at once; or, where the trigger says so, what the run's respond node says, else its output.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings

from runs.front import (
    WITHOUT_BODY,
    DisconnectedError,
    Message,
    Receive,
    Send,
    answer,
    answering_problems,
    in_database,
    read_body,
)
from runs.hooks.accepting import Accepted, Reply, accept, refuse
from runs.hooks.deliveries import Visit
from runs.hooks.request import HookRequest, check_headers, header_fields
from runs.hooks.routing import Address, find_door
from runs.hooks.streaming import Head, answer_in_parts
from runs.models import Run
from runs.waiting import Standing
from wire import strict_json
from wire.networks import client_address
from wire.problems import BadRequest, InternalError, Problem

_JSON = "application/json"
# A page that a workflow answers is not ours: it gets no script, no cookie and no say over the connection.
_POLICY = ("content-security-policy", "sandbox")
_KEPT_BACK = frozenset(
    {"connection", "content-length", "keep-alive", "proxy-authenticate", "set-cookie", "te", "trailer"}
    | {"content-security-policy", "strict-transport-security", "transfer-encoding", "upgrade"}
    | {"x-content-type-options"}
)


async def receive_hook(scope: Message, receive: Receive, send: Send) -> None:
    try:
        check_headers(scope["headers"])
        body = await read_body(receive)
    except Problem as problem:
        await record_refusal(scope, problem)
        raise
    except DisconnectedError:
        gone = BadRequest("The caller went away before the request was whole.", code="caller_gone")
        await record_refusal(scope, gone)
        raise
    address = Address.read(scope["path"])
    accepted = await accept(_visit(scope, address, body), address)
    if accepted.reply:
        return await _answer_reply(send, accepted.reply, accepted)
    standing = await accepted.standing()
    if standing is None or not (standing.response or standing.has_ended):
        return await _answer_accepted(send, accepted)
    if standing.response and standing.response.get("more") and standing.response["status"] not in WITHOUT_BODY:
        return await answer_in_parts(send, accepted.run_id or "", _head(standing.response, accepted))
    if standing.response:
        return await _answer_as_told(send, standing.response, accepted)
    return await _answer_outcome(send, accepted, standing)


application = answering_problems(receive_hook)


async def record_refusal(scope: Message, problem: Problem) -> None:
    """What is turned away before it is read, also by the limit on bodies in front of us."""
    address = Address.read(scope["path"])
    visit = _visit(scope, address, b"")
    with suppress(Problem):  # it is looked up only to say whose delivery it was
        visit.door = await in_database(find_door, address)
    await refuse(visit, address, problem)


def _visit(scope: Message, address: Address, body: bytes) -> Visit:
    headers = header_fields(scope["headers"])
    peer = (scope.get("client") or ("",))[0]
    request = HookRequest(
        method=scope["method"],
        path=address.path,
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        client=client_address(peer, headers.get("x-forwarded-for", ""), settings.TRUSTED_PROXIES),
    )
    return Visit(request, scope["path"])


async def _answer_reply(send: Send, reply: Reply, accepted: Accepted) -> None:
    headers = [("content-type", reply.media_type), _POLICY, *_about(accepted)]
    await answer(send, reply.status, reply.body, headers)


async def _answer_accepted(send: Send, accepted: Accepted) -> None:
    body = strict_json.dumps({"id": accepted.run_id}).encode()
    await answer(send, 202, body, [("content-type", _JSON), *_about(accepted)])


async def _answer_as_told(send: Send, response: dict[str, Any], accepted: Accepted) -> None:
    """What the respond node said; text goes as it stands, anything else as JSON."""
    status, headers = _head(response, accepted)
    body = response["body"] if isinstance(response["body"], str) else strict_json.dumps(response["body"])
    await answer(send, status, body.encode(), headers)


def _head(response: dict[str, Any], accepted: Accepted) -> Head:
    told = [(name, value) for name, value in response["headers"] if name.lower() not in _KEPT_BACK]
    names = {name.lower() for name, _ in told}
    media_type = "text/plain; charset=utf-8" if isinstance(response["body"], str) else _JSON
    ours = [("content-type", media_type), _POLICY, *_about(accepted)]
    return response["status"], [*told, *(field for field in ours if field[0] not in names)]


async def _answer_outcome(send: Send, accepted: Accepted, standing: Standing) -> None:
    """The run is over and no respond node spoke: its output, or that it failed (the record says why)."""
    if standing.status != Run.Status.COMPLETED:
        raise InternalError(
            f"The run {accepted.run_id} {standing.status}.",
            code=f"run_{standing.status}",
            headers=dict(_about(accepted)),
        )
    body = strict_json.dumps(standing.output).encode()
    await answer(send, 200, body, [("content-type", _JSON), *_about(accepted)])


def _about(accepted: Accepted) -> list[tuple[str, str]]:
    fields = [("x-content-type-options", "nosniff")]
    if accepted.run_id:
        fields.append(("location", f"{settings.PUBLIC_URL}/api/v1/runs/{accepted.run_id}"))
    return [*fields, ("idempotent-replayed", "true")] if accepted.is_replay else fields
