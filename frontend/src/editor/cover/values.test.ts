import { describe, expect, it } from "vitest";

import { workflow } from "@/testing/samples";

import { faultsIn, type Typed, typedFrom, wantedFrom } from "./values";

const cover = { name: "Orders", description: "" };
const typed = (changes: Partial<Typed> = {}): Typed => ({ ...typedFrom(workflow(), cover), ...changes });

describe("the workflow's settings", () => {
  it.each([
    [null, "", "minutes"],
    [1, "1", "seconds"],
    [90, "90", "seconds"],
    [120, "2", "minutes"],
    [7_200, "2", "hours"],
    [172_800, "2", "days"],
  ])("tell a deadline of %s seconds as %s %s, and as the same again", (deadline_seconds, text, unit) => {
    const shown = typedFrom(workflow({ deadline_seconds }), cover);
    expect([shown.deadline, shown.unit]).toEqual([text, unit]);
    expect(wantedFrom(shown).deadline_seconds).toBe(deadline_seconds);
  });

  it("read tags between commas, each once", () => {
    expect(wantedFrom(typed({ tags: " shop, daily ,, shop" })).tags).toEqual(["shop", "daily"]);
    expect(typedFrom(workflow({ tags: ["a", "b"] }), cover).tags).toBe("a, b");
  });

  it("say no limit with nothing", () => {
    expect(wantedFrom(typed({ limit: " ", deadline: " " }))).toMatchObject({
      max_concurrent_runs: null,
      deadline_seconds: null,
    });
    expect(wantedFrom(typed({ limit: "3" })).max_concurrent_runs).toBe(3);
    expect(wantedFrom(typed({ days: "0", kept: "" }))).toMatchObject({ run_days: 0, runs_kept: null });
  });

  it("find nothing wrong with what was read", () => {
    expect(faultsIn(typed({ limit: "10000", deadline: "366", unit: "days" }))).toEqual({});
  });

  it.each([
    ["name", { name: "  " }],
    ["tags", { tags: "x".repeat(41) }],
    ["tags", { tags: Array.from({ length: 21 }, (_, at) => `t${at}`).join(",") }],
    ["limit", { limit: "0" }],
    ["limit", { limit: "many" }],
    ["limit", { limit: "10001" }],
    ["days", { days: "-1" }],
    ["days", { days: "soon" }],
    ["kept", { kept: "1.5" }],
    ["deadline", { deadline: "1.5" }],
    ["deadline", { deadline: "367", unit: "days" as const }],
  ])("tell at %s what is wrong with %j", (field, changes) => {
    expect(Object.keys(faultsIn(typed(changes)))).toEqual([field]);
  });
});
