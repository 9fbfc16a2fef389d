import { Elapsed, statusColor, StatusIcon, statusWord } from "@/ui";

import type { NodeState } from "./graph";
import styles from "./node-view.module.css";

interface StatusPillProps {
  state: NodeState;
  /** Why what came out no longer follows from the drawing. */
  stale?: string;
  /** Of the run that is laid beside the first. */
  second?: boolean;
}

/** Shape, colour and word of a node's state; while it runs, how long already. */
export function StatusPill({ state, stale, second }: StatusPillProps) {
  const { status, started_at, duration_ms } = state;
  const timed = !state.is_given && (status === "running" || (status === "completed" && duration_ms != null));
  // What no longer follows from the drawing, and what did not run itself, are told apart from what did.
  const look = stale || state.is_given ? "skipped" : status;
  return (
    <span
      className={styles.pill}
      title={stale ? `Stale: ${stale}` : state.progress?.message}
      data-second={second || undefined}
      data-stale={stale ? true : undefined}
      style={{ background: statusColor(look, "wash"), color: statusColor(look, "ink") }}
    >
      <StatusIcon status={status} size={12} />
      {stale ? "Stale" : state.is_given ? "Given" : statusWord(status)}
      <Passes state={state} />
      {state.progress?.fraction != null && (
        <progress className={styles.progress} aria-label="How far it is" value={state.progress.fraction} />
      )}
      {timed && (
        <>
          {" "}
          <Elapsed since={started_at} ms={duration_ms} />
        </>
      )}
    </span>
  );
}

/** How far a loop has come, or how often a node in one has run. */
function Passes({ state: { passes, iterations, status } }: { state: NodeState }) {
  if (passes)
    return (
      <>
        {" "}
        {passes.over}/{passes.known}
        {status === "running" && passes.known > 0 && (
          <progress
            className={styles.progress}
            aria-label="Passes that are over"
            max={passes.known}
            value={passes.over}
          />
        )}
      </>
    );
  const times = Object.values(iterations ?? {}).reduce((sum, each) => sum + each, 0);
  return times > 0 ? ` ×${times}` : null;
}
