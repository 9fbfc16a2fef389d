import { exitOf } from "./handles";
import type { FlowEdge, NodeState } from "./types";

export type EdgeState = "idle" | "taken" | "skipped";

/** What a run did with an edge, told by the state of the node it leaves. */
export function edgeState(
  edge: Pick<FlowEdge, "sourceHandle">,
  source: Pick<NodeState, "status" | "handle"> | undefined,
): EdgeState {
  if (!source) return "idle";
  if (source.status === "skipped") return "skipped";
  if (source.status === "completed" || (source.status === "failed" && source.handle))
    return (source.handle ?? "out") === exitOf(edge) ? "taken" : "skipped";
  if (source.status === "failed" || source.status === "terminated") return "skipped";
  return "idle";
}
