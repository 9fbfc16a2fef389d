import type { Log, Run } from "@/api";
import { toMs } from "@/ui";

export interface TimelineBar {
  key: string;
  logId: string | null;
  /** Milliseconds since the run was asked for. */
  from: number;
  to: number;
  status: string;
  /** Hatched: nothing was worked on, something was waited for. */
  wait: boolean;
  attempt: number;
}

export interface TimelineRow {
  nodeId: string;
  label: string;
  status: string;
  bars: TimelineBar[];
}

export interface Timeline {
  rows: TimelineRow[];
  /** Milliseconds from left to right. */
  span: number;
  ticks: number[];
  /** Time in the queue before the first node, 0 when not worth showing. */
  queued: number;
}

/** One row per node in the order of their first start; nodes that never ran follow, without bars. */
export function buildTimeline(run: Run, now: number): Timeline {
  const zero = toMs(run.created_at)!;
  const end = toMs(run.completed_at) ?? now;
  const labels = new Map(run.workflow.nodes.map((node) => [node.id, node.data.label || node.id]));
  const byNode = new Map<string, Log[]>();
  for (const log of run.logs) {
    const logs = byNode.get(log.node_id);
    if (logs) logs.push(log);
    else byNode.set(log.node_id, [log]);
  }
  const rows = [...byNode].map(([nodeId, logs]): TimelineRow => {
    const state = run.node_states[nodeId];
    return {
      nodeId,
      label: labels.get(nodeId) ?? nodeId,
      status: state?.status ?? logs.at(-1)!.status,
      bars: barsOf(logs, state?.status, zero, end),
    };
  });
  for (const [nodeId, state] of Object.entries(run.node_states)) {
    if (byNode.has(nodeId) || state.status === "pending") continue;
    rows.push({ nodeId, label: labels.get(nodeId) ?? nodeId, status: state.status, bars: [] });
  }
  const span = Math.max(1, end - zero, ...rows.flatMap((row) => row.bars.map((bar) => bar.to)));
  const started = toMs(run.started_at);
  const queued = started === null ? span : Math.max(0, started - zero);
  return { rows, span, ticks: ticksFor(span), queued: queued / span > 0.01 ? queued : 0 };
}

function barsOf(logs: Log[], nodeStatus: string | undefined, zero: number, end: number): TimelineBar[] {
  const bars: TimelineBar[] = [];
  const lastEnd = new Map<string, number>();
  for (const log of logs) {
    const from = (toMs(log.started_at) ?? toMs(log.created_at)!) - zero;
    const to = Math.max(from, (toMs(log.completed_at) ?? end) - zero);
    const before = lastEnd.get(log.iteration);
    if (before !== undefined && from > before) {
      bars.push({
        key: `${log.id}-pause`,
        logId: null,
        from: before,
        to: from,
        status: "waiting",
        wait: true,
        attempt: log.attempt,
      });
    }
    lastEnd.set(log.iteration, to);
    const waiting = log.status === "started" && nodeStatus === "waiting";
    bars.push({
      key: log.id,
      logId: log.id,
      from,
      to,
      status: waiting ? "waiting" : log.status,
      wait: waiting || log.component_id === "delay",
      attempt: log.attempt,
    });
  }
  return bars;
}

/** Round steps (1, 2, 5 × a power of ten), between four and ten of them. */
export function ticksFor(span: number): number[] {
  const rough = span / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const ticks: number[] = [];
  for (let at = 0; at <= span; at += step) ticks.push(at);
  return ticks;
}
