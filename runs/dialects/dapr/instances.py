"""Dapr's instances over our runs, whatever the wire: started, told things, and described."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.callers import Caller
from runs import services
from runs.dialects.dapr.errors import DaprError, LiveInstanceError
from runs.dialects.finding import workflow_named
from runs.models import Run
from wire import strict_json
from wire.problems import Conflict, NotFound
from wire.strict_json import JsonFault
from wire.times import to_wire
from workflows.models import Node
from workflows.node_settings import node_settings
from workflows.nodes.wait_for_event import WaitForAnEvent

MAX_ID_LENGTH = 64
MAX_EVENT_NAME = 200
BATCH = 500
MAX_PURGED = 10_000

_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Text:
    """What a caller sent: JSON if it can be read as such, else text. `raw` is None when nothing came."""

    raw: str | None

    @classmethod
    def of(cls, body: bytes | None) -> Text:
        return cls(body.decode(errors="replace").replace("\0", "\ufffd") if body else None)

    @property
    def value(self) -> Any:
        if not self.raw:
            return None
        try:
            return strict_json.loads(self.raw.encode())
        except JsonFault:
            return self.raw


@dataclass(frozen=True)
class Start:
    name: str
    instance_id: str = ""
    """Empty: one is made."""
    input: Text = Text(None)
    metadata: Mapping[str, str] = field(default_factory=dict)
    takes_from: Sequence[str] = Run.TERMINAL
    """The statuses of an earlier instance that may lose the id to this one."""
    version: int | None = None
    start_at: datetime | None = None


def start(caller: Caller, wanted: Start) -> Run:
    """Raises DaprError: 404 for an unknown workflow, 409 while another instance has the id."""
    workflow = workflow_named(caller.project, wanted.name)
    if workflow is None:
        raise DaprError(404, "ERR_START_WORKFLOW", f"workflow '{wanted.name}' not found")
    instance_id = wanted.instance_id or str(uuid.uuid4())
    options = services.StartOptions(
        trigger_type=Run.Trigger.API,
        version=wanted.version,
        handle=instance_id,
        takes_handle_from=wanted.takes_from,
        metadata=wanted.metadata,
        extra=_extra(wanted),
        start_at=wanted.start_at,
    )
    try:
        return services.start_run(workflow, wanted.input.value, options)
    except NotFound as missing:
        raise DaprError(404, "ERR_START_WORKFLOW", f"workflow '{wanted.name}': {missing.detail}") from None
    except Conflict as conflict:
        if conflict.code == "run_id_taken":
            raise LiveInstanceError(instance_id) from None
        raise DaprError(409, "ERR_START_WORKFLOW", f"workflow '{wanted.name}': {conflict.detail}") from None


def _extra(wanted: Start) -> dict[str, Any] | None:
    """The input's own text, where it is not as we would write the value, and when it was to start."""
    raw, value = wanted.input.raw, wanted.input.value
    is_as_written = raw is None or (value is not None and raw == strict_json.dumps(value))
    told = {} if is_as_written else {"input": raw}
    if wanted.start_at is not None:
        told["start_at"] = to_wire(wanted.start_at)
    return told or None


def check_id(instance_id: str) -> None:
    """What an id over HTTP may be made of."""
    if len(instance_id) > MAX_ID_LENGTH:
        text = f"workflow instance ID exceeds the max length of {MAX_ID_LENGTH} characters"
        raise DaprError(400, "ERR_INSTANCE_ID_TOO_LONG", text)
    if not _ID.fullmatch(instance_id):
        text = f"workflow instance ID '{instance_id}' is invalid: only letters, digits, '_' and '-' are allowed"
        raise DaprError(400, "ERR_INSTANCE_ID_INVALID", text)


def terminate(run: Run, output: Text, by: str) -> None:
    """Ends it with what waits below it; one that has ended stays as it is."""
    services.terminate_run(run, reason="Terminated through Dapr's API.", output=output.value, by=by)


def check_event_name(name: str) -> None:
    if not name or len(name) > MAX_EVENT_NAME or "\0" in name:
        text = f"an event name has 1 to {MAX_EVENT_NAME} characters"
        raise DaprError(400, "ERR_WORKFLOW_EVENT_NAME_MISSING", text)


def tell(run: Run, name: str, sent: Text) -> None:
    """Raises an event. What nobody waits for yet is kept; one to an instance that has ended is dropped.

    Raises DaprError for a name that is none.
    """
    check_event_name(name)
    try:
        services.raise_event(run, _as_drawn(run, name), sent.value)
    except Conflict as conflict:
        if conflict.code != "run_ended":
            raise


def _as_drawn(run: Run, name: str) -> str:
    """Names compare without regard to case here: the one that the workflow waits for, if it is like this one."""
    waiting = Node.objects.filter(version_id=run.version_id, kind=WaitForAnEvent.kind)
    drawn = (node_settings(WaitForAnEvent(), node.data).get("name") for node in waiting)
    return next((own for own in drawn if isinstance(own, str) and own.casefold() == name.casefold()), name)


def purge(run: Run, by: str, *, force: bool = False) -> int:
    """Deletes an instance that has ended, with the child runs that have; how many they were.

    Raises Conflict `run_not_ended`, unless `force` ends it first.
    """
    below = _below([run.id])
    services.purge_run(run, by=by, force=force)
    return 1 + services.delete_runs(below, by=by)


def purge_some(runs: QuerySet[Run], by: str) -> tuple[int, bool]:
    """Deletes those of them that have ended, likewise, as many as one call may take; how many they were, and whether
    that was all."""
    ended, count = runs.filter(status__in=Run.TERMINAL).order_by("id"), 0
    last = ""
    for _ in range(MAX_PURGED // BATCH):
        batch = list(ended.filter(id__gt=last).values_list("id", flat=True)[:BATCH])
        if not batch:
            return count, True
        below = _below(batch)
        count += services.delete_runs(batch, by=by) + services.delete_runs(set(below) - set(batch), by=by)
        last = batch[-1]
    return count, not ended.filter(id__gt=last).exists()


def _below(run_ids: list[str]) -> list[str]:
    found: list[str] = []
    level = run_ids
    while level := list(Run.objects.filter(parent__in=level).values_list("id", flat=True)):
        found += level
    return found
