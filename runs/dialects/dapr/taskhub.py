"""Surface C1: `TaskHubSidecarService`, which Dapr's workflow clients call today. Without its worker protocol."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from django.db.models import QuerySet
from google.protobuf.empty_pb2 import Empty
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BoolValue, StringValue

from accounts.callers import Caller
from runs import services
from runs.dialects.dapr import records
from runs.dialects.dapr.errors import DaprError
from runs.dialects.dapr.instances import MAX_ID_LENGTH, Start, Text, purge, purge_some, start, tell, terminate
from runs.dialects.dapr.proto import taskhub_pb2 as pb
from runs.dialects.dapr.rpc import Method, known, timestamp
from runs.dialects.finding import run_of_handle
from runs.front import in_database
from runs.models import Run
from runs.watching import changes_of
from wire.problems import Conflict

SERVICE = "TaskHubSidecarService"

_STATUS = {status: f"ORCHESTRATION_STATUS_{word}" for status, word in records.STATUS.items()}
_STARTED = [status for status in Run.Status.values if status != Run.Status.PENDING]


# --- starting ---


def _start(caller: Caller, request: pb.CreateInstanceRequest) -> pb.CreateInstanceResponse:
    """Unlike over HTTP, an id may hold any characters."""
    if len(request.instanceId) > MAX_ID_LENGTH or "\0" in request.instanceId:
        raise DaprError(400, "ERR_INSTANCE_ID_INVALID", f"an instance ID has at most {MAX_ID_LENGTH} characters")
    wanted = Start(
        request.name,
        request.instanceId,
        Text(request.input.value if request.HasField("input") else None),
        dict(request.tags),
        takes_from=() if request.enforceUniqueInstanceId else Run.TERMINAL,
        version=_number(request.version.value),
        start_at=_start_at(request),
    )
    return pb.CreateInstanceResponse(instanceId=records.instance_id(start(caller, wanted)))


def _start_at(request: pb.CreateInstanceRequest) -> datetime | None:
    is_later = request.HasField("scheduledStartTimestamp")
    return _moment(request.scheduledStartTimestamp, "ERR_START_WORKFLOW") if is_later else None


def _moment(stamp: Timestamp, error: str) -> datetime:
    try:
        return stamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise DaprError(400, error, "a timestamp is no time") from None


def _number(version: str) -> int | None:
    if not version:
        return None
    if not version.isdecimal() or len(version) > 9:
        raise DaprError(404, "ERR_START_WORKFLOW", f"the workflow has no version '{version}'")
    return int(version)


# --- reading and waiting ---


def _get(caller: Caller, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
    return _told(run_of_handle(caller.project, request.instanceId), request)


async def _wait_for_start(caller: Caller, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
    return await _wait(caller, request, _STARTED)


async def _wait_for_completion(caller: Caller, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
    return await _wait(caller, request, Run.TERMINAL)


async def _wait(caller: Caller, request: pb.GetInstanceRequest, enough: Collection[str]) -> pb.GetInstanceResponse:
    """Until the instance has one of the statuses, or is gone. A client that gives up cancels this."""
    run = await in_database(run_of_handle, caller.project, request.instanceId)
    if run is not None and run.status not in enough:
        async with changes_of(run.id) as changed:
            while run is not None and run.status not in enough:
                changed.clear()
                run = await in_database(run_of_handle, caller.project, run.id)
                if run is not None and run.status not in enough:
                    await changed.wait()
    return await in_database(_told, run, request)


def _told(run: Run | None, request: pb.GetInstanceRequest) -> pb.GetInstanceResponse:
    if run is None:
        return pb.GetInstanceResponse(exists=False)
    return pb.GetInstanceResponse(exists=True, workflowState=_state(run, request.getInputsAndOutputs))


def _state(run: Run, with_payloads: bool) -> pb.WorkflowState:
    error = run.error or {}
    failure = pb.TaskFailureDetails(errorType=error.get("code", ""), errorMessage=error.get("message", ""))
    return pb.WorkflowState(
        instanceId=records.instance_id(run),
        name=run.workflow.key,
        version=_text(str(run.version.number) if run.version.number else None),
        workflowStatus=_STATUS[run.status],
        scheduledStartTimestamp=timestamp(records.start_at(run)),
        createdTimestamp=timestamp(run.created_at),
        lastUpdatedTimestamp=timestamp(records.last_updated(run)),
        startedAt=timestamp(run.started_at),
        completedTimestamp=timestamp(run.completed_at),
        input=_text(records.input_text(run) if with_payloads else None),
        output=_text(records.output_text(run) if with_payloads else None),
        failureDetails=failure if run.status == Run.Status.FAILED else None,
    )


def _text(text: str | None) -> StringValue | None:
    return None if text is None else StringValue(value=text)


# --- steering ---


def _terminate(caller: Caller, request: pb.TerminateRequest) -> pb.TerminateResponse:
    output = Text(request.output.value if request.HasField("output") else None)
    terminate(known(caller, request.instanceId), output, by=caller.user.email)
    return pb.TerminateResponse()


def _raise_event(caller: Caller, request: pb.RaiseEventRequest) -> pb.RaiseEventResponse:
    run = known(caller, request.instanceId)
    tell(run, request.name, Text(request.input.value if request.HasField("input") else None))
    return pb.RaiseEventResponse()


def _suspend(caller: Caller, request: pb.SuspendRequest) -> pb.SuspendResponse:
    services.suspend_run(known(caller, request.instanceId), reason=request.reason.value)
    return pb.SuspendResponse()


def _resume(caller: Caller, request: pb.ResumeRequest) -> pb.ResumeResponse:
    services.resume_run(known(caller, request.instanceId))
    return pb.ResumeResponse()


def _purge(caller: Caller, request: pb.PurgeInstancesRequest) -> pb.PurgeInstancesResponse:
    """By id, or what has ended and fits a filter. A live instance is left as it is, and counts nothing, unless it is
    named and `force` ends it first."""
    if request.HasField("purgeInstanceFilter"):
        count, is_complete = purge_some(_fitting(caller, request.purgeInstanceFilter), by=caller.user.email)
        return pb.PurgeInstancesResponse(deletedInstanceCount=count, isComplete=BoolValue(value=is_complete))
    run = known(caller, request.instanceId)
    try:
        count = purge(run, by=caller.user.email, force=request.force)
    except Conflict:
        count = 0
    return pb.PurgeInstancesResponse(deletedInstanceCount=count, isComplete=BoolValue(value=True))


def _fitting(caller: Caller, wanted: pb.PurgeInstanceFilter) -> QuerySet[Run]:
    found = Run.objects.for_project(caller.project)
    if wanted.HasField("createdTimeFrom"):
        found = found.filter(created_at__gte=_moment(wanted.createdTimeFrom, "ERR_PURGE_WORKFLOW"))
    if wanted.HasField("createdTimeTo"):
        found = found.filter(created_at__lte=_moment(wanted.createdTimeTo, "ERR_PURGE_WORKFLOW"))
    if wanted.runtimeStatus:
        words = {pb.OrchestrationStatus.Name(status) for status in wanted.runtimeStatus}
        found = found.filter(status__in=[status for status, word in _STATUS.items() if word in words])
    return found


def _hello(caller: Caller, request: Empty) -> Empty:
    return Empty()


METHODS = {
    "Hello": Method(Empty, _hello),
    "StartInstance": Method(pb.CreateInstanceRequest, _start),
    "GetInstance": Method(pb.GetInstanceRequest, _get),
    "WaitForInstanceStart": Method(pb.GetInstanceRequest, wait=_wait_for_start),
    "WaitForInstanceCompletion": Method(pb.GetInstanceRequest, wait=_wait_for_completion),
    "RaiseEvent": Method(pb.RaiseEventRequest, _raise_event),
    "TerminateInstance": Method(pb.TerminateRequest, _terminate),
    "SuspendInstance": Method(pb.SuspendRequest, _suspend),
    "ResumeInstance": Method(pb.ResumeRequest, _resume),
    "PurgeInstances": Method(pb.PurgeInstancesRequest, _purge),
}
