import type { FormEvent } from "react";
import { useNavigate } from "react-router";

import { ApiProblem, useCreateWorkflow, type WorkflowNode } from "@/api";
import { Button, Dialog, DialogActions, Field, Input, paths, ProblemNote } from "@/ui";

import styles from "./workflows.module.css";

/** Every workflow can be started by hand at once; other triggers are added on the canvas. */
const START: WorkflowNode = {
  id: "start",
  type: "manual_trigger",
  position: { x: 0, y: 0 },
  data: { componentId: "manual_trigger", label: "Start" },
};

interface NewWorkflowDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function NewWorkflowDialog({ open, onOpenChange }: NewWorkflowDialogProps) {
  const create = useCreateWorkflow();
  const navigate = useNavigate();

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    create.mutate(
      { name, nodes: [START], edges: [] },
      { onSuccess: (workflow) => void navigate(paths.workflow(workflow.id)) },
    );
  };

  const nameMessage = create.error instanceof ApiProblem ? create.error.fieldMessage("name") : undefined;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New workflow">
      <form className={styles.form} onSubmit={submit}>
        <Field label="Name" hint="What it does, for the people who will look for it." error={nameMessage}>
          <Input name="name" required maxLength={200} autoFocus autoComplete="off" />
        </Field>
        {create.error && !nameMessage && <ProblemNote error={create.error} />}
        <DialogActions>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button look="primary" type="submit" busy={create.isPending}>
            Create and open
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
