import type { Log, NodeStates, Run } from "@/api";
import { toMs } from "@/ui";

/** Milliseconds since the run was asked for, at which something of a log began and ended; null while it goes on. */
export function spanOf(run: Run, log: Log): { from: number; to: number | null } {
  const zero = toMs(run.created_at)!;
  const to = toMs(log.completed_at);
  return { from: (toMs(log.started_at) ?? toMs(log.created_at)!) - zero, to: to === null ? null : to - zero };
}

/** How the nodes stood at one moment of a run, as the live canvas showed them then. */
export function statesAt(run: Run, moment: number): NodeStates {
  const states: Record<string, NodeStates[string]> = {};
  for (const log of run.logs) {
    const { from, to } = spanOf(run, log);
    const known = run.node_states[log.node_id];
    if (from > moment || !known) continue;
    const over = to !== null && to <= moment;
    const { started_at, attempt, handle, error } = log;
    states[log.node_id] = {
      ...known,
      status: over ? statusOf(log) : "running",
      attempts: attempt,
      started_at,
      completed_at: over ? log.completed_at : null,
      duration_ms: (over ? to : moment) - from,
      handle: over ? handle : null,
      error: over ? error : null,
    };
  }
  return withSkipped(run, states);
}

const statusOf = (log: Log): NodeStates[string]["status"] =>
  log.status === "started" ? "running" : log.status;

/** A node is known to be left out as soon as all that leads to it is settled. */
function withSkipped(run: Run, states: Record<string, NodeStates[string]>): NodeStates {
  const into = new Map<string, string[]>();
  for (const { source, target } of run.workflow.edges)
    into.set(target, [...(into.get(target) ?? []), source]);
  const open = Object.entries(run.node_states).filter(([, state]) => state.status === "skipped");
  for (let settled = true; settled;) {
    settled = false;
    for (const [id, state] of open) {
      const sources = into.get(id) ?? [];
      if (id in states || !sources.every((source) => isSettled(states[source]))) continue;
      states[id] = state;
      settled = true;
    }
  }
  return states;
}

const isSettled = (state: NodeStates[string] | undefined) =>
  state !== undefined && state.status !== "running" && state.status !== "waiting";

/**
 * The attempts that the run's length hangs on: from the last to end, back over what it waited for, each time the latest of
 * its sources. To make a run shorter, one of these must become shorter.
 */
export function criticalPath(run: Run): ReadonlySet<string> {
  const path = new Set<string>();
  let at = latest(run.logs);
  while (at && !path.has(at.id)) {
    path.add(at.id);
    const log = at;
    const sources = new Set(
      run.workflow.edges.filter((edge) => edge.target === log.node_id).map((edge) => edge.source),
    );
    const before = (other: Log) =>
      (sources.has(other.node_id) || (other.node_id === log.node_id && other.attempt < log.attempt)) &&
      other.completed_at !== null &&
      (other.completed_at <= (log.started_at ?? log.created_at) || other.node_id !== log.node_id);
    at = latest(run.logs.filter((other) => other.id !== log.id && before(other)));
  }
  return path;
}

function latest(logs: readonly Log[]): Log | undefined {
  return logs
    .filter((log) => log.completed_at !== null)
    .reduce<Log | undefined>(
      (last, log) => (last && last.completed_at! >= log.completed_at! ? last : log),
      undefined,
    );
}
