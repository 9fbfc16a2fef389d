"""Conductor's client registers definitions and runs them: `python -m … URL KEY_ID KEY_SECRET TARGET`. At `TARGET/kind`
an HTTP server answers `{"kind": "big"}`."""

from __future__ import annotations

import sys
from typing import Any

from conductor.client.configuration.configuration import Configuration
from conductor.client.configuration.settings.authentication_settings import AuthenticationSettings
from conductor.client.orkes_clients import OrkesClients
from conductor.client.workflow.conductor_workflow import ConductorWorkflow
from conductor.client.workflow.task.http_task import HttpTask
from conductor.client.workflow.task.simple_task import SimpleTask
from conductor.client.workflow.task.sub_workflow_task import SubWorkflowTask
from conductor.client.workflow.task.switch_task import SwitchTask
from conductor.client.workflow.task.task_type import TaskType
from conductor.client.workflow.task.terminate_task import TerminateTask, WorkflowStatus
from conductor.client.workflow.task.wait_task import WaitForDurationTask

from tests.dialects.drivers.conductor_client import refused, until


def main(url: str, key_id: str, key_secret: str, target: str) -> None:
    keys = AuthenticationSettings(key_id=key_id, key_secret=key_secret)
    clients = OrkesClients(Configuration(base_url=url, authentication_settings=keys))
    flow: Any = clients.get_workflow_client()
    metadata: Any = clients.get_metadata_client()
    executor = clients.get_workflow_executor()

    def new(name: str) -> Any:
        return ConductorWorkflow(executor=executor, name=name, version=1)

    greet = new("Greet") >> WaitForDurationTask("nap", 1)
    greet.output_parameters({"text": "Hello ${workflow.input.name}!"})
    greet.register(overwrite=True)

    size = SwitchTask("size", "${ask.output.response.body.kind}")
    size.switch_case("big", [HttpTask("count", {"uri": f"{target}/count/${{workflow.input.n}}"})])
    size.default_case([TerminateTask("refuse", WorkflowStatus.FAILED, "kind ${ask.output.response.body.kind}")])
    called = SubWorkflowTask("greeting", "Greet", 1)
    called.input_parameters = {"name": "${workflow.input.name}"}
    asked = HttpTask("ask", {"uri": f"{target}/${{workflow.input.path}}"})
    sized = new("SizedOrders") >> asked >> size >> [[called], [WaitForDurationTask("pause", 1)]]
    sized >>= WaitForDurationTask("rest", 1)
    sized.output_parameters({"said": "${greeting.output.text}", "status": "${count.output.response.statusCode}"})
    sized.register(overwrite=True)
    sized.register(overwrite=True)
    assert metadata.get_workflow_def("SizedOrders").tasks[0].task_reference_name == "ask"
    assert {"Greet", "SizedOrders"} <= {each.name for each in metadata.get_all_workflow_defs()}

    run = flow.start_workflow_by_name("SizedOrders", {"path": "kind", "name": "Ada", "n": 3}, version=1)
    ended = until(flow, run, "COMPLETED")
    assert ended.output == {"said": "Hello Ada!", "status": 200}, ended.output
    assert ended.workflow_name == "SizedOrders"

    run = flow.start_workflow_by_name("SizedOrders", {"path": "other", "name": "Ada", "n": 3})
    assert until(flow, run, "FAILED").reason_for_incompletion == "kind null"

    odd = SimpleTask("work", "w")
    odd.task_type = TaskType.KAFKA_PUBLISH
    assert refused(lambda: (new("Odd") >> odd).register(overwrite=True)) == 400
    metadata.unregister_workflow_def("SizedOrders", 1)
    assert refused(lambda: metadata.get_workflow_def("SizedOrders")) == 404
    metadata.unregister_workflow_def("Greet", 1)
    print("ok")  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    main(*sys.argv[1:])
