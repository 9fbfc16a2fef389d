import { Play } from "lucide-react";
import { Link } from "react-router";
import { useStore } from "zustand";

import { Button, IconButton, paths } from "@/ui";

import { canRun, commandById, shownKeys } from "../commands";
import { useDocument, useEditor, useEditorState } from "../editor";
import { ActiveSwitch } from "./active-switch";
import styles from "./bar.module.css";
import { NameInput } from "./name-input";
import { PayloadButton } from "./payload-button";
import { Presence } from "./presence";
import { ProblemsButton } from "./problems-button";
import { PublishButton } from "./publish-button";
import { usePublished } from "./use-published";
import { SaveMark } from "./save-mark";

export function TopBar() {
  return (
    <header className={styles.bar} aria-label="Workflow">
      <Heading />
      <NameInput />
      <VersionMark />
      <SaveMark />
      <Presence />
      <span className={styles.gap} />
      <CommandButton id="undo" />
      <CommandButton id="redo" />
      <ProblemsButton />
      <CommandButton id="workflow-settings" />
      <RunButton />
      <PublishButton />
      <ActiveSwitch />
    </header>
  );
}

/** The name is a field here; those who go by headings are given one. */
function Heading() {
  return <h1 className="visually-hidden">{useDocument((document) => document.name)}</h1>;
}

/** What of this drawing the world outside sees. */
function VersionMark() {
  const { data, changed } = usePublished();
  if (!data) return null;
  if (data.published_version === null) return <span className={styles.mark}>Draft</span>;
  return (
    <Link
      to={paths.versions(data.id)}
      className={styles.mark}
      data-published={!changed || undefined}
      title="All versions, and what differs"
    >
      {changed
        ? `Draft, version ${data.published_version} is published`
        : `Version ${data.published_version}`}
    </Link>
  );
}

function CommandButton({ id }: { id: string }) {
  const editor = useEditor();
  const command = commandById(id);
  const ready = useEditorState(() => canRun(command, editor));
  return (
    <IconButton
      icon={command.icon!}
      label={command.title}
      keys={shownKeys(command)}
      disabled={!ready}
      onClick={() => command.run(editor)}
    />
  );
}

function RunButton() {
  const editor = useEditor();
  const busy = useStore(editor.runner.state, (state) => state.status === "starting");
  const empty = useDocument((document) => document.nodes.length === 0);
  return (
    <div className={styles.split}>
      <Button icon={Play} busy={busy} disabled={empty} onClick={() => void editor.runner.run()}>
        Run
      </Button>
      <PayloadButton disabled={empty} />
    </div>
  );
}
