import { useState } from "react";

import { useSetWorkflowActive, type WorkflowRow } from "@/api";
import { Button, ProblemNote, toast } from "@/ui";

import styles from "./workflows.module.css";

/** What can be done with several workflows at once. What fails stays chosen, with the reason of the last. */
export function BulkBar({
  rows,
  onChosen,
}: {
  rows: readonly WorkflowRow[];
  onChosen: (ids: readonly string[]) => void;
}) {
  const setActive = useSetWorkflowActive();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const turn = async (active: boolean) => {
    setBusy(true);
    setFault(null);
    const left: string[] = [];
    for (const row of rows)
      try {
        await setActive.mutateAsync({ id: row.id, active });
      } catch (error) {
        left.push(row.id);
        setFault(error);
      }
    setBusy(false);
    onChosen(left);
    toast(`${rows.length - left.length} of ${rows.length} ${active ? "activated" : "deactivated"}`);
  };
  return (
    <div className={styles.bulk} role="toolbar" aria-label="Chosen workflows">
      <span>{rows.length} chosen</span>
      <Button small busy={busy} onClick={() => void turn(true)}>
        Activate
      </Button>
      <Button small busy={busy} onClick={() => void turn(false)}>
        Deactivate
      </Button>
      <Button small look="quiet" onClick={() => onChosen([])}>
        Choose none
      </Button>
      {fault !== null && <ProblemNote error={fault} />}
    </div>
  );
}
