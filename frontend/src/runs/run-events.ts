import { isFinal, type JsonObject, type Log, type NodeStates, type Run, type RunHead } from "@/api";

/** One `run` event: the head with what changes while it runs, of the node states only those that changed. */
export type RunUpdate = Partial<RunHead> & {
  trigger_payload?: Run["trigger_payload"];
  output?: Run["output"];
  variables?: Run["variables"];
  waits?: Run["waits"];
  node_states?: NodeStates;
};

/** Everything the stream has said about a run so far. */
export interface LiveRun {
  update: RunUpdate;
  logs: ReadonlyMap<string, Log>;
  ended: boolean;
}

export const NOTHING_YET: LiveRun = { update: {}, logs: new Map(), ended: false };

export type RunEvent =
  { kind: "run"; run: RunUpdate } | { kind: "log"; log: Log } | { kind: "end"; status: string };

/** Null for what a newer server may send and this page does not know. */
export function parseRunEvent(kind: string, data: string): RunEvent | null {
  const body = JSON.parse(data) as JsonObject;
  if (kind === "run") return { kind, run: body.run as unknown as RunUpdate };
  if (kind === "log") return { kind, log: body as unknown as Log };
  if (kind === "end") return { kind, status: String(body.status) };
  return null;
}

/** Events may come again after a reconnect; the same one twice changes nothing. */
export function applyEvents(live: LiveRun, events: readonly RunEvent[]): LiveRun {
  let { update, ended } = live;
  let logs: Map<string, Log> | null = null;
  for (const event of events) {
    if (event.kind === "run") update = merged(update, event.run);
    else if (event.kind === "log") (logs ??= new Map(live.logs)).set(event.log.id, event.log);
    else ended = true;
  }
  return { update, ended, logs: logs ?? live.logs };
}

function merged(before: RunUpdate, news: RunUpdate): RunUpdate {
  if (!news.node_states) return { ...before, ...news };
  return { ...before, ...news, node_states: { ...before.node_states, ...news.node_states } };
}

/** The run as it stands now: what was read, overlaid by what was streamed since. What has ended says so for good. */
export function withLive(run: Run, live: LiveRun): Run {
  const { workflow_id: _id, workflow_name: _name, ...update } = live.update;
  const logs = new Map(run.logs.map((log) => [log.id, log]));
  for (const [id, log] of live.logs) if (!isOlder(log, logs.get(id))) logs.set(id, log);
  return { ...run, ...(isFinal(run.status) ? {} : update), logs: [...logs.values()].sort(byStart) };
}

/** An attempt only ever goes from started to an end; a read that was overtaken may still say "started". */
function isOlder(log: Log, known: Log | undefined): boolean {
  return known !== undefined && known.status !== "started" && log.status === "started";
}

function byStart(a: Log, b: Log): number {
  const first = a.started_at ?? a.created_at;
  const second = b.started_at ?? b.created_at;
  if (first !== second) return first < second ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
