"""What a running node may reach: `workflows.nodes.base.Context`, for one attempt of one node."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from runs.engine.masking import Mask
from runs.engine.messages import Level, Messages, storable
from runs.engine.plan import Place
from wire.outbound import OutboundClient, OutboundError
from workflows.expressions import Scope
from workflows.nodes.base import HttpClient, HttpResponse, NodeError, Repeat, Secret

MAX_PROGRESS_CHARS = 200


class Progress(TypedDict):
    """How far a node says that it is: from 0 to 1 where it knows, and in words."""

    fraction: float | None
    message: str


def _unheard(progress: Progress) -> None:
    """Of a node that is done before anybody could look."""


def call_token(run_id: str, place: Place, call: int = 0) -> str:
    """The same for every attempt of a call, so that the far side can tell a repeat."""
    digest = hashlib.sha256(f"{run_id}|{place.node_id}|{place.iteration}|{call}".encode()).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


class GuardedHttp:
    """The way out for one attempt: the outbound guard, with errors as the nodes know them."""

    def __init__(self, client: OutboundClient, may_call: Callable[[], Awaitable[bool]]) -> None:
        self._client = client
        self._may_call = may_call

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        content: bytes | None = None,
        timeout: float = 30.0,
        follow_redirects: bool = True,
        max_bytes: int = 10_000_000,
    ) -> HttpResponse:
        if not await self._may_call():
            raise NodeError("stopped", "The run was stopped before this call began.", retryable=False)
        try:
            answer = await self._client.request(
                method,
                url,
                headers=headers,
                content=content,
                timeout=timeout,
                follow_redirects=follow_redirects,
                max_bytes=max_bytes,
            )
        except OutboundError as error:
            raise NodeError(error.code, error.message, retryable=not error.permanent) from error
        return HttpResponse(answer.status, answer.headers, answer.body, answer.url)


OwnApi = Callable[[str, str, bytes | None], Awaitable[HttpResponse]]


class NodeContext:
    def __init__(
        self,
        *,
        run_id: str,
        place: Place,
        attempt: int,
        repeat: Repeat,
        trigger: Any,
        trigger_type: str,
        input: Any,  # noqa: A002 - the seam's word
        inputs: Mapping[str, Any],
        results: Collection[Any],
        readable: Callable[[], Scope],
        http: HttpClient,
        now: Callable[[], datetime],
        open_secret: Callable[[str], Awaitable[Secret]],
        own_api: OwnApi,
        mask: Mask,
    ) -> None:
        self.run_id = run_id
        self.node_id, self.iteration = self._place = place
        self.attempt = attempt
        self.repeat = repeat
        self.trigger = trigger
        self.trigger_type = trigger_type
        self.input = input
        self.inputs = inputs
        self.results = results
        self.readable = readable
        self.http = http
        self.now = now
        self.messages = Messages()
        self.report: Callable[[Progress], None] = _unheard
        self._cancelled = False
        self._open_secret = open_secret
        self.own_api = own_api
        self._mask = mask

    @property
    def token(self) -> str:
        return call_token(self.run_id, self._place)

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        self._cancelled = True

    async def secret(self, credential_id: str) -> Secret:
        secret = await self._open_secret(credential_id)
        self._mask.add(secret.data.values())
        if secret.kind == "basic":
            self._mask.add([f"{secret.data.get('username', '')}:{secret.data.get('password', '')}"])
        return secret

    def log(self, text: str, level: Level = "info") -> None:
        self.messages.add(self.now(), level, text)

    def progress(self, fraction: float | None = None, message: str = "") -> None:
        known = fraction is not None and math.isfinite(fraction)
        share = min(max(float(fraction or 0), 0.0), 1.0) if known else None
        self.report({"fraction": share, "message": storable(message)[:MAX_PROGRESS_CHARS]})
