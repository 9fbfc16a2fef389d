import { describe, expect, it } from "vitest";

import type { BulkAnswer, BulkOutcome, BulkRuns } from "@/api";
import { runHead } from "@/testing/samples";

import { actionsFor, asBulkFilter, type Progress, steerMany } from "./run-bulk";

const outcome = (id: string, refused = false): BulkOutcome => ({
  id,
  run_id: id,
  was: "failed",
  status: "pending",
  problem: refused ? { status: 409, code: "run_not_ended", detail: "The run has not ended." } : null,
});
const go = () => new AbortController();

/** A server that is asked again and again, and what it was asked. */
function server(answers: (body: BulkRuns) => BulkAnswer) {
  const asked: BulkRuns[] = [];
  const steer = (_: string, body: BulkRuns) => {
    asked.push(body);
    return Promise.resolve(answers(body));
  };
  return { asked, steer };
}

describe("many runs at once", () => {
  it("takes ticked ones step by step and tells how far it is", async () => {
    const { asked, steer } = server(({ ids }) => ({ results: ids!.map((id) => outcome(id)), more: false }));
    const ids = Array.from({ length: 60 }, (_, index) => `run${index}`);
    const seen: Progress[] = [];
    const end = await steerMany("retry", { ids }, (progress) => seen.push(progress), go().signal, steer);
    expect(asked.map((body) => body.ids!.length)).toEqual([25, 25, 10]);
    expect(seen.map((progress) => progress.done)).toEqual([25, 50, 60]);
    expect([end.total, end.refused]).toEqual([60, []]);
  });

  it("asks for those of a filter until no more are left", async () => {
    let left = 2;
    const { asked, steer } = server(() => ({ results: [outcome("a")], more: left-- > 0 }));
    await steerMany("terminate", { filter: { status: "running" } }, () => {}, go().signal, steer);
    expect(asked).toHaveLength(3);
    expect(asked[0]!.filter).toEqual({ status: "running", metadata: {} });
  });

  it("does not ask for ever for runs that refuse", async () => {
    const { asked, steer } = server(() => ({ results: [outcome("a", true)], more: true }));
    const end = await steerMany("purge", { filter: {} }, () => {}, go().signal, steer);
    expect([asked.length, end.refused.length]).toEqual([1, 1]);
  });

  it("stops between two steps", async () => {
    const stop = go();
    const { asked, steer } = server(({ ids }) => ({ results: ids!.map((id) => outcome(id)), more: false }));
    const ids = Array.from({ length: 60 }, (_, index) => `run${index}`);
    await steerMany("retry", { ids }, () => stop.abort(), stop.signal, steer);
    expect(asked).toHaveLength(1);
  });
});

it("says metadata in an object of its own", () => {
  expect(asBulkFilter({ status: "failed", "metadata.shop": "north" })).toEqual({
    status: "failed",
    metadata: { shop: "north" },
  });
});

it("offers what can be done with at least one of the runs", () => {
  expect(actionsFor([runHead()])).toEqual(["retry", "purge"]);
  expect(actionsFor([runHead({ status: "suspended" })])).toEqual(["resume", "terminate"]);
  expect(actionsFor([runHead({ status: "running" }), runHead()])).toEqual([
    "retry",
    "suspend",
    "terminate",
    "purge",
  ]);
});
