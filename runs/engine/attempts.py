"""One attempt: runs a node's code, bounded in time, and makes of whatever happens a result or a NodeError."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Coroutine, Mapping
from typing import Any, cast

from django.conf import settings

from runs.engine.compiled import SettingError, Step
from runs.engine.context import NodeContext
from runs.engine.masking import Mask
from runs.engine.messages import storable
from runs.models import MOST_IN_ROW
from wire.strict_json import JsonFault, check_value, dumps
from workflows.expressions import Scope
from workflows.nodes.base import Context, NodeError, Result

logger = logging.getLogger(__name__)

# How long a node that was told to stop may take over it, before the run goes on without it.
CANCEL_SECONDS = 5.0


class NotInline(Exception):  # noqa: N818 - a turn of events, no error
    """A node that called itself pure waits for something. It runs as a task then."""


def perform_now(step: Step, scope: Scope, context: NodeContext) -> Result | NodeError:
    """A pure node, run where it stands."""
    if step.fault is not None:
        return step.fault
    try:
        return _driven(step.node.run(step.settings_now(scope), cast(Context, context)))
    except NotInline:
        raise
    except Exception as error:  # a node may raise anything; the run goes on by its rules
        return _node_error(step, error)


def _driven(running: Coroutine[Any, Any, Result]) -> Result:
    try:
        running.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    running.close()
    raise NotInline


async def perform(step: Step, scope: Scope, context: NodeContext) -> Result | NodeError:
    """A node with its time-out, or the server's: none may be at work for ever. Being cancelled is the caller's affair
    and goes through."""
    if step.fault is not None:
        return step.fault
    seconds = min(step.options.timeout or settings.NODE_SECONDS, step.limits.node_seconds or math.inf)
    try:
        return await _bounded(_run(step, scope, context), seconds, context)
    except Exception as error:  # a node may raise anything; the run goes on by its rules
        return _node_error(step, error)


async def _run(step: Step, scope: Scope, context: NodeContext) -> Result:
    settings = await step.settings(scope)
    context.repeat = step.repeat(settings)
    return await step.node.run(settings, cast(Context, context))


async def _bounded(running: Coroutine[Any, Any, Result], seconds: float, context: NodeContext) -> Result:
    """Not `asyncio.timeout`: that would wait for ever for a node that ignores being cancelled."""
    task = asyncio.ensure_future(running)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if done:
        return task.result()
    context.cancel()
    task.cancel()
    await asyncio.wait({task}, timeout=CANCEL_SECONDS)
    raise NodeError("timeout", f"The node did not finish within {seconds:g} s.", field="timeout")


def _node_error(step: Step, error: Exception) -> NodeError:
    if isinstance(error, NodeError):
        return error.with_traceback(None)  # which would keep all that the node could reach
    if isinstance(error, TimeoutError):
        return NodeError("timeout", str(error) or "The node ran out of time.")
    logger.warning("Node %s (%s) raised", step.node_id, step.kind, exc_info=error)
    return NodeError("node_crashed", f"{type(error).__name__}: {error}", retryable=False)


# --- what is kept of it ---


def value_text(value: Any, mask: Mask) -> tuple[Any, str]:
    """A node's value as it will be known from now on, and its JSON text; NodeError if it cannot be kept."""
    try:
        check_value(value)
        text = dumps(value)
    except JsonFault as fault:
        where = f" at {fault.path}" if fault.path else ""
        raise NodeError("output_not_storable", f"The output cannot be kept{where}: {fault.message}") from fault
    masked = mask.in_json(text)
    return (value, text) if masked == text else (json.loads(masked), masked)


def error_record(error: NodeError) -> dict[str, Any]:
    """A failure as a log shows it."""
    record: dict[str, Any] = {"code": error.code, "message": storable(error.message)}
    if error.field:
        record["field"] = storable(error.field)
    if isinstance(error, SettingError) and error.position is not None:
        record["position"] = dict(error.position)
    if error.details is not None:
        try:
            check_value(error.details)
        except JsonFault:
            record["details"] = storable(repr(error.details))
        else:
            record["details"] = error.details
    return record


def error_of_run(error: Mapping[str, Any]) -> str:
    """The JSON text of the failure that ends a run, as its row has it. Lists read that row, so it stays small: details
    that are not are on the node's log."""
    text = dumps(error)
    if len(text) <= MOST_IN_ROW:
        return text
    return dumps({**error, "details": f"They have {len(text):,} characters; the node's log has them."})
