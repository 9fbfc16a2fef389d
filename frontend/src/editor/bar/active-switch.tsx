import { useState } from "react";

import { useSetWorkflowActive, useWorkflow } from "@/api";
import { Button, Dialog, DialogActions, ProblemNote, Switch, toast } from "@/ui";

import { useEditor } from "../editor";
import styles from "./bar.module.css";

/** Arms or disarms the schedules and webhooks of the published version. */
export function ActiveSwitch() {
  const { workflowId } = useEditor();
  const { data } = useWorkflow(workflowId);
  const setActive = useSetWorkflowActive();
  const [fault, setFault] = useState<unknown>(null);
  if (!data) return null;
  const change = (active: boolean) => {
    if (active && data.published_version === null) {
      setFault(new Error("Only a published workflow can be active: press Publish first."));
      return;
    }
    setActive.mutate(
      { id: workflowId, active },
      {
        onSuccess: (workflow) =>
          toast(workflow.is_active ? "Active: its triggers are armed" : "Not active any more"),
        onError: setFault,
      },
    );
  };
  return (
    <>
      <span className={styles.active}>
        <span aria-hidden>Active</span>
        <Switch
          checked={data.is_active}
          onCheckedChange={change}
          label="Active"
          disabled={setActive.isPending}
        />
      </span>
      {fault !== null && (
        <Dialog open onOpenChange={() => setFault(null)} title="Not switched">
          <ProblemNote error={fault} />
          <DialogActions>
            <Button autoFocus onClick={() => setFault(null)}>
              Close
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </>
  );
}
