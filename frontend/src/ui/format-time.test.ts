import { describe, expect, it } from "vitest";

import { formatDuration, relativeTime } from "./format-time";

describe("formatDuration", () => {
  it.each([
    [null, "–"],
    [0, "0 ms"],
    [-5, "0 ms"],
    [999.4, "999 ms"],
    [1000, "1.00 s"],
    [9_994, "9.99 s"],
    [9_999, "10.0 s"],
    [59_940, "59.9 s"],
    [59_990, "1 min 00 s"],
    [61_000, "1 min 01 s"],
    [3_599_700, "1 h 00 min"],
    [5_400_000, "1 h 30 min"],
    [90_000_000, "1 d 01 h"],
  ])("says %s ms as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe("relativeTime", () => {
  const now = Date.UTC(2026, 4, 1, 12);
  it.each([
    [-3_000, "just now"],
    [3_000, "in a moment"],
    [-240_000, "4 min. ago"],
    [7_200_000, "in 2 hr."],
    [-86_400_000, "yesterday"],
  ])("says %s ms from now as %s", (delta, text) => expect(relativeTime(now + delta, now)).toBe(text));
});
