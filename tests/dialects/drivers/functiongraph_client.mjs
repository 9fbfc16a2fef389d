/** FunctionGraph's JavaScript SDK against a server, which checks its signatures: `node … URL AK SK PROJECT`. */

import assert from "node:assert/strict";
import core from "@huaweicloud/huaweicloud-sdk-core";
import fg from "@huaweicloud/huaweicloud-sdk-functiongraph/v2/public-api.js";
import { main, refused, until } from "./asking.mjs";

main(async (url, key, secret, project) => {
  const client = signedWith(url, key, secret, project);
  const states = [
    new fg.OperationState()
      .withId("nap")
      .withName("Nap")
      .withType("Sleep")
      .withDuration(1)
      .withTransition("hold"),
    new fg.OperationState().withId("hold").withName("Hold").withType("Sleep").withDuration(600).withEnd(true),
  ];
  const body = new fg.WorkflowCreateBody()
    .withName(`js_naps_${Date.now()}`)
    .withStart("nap")
    .withFunctions([])
    .withStates(states);
  const flow = await client.createWorkflow(new fg.CreateWorkflowRequest().withBody(body));
  assert.equal((await client.showWorkFlow(new fg.ShowWorkFlowRequest(flow.id))).definition.start, "nap");

  const input = { a: "é中", n: 1 };
  const start = (id, given) =>
    client.startWorkflowExecution(
      new fg.StartWorkflowExecutionRequest(flow.id)
        .withXWorkflowRunID(id)
        .withBody(new fg.FlowExecuteBody().withInput(given).withHeaders({ tenantId: "u1" })),
    );
  const show = (id) => client.showWorkflowExecution(new fg.ShowWorkflowExecutionRequest(flow.id, id));
  const id = `js-${Date.now()}`;
  assert.equal((await start(id, input)).execution_id, id);
  assert.equal((await start(id, input)).execution_id, id);
  assert.equal((await refused(() => start(id, { other: 1 }))).httpStatusCode, 400);
  const told = await until(
    () => show(id),
    (run) => run.node_execution_details.some((each) => each.node_id === "hold"),
    "the second state",
  );
  assert.deepEqual([told.status, told.input, told.headers], ["running", input, { tenantId: "u1" }]);

  await client.stopWorkFlow(new fg.StopWorkFlowRequest(flow.id, id));
  await until(
    () => show(id),
    (run) => run.status === "cancel",
    "cancelled",
  );
  const listed = await client.listWorkflowExecutions(
    new fg.ListWorkflowExecutionsRequest(flow.id).withLimit(200),
  );
  assert.deepEqual(
    listed.executions.map((each) => each.execution_id),
    [id],
  );

  const missing = await refused(() => show("no-such-run"));
  assert.deepEqual([missing.httpStatusCode, missing.errorCode], [404, "FGS.5002"]);
  const forged = await refused(() =>
    signedWith(url, key, "wrong", project).showWorkFlow(new fg.ShowWorkFlowRequest(flow.id)),
  );
  assert.deepEqual([forged.httpStatusCode, forged.errorCode], [401, "APIGW.0301"]);

  const gone = new fg.WorkflowDeleteBody().withWorkflowUrns([flow.workflow_urn]);
  await client.batchDeleteWorkflows(new fg.BatchDeleteWorkflowsRequest().withBody(gone));
});

function signedWith(url, key, secret, project) {
  const credential = new core.BasicCredentials().withAk(key).withSk(secret).withProjectId(project);
  return fg.FunctionGraphClient.newBuilder().withCredential(credential).withEndpoint(url).build();
}
