import { ClipboardPaste, Copy, FileDown, Redo2, Scissors, SlidersHorizontal, Undo2 } from "lucide-react";

import { asProblem, exportWorkflow, readWorkflow } from "@/api";
import { announce, copyText, downloadJson, toast } from "@/ui";

import { nudge } from "../document";
import type { Editor } from "../editor";
import { documentNow } from "./build";
import type { EditorCommand } from "./command";
import { copyable, copySelection, pasteHere, removeSelection } from "./transfer";

/** What is on the server, once all that was done here is. */
async function exportAsFile({ saver, workflowId }: Editor) {
  try {
    await saver.flush();
    const [{ key }, document] = await Promise.all([readWorkflow(workflowId), exportWorkflow(workflowId)]);
    downloadJson(`${key}.json`, document);
  } catch (error) {
    toast(`Not exported: ${asProblem(error).message}`);
  }
}

const history = ({ store }: Editor) => store.getState().history;

/** By one step of the grid, with Shift by five. */
function nudging(key: string, dx: number, dy: number): EditorCommand[] {
  const where = key.replace("Arrow", "").toLowerCase();
  const by = (steps: number) => (editor: Editor) => {
    const { selection, edit } = editor.store.getState();
    edit(nudge(documentNow(editor), selection.nodes, { x: dx * steps, y: dy * steps }, selection.notes));
    editor.drawing.showGuides([...selection.nodes]);
  };
  const base = { group: "Edit", scope: "canvas", keyOnly: true, when: copyable } as const;
  return [
    { ...base, id: `nudge-${key}`, title: `Move the selection ${where}`, keys: [key], run: by(1) },
    {
      ...base,
      id: `nudge-far-${key}`,
      title: `Move the selection far ${where}`,
      keys: [`Shift+${key}`],
      run: by(5),
    },
  ];
}

/** By key the browser hands over what was copied; to a menu only if it is allowed to, and over plain HTTP never. */
async function pasteByMenu(editor: Editor) {
  const text = await clipboardText();
  if (text === null) toast("This browser pastes by key only: press Ctrl V");
  else pasteHere(editor, text);
}

async function clipboardText(): Promise<string | null> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return null;
  }
}

export const editCommands: EditorCommand[] = [
  {
    id: "undo",
    title: "Undo",
    group: "Edit",
    icon: Undo2,
    keys: ["Mod+z"],
    scope: "editor",
    menus: ["canvas"],
    when: (editor) => history(editor).past.length > 0,
    run: (editor) => {
      announce(`Undone: ${history(editor).past.at(-1)?.label}`);
      editor.store.getState().undo();
    },
  },
  {
    id: "redo",
    title: "Redo",
    group: "Edit",
    icon: Redo2,
    keys: ["Mod+Shift+z", "Mod+y"],
    scope: "editor",
    menus: ["canvas"],
    when: (editor) => history(editor).future.length > 0,
    run: (editor) => {
      announce(`Done again: ${history(editor).future[0]?.label}`);
      editor.store.getState().redo();
    },
  },
  {
    id: "copy",
    title: "Copy",
    group: "Edit",
    icon: Copy,
    keys: ["Mod+c"],
    scope: "canvas",
    menus: ["node"],
    native: true,
    when: copyable,
    run: (editor) => copyText(copySelection(editor), "Selection"),
  },
  {
    id: "cut",
    title: "Cut",
    group: "Edit",
    icon: Scissors,
    keys: ["Mod+x"],
    scope: "canvas",
    menus: ["node"],
    native: true,
    when: copyable,
    run: async (editor) => {
      await copyText(copySelection(editor), "Selection");
      removeSelection(editor);
    },
  },
  {
    id: "paste",
    title: "Paste",
    group: "Edit",
    icon: ClipboardPaste,
    keys: ["Mod+v"],
    scope: "canvas",
    menus: ["canvas"],
    native: true,
    run: pasteByMenu,
  },
  {
    id: "workflow-settings",
    title: "Workflow settings",
    group: "Edit",
    icon: SlidersHorizontal,
    keywords: ["deadline", "limit", "runs at once", "description", "tags", "key", "alert"],
    keys: ["Mod+,"],
    scope: "editor",
    menus: ["canvas"],
    run: ({ store }) => store.getState().open({ type: "settings" }),
  },
  {
    id: "export",
    title: "Export as a file",
    group: "Edit",
    icon: FileDown,
    keywords: ["download", "json", "git", "save as"],
    scope: "editor",
    run: exportAsFile,
  },
  ...nudging("ArrowLeft", -1, 0),
  ...nudging("ArrowRight", 1, 0),
  ...nudging("ArrowUp", 0, -1),
  ...nudging("ArrowDown", 0, 1),
];
