import { CircleAlert, CornerDownRight } from "lucide-react";
import { use, useEffect } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

import type { PreviewResult } from "@/api";

import { glance } from "./completing";
import styles from "./preview.module.css";
import { HelpContext, type Previewed } from "./previews";

const NONE = createStore<Record<string, Previewed>>(() => ({}));

interface PreviewProps {
  id: string;
  value: unknown;
  /** An expression that is written without braces. */
  bare?: boolean;
}

/** Under a field with an expression: what it comes to on the last values, or the error that a run would meet. */
export function Preview({ id, value, bare }: PreviewProps) {
  const { previews } = use(HelpContext);
  const asked = bare && typeof value === "string" && !value.includes("{{") ? `{{ ${value} }}` : value;
  const computed = hasExpression(asked) && asked !== "{{  }}";
  useEffect(() => {
    if (computed) previews?.want(id, asked);
    else previews?.forget(id);
  }, [previews, id, asked, computed]);
  useEffect(() => () => previews?.forget(id), [previews, id]);
  const shown = useStore(previews?.store ?? NONE, (results) => results[id]);
  if (!computed || !shown) return null;
  return (
    <div className={styles.preview} data-old={shown.value !== asked || undefined} data-preview={id}>
      <Outcome result={shown.result} />
    </div>
  );
}

function Outcome({ result }: { result: PreviewResult }) {
  if (result.error) {
    const offset = (result.error.position as { offset?: number } | null)?.offset;
    return (
      <p className={styles.error}>
        <CircleAlert size={13} aria-hidden />
        <span>
          {result.error.message}
          {offset !== undefined && <span className={styles.where}> (character {offset + 1})</span>}
        </span>
      </p>
    );
  }
  const { value } = result;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <p className={styles.value}>
      <CornerDownRight size={13} aria-hidden />
      <span className="visually-hidden">Comes to </span>
      <code className={styles.text} title={text.slice(0, 2_000)}>
        {text === "" ? "empty text" : text.slice(0, 400)}
      </code>
      {value !== null && typeof value === "object" && <span className={styles.where}>{glance(value)}</span>}
    </p>
  );
}

export function hasExpression(value: unknown): boolean {
  if (typeof value === "string") return value.includes("{{");
  return typeof value === "object" && value !== null && JSON.stringify(value).includes("{{");
}
