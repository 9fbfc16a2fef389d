import type { Workflow } from "@/api";

/** What stands in the fields of the workflow's settings, as it is typed. */
export interface Typed {
  name: string;
  description: string;
  tags: string;
  limit: string;
  deadline: string;
  unit: Unit;
  days: string;
  kept: string;
  alert: string;
}

export const UNITS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const;
export type Unit = keyof typeof UNITS;

const LONGEST = 366 * UNITS.days;
const MOST_DAYS = 3_650;
const MOST_KEPT = 10_000_000;
const WHOLE = /^[1-9]\d*$/;
const WHOLE_OR_NONE = /^\d*$/;

export type Faults = Partial<Record<keyof Typed, string>>;

/** What a workflow's row says of itself and its runs. */
export interface Wanted {
  tags: string[];
  max_concurrent_runs: number | null;
  deadline_seconds: number | null;
  run_days: number | null;
  runs_kept: number | null;
}

export function typedFrom(workflow: Workflow, cover: { name: string; description: string }): Typed {
  const seconds = workflow.deadline_seconds;
  const units = Object.keys(UNITS) as Unit[];
  const unit = seconds === null ? "minutes" : units.findLast((one) => seconds % UNITS[one] === 0)!;
  return {
    ...cover,
    tags: workflow.tags.join(", "),
    limit: textOf(workflow.max_concurrent_runs),
    days: textOf(workflow.run_days),
    kept: textOf(workflow.runs_kept),
    deadline: seconds === null ? "" : String(seconds / UNITS[unit]),
    unit,
    alert: workflow.alert_workflow ?? "",
  };
}

export const wantedFrom = (typed: Typed): Wanted => ({
  tags: tagsIn(typed.tags),
  max_concurrent_runs: numberIn(typed.limit),
  run_days: numberIn(typed.days),
  runs_kept: numberIn(typed.kept),
  deadline_seconds: typed.deadline.trim() === "" ? null : Number(typed.deadline) * UNITS[typed.unit],
});

/** By field, what keeps it from being saved; the server has the same rules. */
export function faultsIn(typed: Typed): Faults {
  const faults: Faults = {};
  const tags = tagsIn(typed.tags);
  const limit = typed.limit.trim();
  const deadline = typed.deadline.trim();
  const long = tags.find((tag) => tag.length > 40);
  if (typed.name.trim() === "") faults.name = "A workflow needs a name.";
  if (tags.length > 20) faults.tags = `These are ${tags.length} tags; 20 at most.`;
  if (long) faults.tags = `“${long.slice(0, 20)}…” is too long: up to 40 letters each.`;
  if (limit && !(WHOLE.test(limit) && Number(limit) <= 10_000))
    faults.limit = "A whole number from 1 to 10,000, or nothing for no limit.";
  if (deadline && !WHOLE.test(deadline))
    faults.deadline = "A whole number of at least 1, or nothing for no deadline.";
  else if (Number(deadline) * UNITS[typed.unit] > LONGEST) faults.deadline = "366 days at most.";
  if (!isWhole(typed.days, MOST_DAYS)) faults.days = "A whole number of days, 0 for ever, or nothing.";
  if (!isWhole(typed.kept, MOST_KEPT)) faults.kept = "A whole number, 0 for all, or nothing.";
  return faults;
}

const isWhole = (text: string, most: number) => WHOLE_OR_NONE.test(text.trim()) && Number(text) <= most;
const textOf = (value: number | null) => value?.toString() ?? "";
const numberIn = (text: string) => (text.trim() === "" ? null : Number(text));
const tagsIn = (text: string) => [...new Set(text.split(",").map((tag) => tag.trim()))].filter(Boolean);
