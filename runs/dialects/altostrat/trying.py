"""A node tried by itself: it is run once, as the only action of a workflow that nobody sees."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import read_body
from accounts.models import Membership, User
from runs.dialects.altostrat import schemas
from runs.dialects.altostrat.base import AltostratView
from runs.dialects.altostrat.errors import missing
from runs.dialects.altostrat.runs import SYNC_SECONDS, RunTimeoutError
from runs.dialects.views import json_object
from runs.models import Run
from runs.services import StartOptions, start_run, terminate_run
from runs.waiting import wait_for_end
from workflows import services
from workflows.nodes.registry import REGISTRY

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,63}", re.IGNORECASE)

Json = dict[str, Any]


class TestNodeView(AltostratView):
    problems = {"post": (504,)}

    @extend_schema(
        operation_id="testNode",
        summary="Try a node by itself",
        request=schemas.NodeToTest,
        responses=schemas.TestedNode,
        tags=["runs"],
    )
    def post(self, request: Request) -> Response:
        """Really runs it, with what it does outside. The members of `context` are what its templates can name: as the
        trigger's, and each as a node of that name."""
        if "node" not in json_object(request):
            raise missing("node")
        body = read_body(schemas.NodeToTest, request)
        node = body.node.model_dump(exclude_unset=True)
        run = _started(self.find_authorization(body.authorization_id), self.caller.user, node, body.context)
        if not wait_for_end(run.id, SYNC_SECONDS).has_ended:
            terminate_run(run, reason="Trying the node took too long.")
            raise RunTimeoutError(f"The node took longer than {SYNC_SECONDS} seconds and was stopped.")
        return Response(_outcome(run.id))


def _started(authorization: Membership, by: User, node: Json, context: Json) -> Run:
    with transaction.atomic():
        drawing = {"name": f"Test of {node['id'][:100]}", **_around(node, context)}
        workflow = services.publish(services.create_workflow(authorization, drawing), by)  # type: ignore[arg-type]
        run = start_run(workflow, context, StartOptions(Run.Trigger.API, deadline_seconds=SYNC_SECONDS))
        services.delete_workflow(workflow, by)
    return run


def _around(node: Json, context: Json) -> Json:
    """The node behind a trigger and behind nodes that hand on the members of the context."""
    kind = REGISTRY.get(node["data"]["componentId"])
    if kind is not None and kind.is_trigger:
        return {"nodes": [node], "edges": []}
    trigger = "trigger" if node["id"] != "trigger" else "_trigger"
    names = [name for name in context if _NAME.fullmatch(name) and name not in (node["id"], trigger)]
    given = [_node(name, "transform", expression=f"trigger[{name!r}]") for name in names]
    edges = [_edge(trigger, node["id"]), *(_edge(trigger, name) for name in names)]
    edges += [_edge(name, node["id"]) for name in names]
    return {"nodes": [_node(trigger, "manual_trigger"), *given, node], "edges": edges}


def _node(node_id: str, kind: str, **settings: Any) -> Json:
    return {"id": node_id, "data": {"componentId": kind, **settings}}


def _edge(source: str, target: str) -> Json:
    return {"id": f"{source}>{target}", "source": source, "target": target}


def _outcome(run_id: str) -> Json:
    run = Run.objects.get(id=run_id)
    if run.status == Run.Status.COMPLETED:
        return {"status": "success", "output": run.output}
    return {"status": "error", "output": {"error": run.error or {"code": run.status, "message": run.reason}}}
