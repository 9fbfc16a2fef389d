import { Command as Cmdk } from "cmdk";
import { Workflow } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useNavigate } from "react-router";

import { useWorkflows } from "@/api";
import { Keys, paths } from "@/ui";

import styles from "./command-palette.module.css";
import { type Command, useCommands } from "./commands";

/** Finds workflows, screens and every command that a screen has registered. */
export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const [search, setSearch] = useState("");
  const commands = useCommands();
  const navigate = useNavigate();
  // The server finds the workflows, so that one in thousands is found as well.
  const workflows = useWorkflows({ search: useDeferredValue(search.trim()) || undefined });
  const found = workflows.data?.pages[0]?.results.slice(0, 8) ?? [];

  const choose = (run: () => void) => () => {
    onClose();
    run();
  };

  return (
    <Cmdk.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label="Search and commands"
      overlayClassName={styles.scrim}
      contentClassName={styles.palette}
      loop
    >
      <Cmdk.Input
        className={styles.input}
        value={search}
        onValueChange={setSearch}
        placeholder="Find a workflow or a command"
      />
      <Cmdk.List className={styles.list}>
        <Cmdk.Empty className={styles.none}>
          Nothing called “{search}”. Try a workflow's name, “runs”, or “theme”.
        </Cmdk.Empty>
        {[...byGroup(commands)].map(([group, members]) => (
          <Cmdk.Group key={group} heading={group} className={styles.group}>
            {members.map(({ id, title, icon: Icon, keys, keywords, run }) => (
              <Cmdk.Item
                key={id}
                value={id}
                keywords={[title, ...(keywords ?? [])]}
                onSelect={choose(run)}
                className={styles.item}
              >
                {Icon && <Icon size={16} aria-hidden="true" />}
                <span className={styles.title}>{title}</span>
                {keys && <Keys keys={keys} />}
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        ))}
        {found.length > 0 && (
          <Cmdk.Group heading="Workflows" className={styles.group}>
            {found.map((workflow) => (
              <Cmdk.Item
                key={workflow.id}
                value={workflow.id}
                keywords={[workflow.name, workflow.key]}
                onSelect={choose(() => void navigate(paths.workflow(workflow.id)))}
                className={styles.item}
              >
                <Workflow size={16} aria-hidden="true" />
                <span className={styles.title}>{workflow.name}</span>
              </Cmdk.Item>
            ))}
          </Cmdk.Group>
        )}
      </Cmdk.List>
    </Cmdk.Dialog>
  );
}

/** What the open screen offers comes first: it was registered last. */
function byGroup(commands: readonly Command[]): Map<string, Command[]> {
  const groups = new Map<string, Command[]>();
  for (const command of [...commands].reverse()) {
    const members = groups.get(command.group);
    if (members) members.unshift(command);
    else groups.set(command.group, [command]);
  }
  return groups;
}
