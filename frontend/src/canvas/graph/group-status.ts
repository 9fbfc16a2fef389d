import type { NodeStates } from "./types";

/** What one word says of many nodes: the first of these that any of them is in. */
const TELLING = ["failed", "terminated", "suspended", "running", "retrying", "waiting"];

/** The one status that stands for all these nodes in a run; undefined when it has none of them. */
export function statusOfAll(ids: readonly string[], states: NodeStates): string | undefined {
  const found = ids.flatMap((id) => states[id]?.status ?? []);
  const telling = TELLING.find((status) => found.some((each) => each === status));
  if (telling || found.length === 0) return telling;
  const over = found.filter((status) => status === "completed" || status === "skipped");
  if (over.length < found.length) return over.length > 0 ? "running" : "pending";
  return over.includes("completed") ? "completed" : "skipped";
}
