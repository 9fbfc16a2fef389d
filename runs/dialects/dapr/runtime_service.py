"""Surface C2: the workflow methods of the runtime's own service, which Dapr's older clients call."""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from accounts.callers import Caller
from runs import services
from runs.dialects.dapr import records
from runs.dialects.dapr.instances import Start, Text, check_id, purge, start, tell, terminate
from runs.dialects.dapr.proto import runtime_pb2 as pb
from runs.dialects.dapr.rpc import Method, known, timestamp
from wire.times import from_query

SERVICE = "dapr.proto.runtime.v1.Dapr"
START_TIME = "dapr.workflow.start_time"


def _start(caller: Caller, request: pb.StartWorkflowRequest) -> pb.StartWorkflowResponse:
    if request.instance_id:
        check_id(request.instance_id)
    later = request.options.get(START_TIME)
    wanted = Start(
        request.workflow_name,
        request.instance_id,
        Text.of(request.input),
        start_at=from_query(START_TIME, later) if later else None,
    )
    return pb.StartWorkflowResponse(instance_id=records.instance_id(start(caller, wanted)))


def _get(caller: Caller, request: pb.GetWorkflowRequest) -> pb.GetWorkflowResponse:
    run = known(caller, request.instance_id)
    return pb.GetWorkflowResponse(
        instance_id=records.instance_id(run),
        workflow_name=run.workflow.key,
        created_at=timestamp(run.created_at),
        last_updated_at=timestamp(records.last_updated(run)),
        runtime_status=records.STATUS[run.status],
        properties=records.properties(run),
    )


def _raise_event(caller: Caller, request: pb.RaiseEventWorkflowRequest) -> Empty:
    tell(known(caller, request.instance_id), request.event_name, Text.of(request.event_data))
    return Empty()


def _pause(caller: Caller, request: pb.InstanceRequest) -> Empty:
    services.suspend_run(known(caller, request.instance_id))
    return Empty()


def _resume(caller: Caller, request: pb.InstanceRequest) -> Empty:
    services.resume_run(known(caller, request.instance_id))
    return Empty()


def _terminate(caller: Caller, request: pb.InstanceRequest) -> Empty:
    terminate(known(caller, request.instance_id), Text(None), by=caller.user.email)
    return Empty()


def _purge(caller: Caller, request: pb.InstanceRequest) -> Empty:
    purge(known(caller, request.instance_id), by=caller.user.email)
    return Empty()


def _metadata(caller: Caller, request: Empty) -> pb.GetMetadataResponse:
    return pb.GetMetadataResponse(id="penstock")


_WORKFLOW_METHODS = {
    "StartWorkflow": Method(pb.StartWorkflowRequest, _start),
    "GetWorkflow": Method(pb.GetWorkflowRequest, _get),
    "RaiseEventWorkflow": Method(pb.RaiseEventWorkflowRequest, _raise_event),
    "PauseWorkflow": Method(pb.InstanceRequest, _pause),
    "ResumeWorkflow": Method(pb.InstanceRequest, _resume),
    "TerminateWorkflow": Method(pb.InstanceRequest, _terminate),
    "PurgeWorkflow": Method(pb.InstanceRequest, _purge),
}
METHODS = {
    "GetMetadata": Method(Empty, _metadata),
    **{name + suffix: method for name, method in _WORKFLOW_METHODS.items() for suffix in ("", "Beta1", "Alpha1")},
}
