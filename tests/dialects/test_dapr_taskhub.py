"""What Dapr's gRPC services answer, called as the server calls them. The clients themselves: test_dapr_servers."""

from __future__ import annotations

import time
from datetime import UTC
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import StringValue

from accounts.callers import Caller
from runs.dialects.dapr import instances, runtime_service, taskhub
from runs.dialects.dapr.errors import DaprError, LiveInstanceError
from runs.dialects.dapr.proto import runtime_pb2, taskhub_pb2
from runs.models import Run
from tests.people import Person
from tests.workflows.api.drawings import made
from wire.problems import BadRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(alice: Person) -> Caller:
    made(alice.client(), published=True)
    return Caller(alice.user, alice.membership, alice.project)


def call(caller: Caller, method: str, request: Any) -> Any:
    do = taskhub.METHODS[method].call
    assert do is not None
    return do(caller, request)


def start(caller: Caller, instance: str = "i", **more: Any) -> str:
    request = taskhub_pb2.CreateInstanceRequest(instanceId=instance, name="hello", **more)
    return str(call(caller, "StartInstance", request).instanceId)


def state(caller: Caller, instance: str = "i", with_payloads: bool = True) -> Any:
    request = taskhub_pb2.GetInstanceRequest(instanceId=instance, getInputsAndOutputs=with_payloads)
    return call(caller, "GetInstance", request)


def test_an_instance_is_told_with_its_payloads_or_without(caller: Caller) -> None:
    start(caller, input=StringValue(value='{"a": 1}'), tags={"tier": "gold"})
    told = state(caller)
    assert (told.exists, told.workflowState.name, told.workflowState.input.value) == (True, "hello", '{"a": 1}')
    assert told.workflowState.workflowStatus == taskhub_pb2.ORCHESTRATION_STATUS_PENDING
    assert not told.workflowState.HasField("output")
    assert not state(caller, with_payloads=False).workflowState.HasField("input")
    assert Run.objects.get().metadata == {"tier": "gold"}


def test_no_id_is_made_and_any_characters_will_do(caller: Caller) -> None:
    assert len(start(caller, "")) == 36
    assert start(caller, "a|b/c@d é") == "a|b/c@d é"
    for bad in ("x" * 65, "a\0b"):
        with pytest.raises(DaprError) as refused:
            start(caller, bad)
        assert refused.value.status == 400


def test_an_id_is_free_again_when_its_instance_has_ended_unless_it_must_be_unique(caller: Caller) -> None:
    start(caller)
    with pytest.raises(LiveInstanceError):
        start(caller)
    Run.objects.update(status="completed")
    with pytest.raises(LiveInstanceError):
        start(caller, enforceUniqueInstanceId=True)
    assert start(caller) == "i"


def test_a_version_is_a_published_number_and_an_empty_one_is_none(caller: Caller) -> None:
    start(caller, "empty", version=StringValue())
    start(caller, "first", version=StringValue(value="1"))
    for missing in ("2", "one"):
        with pytest.raises(DaprError) as refused:
            start(caller, "x", version=StringValue(value=missing))
        assert refused.value.status == 404


def test_a_later_start_is_kept_and_told_and_a_past_one_is_now(caller: Caller) -> None:
    later = Timestamp(seconds=int(time.time()) + 3600)
    start(caller, "past", scheduledStartTimestamp=Timestamp(seconds=1))
    start(caller, "later", scheduledStartTimestamp=later)
    assert [run.ready_at is None for run in Run.objects.order_by("id")] == [False, True]
    assert [wait.wake_at for wait in Run.objects.get(handle="later").waits.all()] == [later.ToDatetime(UTC)]
    told = state(caller, "later").workflowState
    assert told.workflowStatus == taskhub_pb2.ORCHESTRATION_STATUS_PENDING
    assert told.scheduledStartTimestamp == later
    with pytest.raises(DaprError) as refused:
        start(caller, "never", scheduledStartTimestamp=Timestamp(seconds=10**15))
    assert refused.value.status == 400


def test_older_clients_name_the_time_as_an_option(caller: Caller) -> None:
    do = runtime_service.METHODS["StartWorkflowAlpha1"].call
    assert do is not None

    def begun(instance: str, at: str) -> Run:
        options = {"dapr.workflow.start_time": at}
        do(caller, runtime_pb2.StartWorkflowRequest(instance_id=instance, workflow_name="hello", options=options))
        return Run.objects.get(handle=instance)

    assert begun("past", "2020-01-01T00:00:00.123456789Z").ready_at is not None
    assert begun("later", "2999-01-01T00:00:00Z").ready_at is None
    with pytest.raises(BadRequest):
        begun("never", "soon")


def test_what_is_not_there(caller: Caller) -> None:
    assert not state(caller, "nope").exists
    for method in ("TerminateInstance", "SuspendInstance", "ResumeInstance", "PurgeInstances"):
        with pytest.raises(DaprError) as refused:
            call(caller, method, taskhub.METHODS[method].request(instanceId="nope"))
        assert refused.value.status == 404
        assert "no such instance exists" in refused.value.detail


def test_purging_a_live_instance_counts_nothing_unless_forced(caller: Caller) -> None:
    start(caller)
    request = taskhub_pb2.PurgeInstancesRequest(instanceId="i")
    assert call(caller, "PurgeInstances", request).deletedInstanceCount == 0
    request.force = True
    assert call(caller, "PurgeInstances", request).deletedInstanceCount == 1
    assert not Run.objects.exists()


def test_what_fits_a_filter_is_purged_if_it_has_ended(
    caller: Caller, charlie: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instances, "BATCH", 2)
    for name, status in (("a", "completed"), ("b", "failed"), ("c", "completed"), ("d", "running"), ("e", "completed")):
        start(caller, name)
        Run.objects.filter(handle=name).update(status=status)
    Run.objects.filter(handle="a").update(created_at="2026-01-01T12:00:00Z")
    Run.objects.filter(handle="b").update(parent=Run.objects.get(handle="c"))
    first, second = Timestamp(), Timestamp()
    first.FromJsonString("2026-01-01T00:00:00Z")
    second.FromJsonString("2026-01-02T00:00:00Z")
    completed = [taskhub_pb2.ORCHESTRATION_STATUS_COMPLETED]

    def purged(by: Caller = caller, **wanted: Any) -> tuple[int, bool]:
        fitting = taskhub_pb2.PurgeInstanceFilter(**wanted)
        request = taskhub_pb2.PurgeInstancesRequest(purgeInstanceFilter=fitting)
        told = call(by, "PurgeInstances", request)
        return told.deletedInstanceCount, told.isComplete.value

    assert purged(Caller(charlie.user, charlie.membership, charlie.project)) == (0, True)
    assert purged(runtimeStatus=[taskhub_pb2.ORCHESTRATION_STATUS_RUNNING]) == (0, True)
    assert purged(createdTimeFrom=first, createdTimeTo=second, runtimeStatus=completed) == (1, True)
    assert purged(createdTimeTo=second) == (0, True)
    monkeypatch.setattr(instances, "MAX_PURGED", 2)
    assert purged(runtimeStatus=completed) == (3, True)
    assert [run.handle for run in Run.objects.all()] == ["d"]


def test_a_failure_has_its_details(caller: Caller) -> None:
    start(caller)
    Run.objects.update(status="failed", error={"code": "http_404", "message": "not there"})
    told = state(caller).workflowState
    assert told.workflowStatus == taskhub_pb2.ORCHESTRATION_STATUS_FAILED
    assert (told.failureDetails.errorType, told.failureDetails.errorMessage) == ("http_404", "not there")


def test_the_runtimes_own_service_has_every_method_three_times_and_the_ids_of_http(caller: Caller) -> None:
    names = {name for name in runtime_service.METHODS if name.startswith("StartWorkflow")}
    assert names == {"StartWorkflow", "StartWorkflowBeta1", "StartWorkflowAlpha1"}
    do = runtime_service.METHODS["StartWorkflow"].call
    assert do is not None
    with pytest.raises(DaprError) as refused:
        do(caller, runtime_pb2.StartWorkflowRequest(instance_id="a|b", workflow_name="hello"))
    assert refused.value.code == "ERR_INSTANCE_ID_INVALID"


def test_another_projects_instances_do_not_exist(caller: Caller, charlie: Person) -> None:
    start(caller)
    his = Caller(charlie.user, charlie.membership, charlie.project)
    assert not state(his).exists
    assert not state(his, Run.objects.get().pk).exists
