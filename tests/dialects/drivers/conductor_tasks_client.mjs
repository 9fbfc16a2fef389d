/** Conductor's JavaScript client registers workflows, completes their tasks, and works for them itself: `node … URL
 * KEY_ID KEY_SECRET`. */

import assert from "node:assert/strict";
import { OrkesClients, TaskManager, orkesConductorClient } from "@io-orkes/conductor-javascript";
import { main, refused, until } from "./asking.mjs";

main(async (url, keyId, keySecret) => {
  const settings = { serverUrl: `${url}/api`, keyId, keySecret };
  const clients = await OrkesClients.from(settings);
  const flow = clients.getWorkflowClient();
  const is = (id, status) =>
    until(
      () => flow.getWorkflow(id, true),
      (run) => run.status === status,
      `${id} is ${status}`,
    );
  const register = (name, task) =>
    clients
      .getMetadataClient()
      .registerWorkflowDef({ name, version: 1, tasks: [task], timeoutSeconds: 0 }, true);

  await register("js_gate", {
    name: "gate",
    taskReferenceName: "gate",
    type: "WAIT",
    inputParameters: {},
  });
  const id = await flow.startWorkflow({
    name: "js_gate",
    version: 1,
    input: { a: 1 },
  });
  await flow.updateTaskByRefName("gate", id, "COMPLETED", { ok: true });
  assert.equal((await is(id, "COMPLETED")).input.a, 1);
  assert.ok(await refused(() => clients.getTaskClient().getTask("no-such-task")));

  const tested = await flow.testWorkflow({
    name: "js_gate",
    version: 1,
    taskRefToMockOutput: { gate: [{ status: "COMPLETED", output: { ok: 1 } }] },
  });
  assert.deepEqual([tested.status, tested.output], ["COMPLETED", { ok: 1 }]);

  const inputParameters = { n: "${workflow.input.n}" };
  await register("js_work", {
    name: "js_double",
    taskReferenceName: "double",
    type: "SIMPLE",
    inputParameters,
  });
  const execute = async (task) => ({
    status: "COMPLETED",
    outputData: { doubled: 2 * task.inputData.n },
  });
  const manager = new TaskManager(await orkesConductorClient(settings), [
    { taskDefName: "js_double", execute },
  ]);
  manager.startPolling();
  for (const n of [3, 4]) {
    const run = await flow.startWorkflow({
      name: "js_work",
      version: 1,
      input: { n },
    });
    assert.deepEqual((await is(run, "COMPLETED")).output, { doubled: 2 * n });
  }
  await manager.stopPolling();
});
