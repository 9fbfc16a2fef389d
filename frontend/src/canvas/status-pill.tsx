import { Elapsed, statusColor, StatusIcon, statusWord } from "@/ui";

import type { NodeState } from "./graph";
import styles from "./node-view.module.css";

/** Shape, colour and word of a node's state; while it runs, how long already. */
export function StatusPill({ state }: { state: NodeState }) {
  const { status, started_at, duration_ms } = state;
  const timed = status === "running" || (status === "completed" && duration_ms != null);
  return (
    <span
      className={styles.pill}
      style={{ background: statusColor(status, "wash"), color: statusColor(status, "ink") }}
    >
      <StatusIcon status={status} size={12} />
      {statusWord(status)}
      {timed && (
        <>
          {" "}
          <Elapsed since={started_at} ms={status === "running" ? null : duration_ms} />
        </>
      )}
    </span>
  );
}
