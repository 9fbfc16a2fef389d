import type { Run } from "@/api";

/** How many items a node handed on, for those that handed on a list: what stands on the edges behind it. */
export function itemCounts(run: Pick<Run, "logs">): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { node_id, iteration, status, output } of run.logs) {
    if (iteration !== "" || status !== "completed") continue;
    if (Array.isArray(output)) counts[node_id] = output.length;
    else delete counts[node_id];
  }
  return counts;
}
