/** Conductor's JavaScript client against a server: `node … URL KEY_ID KEY_SECRET`. The workflow `gate` waits for an event. */

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
});
