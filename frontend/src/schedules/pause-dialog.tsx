import { type FormEvent } from "react";

import { type Schedule, usePauseSchedule } from "@/api";
import { Button, Dialog, DialogActions, Field, Input, ProblemNote, toast } from "@/ui";

import styles from "./schedules.module.css";

export function PauseDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const pause = usePauseSchedule();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    pause.mutate(
      { id: schedule.id, reason },
      {
        onSuccess: () => {
          toast("Schedule paused");
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Pause “${schedule.workflow_name}”`}
      description={`${schedule.words}, ${schedule.timezone}. It starts nothing until it is resumed, and then counts from that moment.`}
    >
      <form className={styles.form} onSubmit={submit}>
        <Field label="Reason" hint="Shown to everybody who sees that it is paused.">
          <Input name="reason" maxLength={500} autoFocus />
        </Field>
        {pause.error && <ProblemNote error={pause.error} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={pause.isPending}>
            Pause
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
