import { Braces, Play } from "lucide-react";
import { useState } from "react";

import { Button, Field, IconButton, TextArea } from "@/ui";

import { useEditor } from "../editor";
import { parsed } from "../running/runner";
import styles from "./bar.module.css";
import { Popover } from "./popover";

/** What the run is started with; remembered for this workflow in this browser. */
export function PayloadButton({ disabled }: { disabled: boolean }) {
  const { runner } = useEditor();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState(() => runner.payloadText);
  const fault = parsed(text) === undefined ? "This is no JSON object yet." : undefined;
  return (
    <Popover
      open={open}
      onOpenChange={(next) => {
        // A test request that was heard may have changed it.
        if (next) setText(runner.payloadText);
        setOpen(next);
      }}
      label="Payload of the run"
      trigger={<IconButton icon={Braces} label="Payload" disabled={disabled} className={styles.payload} />}
    >
      <Field label="Payload (JSON)" hint="What the trigger hands on: trigger.… in expressions." error={fault}>
        <TextArea
          className={styles.source}
          rows={9}
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            runner.rememberPayload(event.target.value);
          }}
        />
      </Field>
      <Button
        look="primary"
        icon={Play}
        disabled={fault !== undefined}
        onClick={() => {
          setOpen(false);
          void runner.run();
        }}
      >
        Run with this
      </Button>
    </Popover>
  );
}
