/** Conductor's JavaScript client against a server: `node … URL KEY_ID KEY_SECRET`. The workflow `gate` waits for an event.
 */

import assert from "node:assert/strict";
import { OrkesClients } from "@io-orkes/conductor-javascript";
import { main, refused, until } from "./asking.mjs";

main(async (url, keyId, keySecret) => {
  const clients = await OrkesClients.from({ serverUrl: `${url}/api`, keyId, keySecret });
  const flow = clients.getWorkflowClient();
  const is = (id, status) =>
    until(
      () => flow.getWorkflow(id, true),
      (run) => run.status === status,
      `${id} is ${status}`,
    );
  await steer(flow, is);
  await define(clients, flow, is);
});

async function steer(flow, is) {
  // Its bodies come in chunks, without a Content-Length.
  const input = { a: 1, text: "é中", long: "x".repeat(100_000) };
  const id = await flow.startWorkflow({
    name: "gate",
    version: 1,
    input,
    correlationId: "js-1",
    priority: 7,
  });
  const started = await flow.getWorkflow(id, false);
  assert.deepEqual(started.input, input);
  assert.deepEqual([started.priority, started.correlationId], [7, "js-1"]);

  await flow.pause(id);
  assert.equal((await flow.getWorkflow(id, true)).status, "PAUSED");
  assert.match((await refused(() => flow.pause("no-such-id"))).message, /no-such-id/);
  await flow.resume(id);
  await is(id, "RUNNING");
  await flow.terminate(id, "enough");
  assert.equal((await is(id, "TERMINATED")).reasonForIncompletion, "enough");
  await flow.restart(id, false);
  await is(id, "RUNNING");
  assert.deepEqual((await flow.getWorkflowStatus(id, false, false)).status, "RUNNING");
  await flow.terminate(id, "again");
  assert.equal(await flow.reRun(id, { workflowInput: { b: 2 } }), id);
  assert.deepEqual((await is(id, "RUNNING")).input, { b: 2 });
  await flow.terminate(id, "once more");

  const found = await flow.search(0, 100, "workflowType=gate AND correlationId=js-1", "*");
  assert.ok(found.results.some((each) => each.workflowId === id));
  for (const call of [
    () => flow.getWorkflow("no-such-id", false, 0),
    () => flow.startWorkflow({ name: "no-such-name", version: 1 }),
  ])
    assert.match((await refused(call)).message, /no-such-/);

  const once = {
    name: "gate",
    idempotencyKey: `js-once-${Date.now()}`,
    idempotencyStrategy: "RETURN_EXISTING",
  };
  const ids = new Set(await Promise.all(Array.from({ length: 10 }, () => flow.startWorkflow(once))));
  assert.equal(ids.size, 1);
  const conflict = await refused(() => flow.startWorkflow({ ...once, idempotencyStrategy: "FAIL" }));
  assert.match(conflict.message, /js-once/);
}

async function define(clients, flow, is) {
  const name = `js_gate_${Date.now()}`;
  const gate = { name: "gate", taskReferenceName: "gate", type: "WAIT", inputParameters: {} };
  const metadata = clients.getMetadataClient();
  const definition = { name, version: 1, tasks: [gate], timeoutSeconds: 0 };
  await metadata.registerWorkflowDef(definition, true);
  assert.equal((await metadata.getWorkflowDef(name)).tasks[0].taskReferenceName, "gate");
  await refused(() =>
    metadata.registerWorkflowDef({ ...definition, tasks: [{ ...gate, type: "NO_SUCH" }] }, true),
  );

  const id = await flow.startWorkflow({ name, version: 1, input: { a: 1 } });
  const waiting = await until(
    () => flow.getWorkflow(id, true),
    (run) => run.tasks.some((task) => task.referenceTaskName === "gate"),
    "the task",
  );
  assert.equal(waiting.status, "RUNNING");
  await flow.updateTaskByRefName("gate", id, "COMPLETED", { ok: true });
  const done = await is(id, "COMPLETED");
  assert.equal(done.tasks.at(-1).status, "COMPLETED");
  await metadata.unregisterWorkflow(name, 1);
}
