import { memo, useState } from "react";
import { Link } from "react-router";

import type { RecentRun } from "@/api";
import { formatDuration, paths, relativeTime, statusColor, statusName, statusWord, useRoving } from "@/ui";

import styles from "./run-strip.module.css";

const TALLEST = 26;
const SHORTEST = 5;

/** Heights by the root of the duration: a run ten times as long stands out, and the short ones stay visible. */
export function barHeights(runs: RecentRun[]): number[] {
  const longest = Math.max(1, ...runs.map((run) => run.duration_ms ?? 0));
  return runs.map((run) =>
    run.duration_ms == null
      ? SHORTEST
      : Math.round(SHORTEST + (TALLEST - SHORTEST) * Math.sqrt(run.duration_ms / longest)),
  );
}

/** Newest at the right. One tab stop; the arrows go from run to run. */
export const RunStrip = memo(function RunStrip({ runs, workflow }: { runs: RecentRun[]; workflow: string }) {
  const oldestFirst = [...runs].reverse();
  const heights = barHeights(oldestFirst);
  const roving = useRoving(oldestFirst.length, oldestFirst.length - 1);
  const [shown, setShown] = useState<number | null>(null);
  if (runs.length === 0) return <span className={styles.none}>Never run</span>;
  const caption = shown == null ? undefined : oldestFirst[shown];
  return (
    <div
      className={styles.strip}
      role="group"
      aria-label={`Last runs of ${workflow}`}

      onKeyDown={roving.onKeyDown}
      onMouseLeave={() => setShown(null)}
      onBlur={() => setShown(null)}
    >
      {oldestFirst.map((run, index) => (
        <Link
          key={run.id}
          to={paths.run(run.id)}
          className={styles.slot}
          data-roving
          tabIndex={roving.tabIndex(index)}
          aria-label={describe(run)}
          onMouseEnter={() => setShown(index)}
          onFocus={() => {
            roving.onFocus(index);
            setShown(index);
          }}
        >
          <span
            className={styles.bar}
            data-status={statusName(run.status)}
            style={{ height: heights[index], color: statusColor(run.status) }}
          />
        </Link>
      ))}
      {caption && (
        <span className={styles.caption} aria-hidden="true">
          {describe(caption)}
        </span>
      )}
    </div>
  );
});

function describe(run: RecentRun): string {
  const parts = [statusWord(run.status), relativeTime(run.started_at ?? run.created_at)];
  if (run.duration_ms != null) parts.splice(1, 0, formatDuration(run.duration_ms));
  return parts.join(" · ");
}
