"""Starting a workflow from a CloudEvent, as Dapr's pub/sub and bindings deliver them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs import services
from runs.dialects.dapr import schemas
from runs.dialects.dapr.base import DaprView
from runs.dialects.dapr.errors import DaprError
from runs.dialects.dapr.instances import MAX_ID_LENGTH, Start, Text, check_id, start
from runs.dialects.dapr.views import started
from runs.dialects.finding import run_of_handle
from runs.models import Run
from wire import strict_json
from wire.strict_json import JsonFault

_STRUCTURED = "application/cloudevents"
_REQUIRED = ("specversion", "id", "source", "type")


@dataclass(frozen=True)
class CloudEvent:
    source: str
    id: str
    data: Text

    @property
    def instance_id(self) -> str:
        """Source and id, as they are where an instance's id may look like that, else hashed."""
        plain = f"{self.source}{self.id}"
        try:
            check_id(plain)
        except DaprError:
            return hashlib.sha256(f"{self.source}\0{self.id}".encode()).hexdigest()[:MAX_ID_LENGTH]
        return plain


def read_event(headers: Mapping[str, str], body: bytes) -> CloudEvent:
    """A structured or a binary event; DaprError 400 for anything else."""
    if headers.get("content-type", "").lower().startswith(_STRUCTURED):
        fields = _structured(body)
        data = _data_of(fields)
    else:
        fields = {name: headers.get(f"ce-{name}") for name in _REQUIRED}
        data = Text.of(body)
    for name in _REQUIRED:
        if not isinstance(fields.get(name), str) or not fields[name]:
            raise _not_an_event(f"the attribute {name!r} is missing")
    return CloudEvent(fields["source"], fields["id"], data)


def _structured(body: bytes) -> dict[str, Any]:
    try:
        fields = strict_json.loads(body)
    except JsonFault as fault:
        raise _not_an_event(str(fault)) from None
    if not isinstance(fields, dict):
        raise _not_an_event("it is no JSON object")
    return fields


def _data_of(fields: dict[str, Any]) -> Text:
    if "data_base64" in fields:
        try:
            return Text.of(base64.b64decode(str(fields["data_base64"]), validate=True))
        except (binascii.Error, ValueError):
            raise _not_an_event("data_base64 is not base64") from None
    return Text(strict_json.dumps(fields["data"]) if fields.get("data") is not None else None)


def _not_an_event(why: str) -> DaprError:
    return DaprError(400, "ERR_CLOUD_EVENT_INVALID", f"not a CloudEvent: {why}")


class EventStartView(DaprView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="startFromEvent",
        summary="Start a workflow from a CloudEvent",
        request={"application/cloudevents+json": schemas.Payload, "application/json": schemas.Payload},
        responses={202: schemas.Started},
        parameters=[OpenApiParameter("policy", {"type": "string", "enum": ["discard", "recycle"]})],
        tags=["workflows"],
    )
    def post(self, request: Request, version: str, workflow: str) -> Response:
        """An event that came before starts nothing (`discard`), or its instance anew (`recycle`)."""
        policy = request.query_params.get("policy", "discard")
        if policy not in ("discard", "recycle"):
            raise DaprError(400, "ERR_START_WORKFLOW", f"policy {policy!r} is neither discard nor recycle")
        named = {name.lower(): value for name, value in request.headers.items()}
        event = read_event(named, request._request.body)
        run = self._recycled(workflow, event) if policy == "recycle" else self._started(workflow, event)
        return started(run, version, workflow)

    def _started(self, workflow: str, event: CloudEvent) -> Run:
        wanted = Start(workflow, event.instance_id, event.data, takes_from=())
        try:
            return start(self.caller, wanted)
        except DaprError as error:
            earlier = run_of_handle(self.project, event.instance_id) if error.status == 409 else None
            if earlier is None:
                raise
            return earlier

    def _recycled(self, workflow: str, event: CloudEvent) -> Run:
        earlier = run_of_handle(self.project, event.instance_id)
        run = start(self.caller, Start(workflow, event.instance_id, event.data, takes_from=Run.Status.values))
        if earlier is not None:
            services.terminate_run(earlier, reason="Its event came again.", by=self.caller.user.email)
        return run
