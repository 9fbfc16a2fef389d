import { type FormEvent, useState } from "react";

import { type Schedule, useBackfillPreview, useStartBackfill } from "@/api";
import { Button, cell, Dialog, DialogActions, Field, formatExact, Input, ProblemNote, toast } from "@/ui";

import styles from "./schedules.module.css";

export function BackfillDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const range = { since: toInstant(since), until: toInstant(until) };
  const preview = useBackfillPreview(schedule.id, range);
  const start = useStartBackfill(schedule.id);
  const count = preview.data?.count ?? 0;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    start.mutate(
      {
        ...range,
        only_missing: true,
        per_minute: Number(form.get("per_minute")),
        at_once: Number(form.get("at_once")),
      },
      {
        onSuccess: () => {
          toast("Backfill started");
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Backfill “${schedule.workflow_name}”`}
      description={`${schedule.words}, ${schedule.timezone}. Starts what was not started at its time, one after the other.`}
    >
      <form className={styles.form} onSubmit={submit}>
        <div className={styles.pair}>
          <Field label="From">
            <Input
              type="datetime-local"
              required
              value={since}
              onChange={(event) => setSince(event.target.value)}
            />
          </Field>
          <Field label="Until">
            <Input
              type="datetime-local"
              required
              value={until}
              onChange={(event) => setUntil(event.target.value)}
            />
          </Field>
        </div>
        <div className={styles.pair}>
          <Field label="Starts a minute, at most">
            <Input name="per_minute" type="number" min={1} max={600} required defaultValue={60} />
          </Field>
          <Field label="Runs at once, at most">
            <Input name="at_once" type="number" min={1} max={100} required defaultValue={5} />
          </Field>
        </div>
        <div role="status" className={cell.faint}>
          {preview.data && <Preview {...preview.data} />}
        </div>
        {(start.error ?? preview.error) && <ProblemNote error={start.error ?? preview.error} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={start.isPending} disabled={count === 0}>
            {count > 0 ? `Start ${count}` : "Start"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface PreviewProps {
  count: number;
  already: number;
  first_due_at: string | null;
  last_due_at: string | null;
}

function Preview({ count, already, first_due_at, last_due_at }: PreviewProps) {
  const left = already > 0 ? ` ${already} started at their time and are left out.` : "";
  if (!first_due_at || !last_due_at) return <>Nothing is left to start in this range.{left}</>;
  return (
    <>
      {count} {count === 1 ? "start" : "starts"}, from {formatExact(first_due_at)} to{" "}
      {formatExact(last_due_at)}.{left}
    </>
  );
}

/** The reader's own clock as an instant; what is no time yet is nothing. */
function toInstant(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}
