import { useQueryClient } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { useEffect, useState } from "react";
import { useParams } from "react-router";

import { ApiProblem, type Component, useComponents, useWorkflow, type Workflow } from "@/api";
import { CanvasContext } from "@/canvas";
import { EmptyState, LinkButton, Loading, paths, ProblemNote, useTitle } from "@/ui";

import { TopBar } from "./bar/top-bar";
import { Overlays } from "./choosing/overlays";
import { EditorCanvas } from "./drawing/editor-canvas";
import { createEditor, EditorContext, useDocument, useEditorState } from "./editor";
import styles from "./editor-page.module.css";
import { Inspector } from "./inspector/inspector";
import { useEditorKeys } from "./keys";
import { RunDrawer } from "./running/run-drawer";
import { SampleMarks } from "./samples";
import { onlyNode } from "./store";
import { useRestoring } from "./use-restoring";

export function EditorPage() {
  const { workflowId } = useParams();
  const workflow = useWorkflow(workflowId!);
  const kinds = useComponents();
  const error = workflow.error ?? kinds.error;
  if (workflow.data && kinds.data)
    return <Workbench key={workflowId} workflow={workflow.data} kinds={kinds.data} />;
  if (error instanceof ApiProblem && error.status === 404) return <NoSuchWorkflow />;
  if (error)
    return (
      <div className={styles.fault}>
        <ProblemNote error={error} retry={() => void Promise.all([workflow.refetch(), kinds.refetch()])} />
      </div>
    );
  return <Loading what="workflow" />;
}

function NoSuchWorkflow() {
  useTitle("Workflow not found");
  return (
    <EmptyState
      title="There is no workflow with this id"
      actions={
        <LinkButton look="primary" to={paths.workflows}>
          All workflows
        </LinkButton>
      }
    >
      It may have been deleted, or it belongs to another project.
    </EmptyState>
  );
}

/** The editor is made once from what was read; from then on the server's copy and the person's are kept apart. */
function Workbench({ workflow, kinds }: { workflow: Workflow; kinds: Component[] }) {
  const client = useQueryClient();
  const [editor] = useState(() => createEditor(workflow, kinds, client));
  useEffect(() => editor.start(), [editor]);
  useEffect(() => editor.saver.noticeServer(workflow), [editor, workflow]);
  useEditorKeys(editor);
  useRestoring(editor);
  return (
    <EditorContext value={editor}>
      <CanvasContext value={editor.canvas}>
        <ReactFlowProvider>
          <Title />
          <div className={styles.page}>
            <TopBar />
            <Middle />
            <SampleMarks />
            <RunDrawer />
            <Overlays />
          </div>
        </ReactFlowProvider>
      </CanvasContext>
    </EditorContext>
  );
}

/** Opened large, the inspector lies under the graph, so that both have the whole width. */
function Middle() {
  const large = useEditorState((state) => state.inspectorLarge && onlyNode(state) !== null);
  return (
    <div className={styles.middle} data-large={large || undefined}>
      <EditorCanvas />
      <Inspector />
    </div>
  );
}

function Title() {
  useTitle(useDocument((document) => document.name));
  return null;
}
