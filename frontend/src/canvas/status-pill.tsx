import { Elapsed, statusColor, StatusIcon, statusWord } from "@/ui";

import type { NodeState } from "./graph";
import styles from "./node-view.module.css";

/** Shape, colour and word of a node's state; while it runs, how long already. */
export function StatusPill({ state, stale }: { state: NodeState; stale?: string }) {
  const { status, started_at, duration_ms } = state;
  const timed = status === "running" || (status === "completed" && duration_ms != null);
  // What no longer follows from the drawing counts for as little as what was left out.
  const look = stale ? "skipped" : status;
  return (
    <span
      className={styles.pill}
      title={stale && `Stale: ${stale}`}
      data-stale={stale ? true : undefined}
      style={{ background: statusColor(look, "wash"), color: statusColor(look, "ink") }}
    >
      <StatusIcon status={status} size={12} />
      {stale ? "Stale" : statusWord(status)}
      {timed && (
        <>
          {" "}
          <Elapsed since={started_at} ms={status === "running" ? null : duration_ms} />
        </>
      )}
    </span>
  );
}
