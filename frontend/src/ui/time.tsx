import { useEffect, useState } from "react";

import { formatDuration, formatExact, relativeTime } from "./format-time";

/** The current time, renewed every `every` ms while `running`; one clock per place that shows it. */
export function useNow(every: number, running = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every, running]);
  return now;
}

/** For what has happened; the shared clock ticks seldom, so that something newer than its last tick is "just now". */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow(15_000);
  return (
    <time dateTime={at} title={formatExact(at)}>
      {relativeTime(at, Math.max(now, new Date(at).getTime()))}
    </time>
  );
}

/** For what is still to come. */
export function TimeAhead({ at }: { at: string }) {
  const now = useNow(15_000);
  return (
    <time dateTime={at} title={formatExact(at)}>
      {relativeTime(at, now)}
    </time>
  );
}

/** A finished duration, or one that still counts. */
export function Elapsed({ since, ms }: { since: string | null; ms: number | null }) {
  const counting = ms == null && since != null;
  const now = useNow(100, counting);
  if (!counting) return <>{formatDuration(ms)}</>;
  return <>{formatDuration(Math.max(0, now - new Date(since).getTime()))}</>;
}
