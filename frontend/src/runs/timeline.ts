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
  /** Without bars: it ran in the run that this one is again, and its outcome was taken over. */
  ran: boolean;
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
      ran: true,
      bars: barsOf(logs, state?.status, zero, end),
    };
  });
  for (const [nodeId, state] of Object.entries(run.node_states)) {
    if (byNode.has(nodeId)) continue;
    rows.push({ nodeId, label: labels.get(nodeId) ?? nodeId, status: state.status, ran: false, bars: [] });
  }
  const span = Math.max(1, end - zero, ...rows.flatMap((row) => row.bars.map((bar) => bar.to)));
  const started = toMs(run.started_at);
  const queued = started === null ? span : Math.max(0, started - zero);
  return { rows, span, ticks: ticksFor(span), queued: queued / span > 0.01 ? queued : 0 };
}

/** In one row no more bars than can be told apart; of those that lie closest together one stands for all. */
const BARS_AT_MOST = 300;

function barsOf(logs: Log[], nodeStatus: string | undefined, zero: number, end: number): TimelineBar[] {
  const bars: TimelineBar[] = [];
  const lastEnd = new Map<string, number>();
  for (const log of logs) {
    const from = (toMs(log.started_at) ?? toMs(log.created_at)!) - zero;
    const to = Math.max(from, (toMs(log.completed_at) ?? end) - zero);
    if (to < 0) continue; // taken over from the run that this one is again
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
  return bars.length > BARS_AT_MOST ? thinned(bars, end - zero) : bars;
}

/** One bar for all of one status that begin in the same small part of the time; the latest can be chosen. */
function thinned(bars: readonly TimelineBar[], span: number): TimelineBar[] {
  const kept = new Map<string, TimelineBar>();
  for (const bar of bars) {
    const key = `${bar.status} ${bar.wait} ${Math.floor((bar.from / Math.max(span, 1)) * BARS_AT_MOST)}`;
    const before = kept.get(key);
    kept.set(key, before ? { ...bar, from: before.from, to: Math.max(before.to, bar.to) } : bar);
  }
  return [...kept.values()];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const CLOCK_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
];

/** At most nine marks, at steps that a clock has: 1, 2 or 5 of a power of ten below a second and above a day. */
export function ticksFor(span: number): number[] {
  const wanted = span / 8;
  const step =
    wanted <= SECOND / 2
      ? decimalStep(wanted)
      : (CLOCK_STEPS.find((size) => size >= wanted) ?? decimalStep(wanted / DAY) * DAY);
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
}

function decimalStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= wanted)!;
}

/** Marks are round, so that they need no decimals: 200 ms, 5 s, 2 min, 1 h. */
export function tickLabel(ms: number): string {
  if (ms === 0) return "0";
  for (const [size, unit] of [
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "min"],
    [SECOND, "s"],
  ] as const) {
    if (ms >= size) return `${Number((ms / size).toFixed(2))} ${unit}`;
  }
  return `${Number(ms.toFixed(3))} ms`;
}
