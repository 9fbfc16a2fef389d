import { Fragment } from "react";

import { MenuAt, MenuItem, MenuLine } from "@/ui";

import { canRun, COMMANDS, type EditorCommand, shownKeys } from "../commands";
import { useEditor } from "../editor";
import type { Overlay } from "../store";

const NAMES = { node: "Node", edge: "Connection", canvas: "Canvas" };

/** What can be done with what the pointer is on: the same commands as everywhere, by group. */
export function ContextMenu({ overlay }: { overlay: Extract<Overlay, { type: "menu" }> }) {
  const editor = useEditor();
  const offered = COMMANDS.filter(
    (command) => command.menus?.includes(overlay.on) && canRun(command, editor),
  );
  const groups = [...new Set(offered.map((command) => command.group))];
  const close = () => {
    const { overlay: now, close } = editor.store.getState();
    if (now === overlay) close();
  };
  const choose = (command: EditorCommand) => {
    close();
    editor.view.focus();
    void command.run(editor);
  };
  return (
    <MenuAt
      at={overlay.at}
      label={NAMES[overlay.on]}
      onClose={() => {
        close();
        editor.view.focus();
      }}
    >
      {groups.map((group, index) => (
        <Fragment key={group}>
          {index > 0 && <MenuLine />}
          {offered
            .filter((command) => command.group === group)
            .map((command) => (
              <MenuItem
                key={command.id}
                icon={command.icon}
                keys={shownKeys(command)}
                danger={command.id === "delete"}
                onSelect={() => choose(command)}
              >
                {command.title}
              </MenuItem>
            ))}
        </Fragment>
      ))}
    </MenuAt>
  );
}
