"""One run, one record: whichever API started it, every other reads it and steers it, under the id that it was given."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.callers import Caller
from runs.dialects.dapr import taskhub
from runs.dialects.dapr.proto import taskhub_pb2 as pb
from runs.models import Run
from tests.people import Person
from tests.workflows.api.drawings import Json, made

pytestmark = pytest.mark.django_db

FLOW = "hello"


class Doors:
    """Every API, with one key."""

    def __init__(self, person: Person) -> None:
        _, secret = services.create_api_key(person.membership, "all of them")
        self._client = Client(headers={"Authorization": f"Bearer {secret}"})
        self.caller = Caller(person.user, person.membership, person.project)
        self.workflow = made(person.client(), published=True)["id"]
        self.flows = f"/v2/{person.project.id}/fgs/workflows/{self.workflow}"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = "" if body is None else json.dumps(body)
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        answer = self._client.generic(method, path, content, content_type="application/json", headers=named)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.content.decode()}"
        is_json = answer.content and answer["Content-Type"] == "application/json"
        return answer.json() if is_json else answer.content.decode()

    def taskhub(self, method: str, **request: Any) -> Any:
        known = taskhub.METHODS[method]
        assert known.call is not None
        return known.call(self.caller, known.request(**request))


@pytest.fixture
def doors(alice: Person) -> Doors:
    return Doors(alice)


# By API: starts a run, and gives the id that its client holds.
STARTS: dict[str, Callable[[Doors], str]] = {
    "native": lambda on: on.call("POST", f"/api/v1/workflows/{on.workflow}/execute", {})["id"],
    "native, named": lambda on: on.call("POST", f"/api/v1/workflows/{on.workflow}/execute", {"run_id": "mine"})[
        "run_id"
    ],
    "altostrat": lambda on: on.call("POST", f"/workflows/{on.workflow}/execute", {})["id"],
    "conductor": lambda on: on.call("POST", f"/api/workflow/{FLOW}", {}),
    "dapr": lambda on: on.call("POST", f"/v1.0/workflows/dapr/{FLOW}/start?instanceID=one-2")["instanceID"],
    "dapr, form B": lambda on: on.call("POST", f"/v1.0/workflows/{FLOW}/two_3/start")["instanceID"],
    "dapr, gRPC": lambda on: on.taskhub("StartInstance", name=FLOW).instanceId,
    "functiongraph": lambda on: on.call("POST", f"{on.flows}/executions", {"input": {}}, X_WorkflowRun_ID="fg-1")[
        "execution_id"
    ],
}
# By API: the word for how a run stands, and what each calls these.
READS: dict[str, Callable[[Doors, str], str]] = {
    "native": lambda on, run: on.call("GET", f"/api/v1/runs/{run}")["status"],
    "altostrat": lambda on, run: on.call("GET", f"/workflows/runs/{run}")["status"],
    "conductor": lambda on, run: on.call("GET", f"/api/workflow/{run}")["status"],
    "dapr": lambda on, run: on.call("GET", f"/v1.0/workflows/dapr/{run}")["runtimeStatus"],
    "dapr, form B": lambda on, run: on.call("GET", f"/v1.0/workflows/{FLOW}/{run}")["runtimeStatus"],
    "dapr, gRPC": lambda on, run: pb.OrchestrationStatus.Name(
        on.taskhub("GetInstance", instanceId=run).workflowState.workflowStatus
    ).removeprefix("ORCHESTRATION_STATUS_"),
    "functiongraph": lambda on, run: on.call("GET", f"{on.flows}/executions/{run}")["status"],
}
WORDS = {
    "pending": ("pending", "pending", "RUNNING", "PENDING", "PENDING", "PENDING", "running"),
    "suspended": ("suspended", "running", "PAUSED", "SUSPENDED", "SUSPENDED", "SUSPENDED", "running"),
    "terminated": ("terminated", "failed", "TERMINATED", "TERMINATED", "TERMINATED", "TERMINATED", "cancel"),
}
HOLDS: dict[str, Callable[[Doors, str], Any]] = {
    "native": lambda on, run: on.call("POST", f"/api/v1/runs/{run}/suspend"),
    "conductor": lambda on, run: on.call("PUT", f"/api/workflow/{run}/pause"),
    "dapr": lambda on, run: on.call("POST", f"/v1.0/workflows/dapr/{run}/pause"),
    "dapr, gRPC": lambda on, run: on.taskhub("SuspendInstance", instanceId=run),
}
LETS_GO: dict[str, Callable[[Doors, str], Any]] = {
    "native": lambda on, run: on.call("POST", f"/api/v1/runs/{run}/resume"),
    "conductor": lambda on, run: on.call("PUT", f"/api/workflow/{run}/resume"),
    "dapr": lambda on, run: on.call("POST", f"/v1.0/workflows/{FLOW}/{run}/resume"),
    "dapr, gRPC": lambda on, run: on.taskhub("ResumeInstance", instanceId=run),
}
ENDS: dict[str, Callable[[Doors, str], Any]] = {
    "native": lambda on, run: on.call("POST", f"/api/v1/runs/{run}/terminate"),
    "conductor": lambda on, run: on.call("DELETE", f"/api/workflow/{run}"),
    "dapr": lambda on, run: on.call("POST", f"/v1.0/workflows/dapr/{run}/terminate"),
    "dapr, gRPC": lambda on, run: on.taskhub("TerminateInstance", instanceId=run),
    "functiongraph": lambda on, run: on.call("POST", f"{on.flows}/executions/{run}/terminate"),
}


def stands(on: Doors, run: str, status: str) -> None:
    """Every API says so in its own word."""
    assert [read(on, run) for read in READS.values()] == list(WORDS[status])


@pytest.mark.parametrize("started_by", STARTS)
def test_a_run_is_everybodys(started_by: str, doors: Doors) -> None:
    for hold, let_go in zip(HOLDS.values(), LETS_GO.values(), strict=True):
        run = STARTS[started_by](doors)
        stands(doors, run, "pending")
        hold(doors, run)
        stands(doors, run, "suspended")
        let_go(doors, run)
        stands(doors, run, "pending")
        next(iter(ENDS.values()))(doors, run)
        Run.objects.all().delete()
    for end in ENDS.values():
        run = STARTS[started_by](doors)
        end(doors, run)
        stands(doors, run, "terminated")
        assert doors.call("GET", f"/api/v1/runs/{run}")["terminated_by"] == doors.caller.user.email
        told = doors.call("GET", f"/workflows/runs/{run}")["error_message"]
        assert told.startswith(f"The run was terminated by {doors.caller.user.email}")
        Run.objects.all().delete()


@pytest.mark.parametrize("started_by", STARTS)
def test_the_list_and_the_runs_own_page_name_it_as_its_client_does(started_by: str, doors: Doors) -> None:
    held = STARTS[started_by](doors)
    [row] = doors.call("GET", "/api/v1/runs")["results"]
    record: Json = doors.call("GET", f"/api/v1/runs/{held}")
    for told in (row, record):
        assert held in (told["id"], told["run_id"])
    assert record["id"] == row["id"] == Run.objects.get().pk
