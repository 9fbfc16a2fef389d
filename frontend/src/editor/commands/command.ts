import type { LucideIcon } from "lucide-react";

import type { Editor } from "../editor";
import type { MenuPlace } from "../store";

/**
 * One thing a person can do. The toolbar, the palette, the list of keys and the key map all read this one object, so
 * that they cannot drift apart.
 */
export interface EditorCommand {
  id: string;
  title: string;
  group: "Build" | "Edit" | "Select" | "Move about" | "Run";
  icon?: LucideIcon;
  keywords?: string[];
  /** As `event.key` says it, with `Mod`, `Alt` and `Shift` before it: `Mod+Shift+z`. The first is the one shown. */
  keys?: readonly string[];
  /** `canvas`: only while the canvas has the focus, as these are keys that mean letters elsewhere. */
  scope: "canvas" | "editor";
  /** Where a right click offers it. */
  menus?: readonly MenuPlace[];
  /** Not in the palette: it only makes sense as a key. */
  keyOnly?: boolean;
  /** The browser's own copy and paste events bring these about by key: they need nobody's permission. */
  native?: boolean;
  when?: (editor: Editor) => boolean;
  run: (editor: Editor) => unknown;
}

export function canRun(command: EditorCommand, editor: Editor): boolean {
  return command.when?.(editor) ?? true;
}
