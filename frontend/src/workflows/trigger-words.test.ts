import { expect, it } from "vitest";

import { workflowRow } from "@/testing/samples";

import { triggerLines } from "./trigger-words";

it("says of a workflow without schedule and webhook how it starts all the same", () => {
  const manual = {
    node_id: "start",
    kind: "manual_trigger",
    summary: "",
    next_run_at: null,
    pause_reason: null,
  };
  expect(triggerLines(workflowRow({ triggers: [manual] }))).toEqual([
    { kind: "manual", words: "By hand or API", next: null },
  ]);
});

it("puts a schedule that stands on the workflow itself first", () => {
  const row = workflowRow({
    schedule_type: "daily",
    schedule_value: "08:30",
    next_run_at: "2026-05-02T08:30:00Z",
    triggers: [
      { node_id: "w", kind: "webhook_trigger", summary: "POST", next_run_at: null, pause_reason: null },
    ],
  });
  expect(triggerLines(row)).toEqual([
    { kind: "schedule", words: "Every day at 08:30", next: "2026-05-02T08:30:00Z" },
    { kind: "webhook", words: "Webhook", next: null },
  ]);
});

it("keeps the words of a schedule that is no cron text", () => {
  const interval = {
    node_id: "t",
    kind: "schedule_trigger",
    summary: "every 5 minutes",
    next_run_at: null,
    pause_reason: null,
  };
  expect(triggerLines(workflowRow({ triggers: [interval] }))[0]!.words).toBe("every 5 minutes");
});
