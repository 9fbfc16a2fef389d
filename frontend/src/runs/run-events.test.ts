import { describe, expect, it } from "vitest";

import { log, nodeState, run } from "@/testing/samples";

import { applyEvents, NOTHING_YET, parseRunEvent, type RunEvent, withLive } from "./run-events";

const started = log("fetch", 10, null);
const done = log("fetch", 10, 50);

describe("events of a run", () => {
  it("show the run as the last event left it", () => {
    const live = applyEvents(NOTHING_YET, [
      { kind: "run", run: { status: "running", node_states: { fetch: nodeState("running") } } },
      { kind: "log", log: started },
      { kind: "log", log: done },
      { kind: "run", run: { node_states: { fetch: nodeState("completed") } } },
    ]);
    const now = withLive(run({ status: "pending" }), live);
    expect(now.status).toBe("running");
    expect(now.node_states.fetch!.status).toBe("completed");
    expect(now.logs).toEqual([done]);
  });

  it("leave the nodes as they stood of which they do not speak", () => {
    const live = applyEvents(NOTHING_YET, [
      { kind: "run", run: { node_states: { start: nodeState("completed"), fetch: nodeState("running") } } },
      { kind: "run", run: { node_states: { fetch: nodeState("completed") } } },
    ]);
    const now = withLive(run({ status: "running" }), live).node_states;
    expect([now.start!.status, now.fetch!.status]).toEqual(["completed", "completed"]);
  });

  it("change nothing when a reconnect sends them again", () => {
    const events: RunEvent[] = [
      { kind: "run", run: { status: "running" } },
      { kind: "log", log: done },
    ];
    const once = applyEvents(NOTHING_YET, events);
    expect(applyEvents(once, events)).toEqual(once);
  });

  it("stand in the order in which the attempts started", () => {
    const late = log("late", 30, 40);
    const live = applyEvents(NOTHING_YET, [
      { kind: "log", log: late },
      { kind: "log", log: done },
    ]);
    expect(withLive(run({ status: "running" }), live).logs).toEqual([done, late]);
  });

  it("never bring back what has ended", () => {
    const live = applyEvents(NOTHING_YET, [
      { kind: "run", run: { status: "running" } },
      { kind: "log", log: started },
    ]);
    const ended = withLive(run({ status: "failed", logs: [done] }), live);
    expect(ended.status).toBe("failed");
    expect(ended.logs).toEqual([done]);
  });

  it("leave the run's own shape alone", () => {
    const live = applyEvents(NOTHING_YET, [
      { kind: "run", run: { status: "running", workflow_id: "fl_01", workflow_name: "Orders" } },
    ]);
    expect(withLive(run({ status: "pending" }), live)).not.toHaveProperty("workflow_id");
  });

  it("are passed over when a newer server sends a kind we do not know", () => {
    expect(parseRunEvent("progress", "{}")).toBeNull();
  });
});
