import type { Json, Log, NodeState, Run } from "@/api";

type Pair = readonly [one: Json | undefined, other: Json | undefined];

/** One node in two runs. */
export interface Difference {
  nodeId: string;
  label: string;
  one: NodeState | undefined;
  other: NodeState | undefined;
  input: Pair;
  output: Pair;
  /** What differs; how long something took is no difference. */
  differs: ("status" | "exit" | "input" | "output")[];
}

/** Node by node, in the order of the drawing; nodes that only the other run has come last. */
export function compareRuns(one: Run, other: Run): Difference[] {
  const labels = new Map(
    [...other.workflow.nodes, ...one.workflow.nodes].map((node) => [node.id, node.data.label || node.id]),
  );
  const ids = new Set([...one.workflow.nodes, ...other.workflow.nodes].map((node) => node.id));
  const logs = [lastLogs(one), lastLogs(other)] as const;
  return [...ids].map((nodeId) => {
    const states = [one.node_states[nodeId], other.node_states[nodeId]] as const;
    const [first, second] = [logs[0].get(nodeId), logs[1].get(nodeId)];
    const input: Pair = [first?.input, second?.input];
    const output: Pair = [outputOf(first), outputOf(second)];
    const differs: Difference["differs"] = [];
    if (states[0]?.status !== states[1]?.status) differs.push("status");
    else if (states[0]?.handle !== states[1]?.handle) differs.push("exit");
    if (first && second && !sameJson(...input)) differs.push("input");
    if (!sameJson(...output)) differs.push("output");
    return {
      nodeId,
      label: labels.get(nodeId) ?? nodeId,
      one: states[0],
      other: states[1],
      input,
      output,
      differs,
    };
  });
}

/** By node; where one attempt failed and another did not, the one that did not. */
function lastLogs(run: Run): Map<string, Log> {
  const last = new Map<string, Log>();
  for (const log of run.logs) {
    if (log.status === "completed" || last.get(log.node_id)?.status !== "completed")
      last.set(log.node_id, log);
  }
  return last;
}

const outputOf = (log: Log | undefined) => (log?.status === "completed" ? log.output : undefined);

/** By value; the order of an object's fields says nothing. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object") return false;
  if (Array.isArray(one) || Array.isArray(other))
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => sameJson(item, other[index]))
    );
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => key in other && sameJson(one[key], other[key]))
  );
}
