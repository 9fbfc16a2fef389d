"""Telling runs something: one run by its id, or all that wait for a value."""

from __future__ import annotations

from typing import Any

from django.urls import register_converter
from django.urls.converters import StringConverter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import PageQuery, query_parameters, read_body, read_query
from runs import services
from runs.api import answers, requests
from runs.api.execute import KEY_PARAMETER, read_key
from runs.api.runs import RunsView
from runs.engine.plan import Place
from runs.models import Event
from runs.records import run_record, wait_records
from wire.paging import paginate


class EventNameConverter(StringConverter):
    regex = "[A-Za-z0-9_.:@-]{1,200}"


class NodeIdConverter(StringConverter):
    """Ids of nodes are whatever their canvas made; a NUL is none."""

    regex = r"[^/\x00]{1,200}"


register_converter(EventNameConverter, "event")
register_converter(NodeIdConverter, "node")

_NAME = OpenApiParameter("name", OpenApiTypes.STR, OpenApiParameter.PATH, description="What the event is called.")


class EventListView(RunsView):
    @extend_schema(
        operation_id="listEvents",
        summary="What a run was told",
        parameters=query_parameters(PageQuery),
        responses=answers.RunEventPage,
    )
    def get(self, request: Request, run_id: str) -> Response:
        """Its inbox, the newest first: events that lie there, and those that a node has taken."""
        read_query(PageQuery, request)
        page = paginate(services.events_of(self.find(run_id)), request.query_params, ("-id",))
        return Response({"results": [_event_record(event) for event in page.results], "next": page.next})


def _event_record(event: Event) -> dict[str, Any]:
    return {
        "name": event.name,
        "correlation": event.correlation,
        "payload": event.payload,
        "received_at": event.received_at,
        "delivered_at": event.delivered_at,
    }


class WaitListView(RunsView):
    @extend_schema(
        operation_id="listWaits",
        summary="What a run waits for",
        parameters=[],
        responses=answers.RunWaits,
    )
    def get(self, request: Request, run_id: str) -> Response:
        """As `waits` of the run says it, also which worker has a task; that changes without news on the stream."""
        run = self.find(run_id)
        return Response({"results": wait_records(run, has_begun=run.epoch > 0)})


class EventView(RunsView):
    problems = {"post": (409, 422, 429)}

    @extend_schema(
        operation_id="raiseEvent",
        summary="Tell a run something",
        request={"application/json": {"description": "The event's payload: any JSON, or nothing."}},
        parameters=[_NAME, KEY_PARAMETER],
        responses={202: answers.Run},
    )
    def post(self, request: Request, run_id: str, name: str) -> Response:
        """Kept until a node of the run waits for an event of this name; each is delivered once, the oldest first. The
        same Idempotency-Key is the same event, for as long as the run is kept."""
        run = self.find(run_id)
        raised = services.raise_event(run, name, _payload(request), event_id=read_key(request))
        headers = {} if raised.is_new else {"Idempotent-Replayed": "true"}
        return Response(run_record(self.find(run.id)), status=202, headers=headers)


class CorrelationView(RunsView):
    problems = {"post": (422, 429)}

    @extend_schema(
        operation_id="raiseEventByCorrelation",
        summary="Tell whoever waits for it",
        request=requests.RaiseEvent,
        parameters=[_NAME, KEY_PARAMETER],
        responses={202: answers.EventRuns},
    )
    def post(self, request: Request, name: str) -> Response:
        """For every live run that waits for this event with this value, or carries it as its `correlation_id`."""
        body = read_body(requests.RaiseEvent, request)
        told = services.raise_by_correlation(
            self.project, name, body.correlation, body.payload, event_id=read_key(request)
        )
        return Response({"runs": [raised.event.run_id for raised in told]}, status=202)


class ApprovalView(RunsView):
    problems = {"post": (403, 409)}

    @extend_schema(
        operation_id="decideApproval",
        summary="Approve or reject",
        request=requests.Decide,
        responses={202: answers.Run},
    )
    def post(self, request: Request, run_id: str, node_id: str) -> Response:
        """For the node that waits for it. The first decision counts."""
        run = self.find(run_id)
        body = read_body(requests.Decide, request)
        place = Place(node_id, body.iteration)
        services.decide(run, place, body.decision, by=self.caller.user.email, comment=body.comment)
        return Response(run_record(self.find(run.id)), status=202)


def _payload(request: Request) -> Any:
    """The body, whatever JSON it is; None when there is none."""
    return request.data if request.headers.get("Content-Length", "0") not in ("", "0") else None
