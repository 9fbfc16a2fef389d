"""Deliveries: what reached the project's webhooks, and starting runs from them again. Listening for a test request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ProjectView, query_parameters, read_body, read_query
from runs.api import delivery_schemas as schemas
from runs.hooks import listening
from runs.hooks.replaying import replay
from runs.hooks.routing import PREFIX, TEST
from runs.models import Delivery, Listener, Run
from wire.paging import paginate
from wire.problems import NotFound
from wire.rest import to_problem
from wire.times import from_query
from workflows.api.workflows import WorkflowsView
from workflows.models import Workflow

_ORDER = ("-received_at", "-id")


def delivery_head(delivery: Delivery) -> dict[str, Any]:
    """A row of the list: without headers and body."""
    return {
        "id": delivery.id,
        "workflow_id": delivery.workflow_id,
        "workflow_name": delivery.workflow.name if delivery.workflow else None,
        "node_id": delivery.node_id or None,
        "outcome": delivery.outcome,
        "code": delivery.code or None,
        "reason": delivery.reason or None,
        "status": delivery.status if delivery.status is not None else _told_status(delivery.run),
        "run_id": delivery.run_id,
        "run_status": delivery.run.status if delivery.run else None,
        "replay_of": delivery.replay_of_id,
        "delivery_id": delivery.delivery_key or None,
        "method": delivery.method,
        "path": delivery.path,
        "query": delivery.query,
        "client_address": delivery.client_address,
        "body_size": delivery.body_size,
        "received_at": delivery.received_at,
        "duration_ms": delivery.duration_ms,
    }


def _told_status(run: Run | None) -> int | None:
    """What a caller was told who waited for the run; None while it still waits, or once the run is gone."""
    if run is None:
        return None
    if run.response:
        return int(run.response["status"])
    if not run.is_terminal:
        return None
    return 200 if run.status == Run.Status.COMPLETED else 500


def delivery_record(delivery: Delivery) -> dict[str, Any]:
    """With headers and body: the run's, where it has them."""
    payload = delivery.run.trigger_payload if delivery.run else None
    if isinstance(payload, dict) and delivery.headers is None:
        kept = {"headers": payload.get("headers"), "body": payload.get("body"), "body_is_raw": False}
    else:
        raw = bytes(delivery.body).decode(errors="replace").replace("\0", "�") if delivery.body else None
        kept = {"headers": delivery.headers, "body": raw, "body_is_raw": True}
    is_cut = kept["body_is_raw"] and len(delivery.body or b"") < delivery.body_size
    return {**delivery_head(delivery), **kept, "body_is_cut": is_cut}


class DeliveriesView(ProjectView):
    """A view on the project's deliveries."""

    def mine(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(project=self.project).select_related("workflow", "run")


class DeliveryListView(DeliveriesView):
    @extend_schema(
        operation_id="listDeliveries",
        summary="What reached the webhooks",
        tags=["deliveries"],
        parameters=query_parameters(schemas.DeliveryQuery),
        responses=schemas.DeliveryPage,
    )
    def get(self, request: Request) -> Response:
        """Newest first, also what was refused; without headers and bodies. Requests at addresses that nobody has are
        in the list of the first project."""
        query = read_query(schemas.DeliveryQuery, request)
        rows = self._filtered(query).defer("headers", "body", "run__trigger_payload", "run__output")
        page = paginate(rows, request.query_params, _ORDER)
        return Response({"results": [delivery_head(row) for row in page.results], "next": page.next})

    def _filtered(self, query: schemas.DeliveryQuery) -> QuerySet[Delivery]:
        wanted = Q()
        if query.workflow is not None:
            wanted &= Q(workflow=self._workflow(query.workflow))
        if query.outcome is not None:
            wanted &= Q(outcome=query.outcome)
        if query.since is not None:
            wanted &= Q(received_at__gte=from_query("since", query.since))
        if query.until is not None:
            wanted &= Q(received_at__lt=from_query("until", query.until))
        if query.search:
            whole = Q(pk=query.search) | Q(run=query.search) | Q(delivery_key=query.search) | Q(code=query.search)
            wanted &= whole | Q(client_address=query.search) | Q(path__contains=query.search)
        return self.mine().filter(wanted)

    def _workflow(self, workflow_id: str) -> Workflow:
        """Also a deleted one, whose deliveries stay."""
        workflow = Workflow.objects.filter(project=self.project, pk=workflow_id).first()
        if workflow is None:
            raise NotFound("There is no such workflow.")
        return workflow


class DeliveryView(DeliveriesView):
    @extend_schema(operation_id="readDelivery", summary="A delivery", tags=["deliveries"], responses=schemas.Delivery)
    def get(self, request: Request, delivery_id: str) -> Response:
        """With its headers, secrets hidden, and its body up to a size."""
        found = self.mine().filter(pk=delivery_id).first()
        if found is None:
            raise NotFound("There is no such delivery.")
        return Response(delivery_record(found))


class ReplayView(DeliveriesView):
    @extend_schema(
        operation_id="replayDeliveries",
        summary="Start runs from deliveries again",
        tags=["deliveries"],
        request=schemas.Replay,
        responses={202: schemas.Replayed},
    )
    def post(self, request: Request) -> Response:
        """Each as a new run of the published version, whatever signature and filter say. What cannot be replayed says
        why and keeps none of the others."""
        body = read_body(schemas.Replay, request)
        found = {row.id: row for row in self.mine().filter(pk__in=body.ids)}
        return Response({"results": [_replayed(wanted, found.get(wanted)) for wanted in body.ids]}, status=202)


def _replayed(wanted: str, delivery: Delivery | None) -> dict[str, Any]:
    try:
        if delivery is None:
            raise NotFound("There is no such delivery.")
        return {"id": wanted, "delivery": delivery_head(replay(delivery)), "error": None}
    except Exception as error:
        problem = to_problem(error)
        if problem is None or problem.status >= 500:
            raise
        return {"id": wanted, "delivery": None, "error": {"code": problem.code, "message": problem.detail}}


def listener_record(listener: Listener) -> dict[str, Any]:
    return {
        "id": listener.id,
        "url": f"{settings.PUBLIC_URL}{PREFIX}{TEST}/{listener.workflow.hook_token}",
        "expires_at": listener.expires_at,
        "received_at": listener.received_at,
        "node_id": listener.node_id or None,
        "payload": listener.payload,
        "refusal": listener.refusal or None,
    }


class ListenView(WorkflowsView):
    @extend_schema(
        operation_id="listenForRequest",
        summary="Wait for a test request",
        tags=["deliveries"],
        request=None,
        responses={201: schemas.Listener},
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """For five minutes the next request at the `url`, judged by the draft's webhook triggers, is kept here and
        starts nothing."""
        return Response(listener_record(listening.listen(self.find(workflow_id))), status=201)


class ListenerView(WorkflowsView):
    @extend_schema(
        operation_id="readListener", summary="What was heard", tags=["deliveries"], responses=schemas.Listener
    )
    def get(self, request: Request, workflow_id: str, listener_id: str) -> Response:
        """`payload` once a request came; `refusal` when the last one would have been refused."""
        return Response(listener_record(self._listener(workflow_id, listener_id)))

    @extend_schema(
        operation_id="stopListening",
        summary="Listen no more",
        tags=["deliveries"],
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, workflow_id: str, listener_id: str) -> Response:
        self._listener(workflow_id, listener_id).delete()
        return Response(status=204)

    def _listener(self, workflow_id: str, listener_id: str) -> Listener:
        found = Listener.objects.filter(workflow=self.find(workflow_id), pk=listener_id).first()
        if found is None:
            raise NotFound("Nobody listens under this id.")
        return found
