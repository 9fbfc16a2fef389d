"""Readable addresses of webhooks: rows that hold a name for one workflow, so that it is unique in the project."""

from __future__ import annotations

from wire.problems import Conflict
from workflows.models import HookName, Node, Workflow
from workflows.node_settings import node_settings
from workflows.nodes.registry import REGISTRY
from workflows.nodes.webhook_trigger import WebhookTrigger


def arm(workflow: Workflow) -> None:
    """Makes the rows fit the published version; in the caller's transaction, which holds the workflow's row."""
    wanted = set() if workflow.deleted_at else names_of(workflow.published_id)
    workflow.hook_names.exclude(name__in=wanted).delete()
    known = set(workflow.hook_names.values_list("name", flat=True))
    rows = [HookName(project_id=workflow.project_id, name=name, workflow=workflow) for name in sorted(wanted - known)]
    # A rival's insert is waited for, and then counts.
    HookName.objects.bulk_create(rows, ignore_conflicts=True)
    missing = wanted - set(workflow.hook_names.values_list("name", flat=True))
    if missing:
        name = min(missing)
        raise Conflict(f"Another workflow's webhook is named “{name}” already.", code="hook_name_taken")


def names_of(version_id: str | None) -> set[str]:
    """What the version's enabled webhook triggers are named."""
    found = set()
    for node in Node.objects.filter(version_id=version_id):
        kind = REGISTRY.get(node.kind)
        if isinstance(kind, WebhookTrigger) and node.data.get("disabled") is not True:
            found.add(str(node_settings(kind, node.data).get("name") or ""))
    return found - {""}
