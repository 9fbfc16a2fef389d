import type { LucideIcon } from "lucide-react";
import { useSyncExternalStore } from "react";

/** One definition per command: palette, menus and keys all read it, so that they cannot drift apart. */
export interface Command {
  id: string;
  title: string;
  group: string;
  icon?: LucideIcon;
  keywords?: string[];
  /** Shown beside the title, one entry per key: ["Ctrl", "Enter"]. */
  keys?: string[];
  run: () => void;
}

let commands: readonly Command[] = [];
const listeners = new Set<() => void>();

function publish(next: readonly Command[]) {
  commands = next;
  listeners.forEach((listener) => listener());
}

/** Adds commands for as long as a screen is open; call the result to take them away again. */
export function registerCommands(list: readonly Command[]): () => void {
  const ids = new Set(list.map((command) => command.id));
  publish([...commands.filter((command) => !ids.has(command.id)), ...list]);
  return () => publish(commands.filter((command) => !list.includes(command)));
}

export function allCommands(): readonly Command[] {
  return commands;
}

export function useCommands(): readonly Command[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, allCommands);
}
