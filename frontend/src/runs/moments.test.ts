import { describe, expect, it } from "vitest";

import { log, nodeState, run, workflow } from "@/testing/samples";

import { criticalPath, statesAt } from "./moments";

const node = (id: string) => ({ id, type: "set", position: { x: 0, y: 0 }, data: { componentId: "set" } });
const edge = (source: string, target: string) => ({ id: `${source}-${target}`, source, target });

// start → quick, slow → join; quick → never → last
const past = run({
  workflow: workflow({
    nodes: ["start", "quick", "slow", "join", "never", "last"].map(node),
    edges: [
      edge("start", "quick"),
      edge("start", "slow"),
      edge("quick", "join"),
      edge("slow", "join"),
      edge("quick", "never"),
      edge("never", "last"),
    ],
  }),
  logs: [
    log("start", 0, 10),
    log("quick", 10, 20, { handle: "true" }),
    log("slow", 10, 100, { status: "failed", output: null, handle: null }),
    log("slow", 150, 400, { attempt: 2 }),
    log("join", 400, 450),
  ],
  node_states: {
    start: nodeState("completed"),
    quick: nodeState("completed"),
    slow: nodeState("completed"),
    join: nodeState("completed"),
    never: nodeState("skipped"),
    last: nodeState("skipped"),
  },
});
const at = (moment: number) =>
  Object.fromEntries(Object.entries(statesAt(past, moment)).map(([id, state]) => [id, state.status]));

describe("a moment of a run", () => {
  it("shows what had begun and what had ended by then", () => {
    expect(at(-1)).toEqual({});
    expect(at(5)).toEqual({ start: "running" });
    expect(at(15)).toEqual({ start: "completed", quick: "running", slow: "running" });
    expect(at(120)).toMatchObject({ slow: "failed" });
    expect(at(200)).toMatchObject({ slow: "running" });
    expect(at(450)).toMatchObject({ slow: "completed", join: "completed" });
  });

  it("leaves out a node when what leads to it is settled, and what follows with it", () => {
    expect(at(15)).not.toHaveProperty("never");
    expect(at(20)).toMatchObject({ never: "skipped", last: "skipped" });
  });

  it("tells how long a node had run and by which exit it left", () => {
    const state = statesAt(past, 200).slow!;
    expect([state.duration_ms, state.attempts, state.handle]).toEqual([50, 2, null]);
    expect(statesAt(past, 25).quick!.handle).toBe("true");
  });
});

it("finds the attempts that the run's length hangs on", () => {
  expect([...criticalPath(past)]).toEqual([
    "fl_log_join_1",
    "fl_log_slow_2",
    "fl_log_slow_1",
    "fl_log_start_1",
  ]);
  expect(criticalPath(run()).size).toBe(0);
});
