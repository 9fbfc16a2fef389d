import { useQueryClient } from "@tanstack/react-query";
import { Pause, Play, RotateCcw, Square, Trash2 } from "lucide-react";
import { useState } from "react";

import { asProblem, type BulkAction, type RunFilter, type RunHead, runKeys } from "@/api";
import { announce, Button, ConfirmDialog, Dialog, DialogActions } from "@/ui";

import { actionsFor, type Progress, steerMany } from "./run-bulk";
import styles from "./runs.module.css";

const LOOK = {
  retry: { word: "Retry", icon: RotateCcw, done: "run again" },
  suspend: { word: "Suspend", icon: Pause, done: "suspended" },
  resume: { word: "Resume", icon: Play, done: "resumed" },
  terminate: { word: "Terminate", icon: Square, done: "terminated" },
  purge: { word: "Delete", icon: Trash2, done: "deleted" },
} as const;

interface BulkBarProps {
  filter: RunFilter;
  chosen: readonly RunHead[];
  /** Whether all rows that are on the page are ticked, so that the rest of the filter may be meant too. */
  all: boolean;
  onDone: () => void;
}

/** What can be done with the ticked runs, or with all that fit the filters. */
export function BulkBar({ filter, chosen, all, onDone }: BulkBarProps) {
  const [whole, setWhole] = useState(false);
  const [asked, ask] = useState<BulkAction | null>(null);
  const [progress, setProgress] = useState<(Progress & { over: boolean }) | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [stop, setStop] = useState<AbortController | null>(null);
  const client = useQueryClient();
  const beyond = all && whole;
  const what = beyond ? "all runs that fit the filters" : count(chosen.length);
  const start = async (action: BulkAction) => {
    const control = new AbortController();
    setStop(control);
    setError(null);
    setProgress({ done: 0, total: beyond ? null : chosen.length, refused: [], over: false });
    try {
      const which = beyond ? { filter } : { ids: chosen.map((run) => run.id) };
      const end = await steerMany(
        action,
        which,
        (now) => setProgress({ ...now, over: false }),
        control.signal,
      );
      setProgress({ ...end, over: true });
      announce(`${count(end.done - end.refused.length)} ${LOOK[action].done}`);
    } catch (problem) {
      setError(asProblem(problem));
      setProgress((now) => now && { ...now, over: true });
    }
    await client.invalidateQueries({ queryKey: runKeys.lists() });
  };
  const close = () => {
    stop?.abort();
    ask(null);
    setProgress(null);
    onDone();
  };
  return (
    <div className={styles.bulk} role="group" aria-label="Chosen runs">
      <span>{beyond ? "All that fit the filters" : `${count(chosen.length)} chosen`}</span>
      {all && (
        <label className={styles.whole}>
          <input type="checkbox" checked={whole} onChange={(event) => setWhole(event.target.checked)} />
          also those further down
        </label>
      )}
      {actionsFor(chosen).map((action) => (
        <Button
          key={action}
          small
          icon={LOOK[action].icon}
          look={action === "purge" ? "danger" : "plain"}
          onClick={() => ask(action)}
        >
          {LOOK[action].word}
        </Button>
      ))}
      <Button small look="quiet" onClick={onDone}>
        Choose none
      </Button>
      {asked && !progress && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && ask(null)}
          title={`${LOOK[asked].word} ${what}?`}
          action={LOOK[asked].word}
          busy={false}
          error={null}
          onConfirm={() => void start(asked)}
        >
          Each run is told for itself; one that cannot be {LOOK[asked].done} stays as it is and is named in
          the end.
        </ConfirmDialog>
      )}
      {asked && progress && <BulkProgress action={asked} progress={progress} error={error} onClose={close} />}
    </div>
  );
}

interface BulkProgressProps {
  action: BulkAction;
  progress: Progress & { over: boolean };
  error: Error | null;
  onClose: () => void;
}

function BulkProgress({ action, progress, error, onClose }: BulkProgressProps) {
  const { done, total, refused, over } = progress;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={over ? `${count(done - refused.length)} ${LOOK[action].done}` : `${LOOK[action].word}…`}
    >
      <progress
        className={styles.progress}
        aria-label="Progress"
        max={total ?? undefined}
        value={over ? (total ?? 1) : total === null ? undefined : done}
      />
      <p>{total === null ? `${done} so far` : `${done} of ${total}`}</p>
      {error && <p className={styles.error}>{error.message}</p>}
      {refused.length > 0 && (
        <ul className={styles.refused} aria-label="Runs that stayed as they are">
          {refused.slice(0, 20).map((outcome) => (
            <li key={outcome.id}>
              <code>…{outcome.id.slice(-8)}</code> {outcome.problem!.detail}
            </li>
          ))}
          {refused.length > 20 && <li>and {refused.length - 20} more</li>}
        </ul>
      )}
      <DialogActions>
        <Button look={over ? "primary" : "plain"} onClick={onClose}>
          {over ? "Close" : "Stop here"}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

const count = (runs: number) => (runs === 1 ? "1 run" : `${runs} runs`);
