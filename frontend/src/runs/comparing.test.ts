import { describe, expect, it } from "vitest";

import { log, nodeState, run } from "@/testing/samples";

import { compareRuns, sameJson } from "./comparing";

describe("two runs side by side", () => {
  const one = run({
    logs: [log("start", 0, 5), log("fetch", 5, 9, { output: { stock: 1 } })],
    node_states: { start: nodeState("completed"), fetch: nodeState("completed", { duration_ms: 4 }) },
  });
  const other = run({
    logs: [log("start", 0, 9), log("fetch", 9, 20, { output: { stock: 2 } })],
    node_states: {
      start: nodeState("completed"),
      fetch: nodeState("completed", { duration_ms: 11 }),
      spare: nodeState("skipped"),
    },
  });

  it("tells what differs, node by node, and what does not", () => {
    expect(compareRuns(one, other).map(({ nodeId, differs }) => [nodeId, differs])).toEqual([
      ["start", []],
      ["fetch", ["output"]],
      ["spare", ["status"]],
    ]);
    expect(compareRuns(one, one).flatMap(({ differs }) => differs)).toEqual([]);
  });

  it("tells when something else came in", () => {
    const fed = (input: number) => run({ logs: [log("start", 0, 5, { input })] });
    expect(compareRuns(fed(1), fed(2))[0]!.differs).toEqual(["input"]);
  });

  it("tells when a node left by another exit", () => {
    const left = (handle: string) => run({ node_states: { start: nodeState("completed", { handle }) } });
    expect(compareRuns(left("true"), left("false"))[0]!.differs).toEqual(["exit"]);
  });
});

it.each([
  [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [[1, 2], [2, 1], false],
  [null, undefined, false],
  [{}, [], false],
  ["1", 1, false],
])("compares %j with %j", (one, other, same) => {
  expect(sameJson(one as never, other as never)).toBe(same);
});
