import { expect, it } from "vitest";

import { timelineRow } from "@/testing/samples";

import { inWords, marks, pileUp, placeOf, said, spanOf } from "./line";

const span = spanOf({ since: "2026-05-01T00:00:00Z", until: "2026-05-02T00:00:00Z" });
const at = (time: string) => ({ at: `2026-05-01T${time}:00Z`, clock_change: null });

it("puts a moment in its place", () => {
  expect(placeOf("2026-05-01T06:00:00Z", span)).toBe(0.25);
});

it("adds up the starts of all schedules, dense ones by their rate", () => {
  const rows = [
    timelineRow({ fires: [at("00:00"), at("01:30"), at("23:59")] }),
    timelineRow({ fires: [at("00:10")] }),
    timelineRow({ fires: [], every_seconds: 600 }),
  ];
  expect(pileUp(rows, span, 24).slice(0, 3)).toEqual([8, 7, 6]);
  expect(pileUp(rows, span, 24).at(-1)).toBe(7);
});

it("marks hours within a day and midnights within a week", () => {
  expect(marks(span).length).toBeGreaterThanOrEqual(7);
  expect(marks(span).length).toBeLessThanOrEqual(8);
  const week = marks({ ...span, until: span.since + 7 * 24 * 3_600_000 });
  expect(week.length).toBeGreaterThanOrEqual(6);
  expect(week.every(({ at: mark }) => new Date(mark).getHours() === 0)).toBe(true);
});

it("says what a line shows", () => {
  expect(said(timelineRow({ fires: [at("00:00")] }))).toBe("One start");
  expect(said(timelineRow({ fires: [at("00:00"), at("01:00")] }))).toBe("2 starts");
  expect(said(timelineRow({ every_seconds: 60 }))).toBe("Starts about every minute");
  expect([30, 7200, 90].map(inWords)).toEqual(["30 seconds", "2 hours", "90 seconds"]);
});
