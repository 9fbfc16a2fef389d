import { Gauge } from "lucide-react";
import { useState } from "react";

import { asProblem, useLimitRuns, useWorkflow, type Workflow } from "@/api";
import { Button, Field, IconButton, Input, toast } from "@/ui";

import { useEditor } from "../editor";
import styles from "./bar.module.css";
import { Popover } from "./popover";

/** How many runs of this workflow may go on at once; further ones wait their turn. */
export function LimitButton() {
  const { workflowId } = useEditor();
  const { data } = useWorkflow(workflowId);
  const [open, setOpen] = useState(false);
  if (!data) return null;
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label="Runs at once"
      trigger={<IconButton icon={Gauge} label="Runs at once" />}
    >
      <LimitForm workflow={data} onDone={() => setOpen(false)} />
    </Popover>
  );
}

function LimitForm({ workflow, onDone }: { workflow: Workflow; onDone: () => void }) {
  const [text, setText] = useState(workflow.max_concurrent_runs?.toString() ?? "");
  const limit = useLimitRuns();
  const fault = /^\s*\d*\s*$/.test(text) ? undefined : "A whole number, or nothing for no limit.";
  const save = () => {
    const wanted = text.trim() === "" ? null : Number(text);
    limit.mutate(
      { id: workflow.id, limit: wanted },
      {
        onSuccess: () => {
          toast(wanted === null ? "As many runs at once as there are" : `At most ${wanted} at once`);
          onDone();
        },
      },
    );
  };
  return (
    <form
      className={styles.limit}
      onSubmit={(event) => {
        event.preventDefault();
        if (fault === undefined) save();
      }}
    >
      <Field
        label="Runs at once"
        hint="Further runs wait their turn, in the order they were started. Empty: no limit."
        error={fault ?? (limit.error ? asProblem(limit.error).detail : undefined)}
      >
        <Input
          autoFocus
          inputMode="numeric"
          placeholder="No limit"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <Button look="primary" type="submit" busy={limit.isPending} disabled={fault !== undefined}>
        Save
      </Button>
    </form>
  );
}
