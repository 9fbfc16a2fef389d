import {
  ArrowRightFromLine,
  ArrowRightToLine,
  Eraser,
  Maximize2,
  PencilLine,
  Pin,
  PinOff,
  Play,
  Save,
  Settings2,
  StepForward,
} from "lucide-react";

import { chosenNode } from "./build";
import type { Editor } from "../editor";
import type { EditorCommand } from "./command";

const hasChosen = (editor: Editor) => chosenNode(editor) !== undefined;

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
    id: "run-node",
    title: "Run just this node",
    group: "Run",
    icon: StepForward,
    keywords: ["execute", "only", "test"],
    keys: ["Shift+Enter"],
    scope: "canvas",
    menus: ["node"],
    when: hasChosen,
    run: (editor) => void runPart(editor, "only"),
  },
  {
    id: "run-to",
    title: "Run up to this node",
    group: "Run",
    icon: ArrowRightToLine,
    keywords: ["execute", "until", "test"],
    keys: ["Mod+Shift+Enter"],
    scope: "editor",
    menus: ["node"],
    when: hasChosen,
    run: (editor) => void runPart(editor, "to"),
  },
  {
    id: "run-from",
    title: "Run from this node on",
    group: "Run",
    icon: ArrowRightFromLine,
    keywords: ["execute", "downstream", "test"],
    keys: ["Alt+Enter"],
    scope: "canvas",
    menus: ["node"],
    when: hasChosen,
    run: (editor) => void runPart(editor, "from"),
  },
  {
    id: "pin",
    title: "Pin or unpin the output",
    group: "Run",
    icon: Pin,
    keywords: ["freeze", "data", "mock"],
    keys: ["p"],
    scope: "canvas",
    menus: ["node"],
    when: hasChosen,
    run: (editor) => void editor.pins.toggle(chosenNode(editor)!.id),
  },
  {
    id: "unpin-all",
    title: "Take all pins away",
    group: "Run",
    icon: PinOff,
    scope: "editor",
    when: ({ canvas }) => canvas.getState().pinned.size > 0,
    run: ({ pins }) => void pins.clear(),
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

function runPart(editor: Editor, scope: "only" | "to" | "from") {
  // What begins in the middle goes on with what is shown there; what begins at the start begins anew.
  const payload = scope === "to" ? undefined : editor.pins.shownPayload;
  const { id } = chosenNode(editor)!;
  return editor.runner.run({ scope, node_id: id, ...editor.pins.placeOf(id) }, payload);
}

/** The first field of a part of the inspector, which is on the page whenever one node is selected. */
function focusIn(part: string): boolean {
  const field = document.querySelector<HTMLElement>(
    `${part} :is(input, select, textarea, [contenteditable="true"])`,
  );
  field?.focus();
  return field !== null;
}
