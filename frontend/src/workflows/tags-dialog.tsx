import { type FormEvent, useState } from "react";

import { useSaveTags, type WorkflowRow } from "@/api";
import { Button, Dialog, DialogActions, Field, Input, ProblemNote } from "@/ui";

import styles from "./workflows.module.css";

/** The words a workflow is found and filtered by. */
export function TagsDialog({ workflow, onClose }: { workflow: WorkflowRow; onClose: () => void }) {
  const [text, setText] = useState(workflow.tags.join(", "));
  const save = useSaveTags();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const tags = [...new Set(text.split(",").map((tag) => tag.trim()))].filter(Boolean);
    save.mutate({ id: workflow.id, tags }, { onSuccess: onClose });
  };
  return (
    <Dialog open onOpenChange={onClose} title={`Tags of “${workflow.name}”`}>
      <form className={styles.form} onSubmit={submit}>
        <Field label="Tags" hint="With commas between them; up to 40 letters each.">
          <Input
            value={text}
            autoFocus
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        {save.error && <ProblemNote error={save.error} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={save.isPending}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
