import { useState } from "react";

import { differences, nodeIndex } from "@/canvas/graph";
import { Button, Dialog, DialogActions, RelativeTime } from "@/ui";

import { useEditor } from "../editor";
import type { Clash } from "../saving/merge";
import type { SaveState } from "../saving/saver";
import { sideOf, titleOf } from "./clash-words";
import styles from "./clashes.module.css";

/** What two people changed at the same time, side by side; all else of both has been put together already. */
export function Clashes({ state }: { state: Extract<SaveState, { status: "conflict" }> }) {
  const { saver, view, catalogue } = useEditor();
  const [open, setOpen] = useState(true);
  const [theirs, setTheirs] = useState<ReadonlySet<Clash>>(new Set());
  const { clashes, document } = state.merged;
  const labelOf = (id: string) => {
    const node = nodeIndex(document.nodes).get(id) ?? state.theirs.nodes.find((each) => each.id === id);
    return node ? catalogue.label(node) : id;
  };
  const choose = (clash: Clash, side: "mine" | "theirs") => {
    const next = new Set(theirs);
    if (side === "theirs") next.add(clash);
    else next.delete(clash);
    setTheirs(next);
  };
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        Decide…
      </Button>
      <Dialog
        wide
        open={open}
        onOpenChange={setOpen}
        title="You both changed the same"
        description={
          <>
            {state.theirs.updated_by?.email ?? "Somebody"} saved this draft{" "}
            <RelativeTime at={state.theirs.updated_at} />. Everything else of both is kept; say which of these
            is to stay. Until then yours is kept in this browser only.
          </>
        }
      >
        <ul className={styles.list}>
          {clashes.map((clash) => (
            <li key={`${clash.part} ${clash.id}`}>
              <OneClash
                clash={clash}
                labelOf={labelOf}
                side={theirs.has(clash) ? "theirs" : "mine"}
                onChoose={(side) => choose(clash, side)}
              />
            </li>
          ))}
        </ul>
        <DialogActions>
          <Button onClick={() => setTheirs(new Set(clashes))}>All theirs</Button>
          <Button onClick={() => setTheirs(new Set())}>All mine</Button>
          <Button
            autoFocus
            look="primary"
            onClick={() => {
              void saver.settleClashes([...theirs]);
              view.focus();
            }}
          >
            Save the draft of both
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}

interface OneClashProps {
  clash: Clash;
  side: "mine" | "theirs";
  labelOf: (nodeId: string) => string;
  onChoose: (side: "mine" | "theirs") => void;
}

function OneClash({ clash, side, labelOf, onChoose }: OneClashProps) {
  const both = clash.mine !== null && clash.theirs !== null;
  const fields = clash.part === "node" && both ? differences(clash.theirs?.data, clash.mine?.data) : [];
  const column = (which: "mine" | "theirs") => (
    <label className={styles.side} data-chosen={which === side || undefined}>
      <input
        type="radio"
        name={`${clash.part} ${clash.id}`}
        checked={which === side}
        onChange={() => onChoose(which)}
      />
      <strong>{which === "mine" ? "Yours" : "Theirs"}</strong>
      {fields.length > 0 ? (
        <dl>
          {fields.map((field) => (
            <div key={field.path}>
              <dt>{field.path}</dt>
              <dd>{shown(which === "mine" ? field.after : field.before)}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p>{sideOf(clash, which, labelOf)}</p>
      )}
    </label>
  );
  return (
    <fieldset className={styles.clash}>
      <legend>{titleOf(clash, labelOf)}</legend>
      {column("mine")}
      {column("theirs")}
    </fieldset>
  );
}

function shown(value: unknown): string {
  if (value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
