import { useContext, useRef } from "react";

import { CanvasContext, useCanvas } from "./canvas-store";
import styles from "./node-view.module.css";

/** A node's name; a double click, or F2, makes it a field where it stands. */
export function NodeLabel({ id, label }: { id: string; label: string }) {
  const canvas = useContext(CanvasContext);
  const renaming = useCanvas((state) => state.renaming === id);
  const canRename = useCanvas((state) => state.onRename !== undefined);
  if (renaming) return <LabelField id={id} label={label} />;
  return (
    <span
      className={styles.label}
      title={label.length > LONG ? label : undefined}
      onDoubleClick={canRename ? () => canvas?.setState({ renaming: id }) : undefined}
    >
      {label}
    </span>
  );
}

/** About what fits into a node. */
const LONG = 20;

function LabelField({ id, label }: { id: string; label: string }) {
  const onRename = useCanvas((state) => state.onRename);
  // Leaving the field by a key takes it off the page, which the browser reports as one more way of leaving it.
  const left = useRef(false);
  const leave = (next: string | null) => {
    if (left.current) return;
    left.current = true;
    onRename?.(id, next);
  };
  return (
    <input
      className={`${styles.rename} nodrag nopan`}
      aria-label="Node name"
      defaultValue={label}
      maxLength={200}
      autoComplete="off"
      spellCheck={false}
      ref={(field) => {
        field?.focus({ preventScroll: true });
        field?.select();
      }}
      onBlur={(event) => leave(event.target.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") leave(event.currentTarget.value);
        if (event.key === "Escape") leave(null);
      }}
    />
  );
}
