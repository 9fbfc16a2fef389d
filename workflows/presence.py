"""Who has a workflow open. A courtesy between people: what protects their work is the draft's revision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from workflows.models import Presence, Workflow
from workflows.records import actor

SILENCE = timedelta(seconds=30)
"""After it, whoever was there is taken to be gone."""


def stay(workflow: Workflow, user: User, client: str, node_id: str | None) -> None:
    Presence.objects.filter(seen_at__lt=timezone.now() - SILENCE).delete()
    Presence.objects.update_or_create(
        workflow=workflow,
        client=client,
        defaults={"user": user, "node_id": node_id, "seen_at": timezone.now()},
    )


def leave(workflow: Workflow, client: str) -> None:
    Presence.objects.filter(workflow=workflow, client=client).delete()


def others(workflow: Workflow, user: User, client: str) -> list[dict[str, Any]]:
    """The other tabs, those of other people first."""
    here = Presence.objects.filter(workflow=workflow, seen_at__gte=timezone.now() - SILENCE).exclude(client=client)
    found = [
        {
            "client": row.client,
            "user": actor(row.user),
            "is_you": row.user_id == user.id,
            "node_id": row.node_id,
        }
        for row in here.select_related("user").order_by("client")
    ]
    return sorted(found, key=lambda visitor: bool(visitor["is_you"]))
