import { Eraser, Maximize2, PencilLine, Play, Save, Settings2 } from "lucide-react";

import { chosenNode } from "./build";
import type { EditorCommand } from "./command";

export const runCommands: EditorCommand[] = [
  {
    id: "run",
    title: "Run the draft",
    group: "Run",
    icon: Play,
    keywords: ["execute", "test", "start"],
    keys: ["Mod+Enter"],
    scope: "editor",
    menus: ["canvas"],
    run: ({ runner }) => void runner.run(),
  },
  {
    id: "clear-run",
    title: "Take the run off the canvas",
    group: "Run",
    icon: Eraser,
    scope: "editor",
    when: ({ store }) => store.getState().runId !== null,
    run: ({ runner }) => runner.clear(),
  },
  {
    id: "save",
    title: "Save now",
    group: "Run",
    icon: Save,
    keys: ["Mod+s"],
    scope: "editor",
    run: ({ saver }) => void saver.flush(),
  },
  {
    id: "settings",
    title: "Open the node's settings",
    group: "Edit",
    icon: Settings2,
    keywords: ["inspector", "parameters"],
    keys: ["Enter"],
    scope: "canvas",
    menus: ["node"],
    when: (editor) => chosenNode(editor) !== undefined,
    run: () => focusIn("[data-settings]") || focusIn("[data-inspector]"),
  },
  {
    id: "inspector-large",
    title: "Settings large, with input and output",
    group: "Edit",
    icon: Maximize2,
    keywords: ["inspector", "input", "output", "data", "expand", "pin"],
    keys: ["Mod+."],
    scope: "editor",
    when: (editor) => chosenNode(editor) !== undefined,
    run: ({ store }) =>
      store.setState(({ inspectorLarge }) => ({
        inspectorLarge: !inspectorLarge,
        drawerOpen: inspectorLarge,
      })),
  },
  {
    id: "rename",
    title: "Rename the node",
    group: "Edit",
    icon: PencilLine,
    keys: ["F2"],
    scope: "canvas",
    menus: ["node"],
    when: (editor) => chosenNode(editor) !== undefined,
    run: (editor) => editor.canvas.setState({ renaming: chosenNode(editor)!.id }),
  },
];

/** The first field of a part of the inspector, which is on the page whenever one node is selected. */
function focusIn(part: string): boolean {
  const field = document.querySelector<HTMLElement>(
    `${part} :is(input, select, textarea, [contenteditable="true"])`,
  );
  field?.focus();
  return field !== null;
}
