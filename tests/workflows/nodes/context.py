"""A stand-in for the engine's context, and a way to run a node from its settings as they are written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from workflows.expressions import Scope, resolve
from workflows.node_settings import node_settings
from workflows.nodes.base import HttpClient, HttpResponse, NodeError, Repeat, Result, Secret
from workflows.nodes.registry import REGISTRY
from workflows.nodes.schema import compile_settings


class NoHttp:
    async def request(self, method: str, url: str, **more: Any) -> Any:
        raise AssertionError(f"{method} {url}: this test expects no call")


class FakeContext:
    """What a node sees. `messages` is what it logged."""

    def __init__(
        self,
        input: Any = None,  # noqa: A002 - the seam's word
        *,
        inputs: Mapping[str, Any] | None = None,
        trigger: Any = None,
        trigger_type: str = "manual",
        repeat: Repeat = "once",
        http: HttpClient | None = None,
        secrets: Mapping[str, Secret] | None = None,
    ) -> None:
        self.input = input
        self.inputs = inputs or {}
        self.trigger = {} if trigger is None else trigger
        self.trigger_type = trigger_type
        self.run_id = "fl_run_1"
        self.node_id = "here"
        self.attempt = 1
        self.results: Collection[Any] = []
        self.repeat = repeat
        self.token = "token-of-this-call"
        self.http = http or NoHttp()
        self.cancelled = False
        self.secrets = secrets or {}
        self.calls: list[tuple[str, str, bytes | None]] = []
        self.answer = HttpResponse(200, {"content-type": "application/json"}, b"{}", "http://here.example/")
        self.messages: list[tuple[str, str]] = []
        self.reports: list[tuple[float | None, str]] = []

    def now(self) -> datetime:
        return datetime(2025, 10, 31, 12, tzinfo=UTC)

    async def secret(self, credential_id: str) -> Secret:
        if credential_id not in self.secrets:
            raise NodeError("credential_missing", f"There is no credential {credential_id}.", retryable=False)
        return self.secrets[credential_id]

    async def own_api(self, method: str, path: str, content: bytes | None) -> HttpResponse:
        self.calls.append((method, path, content))
        return self.answer

    def log(self, text: str, level: Literal["debug", "info", "warning", "error"] = "info") -> None:
        self.messages.append((level, text))

    def readable(self) -> Scope:
        return Scope({"input": self.input, "trigger": self.trigger}, {"before": self.input})

    def progress(self, fraction: float | None = None, message: str = "") -> None:
        self.reports.append((fraction, message))


async def run(kind: str, ctx: FakeContext | None = None, **settings: Any) -> Result:
    """Runs a node of this kind or alias with these settings, its expressions resolved as the engine does."""
    ctx = ctx or FakeContext()
    node = REGISTRY.get(kind)
    assert node is not None
    written = node_settings(node, {"componentId": kind, **settings})
    assert node.check(written) == []
    compiled = compile_settings(node.params, written, ["before"])
    assert compiled.errors == ()
    scope = Scope({"input": ctx.input, "trigger": ctx.trigger}, {"before": ctx.input})
    params = node.params.model_validate(await resolve(compiled, scope))
    return await node.run(params, ctx)


def faults(kind: str, **settings: Any) -> list[tuple[str, str]]:
    """What the graph check says of such a node: (field, code)."""
    from workflows.graph import check_document

    node = {"id": "here", "data": {"componentId": kind, **settings}}
    found = check_document({"nodes": [node], "edges": []})
    return [(fault.field or fault.path, fault.code) for fault in found]
