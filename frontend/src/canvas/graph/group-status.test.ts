import { expect, it } from "vitest";

import { statusOfAll } from "./group-status";
import type { NodeStates } from "./types";

const states = (...statuses: string[]) =>
  Object.fromEntries(statuses.map((status, index) => [`n${index}`, { status }])) as unknown as NodeStates;

it.each([
  [[], undefined],
  [["completed", "completed", "skipped"], "completed"],
  [["skipped", "skipped"], "skipped"],
  [["completed", "failed", "running"], "failed"],
  [["completed", "running", "pending"], "running"],
  [["completed", "pending"], "running"],
  [["pending", "pending"], "pending"],
  [["completed", "waiting"], "waiting"],
  [["completed", "suspended", "running"], "suspended"],
])("%j is told as %s", (statuses, told) => {
  expect(statusOfAll(["n0", "n1", "n2", "elsewhere"], states(...statuses))).toBe(told);
});
