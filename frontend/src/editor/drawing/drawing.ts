import type { EdgeChange, NodeChange, NodePositionChange } from "@xyflow/react";
import { applyNodeChanges } from "@xyflow/react";
import { createStore, type StoreApi } from "zustand";

import { drawEdge, drawNode, type DrawnEdge, type DrawnNode } from "@/canvas";
import { align, type Catalogue, type Guide, nodeIndex, type XY } from "@/canvas/graph";

import { documentOf, type EditorState, type EditorStore, type Selection } from "../store";

export interface Drawing {
  nodes: DrawnNode[];
  edges: DrawnEdge[];
  /** Shown while something is dragged. */
  guides: readonly Guide[];
}

const NO_GUIDES: readonly Guide[] = [];
/** Less than half a grid step, so that lining up never fights the grid. */
const NEAR = 8;

export interface DrawingStore {
  store: StoreApi<Drawing>;
  onNodesChange: (changes: NodeChange<DrawnNode>[]) => void;
  onEdgesChange: (changes: EdgeChange<DrawnEdge>[]) => void;
  /** Ends a drag; tells where these nodes have come to lie, lined up as they were seen. */
  drop: (ids: readonly string[]) => (readonly [string, XY])[];
  start: () => () => void;
}

/**
 * Between the document and React Flow. Where a node is while it is being dragged is known only here; the document hears
 * of it when it is dropped. Selection belongs to the editor, and React Flow is told it.
 */
export function createDrawing(editor: EditorStore, catalogue: Catalogue): DrawingStore {
  const store = createStore<Drawing>(() =>
    draw({ nodes: [], edges: [], guides: NO_GUIDES }, editor.getState(), catalogue),
  );
  return {
    store,
    onNodesChange: (changes) => {
      const moved = changes.filter((change) => change.type === "position");
      if (moved.length > 0)
        store.setState((drawing) => {
          const { changes: aligned, guides } = linedUp(moved, drawing.nodes);
          return { nodes: applyNodeChanges(aligned, drawing.nodes), guides };
        });
      selectBy(editor, "nodes", changes);
    },
    onEdgesChange: (changes) => selectBy(editor, "edges", changes),
    drop: (ids) => {
      const index = new Map(store.getState().nodes.map((node) => [node.id, node.position]));
      store.setState({ guides: NO_GUIDES });
      return ids.flatMap((id) => {
        const position = index.get(id);
        const before = nodeIndex(documentOf(editor.getState()).nodes).get(id)?.position;
        const stayed = position?.x === before?.x && position?.y === before?.y;
        return position && !stayed ? [[id, position] as const] : [];
      });
    },
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
    guides: before.guides,
    nodes: document.nodes.map((node) =>
      drawNode(node, catalogue, selection.nodes.has(node.id), known.get(node.id)),
    ),
    edges: document.edges.map((edge) =>
      selection.edges.has(edge.id)
        ? { ...drawEdge(edge), selected: true, reconnectable: true }
        : drawEdge(edge),
    ),
  };
}

/** What is dragged together is lined up by its first node with all that stay where they are. */
function linedUp(
  moved: NodePositionChange[],
  nodes: readonly DrawnNode[],
): { changes: NodePositionChange[]; guides: readonly Guide[] } {
  const first = moved.find((change) => change.dragging && change.position);
  const lead = first && nodes.find((node) => node.id === first.id);
  // At the end React Flow tells once more where the pointer was; what lies lined up already stays so.
  if (!first?.position || !lead)
    return { changes: moved.map((change) => ({ ...change, position: undefined })), guides: NO_GUIDES };
  const going = new Set(moved.map((change) => change.id));
  const staying = nodes.filter((node) => !going.has(node.id)).map(boxOf);
  const { by, guides } = align({ ...boxOf(lead), ...first.position }, staying, NEAR);
  const changes = moved.map((change) =>
    change.position
      ? { ...change, position: { x: change.position.x + by.x, y: change.position.y + by.y } }
      : change,
  );
  return { changes, guides };
}

const boxOf = (node: DrawnNode) => ({
  ...node.position,
  width: node.width ?? 0,
  height: node.height ?? 0,
});

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
