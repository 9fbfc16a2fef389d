import { Pin, Play } from "lucide-react";
import { useState } from "react";

import type { Json, Sample } from "@/api";
import { Button, Field, TextArea } from "@/ui";

import { useEditor } from "../editor";
import styles from "./panes.module.css";

interface EditValueProps {
  nodeId: string;
  sample: Sample | undefined;
  onClose: () => void;
}

/** Another value in place of what a node put out: kept as its pin, or for one run of what follows. */
export function EditValue({ nodeId, sample, onClose }: EditValueProps) {
  const [text, setText] = useState(() => JSON.stringify(sample?.value ?? {}, null, 2));
  const [busy, setBusy] = useState(false);
  const { pins, runner } = useEditor();
  const read = readJson(text);
  const output = (value: Json) => ({ value, handle: sample?.handle ?? "out" });
  const keep = async () => {
    if ("fault" in read) return;
    setBusy(true);
    const done = await pins.change({ [nodeId]: output(read.value) }, "Value pinned");
    setBusy(false);
    if (done) onClose();
  };
  return (
    <div className={styles.edit}>
      <Field label="Value (JSON)" error={"fault" in read ? `Not JSON yet: ${read.fault}` : undefined}>
        <TextArea
          className={styles.source}
          rows={12}
          spellCheck={false}
          autoFocus
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <div className={styles.buttons}>
        <Button
          small
          look="primary"
          icon={Pin}
          busy={busy}
          disabled={"fault" in read}
          onClick={() => void keep()}
        >
          Pin this value
        </Button>
        <Button
          small
          icon={Play}
          disabled={"fault" in read}
          onClick={() => {
            if ("fault" in read) return;
            const outcomes = { [nodeId]: output(read.value) };
            const part = { scope: "from" as const, node_id: nodeId, ...pins.placeOf(nodeId), outcomes };
            void runner.run(part, pins.shownPayload);
            onClose();
          }}
        >
          Run what follows with it
        </Button>
        <Button small onClick={onClose}>
          Cancel
        </Button>
      </div>
    </div>
  );
}

export function readJson(text: string): { value: Json } | { fault: string } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
