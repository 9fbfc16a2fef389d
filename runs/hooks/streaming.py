"""An answer in parts: what the respond nodes of a run say one after the other, each sent as soon as it is on disk."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from runs import probes
from runs.front import Send, in_database
from runs.models import Log, Run
from runs.story import drawing_of
from runs.watching import changes_of
from wire import strict_json
from workflows.node_settings import node_settings
from workflows.nodes.registry import REGISTRY
from workflows.nodes.respond import RespondToWebhook

STREAM_SECONDS = 300.0
LOOK_EVERY_SECONDS = 5.0

Head = tuple[int, list[tuple[str, str]]]
"""Status and headers, which the first part says for all."""


@dataclass(frozen=True, slots=True)
class News:
    """The parts that were said since a sequence number, and whether they were the last."""

    seq: int
    parts: list[bytes]
    is_over: bool


async def answer_in_parts(send: Send, run_id: str, head: Head) -> None:
    """Ends with the first part after which no more follows, with the run, or after STREAM_SECONDS."""
    status, headers = head
    fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    end, seq = time.monotonic() + STREAM_SECONDS, -1
    async with changes_of(run_id) as changed:
        while not probes.stopping.is_set() and time.monotonic() < end:
            changed.clear()
            news = await in_database(_news, run_id, seq)
            seq = news.seq
            for part in news.parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            if news.is_over:
                break
            try:
                await asyncio.wait_for(changed.wait(), LOOK_EVERY_SECONDS)
            except TimeoutError:
                continue
    await send({"type": "http.response.body", "body": b""})


def _news(run_id: str, seq: int) -> News:
    """The run is read first: what is committed after it shows at the next look."""
    run = Run.objects.only("id", "seq", "status", "version_id").filter(pk=run_id).first()
    if run is None:  # it was purged
        return News(seq, [], is_over=True)
    said = Log.objects.filter(run=run, kind=RespondToWebhook.kind, status=Log.Status.COMPLETED)
    parts: list[bytes] = []
    for log in said.filter(seq__gt=seq, seq__lte=run.seq).order_by("seq"):
        parts.append(_part(log.output))
        if not _has_more(run.version_id, log.node_id):
            return News(log.seq, parts, is_over=True)
    return News(run.seq, parts, run.is_terminal)


def _part(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else f"{strict_json.dumps(body)}\n".encode()


def _has_more(version_id: str, node_id: str) -> bool:
    nodes = drawing_of(version_id).document["nodes"]
    data = next(node["data"] for node in nodes if node["id"] == node_id)
    kind = REGISTRY.get(data["componentId"])
    return bool(kind and node_settings(kind, data).get("more"))
