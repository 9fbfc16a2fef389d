/** Dapr's JavaScript clients against a server, over HTTP and over gRPC: `node … PORT GRPC_PORT TOKEN GATE`. The workflow
 * GATE waits for the event `Approval`. */

import assert from "node:assert/strict";
import { CommunicationProtocolEnum, DaprClient, DaprWorkflowClient } from "@dapr/dapr";
import { main, refused, until } from "./asking.mjs";

const logger = { level: "error", service: { error() {} } };
const daprHost = "127.0.0.1";

main(async (daprPort, grpcPort, daprApiToken, gate) => {
  await overHttp({ daprHost, daprPort, daprApiToken, logger }, gate);
  await overGrpc({ daprHost, daprPort: grpcPort, daprApiToken, logger }, gate);
});

async function overHttp(options, gate) {
  const dapr = new DaprClient({ ...options, communicationProtocol: CommunicationProtocolEnum.HTTP });
  const flow = dapr.workflow;
  const is = (id, status) =>
    until(
      () => flow.getWorkflowState(id),
      (state) => state.runtimeStatus === status,
      `${id} is ${status}`,
    );

  const id = await flow.scheduleNewWorkflow(gate, { a: 1 }, `js-${Date.now()}`);
  const started = await is(id, "RUNNING");
  assert.ok(started.createdAt <= started.lastUpdatedAt);
  assert.equal(JSON.parse((await refused(() => flow.scheduleNewWorkflow(gate, {}, id))).message).status, 409);
  await flow.pause(id);
  await is(id, "SUSPENDED");
  await flow.resume(id);
  await is(id, "RUNNING");
  await flow.raiseEvent(id, "Approval", { ok: true });
  const { properties } = await is(id, "COMPLETED");
  assert.deepEqual(properties, { "dapr.workflow.input": '{"a":1}', "dapr.workflow.output": '{"ok":true}' });

  const plain = await flow.scheduleNewWorkflow(gate, "text");
  await flow.terminate(plain);
  assert.equal((await is(plain, "TERMINATED")).properties["dapr.workflow.input"], "text");
  await flow.purge(plain);
  assert.equal(JSON.parse((await refused(() => flow.getWorkflowState(plain))).message).status, 404);
  assert.equal(JSON.parse((await refused(() => flow.pause("no-such-id"))).message).status, 500);
  await dapr.stop();
}

async function overGrpc(options, gate) {
  const flow = new DaprWorkflowClient(options);
  const is = (id, status) =>
    until(
      () => flow.getWorkflowState(id, true),
      (state) => state.runtimeStatus === status,
      `${id} is ${status}`,
    );
  const [RUNNING, COMPLETED, TERMINATED, PENDING, SUSPENDED] = [0, 1, 5, 6, 7];

  const id = await flow.scheduleNewWorkflow(gate, { a: 1 }, `js|${Date.now()}`);
  assert.equal((await flow.waitForWorkflowStart(id, true, 30)).serializedInput, '{"a":1}');
  await flow.suspendWorkflow(id);
  await is(id, SUSPENDED);
  await flow.resumeWorkflow(id);
  await is(id, RUNNING);
  await flow.raiseEvent(id, "Approval", { ok: true });
  const done = await flow.waitForWorkflowCompletion(id, true, 30);
  assert.deepEqual([done.runtimeStatus, done.serializedOutput], [COMPLETED, '{"ok":true}']);
  assert.equal(await flow.purgeWorkflow(id), true);
  assert.equal(await flow.getWorkflowState(id, false), undefined);

  const later = await flow.scheduleNewWorkflow(gate, undefined, undefined, new Date(Date.now() + 3_600_000));
  await is(later, PENDING);
  await flow.terminateWorkflow(later, "bye");
  const ended = await flow.waitForWorkflowCompletion(later, true, 30);
  assert.deepEqual([ended.runtimeStatus, ended.serializedOutput], [TERMINATED, '"bye"']);
  await flow.stop();
}
