import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLayoutEffect, useMemo, useState } from "react";

import { isFinal, type Run, runKeys, runQuery, streamUrl, workflowKeys } from "@/api";

import { applyEvents, type LiveRun, NOTHING_YET, parseRunEvent, type RunEvent, withLive } from "./run-events";

export type Connection = "idle" | "connecting" | "live" | "reconnecting" | "ended";

export interface RunStream {
  run: Run | undefined;
  error: Error | null;
  connection: Connection;
  refetch: () => void;
}

const FLUSH_MS = 16;
const RETRY_MS = [500, 1_000, 2_000, 5_000];

/** A run that keeps itself up to date: read once, then followed over server-sent events until it has ended. */
export function useRunStream(runId: string | null): RunStream {
  const client = useQueryClient();
  const read = useQuery({ ...runQuery(runId ?? ""), enabled: runId !== null });
  const live = useQuery({
    queryKey: runKeys.live(runId ?? ""),
    queryFn: () => NOTHING_YET,
    initialData: NOTHING_YET,
    enabled: false,
  }).data;
  const [connection, setConnection] = useState<Connection>("idle");

  // By its own id and not by the handle it may have been asked for: a handle can move on to a newer run.
  const id = read.data?.id;
  const follow = id !== undefined && !isFinal(read.data!.status) && !live.ended;

  // Before the paint and not after it: a short run would be over by then.
  useLayoutEffect(() => {
    if (!follow || !id || !runId) return;
    const stream = openStream(id, {
      onState: setConnection,
      onEvents: (events) => {
        const key = runKeys.live(runId);
        client.setQueryData<LiveRun>(key, (before) => applyEvents(before ?? NOTHING_YET, events));
        if (!events.some((event) => event.kind === "end")) return;
        setConnection("ended");
        void client.invalidateQueries({ queryKey: runKeys.detail(runId) });
        void client.invalidateQueries({ queryKey: runKeys.lists() });
        void client.invalidateQueries({ queryKey: workflowKeys.lists() });
      },
    });
    return () => stream.close();
  }, [follow, id, runId, client]);

  const run = useMemo(() => read.data && withLive(read.data, live), [read.data, live]);
  const { refetch } = read;
  return { run, error: read.error, connection, refetch: () => void refetch() };
}

interface StreamListener {
  onState: (state: Connection) => void;
  onEvents: (events: RunEvent[]) => void;
}

/**
 * EventSource comes back by itself after a dropped connection and names the last event it saw; after an answer
 * it takes for final (a proxy's 502) it does not, so that we open a new one. The server then starts from the
 * beginning, and what is known already changes nothing.
 */
export function openStream(id: string, listener: StreamListener): { close: () => void } {
  let source: EventSource | null = null;
  let waiting: RunEvent[] = [];
  let flushedAt = -Infinity;
  let flushTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  // The first event is shown at once, a burst in one go, once per frame.
  const flush = () => {
    flushTimer = undefined;
    flushedAt = performance.now();
    const events = waiting;
    waiting = [];
    listener.onEvents(events);
  };

  const receive = (message: MessageEvent<string>) => {
    const event = parseRunEvent(message.type, message.data);
    if (!event) return;
    waiting.push(event);
    if (event.kind === "end") {
      source?.close();
      clearTimeout(flushTimer);
      flush();
    } else {
      flushTimer ??= setTimeout(flush, flushedAt + FLUSH_MS - performance.now());
    }
  };

  const connect = () => {
    source = new EventSource(streamUrl(id));
    source.onopen = () => {
      failures = 0;
      listener.onState("live");
    };
    source.onerror = () => {
      listener.onState("reconnecting");
      if (source?.readyState !== EventSource.CLOSED) return;
      retryTimer = setTimeout(connect, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
    };
    for (const kind of ["run", "log", "end"]) source.addEventListener(kind, receive);
  };

  listener.onState("connecting");
  connect();
  return {
    close: () => {
      source?.close();
      clearTimeout(flushTimer);
      clearTimeout(retryTimer);
    },
  };
}
