import type { EdgeChange, NodeChange, NodePositionChange } from "@xyflow/react";
import { applyNodeChanges } from "@xyflow/react";
import { createStore, type StoreApi } from "zustand";

import { drawAll, type Drawn, type DrawnEdge, groupKey, noteKey } from "@/canvas";
import { align, type Catalogue, type Guide, guidesAt, nodeIndex, withInside, type XY } from "@/canvas/graph";

import type { Document } from "../document";
import { documentOf, type EditorState, type EditorStore } from "../store";

export interface Drawing {
  nodes: Drawn[];
  edges: DrawnEdge[];
  /** Shown while something is dragged. */
  guides: readonly Guide[];
}

/** Where a drag has left the things it moved, by their own ids. */
export interface Dropped {
  nodes: (readonly [string, XY])[];
  notes: (readonly [string, XY])[];
}

export interface DrawingStore {
  store: StoreApi<Drawing>;
  onNodesChange: (changes: NodeChange<Drawn>[]) => void;
  onEdgesChange: (changes: EdgeChange<DrawnEdge>[]) => void;
  /** Ends a drag of these drawn things: where they, and all that went along with them, lie now. */
  drop: (ids: readonly string[]) => Dropped;
  /** Shows with whom the first of these lies level, now that a key has moved them, until a moment after it is let go. */
  showGuides: (ids: readonly string[]) => void;
  start: () => () => void;
}

const NO_GUIDES: readonly Guide[] = [];
/** Less than half a grid step, so that lining up never fights the grid. */
const NEAR = 8;
const GUIDES_MS = 900;

/**
 * Between the document and React Flow. Where a node is while it is being dragged is known only here; the document hears
 * of it when it is dropped. Selection belongs to the editor, and React Flow is told it.
 */
export function createDrawing(editor: EditorStore, catalogue: Catalogue): DrawingStore {
  const nothing: Drawing = { nodes: [], edges: [], guides: NO_GUIDES };
  const store = createStore<Drawing>(() => draw(nothing, editor.getState(), catalogue));
  const now = () => documentOf(editor.getState());
  let fading: ReturnType<typeof setTimeout> | undefined;
  return {
    store,
    onNodesChange: (changes) => {
      const moved = changes.filter((change) => change.type === "position");
      const sized = changes.filter((change) => change.type === "dimensions");
      if (moved.length + sized.length > 0)
        store.setState((drawing) => {
          // While a note is stretched its corner goes where the hand goes.
          const { changes: placed, guides } =
            sized.length > 0 ? { changes: moved, guides: NO_GUIDES } : linedUp(moved, drawing.nodes, now());
          return { nodes: applyNodeChanges<Drawn>([...placed, ...sized], drawing.nodes), guides };
        });
      selectBy(editor, changes);
    },
    onEdgesChange: (changes) => selectEdges(editor, changes),
    drop: (ids) => {
      const drawn = new Map(store.getState().nodes.map((node) => [node.id, node.position]));
      const origins = new Map(
        draw(nothing, editor.getState(), catalogue).nodes.map((node) => [node.id, node.position]),
      );
      store.setState({ guides: NO_GUIDES });
      return droppedAt(now(), ids, (id) => by(origins.get(id), drawn.get(id)));
    },
    showGuides: (ids) => {
      const { nodes } = store.getState();
      const going = new Set(ids.flatMap((id) => [id, ...carriedBy(now(), id)]));
      const lead = nodes.find((node) => going.has(node.id));
      const staying = nodes.filter((node) => !going.has(node.id)).map(boxOf);
      store.setState({ guides: lead ? guidesAt(boxOf(lead), staying) : NO_GUIDES });
      clearTimeout(fading);
      const fade = () => (fading = setTimeout(() => store.setState({ guides: NO_GUIDES }), GUIDES_MS));
      addEventListener("keyup", fade, { once: true });
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
  const known = new Map(before.nodes.map((node) => [node.id, node]));
  const { nodes, edges } = drawAll(documentOf(state), catalogue, state.selection, known);
  return { nodes, edges: sameItems(edges, before.edges) ? before.edges : edges, guides: before.guides };
}

/** Whoever chooses a node changes no edge: React Flow then has none to look through. */
const sameItems = (some: readonly unknown[], others: readonly unknown[]) =>
  some.length === others.length && some.every((item, place) => item === others[place]);

/** What moves with a frame: all that lies in it. */
function carriedBy(document: Document, id: string): ReadonlySet<string> {
  const group = document.groups.find((candidate) => groupKey(candidate.id) === id);
  if (group) return withInside(document, group.nodes);
  const inside = withInside(document, [id]);
  inside.delete(id);
  return inside;
}

function by(from: XY | undefined, to: XY | undefined): XY {
  return from && to ? { x: to.x - from.x, y: to.y - from.y } : { x: 0, y: 0 };
}

function droppedAt(document: Document, ids: readonly string[], moveOf: (id: string) => XY): Dropped {
  const index = nodeIndex(document.nodes);
  const moves = new Map<string, XY>();
  for (const id of ids) {
    const step = moveOf(id);
    if (step.x === 0 && step.y === 0) continue;
    for (const each of carriedBy(document, id)) moves.set(each, step);
    moves.set(id, step);
  }
  const shifted = (position: XY | null | undefined, step: XY): XY => ({
    x: (position?.x ?? 0) + step.x,
    y: (position?.y ?? 0) + step.y,
  });
  return {
    nodes: [...moves].flatMap(([id, step]) => {
      const node = index.get(id);
      return node ? [[id, shifted(node.position, step)] as const] : [];
    }),
    notes: document.notes.flatMap((note) => {
      const step = moves.get(noteKey(note.id));
      return step ? [[note.id, shifted(note.position, step)] as const] : [];
    }),
  };
}

/** What is dragged together is lined up by its first part with all that stay where they are. */
function linedUp(
  moved: NodePositionChange[],
  nodes: readonly Drawn[],
  document: Document,
): { changes: NodePositionChange[]; guides: readonly Guide[] } {
  const first = moved.find((change) => change.dragging && change.position);
  const lead = first && nodes.find((node) => node.id === first.id);
  // At the end React Flow tells once more where the pointer was; what lies lined up already stays so.
  if (!first?.position || !lead)
    return { changes: moved.map((change) => ({ ...change, position: undefined })), guides: NO_GUIDES };
  const going = new Set(moved.flatMap(({ id }) => [id, ...carriedBy(document, id)]));
  const staying = nodes.filter((node) => !going.has(node.id)).map(boxOf);
  const { by: step, guides } = align({ ...boxOf(lead), ...first.position }, staying, NEAR);
  const target = { x: first.position.x + step.x, y: first.position.y + step.y };
  const whole = by(lead.position, target);
  const led = new Set(moved.map((change) => change.id));
  const changes = nodes.flatMap((node): NodePositionChange[] => {
    if (!going.has(node.id)) return [];
    const change = moved.find((candidate) => candidate.id === node.id);
    const position = { x: node.position.x + whole.x, y: node.position.y + whole.y };
    return [led.has(node.id) ? { ...change!, position } : { type: "position", id: node.id, position }];
  });
  return { changes, guides };
}

const boxOf = (node: Drawn) => ({ ...node.position, width: node.width ?? 0, height: node.height ?? 0 });

/** A group is not selected itself: its nodes are. */
function selectBy(editor: EditorStore, changes: readonly NodeChange<Drawn>[]) {
  const chosen = changes.filter((change) => change.type === "select");
  if (chosen.length === 0) return;
  const { selection, select } = editor.getState();
  const document = documentOf(editor.getState());
  const noteIds = new Map(document.notes.map((note) => [noteKey(note.id), note.id]));
  const members = new Map(document.groups.map((group) => [groupKey(group.id), group.nodes]));
  const nodes = new Set(selection.nodes);
  const notes = new Set(selection.notes);
  for (const { id, selected } of chosen) {
    const note = noteIds.get(id);
    const set = note === undefined ? nodes : notes;
    for (const each of note !== undefined ? [note] : (members.get(id) ?? [id]))
      if (selected) set.add(each);
      else set.delete(each);
  }
  select(nodes, selection.edges, notes);
}

function selectEdges(editor: EditorStore, changes: readonly EdgeChange<DrawnEdge>[]) {
  const chosen = changes.filter((change) => change.type === "select");
  if (chosen.length === 0) return;
  const { selection, select } = editor.getState();
  const edges = new Set(selection.edges);
  for (const { id, selected } of chosen)
    if (selected) edges.add(id);
    else edges.delete(id);
  select(selection.nodes, edges, selection.notes);
}
