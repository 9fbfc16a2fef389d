import { createStore, type StoreApi } from "zustand";

import type { ProblemField } from "@/api";
import { nodeIndex, type XY } from "@/canvas/graph";

import {
  commit,
  type Document,
  type Edit,
  type History,
  redo,
  settle,
  type Spot,
  startHistory,
  undo,
} from "./document";

export interface Selection {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
  notes: ReadonlySet<string>;
}

/** What a menu was opened on. */
export type MenuPlace = "node" | "edge" | "canvas";

/** The one thing that may lie over the canvas at a time, and where. */
export type Overlay =
  | { type: "add"; spot: Spot; at: XY }
  | { type: "connect"; source: string; at: XY }
  | { type: "find"; at: XY }
  | { type: "menu"; on: MenuPlace; at: XY }
  | { type: "keys" }
  | { type: "settings" };

export interface EditorState {
  history: History;
  selection: Selection;
  overlay: Overlay | null;
  problems: readonly ProblemField[];
  /** The run whose course is on the canvas. */
  runId: string | null;
  drawerOpen: boolean;
  /** By container, the pass that values inside are shown of and parts run in; the first where nothing is said. */
  passes: Readonly<Record<string, number>>;
  /** The inspector lies across the whole width, with input and output beside the parameters. */
  inspectorLarge: boolean;

  edit: (edit: Edit, select?: Iterable<string>) => void;
  undo: () => void;
  redo: () => void;
  /** The same document with others' changes in it; what was done here can still be undone. */
  replace: (document: Document) => void;
  /** Another document altogether: nothing of the old one can be undone into it. */
  load: (document: Document) => void;
  select: (nodes: Iterable<string>, edges?: Iterable<string>, notes?: Iterable<string>) => void;
  open: (overlay: Overlay) => void;
  close: () => void;
}

export type EditorStore = StoreApi<EditorState>;

const NOTHING: Selection = { nodes: new Set(), edges: new Set(), notes: new Set() };

export function createEditorStore(document: Document): EditorStore {
  return createStore<EditorState>((set) => {
    const step = (move: (history: History) => History) =>
      set((state) => {
        const history = move(state.history);
        return history === state.history
          ? state
          : { history, selection: remaining(state.selection, history.document) };
      });
    return {
      history: startHistory(document),
      selection: NOTHING,
      overlay: null,
      problems: [],
      runId: null,
      drawerOpen: false,
      passes: {},
      inspectorLarge: false,
      edit: (edit, select) =>
        set((state) => {
          const history = commit(state.history, settle(documentOf(state), edit));
          const selection = select ? { ...NOTHING, nodes: new Set(select) } : state.selection;
          return { history, selection: remaining(selection, history.document) };
        }),
      undo: () => step(undo),
      redo: () => step(redo),
      replace: (document) =>
        set((state) => ({
          history: { ...state.history, document },
          selection: remaining(state.selection, document),
        })),
      load: (document) => set({ history: startHistory(document), selection: NOTHING, overlay: null }),
      select: (nodes, edges = [], notes = []) =>
        set({ selection: { nodes: new Set(nodes), edges: new Set(edges), notes: new Set(notes) } }),
      open: (overlay) => set({ overlay }),
      close: () => set({ overlay: null }),
    };
  });
}

/** What is no longer there cannot stay selected; the same object comes back when nothing went. */
function remaining(selection: Selection, document: Document): Selection {
  const index = nodeIndex(document.nodes);
  const gone = [...selection.nodes].some((id) => !index.has(id));
  const edges = selection.edges.size > 0 ? new Set(document.edges.map((edge) => edge.id)) : null;
  const goneEdges = edges !== null && [...selection.edges].some((id) => !edges.has(id));
  const notes = new Set(document.notes.map((note) => note.id));
  const goneNotes = [...selection.notes].some((id) => !notes.has(id));
  if (!gone && !goneEdges && !goneNotes) return selection;
  return {
    notes: new Set([...selection.notes].filter((id) => notes.has(id))),
    nodes: new Set([...selection.nodes].filter((id) => index.has(id))),
    edges: new Set([...selection.edges].filter((id) => edges?.has(id))),
  };
}

export const documentOf = (state: EditorState) => state.history.document;

export function onlyNode(state: EditorState): string | null {
  const [id] = state.selection.nodes;
  const { nodes, edges, notes } = state.selection;
  return nodes.size === 1 && edges.size + notes.size === 0 ? id! : null;
}
