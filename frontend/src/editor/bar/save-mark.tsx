import { Check, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import { useStore } from "zustand";

import { useEditor } from "../editor";
import type { SaveState } from "../saving/saver";
import styles from "./bar.module.css";
import { Clashes } from "./clashes";

const WORDS: Record<SaveState["status"], string> = {
  saved: "Saved",
  saving: "Saving…",
  offline: "Offline",
  conflict: "Changed elsewhere",
  refused: "Not saved",
};

const ICONS = {
  saved: Check,
  saving: LoaderCircle,
  offline: CloudOff,
  conflict: TriangleAlert,
  refused: TriangleAlert,
};

export function SaveMark() {
  const { saver } = useEditor();
  const state = useStore(saver.state);
  const Icon = ICONS[state.status];
  return (
    <>
      <span className={styles.save} data-save={state.status} role="status" title={detailOf(state)}>
        <Icon size={14} aria-hidden />
        {WORDS[state.status]}
        {(state.status === "offline" || state.status === "refused") && (
          <span className={styles.detail}>{detailOf(state)}</span>
        )}
      </span>
      {state.status === "conflict" && <Clashes state={state} />}
    </>
  );
}

function detailOf(state: SaveState): string | undefined {
  if (state.status === "offline")
    return state.kept
      ? "kept in this browser, sent when the server answers"
      : "this browser cannot keep it either";
  if (state.status === "refused") return state.problem.errors[0]?.message ?? state.problem.message;
  return undefined;
}
