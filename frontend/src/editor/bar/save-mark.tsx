import { Check, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import { useState } from "react";
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
      {state.status === "conflict" && <Conflict theirs={state.theirs} />}
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

/** Two drafts, one place: which of them stays is for the person to say, now or later; nothing is lost before. */
function Conflict({ theirs }: { theirs: Extract<SaveState, { status: "conflict" }>["theirs"] }) {
  const { saver, view } = useEditor();
  const [open, setOpen] = useState(true);
  const settle = (choice: () => unknown) => {
    void choice();
    view.focus();
  };
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        Decide…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="This draft was changed elsewhere"
        description={
          <>
            {theirs.updated_by?.email ?? "Somebody"} saved it <RelativeTime at={theirs.updated_at} />, in
            another tab or on another machine, while you had it open here. Until you decide, yours is kept in
            this browser only.
          </>
        }
      >
        <DialogActions>
          <Button onClick={() => settle(() => saver.takeTheirs())}>Load theirs, drop mine</Button>
          <Button autoFocus look="primary" onClick={() => settle(() => saver.keepMine())}>
            Keep mine
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
