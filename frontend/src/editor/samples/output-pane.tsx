import { Pencil, Pin, PinOff } from "lucide-react";
import { useState } from "react";

import type { Samples } from "@/api";
import { expressionFor, JsonView } from "@/runs";
import { Button } from "@/ui";

import { useEditor, useEditorState } from "../editor";
import { EditValue } from "./edit-value";
import { Pane } from "./input-pane";
import styles from "./panes.module.css";
import { SampleNote } from "./sample-note";

/** What the node put out last, or its pin. */
export function OutputPane({ id, samples }: { id: string; samples: Samples | undefined }) {
  const { canvas, pins } = useEditor();
  const [editing, setEditing] = useState(false);
  const runId = useEditorState((state) => state.runId);
  if (!samples) return <Pane title="Output" />;
  const sample = samples.nodes[id];
  const error = runId === null ? null : (canvas.getState().states[id]?.error ?? null);
  return (
    <Pane title="Output">
      {error && <p className={styles.error}>{error.message}</p>}
      {sample && <SampleNote sample={sample} />}
      {editing ? (
        <EditValue nodeId={id} sample={sample} onClose={() => setEditing(false)} />
      ) : (
        <>
          <div className={styles.buttons}>
            {sample && (sample.is_pinned || !sample.is_shortened) && (
              <Button small icon={sample.is_pinned ? PinOff : Pin} onClick={() => void pins.toggle(id)}>
                {sample.is_pinned ? "Unpin" : "Pin"}
              </Button>
            )}
            {!sample?.is_shortened && (
              <Button small icon={Pencil} onClick={() => setEditing(true)}>
                {sample ? "Edit" : "Pin a value"}
              </Button>
            )}
          </div>
          {sample ? (
            <JsonView title="Last output" value={sample.value} dragRoot={expressionFor(id)} />
          ) : (
            <p className={styles.hint}>
              This node has put nothing out yet. Run it, or pin a value, and what comes after can be built on
              it.
            </p>
          )}
        </>
      )}
    </Pane>
  );
}
