import type { PinChanges, Run, Workflow } from "@/api";

/**
 * What a run put out, as pins of the draft: of all nodes that the draft still has and that others follow on. What comes
 * last is left to be run. Only the last time counts where a node ran several times.
 */
export function pinsFrom(run: Run, draft: Workflow): PinChanges {
  const here = new Set(draft.nodes.map((node) => node.id));
  const followed = new Set(draft.edges.map((edge) => edge.source));
  const pins: PinChanges = {};
  for (const log of run.logs) {
    const leads = here.has(log.node_id) && followed.has(log.node_id) && log.iteration === "";
    if (leads && log.status === "completed" && log.handle !== null)
      pins[log.node_id] = { value: log.output, handle: log.handle };
  }
  return pins;
}
