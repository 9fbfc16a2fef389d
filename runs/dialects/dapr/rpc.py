"""What Dapr's two gRPC services share: who calls, errors as statuses, and calls that run beside the event loop."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from accounts.callers import Caller, anyone_in, bearer_token, caller_in, identity_of_bearer
from runs.dialects.dapr.errors import DAPR, DaprError, LiveInstanceError
from runs.dialects.finding import run_of_handle
from runs.front import in_database
from runs.models import Run
from wire.problems import Unauthorized
from wire.rest import to_problem

log = logging.getLogger(__name__)

Call = Callable[[Caller, Any], Message]
"""Answers a request in a thread that may use the database."""
WaitingCall = Callable[[Caller, Any], Awaitable[Message]]
"""The same in the event loop, for what takes long."""

_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.FAILED_PRECONDITION,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    422: grpc.StatusCode.INVALID_ARGUMENT,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    501: grpc.StatusCode.UNIMPLEMENTED,
    503: grpc.StatusCode.UNAVAILABLE,
}


@dataclass(frozen=True)
class Method:
    request: type[Message]
    call: Call | None = None
    wait: WaitingCall | None = None


def handlers(service: str, methods: Mapping[str, Method]) -> grpc.GenericRpcHandler:
    """What a server answers under `service`; any other method is UNIMPLEMENTED."""
    return grpc.method_handlers_generic_handler(
        service,
        {
            name: grpc.unary_unary_rpc_method_handler(
                _behaviour(method),
                request_deserializer=method.request.FromString,
                response_serializer=lambda message: message.SerializeToString(),
            )
            for name, method in methods.items()
        },
    )


def _behaviour(method: Method) -> Callable[[Any, grpc.aio.ServicerContext[Any, Any]], Awaitable[Message]]:
    async def answer(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Message:
        try:
            caller = await in_database(_caller_of, dict(context.invocation_metadata() or ()))
            if method.wait is not None:
                return await method.wait(caller, request)
            assert method.call is not None  # noqa: S101 - a method has one of the two
            return await in_database(method.call, caller, request)
        except Exception as error:  # whatever it is, the caller gets a status and no trace
            code, detail = _status_of(error)
        await context.abort(code, detail)
        raise AssertionError("abort raises")

    return answer


def _status_of(error: Exception) -> tuple[grpc.StatusCode, str]:
    problem = to_problem(error)
    if problem is None:
        log.error("unexpected error in a call of Dapr's", exc_info=error)
        return grpc.StatusCode.INTERNAL, "Internal server error."
    if isinstance(problem, LiveInstanceError):
        return grpc.StatusCode.ALREADY_EXISTS, problem.detail
    return _CODES.get(problem.status, grpc.StatusCode.INTERNAL), problem.detail


def _caller_of(metadata: Mapping[str, Any]) -> Caller:
    token = metadata.get("dapr-api-token") or bearer_token(str(metadata.get("authorization", "")))
    if token:
        return caller_in(identity_of_bearer(str(token)), metadata.get("x-penstock-project"))
    if DAPR.is_open:
        return anyone_in(DAPR.open_project)
    raise Unauthorized("Send an API key's secret as dapr-api-token.")


def known(caller: Caller, instance_id: str) -> Run:
    """The instance's run, or DaprError with the words that clients look for."""
    run = run_of_handle(caller.project, instance_id)
    if run is None:
        raise DaprError(404, "ERR_INSTANCE_ID_NOT_FOUND", f"no such instance exists: {instance_id}")
    return run


def timestamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
