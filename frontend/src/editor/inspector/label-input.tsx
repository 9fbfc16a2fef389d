import { useStore } from "zustand";

import type { Form } from "../form";
import styles from "./inspector.module.css";

/** The node's name, renamed where it stands. */
export function LabelInput({ form, placeholder }: { form: Form; placeholder: string }) {
  const value = useStore(form.store, (state) => state.values.label);
  return (
    <input
      id="setting-label"
      className={styles.label}
      aria-label="Label"
      value={typeof value === "string" ? value : ""}
      placeholder={placeholder}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => form.set("label", event.target.value || undefined)}
    />
  );
}
