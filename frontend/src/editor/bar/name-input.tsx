import { useState } from "react";

import { useDocument, useEditor } from "../editor";
import styles from "./bar.module.css";

/** The workflow's name, renamed where it stands; a workflow always keeps one. */
export function NameInput() {
  const { store } = useEditor();
  const name = useDocument((document) => document.name);
  const [typed, setTyped] = useState<string | null>(null);
  const leave = () => {
    const next = typed?.trim();
    setTyped(null);
    if (next && next !== name)
      store.getState().edit({ label: "Rename", changes: [{ type: "cover.set", patch: { name: next } }] });
  };
  return (
    <input
      className={styles.name}
      aria-label="Workflow name"
      value={typed ?? name}
      maxLength={200}
      size={Math.max(8, Math.min(40, (typed ?? name).length + 1))}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => setTyped(event.target.value)}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setTyped(null);
      }}
    />
  );
}
