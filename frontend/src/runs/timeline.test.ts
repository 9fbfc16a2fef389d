import { describe, expect, it } from "vitest";

import { log, nodeState, run } from "@/testing/samples";

import { buildTimeline, tickLabel, ticksFor } from "./timeline";

const created = Date.parse("2026-05-01T12:00:00.000Z");

describe("buildTimeline", () => {
  it("gives each node a row in the order of their first start", () => {
    const { rows, span } = buildTimeline(
      run({ logs: [log("start", 100, 110), log("fetch", 120, 900)] }),
      created,
    );
    expect(rows.map((row) => row.label)).toEqual(["Start", "Fetch stock"]);
    expect(rows[1]!.bars).toMatchObject([{ from: 120, to: 900, wait: false }]);
    expect(span).toBe(2100);
  });

  it("hatches the pause between two attempts", () => {
    const { rows } = buildTimeline(
      run({
        logs: [log("fetch", 0, 100, { status: "failed" }), log("fetch", 600, 700, { attempt: 2 })],
      }),
      created,
    );
    expect(rows[0]!.bars.map(({ from, to, wait }) => [from, to, wait])).toEqual([
      [0, 100, false],
      [100, 600, true],
      [600, 700, false],
    ]);
  });

  it("keeps iterations of a loop apart: no pause between them", () => {
    const { rows } = buildTimeline(
      run({
        logs: [log("fetch", 0, 100, { iteration: "0" }), log("fetch", 300, 400, { iteration: "1", id: "x" })],
      }),
      created,
    );
    expect(rows[0]!.bars.map((bar) => bar.wait)).toEqual([false, false]);
  });

  it("lets what is still going on reach until now", () => {
    const { rows, span } = buildTimeline(
      run({ status: "running", completed_at: null, logs: [log("fetch", 100, null)] }),
      created + 5000,
    );
    expect(rows[0]!.bars).toMatchObject([{ from: 100, to: 5000, status: "started" }]);
    expect(span).toBe(5000);
  });

  it("hatches a wait and a delay", () => {
    const { rows } = buildTimeline(
      run({
        status: "waiting",
        completed_at: null,
        logs: [log("fetch", 100, null), log("spare", 0, 50, { component_id: "delay" })],
        node_states: { fetch: nodeState("waiting") },
      }),
      created + 1000,
    );
    expect(rows.map((row) => row.bars[0]!.wait)).toEqual([true, true]);
  });

  it("names what was skipped and leaves out what was never reached", () => {
    const { rows } = buildTimeline(
      run({
        logs: [log("start", 0, 10)],
        node_states: {
          start: nodeState("completed"),
          spare: nodeState("skipped"),
        },
      }),
      created,
    );
    expect(rows.map((row) => [row.label, row.status, row.bars.length])).toEqual([
      ["Start", "completed", 1],
      ["Spare", "skipped", 0],
    ]);
  });

  it("tells the time in the queue when it matters", () => {
    expect(buildTimeline(run({ logs: [log("start", 100, 200)] }), created).queued).toBe(100);
    const soon = run({ started_at: "2026-05-01T12:00:00.001000Z", logs: [log("start", 1, 200)] });
    expect(buildTimeline(soon, created).queued).toBe(0);
  });
});

describe("ticksFor", () => {
  it.each([1, 7, 42, 999, 1_500, 9_000, 59_000, 200_000, 5_400_000, 80_000_000, 9e8, 4e10])(
    "marks a span of %s ms at a few round places",
    (span) => {
      const ticks = ticksFor(span);
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      expect(ticks.length).toBeLessThanOrEqual(9);
      expect(ticks[0]).toBe(0);
      expect(ticks.at(-1)).toBeLessThanOrEqual(span);
    },
  );

  it.each([
    [0, "0"],
    [0.5, "0.5 ms"],
    [200, "200 ms"],
    [5_000, "5 s"],
    [120_000, "2 min"],
    [7_200_000, "2 h"],
    [172_800_000, "2 d"],
  ])("says %s ms as %s", (ms, label) => expect(tickLabel(ms)).toBe(label));
});

it("leaves out what was taken over from another run", () => {
  const again = run({ logs: [log("start", -500, -400), log("fetch", 5, 9)] });
  const rows = buildTimeline(again, 0).rows;
  expect(rows.map((row) => [row.nodeId, row.ran, row.bars.length])).toEqual([
    ["start", true, 0],
    ["fetch", true, 1],
  ]);
});

it("draws no more bars in a row than can be told apart", () => {
  const logs = Array.from({ length: 5000 }, (_, index) =>
    log("fetch", index * 0.4, index * 0.4 + 0.3, { id: `l${index}`, iteration: String(index) }),
  );
  const bars = buildTimeline(run({ logs }), 0).rows[0]!.bars;
  expect(bars.length).toBeLessThanOrEqual(301);
  expect(bars[0]!.from).toBe(0);
  expect(bars.at(-1)!.to).toBeGreaterThan(1990);
});
