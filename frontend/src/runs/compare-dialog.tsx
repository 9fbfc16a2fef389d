import { useNavigate } from "react-router";

import { type Run, useRuns } from "@/api";
import { Dialog, Elapsed, Loading, paths, ProblemNote, RelativeTime, Status } from "@/ui";

import { shortId } from "./run-words";
import styles from "./compare.module.css";

/** Which of the workflow's runs is laid beside this one. */
export function CompareDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const navigate = useNavigate();
  const list = useRuns({ workflow: run.workflow.id });
  const others =
    list.data?.pages.flatMap((page) => page.results).filter((other) => other.id !== run.id) ?? [];
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Compare with another run" wide>
      {list.error && <ProblemNote error={list.error} />}
      {list.isPending && <Loading what="runs" />}
      {list.data && others.length === 0 && <p>This workflow has no other run yet.</p>}
      <ul className={styles.choices}>
        {others.map((other) => (
          <li key={other.id}>
            <button
              type="button"
              onClick={() => {
                onClose();
                void navigate(`${paths.run(run.id)}?with=${encodeURIComponent(other.id)}`);
              }}
            >
              <Status status={other.status} />
              <code>{shortId(other)}</code>
              <RelativeTime at={other.created_at} />
              <Elapsed since={other.started_at} ms={other.duration_ms} />
              <span>{other.is_draft ? "Draft" : `Version ${other.version ?? "–"}`}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
