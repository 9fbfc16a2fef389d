"""Conductor's client builds workflows of programs, variables and loops, and runs them: `python -m … URL KEY_ID
KEY_SECRET TARGET`. At `TARGET` an HTTP server answers `{"ok": true}`."""

from __future__ import annotations

import sys
from typing import Any

from conductor.client.configuration.configuration import Configuration
from conductor.client.configuration.settings.authentication_settings import AuthenticationSettings
from conductor.client.orkes_clients import OrkesClients
from conductor.client.workflow.conductor_workflow import ConductorWorkflow
from conductor.client.workflow.task.do_while_task import ForEachTask, LoopTask
from conductor.client.workflow.task.dynamic_fork_task import DynamicForkTask
from conductor.client.workflow.task.inline import InlineTask
from conductor.client.workflow.task.javascript_task import JavascriptTask
from conductor.client.workflow.task.join_task import JoinTask
from conductor.client.workflow.task.json_jq_task import JsonJQTask
from conductor.client.workflow.task.set_variable_task import SetVariableTask

from tests.dialects.drivers.conductor_client import refused, until


def main(url: str, key_id: str, key_secret: str, target: str) -> None:
    keys = AuthenticationSettings(key_id=key_id, key_secret=key_secret)
    clients = OrkesClients(Configuration(base_url=url, authentication_settings=keys))
    flow: Any = clients.get_workflow_client()
    executor = clients.get_workflow_executor()

    def new(name: str) -> Any:
        return ConductorWorkflow(executor=executor, name=name, version=1)

    keep = SetVariableTask("keep")
    keep.input_parameters = {"sum": "${add.output.result}"}
    add = InlineTask("add", "(() => ($.sum ?? 0) + $.n)()", {"sum": "${workflow.variables.sum}"})
    add.input_parameters["n"] = "${again.output.iteration}"
    over = JsonJQTask("over", "[.numbers[] | select(. > 1)]")
    over.input_parameters["numbers"] = "${workflow.input.numbers}"
    double = JavascriptTask("double", "$.n * 2", {"n": "${each.output.loopItem}"})
    plan = JavascriptTask(
        "plan",
        "({tasks: [{name: 'HTTP', taskReferenceName: 'ask', type: 'HTTP'}],"
        " inputs: {ask: {http_request: {uri: $.target, method: 'GET'}}}})",
        {"target": "${workflow.input.target}"},
    )
    forked = DynamicForkTask("forked", join_task=JoinTask("joined"))
    forked.input_parameters["dynamicTasks"] = plan.output("tasks")
    forked.input_parameters["dynamicTasksInputs"] = plan.output("inputs")

    workflow = new("Programs") >> LoopTask("again", 3, [add, keep]) >> over
    workflow = workflow >> ForEachTask("each", [double], "${over.output.result}") >> plan >> forked
    told = {"sum": "${workflow.variables.sum}", "over": "${over.output.result}", "each": "${each.output}"}
    workflow.output_parameters({**told, "asked": "${joined.output.ask.response.body}"})
    workflow.register(overwrite=True)

    run = flow.start_workflow_by_name("Programs", {"numbers": [1, 2, 3], "target": f"{target}/asked"})
    ended = until(flow, run, "COMPLETED")
    doubled = {"1": {"double": {"result": 4}}, "2": {"double": {"result": 6}}}
    expected = {"sum": 6, "over": [2, 3], "each": {**doubled, "iteration": 2}, "asked": {"ok": True}}
    assert ended.output == expected, ended.output
    assert ended.variables == {"sum": 6}, ended.variables

    broken = new("Broken") >> InlineTask("broken", "let = 1 +")
    assert refused(lambda: broken.register(overwrite=True)) == 400
    print("ok")  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    main(*sys.argv[1:])
