"""Listening: an editor waits for the next request at a workflow's test address. Nothing runs, and what is published
is not touched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from runs.models import Listener
from wire.problems import NotFound
from workflows.models import Workflow

LISTENS_FOR = timedelta(minutes=5)


def listen(workflow: Workflow) -> Listener:
    return Listener.objects.create(workflow=workflow, expires_at=timezone.now() + LISTENS_FOR)


def waiting_listener(workflow_id: str) -> Listener:
    """The newest one. Raises NotFound."""
    waiting = Listener.objects.filter(workflow=workflow_id, received_at=None, expires_at__gt=timezone.now())
    found = waiting.order_by("-expires_at", "-id").first()
    if found is None:
        raise NotFound("Nobody listens here at this moment. Press “Listen” in the editor first.", code="nobody_listens")
    return found


def hear(listener: Listener, node_id: str, payload: dict[str, Any]) -> None:
    """Hands the request over; the first one counts."""
    waiting = Listener.objects.filter(pk=listener.pk, received_at=None)
    waiting.update(received_at=timezone.now(), node_id=node_id, payload=payload, refusal="")


def tell_refusal(workflow_id: str, reason: str) -> None:
    """A request came and would have been refused; the listener waits on and shows why."""
    waiting = Listener.objects.filter(workflow=workflow_id, received_at=None, expires_at__gt=timezone.now())
    waiting.update(refusal=reason)
