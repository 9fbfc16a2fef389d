import type { EdgeChange, NodeChange } from "@xyflow/react";
import { applyNodeChanges } from "@xyflow/react";
import { createStore, type StoreApi } from "zustand";

import { drawEdge, drawNode, type DrawnEdge, type DrawnNode } from "@/canvas";
import type { Catalogue } from "@/canvas/graph";

import { documentOf, type EditorState, type EditorStore, type Selection } from "../store";

export interface Drawing {
  nodes: DrawnNode[];
  edges: DrawnEdge[];
}

export interface DrawingStore {
  store: StoreApi<Drawing>;
  onNodesChange: (changes: NodeChange<DrawnNode>[]) => void;
  onEdgesChange: (changes: EdgeChange<DrawnEdge>[]) => void;
  start: () => () => void;
}

/**
 * Between the document and React Flow. Where a node is while it is being dragged is known only here; the document hears
 * of it when it is dropped. Selection belongs to the editor, and React Flow is told it.
 */
export function createDrawing(editor: EditorStore, catalogue: Catalogue): DrawingStore {
  const store = createStore<Drawing>(() => draw({ nodes: [], edges: [] }, editor.getState(), catalogue));
  return {
    store,
    onNodesChange: (changes) => {
      const moved = changes.filter((change) => change.type === "position" || change.type === "dimensions");
      if (moved.length > 0) store.setState((drawing) => ({ nodes: applyNodeChanges(moved, drawing.nodes) }));
      selectBy(editor, "nodes", changes);
    },
    onEdgesChange: (changes) => selectBy(editor, "edges", changes),
    start: () => {
      store.setState((drawing) => draw(drawing, editor.getState(), catalogue));
      return editor.subscribe((state, before) => {
        if (documentOf(state) === documentOf(before) && state.selection === before.selection) return;
        store.setState((drawing) => draw(drawing, state, catalogue));
      });
    },
  };
}

function draw(before: Drawing, state: EditorState, catalogue: Catalogue): Drawing {
  const { selection } = state;
  const document = documentOf(state);
  const known = new Map(before.nodes.map((node) => [node.id, node]));
  return {
    nodes: document.nodes.map((node) =>
      drawNode(node, catalogue, selection.nodes.has(node.id), known.get(node.id)),
    ),
    edges: document.edges.map((edge) =>
      selection.edges.has(edge.id) ? { ...drawEdge(edge), selected: true } : drawEdge(edge),
    ),
  };
}

function selectBy(
  editor: EditorStore,
  part: keyof Selection,
  changes: readonly (NodeChange<DrawnNode> | EdgeChange<DrawnEdge>)[],
) {
  const chosen = changes.filter((change) => change.type === "select");
  if (chosen.length === 0) return;
  const { selection, select } = editor.getState();
  const next = new Set(selection[part]);
  for (const { id, selected } of chosen) {
    if (selected) next.add(id);
    else next.delete(id);
  }
  if (part === "nodes") select(next, selection.edges);
  else select(selection.nodes, next);
}
