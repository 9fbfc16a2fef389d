import { lazy, Suspense } from "react";

import { Dialog, Keys } from "@/ui";

import { COMMANDS, type EditorCommand, shownKeys } from "../commands";
import { useEditor, useEditorState } from "../editor";
import styles from "./choosing.module.css";
import { ContextMenu } from "./context-menu";
import { ConnectPicker, NodeFinder } from "./node-choices";
import { NodePicker } from "./node-picker";

/** Whatever lies over the canvas at the moment. */
export function Overlays() {
  const overlay = useEditorState((state) => state.overlay);
  switch (overlay?.type) {
    case "add":
      return <NodePicker overlay={overlay} />;
    case "connect":
      return <ConnectPicker overlay={overlay} />;
    case "find":
      return <NodeFinder overlay={overlay} />;
    case "menu":
      return <ContextMenu overlay={overlay} />;
    case "keys":
      return <AllKeys />;
    case "settings":
      return <Settings />;
    default:
      return null;
  }
}

const WorkflowSettings = lazy(() => import("../cover/workflow-settings"));

function Settings() {
  const close = useLeaving();
  return (
    <Suspense fallback={null}>
      <WorkflowSettings onClose={close} />
    </Suspense>
  );
}

/** Closes what lies over the canvas, and leads back to it. */
function useLeaving() {
  const { store, view } = useEditor();
  return () => {
    store.getState().close();
    view.focus();
  };
}

const GROUPS: EditorCommand["group"][] = ["Build", "Edit", "Select", "Move about", "Run"];
const WITH_KEYS = COMMANDS.filter((command) => command.keys && !command.id.startsWith("enter-"));

const takeFocus = (element: HTMLElement | null) => element?.focus();

function AllKeys() {
  const close = useLeaving();
  return (
    <Dialog
      wide
      open
      onOpenChange={close}
      title="Keys"
      description="While the canvas has the focus. Escape and then Tab leads out of it."
    >
      <div className={styles.keys} tabIndex={0} role="region" aria-label="List of keys" ref={takeFocus}>
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {WITH_KEYS.filter((command) => command.group === group).map((command) => (
                <div key={command.id}>
                  <dt>{command.title}</dt>
                  <dd>
                    <Keys keys={shownKeys(command)!} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
