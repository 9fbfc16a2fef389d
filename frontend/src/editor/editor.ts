import type { QueryClient } from "@tanstack/react-query";
import { createContext, use } from "react";
import { useStore } from "zustand";

import {
  type Component,
  runKeys,
  samplesKey,
  saveWorkflow,
  type Workflow,
  workflowKeys,
  workflowQuery,
} from "@/api";
import { type CanvasStore, createCanvasStore } from "@/canvas";
import { Catalogue } from "@/canvas/graph";

import type { Document } from "./document";
import { annotating } from "./drawing/annotating";
import { createDrawing, type DrawingStore } from "./drawing/drawing";
import { View } from "./drawing/view";
import { startValidating } from "./problems/validator";
import { Runner } from "./running/runner";
import { Pins } from "./samples/pins";
import { documentFrom, Saver } from "./saving/saver";
import { keepUndo } from "./saving/undo-memory";
import { createEditorStore, documentOf, type EditorState, type EditorStore } from "./store";

/** One open workflow: its parts are made together, handed down by context, and know each other by name. */
export interface Editor {
  workflowId: string;
  catalogue: Catalogue;
  store: EditorStore;
  canvas: CanvasStore;
  drawing: DrawingStore;
  view: View;
  saver: Saver;
  runner: Runner;
  pins: Pins;
  /** Sets everything in motion; the result stops it. */
  start: () => () => void;
}

export function createEditor(workflow: Workflow, kinds: readonly Component[], client: QueryClient): Editor {
  const catalogue = new Catalogue(kinds);
  const store = createEditorStore(documentFrom(workflow));
  const canvas = createCanvasStore({ catalogue });
  const drawing = createDrawing(store, catalogue);
  const view = new View(store);
  const saver = new Saver(workflow, store, {
    save: (draft) => saveWorkflow(workflow.id, draft),
    read: () => client.fetchQuery({ ...workflowQuery(workflow.id), staleTime: 0 }),
    onSaved: (saved) => {
      client.setQueryData(workflowKeys.detail(saved.id), saved);
      void client.invalidateQueries({ queryKey: workflowKeys.lists() });
      // What of the last outputs still follows from the drawing is told by the draft that is stored.
      void client.invalidateQueries({ queryKey: samplesKey(saved.id) });
    },
  });
  const runner = new Runner(workflow.id, store, canvas, saver, (run) => {
    client.setQueryData(runKeys.detail(run.id), run);
    void client.invalidateQueries({ queryKey: runKeys.lists() });
    void client.invalidateQueries({ queryKey: workflowKeys.lists() });
  });
  const pins = new Pins(workflow.id, store, saver, client);
  canvas.setState({
    onInsert: (edge, box) =>
      store
        .getState()
        .open({ type: "add", spot: { at: "edge", edge }, at: { x: box.left, y: box.bottom + 6 } }),
    onExit: (source, handle, box) =>
      store
        .getState()
        .open({ type: "add", spot: { at: "after", source, handle }, at: { x: box.right + 8, y: box.top } }),
    ...annotating(store, canvas, view),
  });
  const start = () => {
    const stops = [
      drawing.start(),
      saver.start(),
      keepUndo(workflow.id, store),
      startValidating(store, canvas),
    ];
    return () => stops.forEach((stop) => stop());
  };
  return { workflowId: workflow.id, catalogue, store, canvas, drawing, view, saver, runner, pins, start };
}

export const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = use(EditorContext);
  if (!editor) throw new Error("Used outside an editor");
  return editor;
}

export function useEditorState<T>(select: (state: EditorState) => T): T {
  return useStore(useEditor().store, select);
}

export function useDocument<T>(select: (document: Document) => T): T {
  return useEditorState((state) => select(documentOf(state)));
}
