import { History, Pin } from "lucide-react";
import { Link } from "react-router";

import type { Sample } from "@/api";
import { paths, RelativeTime } from "@/ui";

import styles from "./panes.module.css";

interface SampleNoteProps {
  sample: Sample;
  /** The node that it comes from, where it is not the one whose settings are open. */
  from?: string;
  untaken?: boolean;
}

/** How far a value can be trusted: pinned, from which run, and whether it still follows from the drawing. */
export function SampleNote({ sample, from, untaken }: SampleNoteProps) {
  return (
    <div className={styles.notes}>
      <p className={styles.origin}>
        {sample.is_pinned ? (
          <>
            <Pin size={13} aria-hidden /> Pinned <RelativeTime at={sample.at} />
          </>
        ) : (
          <>
            <Link to={paths.run(sample.run_id!)}>From a run</Link> <RelativeTime at={sample.at} />
          </>
        )}
        {sample.handle !== "out" && <span>· by “{sample.handle}”</span>}
        {sample.is_shortened && <span>· only its beginning</span>}
      </p>
      {untaken && <p className={styles.hint}>Last time {from ? `“${from}”` : "it"} went another way.</p>}
      {sample.stale && (
        <p className={styles.stale}>
          <History size={13} aria-hidden /> <span>Stale: {sample.stale}</span>
        </p>
      )}
    </div>
  );
}
