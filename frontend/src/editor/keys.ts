import { History, ListChecks } from "lucide-react";
import { useEffect } from "react";
import { useNavigate } from "react-router";

import { registerCommands } from "@/app/commands";
import { paths } from "@/ui";

import {
  canRun,
  commandFor,
  COMMANDS,
  copyable,
  copySelection,
  pasteHere,
  removeSelection,
  shownKeys,
} from "./commands";
import type { Editor } from "./editor";

const FIELD = "input:not([type=checkbox]), textarea, select, [contenteditable='true']";
const LAYER = "[role=dialog], [role=menu], [role=alertdialog]";

function placeOf(target: EventTarget | null): { onCanvas: boolean; inField: boolean; inLayer: boolean } {
  const element = target instanceof Element ? target : null;
  return {
    onCanvas: element?.classList.contains("react-flow") ?? false,
    inField: element?.matches(FIELD) ?? false,
    inLayer: element?.closest(LAYER) != null,
  };
}

/** The key map, the clipboard and the palette's list of commands, for as long as the editor is open. */
export function useEditorKeys(editor: Editor) {
  const navigate = useNavigate();
  useEffect(() => {
    const go = (to: string) => void navigate(to);
    const stops = [
      listenToKeys(editor),
      listenToClipboard(editor),
      offerCommands(editor),
      offerScreens(editor.workflowId, go),
    ];
    return () => stops.forEach((stop) => stop());
  }, [editor, navigate]);
}

/** The screens that belong to this workflow. */
function offerScreens(workflowId: string, go: (to: string) => void): () => void {
  return registerCommands([
    {
      id: "editor.versions",
      title: "Versions of this workflow",
      group: "Go to",
      icon: History,
      keywords: ["history", "restore", "compare", "difference", "published"],
      run: () => go(paths.versions(workflowId)),
    },
    {
      id: "editor.runs",
      title: "Runs of this workflow",
      group: "Go to",
      icon: ListChecks,
      run: () => go(paths.runsOf(workflowId)),
    },
  ]);
}

function listenToKeys(editor: Editor): () => void {
  // Tab opens the picker; so that the keyboard is never caught, Escape lets the next Tab lead out of the canvas.
  let leaving = false;
  const press = (event: KeyboardEvent) => {
    const place = placeOf(event.target);
    if (event.defaultPrevented || event.isComposing || place.inLayer) return;
    if (event.key === "Tab" && leaving) return;
    const command = commandFor(COMMANDS, editor, event, place);
    leaving = place.onCanvas && event.key === "Escape" && command === undefined;
    if (!command) return;
    event.preventDefault();
    void command.run(editor);
  };
  window.addEventListener("keydown", press);
  return () => window.removeEventListener("keydown", press);
}

function listenToClipboard(editor: Editor): () => void {
  const copy = (event: ClipboardEvent) => {
    if (!onCanvas() || !copyable(editor)) return;
    event.clipboardData?.setData("text/plain", copySelection(editor));
    event.preventDefault();
    if (event.type === "cut") removeSelection(editor);
  };
  const paste = (event: ClipboardEvent) => {
    if (!onCanvas()) return;
    event.preventDefault();
    pasteHere(editor, event.clipboardData?.getData("text/plain") ?? "");
  };
  const onCanvas = () => placeOf(document.activeElement).onCanvas;
  window.addEventListener("copy", copy);
  window.addEventListener("cut", copy);
  window.addEventListener("paste", paste);
  return () => {
    window.removeEventListener("copy", copy);
    window.removeEventListener("cut", copy);
    window.removeEventListener("paste", paste);
  };
}

function offerCommands(editor: Editor): () => void {
  return registerCommands(
    COMMANDS.filter((command) => !command.keyOnly).map((command) => ({
      id: `editor.${command.id}`,
      title: command.title,
      group: command.group,
      icon: command.icon,
      keywords: command.keywords,
      keys: shownKeys(command),
      run: () => {
        if (canRun(command, editor)) void command.run(editor);
      },
    })),
  );
}
