import { Pin } from "lucide-react";
import { useState } from "react";

import type { Json, Sample } from "@/api";
import { Button, Field, TextArea } from "@/ui";

import styles from "./panes.module.css";
import { usePinning } from "./use-samples";

interface EditValueProps {
  nodeId: string;
  sample: Sample | undefined;
  onClose: () => void;
}

/** Another value in place of what a node put out: kept as its pin. */
export function EditValue({ nodeId, sample, onClose }: EditValueProps) {
  const [text, setText] = useState(() => JSON.stringify(sample?.value ?? {}, null, 2));
  const [busy, setBusy] = useState(false);
  const pin = usePinning();
  const read = readJson(text);
  const keep = async () => {
    if ("fault" in read) return;
    setBusy(true);
    const done = await pin(
      { [nodeId]: { value: read.value, handle: sample?.handle ?? "out" } },
      "Value pinned",
    );
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
