import { Check, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import { useStore } from "zustand";

import { Button, Dialog, DialogActions, RelativeTime } from "@/ui";

import { useEditor } from "../editor";
import type { SaveState } from "../saving/saver";
import styles from "./bar.module.css";

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
      {state.status === "conflict" && <ConflictDialog theirs={state.theirs} />}
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

/** Two drafts, one place: which of them stays is for the person to say, and nothing is lost before. */
function ConflictDialog({ theirs }: { theirs: Extract<SaveState, { status: "conflict" }>["theirs"] }) {
  const { saver, view } = useEditor();
  return (
    <Dialog
      open
      // There is no third way out: closing it without an answer would leave work that is not saved anywhere.
      onOpenChange={() => undefined}
      title="This draft was changed elsewhere"
      description={
        <>
          {theirs.updated_by?.email ?? "Somebody"} saved it <RelativeTime at={theirs.updated_at} />, in
          another tab or on another machine, while you had it open here.
        </>
      }
    >
      <DialogActions>
        <Button
          onClick={() => {
            saver.takeTheirs();
            view.focus();
          }}
        >
          Load theirs, drop mine
        </Button>
        <Button
          look="primary"
          onClick={() => {
            void saver.keepMine();
            view.focus();
          }}
        >
          Keep mine
        </Button>
      </DialogActions>
    </Dialog>
  );
}
