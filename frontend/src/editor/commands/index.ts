import { buildCommands } from "./build";
import type { EditorCommand } from "./command";
import { editCommands } from "./edit";
import { moveAboutCommands } from "./move-about";
import { runCommands } from "./run";

export { canRun, type EditorCommand } from "./command";
export { commandFor, shownKeys } from "./keymap";
export { goTo } from "./move-about";
export { copyable, copySelection, pasteHere, pasteText, removeSelection } from "./transfer";

export const COMMANDS: readonly EditorCommand[] = [
  ...buildCommands,
  ...editCommands,
  ...moveAboutCommands,
  ...runCommands,
];

export function commandById(id: string): EditorCommand {
  const command = COMMANDS.find((candidate) => candidate.id === id);
  if (!command) throw new Error(`No command “${id}”`);
  return command;
}
