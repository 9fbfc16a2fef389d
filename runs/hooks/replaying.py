"""Starting a run again with what a delivery brought: for a person, who decides instead of signature and filter."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from runs.hooks import deliveries
from runs.hooks.deliveries import Visit
from runs.hooks.request import HookRequest
from runs.hooks.routing import Address, Hook, find_door, hooks_of
from runs.models import Delivery, Run
from runs.services import StartOptions, start_run
from wire.problems import Conflict
from workflows.models import Workflow


def replay(delivery: Delivery) -> Delivery:
    """The new delivery, of the published version as it is now; also of a workflow that is switched off.

    Raises Conflict: `no_workflow`, `workflow_deleted`, `not_published`, `unknown_path`, `body_not_kept`, or a fault
    of the body.
    """
    workflow = delivery.workflow
    if workflow is None:
        raise Conflict("The address belonged to no workflow.", code="no_workflow")
    if workflow.deleted_at is not None:
        raise Conflict("The workflow was deleted.", code="workflow_deleted")
    request = _request(delivery)
    hook, params = _hook(workflow, delivery)
    payload = delivery.run.trigger_payload if delivery.run else request.payload(params)
    visit = Visit(request, delivery.path)
    visit.door = find_door(Address("", token=workflow.hook_token))
    with transaction.atomic():
        options = StartOptions(trigger_type=Run.Trigger.WEBHOOK, trigger_node=hook.node_id)
        run = start_run(workflow, payload, options)
        made = deliveries.record_with_run(visit, run.id, 202, node_id=hook.node_id, replay_of_id=delivery.id)
    return Delivery.objects.select_related("run", "workflow").get(pk=made)


def _request(delivery: Delivery) -> HookRequest:
    body = bytes(delivery.body or b"")
    if delivery.run is None and len(body) < delivery.body_size:
        raise Conflict("The body was too large to be kept whole.", code="body_not_kept")
    headers: dict[str, Any] = delivery.headers or {}
    path = delivery.path.strip("/")
    return HookRequest(delivery.method, path, delivery.query, headers, body, delivery.client_address)


def _hook(workflow: Workflow, delivery: Delivery) -> tuple[Hook, dict[str, str]]:
    """The trigger that took it, else the one that would today."""
    if workflow.published_id is None:
        raise Conflict("The workflow is not published yet.", code="not_published")
    hooks = sorted(hooks_of(workflow.published_id), key=lambda hook: hook.node_id != delivery.node_id)
    for hook in hooks:
        params = hook.match(delivery.path)
        if params is not None and delivery.method in hook.settings.methods:
            return hook, params
    raise Conflict("The workflow has no webhook with this path and method any more.", code="unknown_path")
