import { Panel } from "@xyflow/react";

import { IconButton } from "@/ui";

import { commandById, shownKeys } from "../commands";
import { useDocument, useEditor } from "../editor";
import styles from "./editor-canvas.module.css";

const SHOWN = ["add-node", "zoom-in", "zoom-out", "fit", "tidy", "keys"].map(commandById);

/** The few commands that are wanted on the drawing itself. */
export function ViewControls() {
  const editor = useEditor();
  const empty = useDocument((document) => document.nodes.length === 0);
  return (
    <>
      <Panel position="bottom-left" className={styles.controls} role="toolbar" aria-label="View">
        {SHOWN.map((command) => (
          <IconButton
            key={command.id}
            small
            icon={command.icon!}
            label={command.title}
            keys={shownKeys(command)}
            onClick={() => command.run(editor)}
          />
        ))}
      </Panel>
      {empty && (
        <Panel position="top-center" className={styles.empty}>
          Double-click, or press Tab, to add the first node.
        </Panel>
      )}
    </>
  );
}
