import { canRun, type EditorCommand } from "./command";
import type { Editor } from "../editor";

type Press = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** `Mod+Shift+z`: Control and the Mac's Command are one; Shift is not told for signs that need it (`?`, `+`). */
export function nameOf(press: Press): string {
  const sign = press.key.length === 1 && press.key.toLowerCase() === press.key.toUpperCase();
  const parts = [
    (press.ctrlKey || press.metaKey) && "Mod",
    press.altKey && "Alt",
    press.shiftKey && !sign && "Shift",
    press.key.length === 1 ? press.key.toLowerCase() : press.key,
  ];
  return parts.filter(Boolean).join("+");
}

/** Typing is for the field that has the focus; there only the keys hold that mean nothing to a field. */
const FIELDS_OWN = new Set(["Mod+z", "Mod+Shift+z", "Mod+y", "Mod+a", "Mod+c", "Mod+x", "Mod+v"]);

export function commandFor(
  commands: readonly EditorCommand[],
  editor: Editor,
  press: Press,
  place: { onCanvas: boolean; inField: boolean },
): EditorCommand | undefined {
  const name = nameOf(press);
  if (place.inField && FIELDS_OWN.has(name)) return undefined;
  return commands.find(
    (command) =>
      !command.native &&
      command.keys?.includes(name) &&
      (command.scope === "editor" || place.onCanvas) &&
      canRun(command, editor),
  );
}

const SHOWN: Record<string, string> = {
  Mod: "Ctrl",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Delete: "Del",
  Escape: "Esc",
};

/** For the Keys component: `Mod+Shift+z` → Ctrl, Shift, Z. */
export function shownKeys(command: EditorCommand): string[] | undefined {
  const first = command.keys?.[0];
  if (first === undefined) return undefined;
  const parts = first === "+" ? ["+"] : first.split("+");
  return parts.map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}
