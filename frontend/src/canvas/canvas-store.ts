import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";

import { type Catalogue, EMPTY_CATALOGUE, type NodeGroup, type NodeStates, type StickyNote } from "./graph";

/** Which ends a connection under way may be dropped on. */
export interface LegalEnds {
  end: "source" | "target";
  ids: ReadonlySet<string>;
}

/** What differs here from another drawing, by node and edge id. */
export interface Marks {
  nodes: Readonly<Record<string, "added" | "removed" | "changed" | "moved">>;
  edges: Readonly<Record<string, "added" | "removed">>;
}

/**
 * What is shown on the drawing but is not the drawing: run states and problems by node id, and what is under the
 * pointer. Node and edge components subscribe to their own line of it and to nothing else.
 */
export interface CanvasState {
  catalogue: Catalogue;
  states: NodeStates;
  /** The states of another run that is laid beside this one, and the nodes at which the two differ. */
  others?: NodeStates;
  differing?: ReadonlySet<string>;
  /** How many items a node handed on in the run that is shown, by node id. */
  counts: Readonly<Record<string, number>>;
  problems: Readonly<Record<string, number>>;
  /** Nodes whose output is pinned. */
  pinned: ReadonlySet<string>;
  /** Why a node's last output no longer follows from the drawing. */
  stale: Readonly<Record<string, string>>;
  marks: Marks;
  legal: LegalEnds | null;
  hoveredEdge: string | null;
  /** The node whose label is a field at the moment. */
  renaming: string | null;
  /** The note that is being written. */
  writing: string | null;
  /** The container that what is being dragged would be dropped into. */
  dropInto: string | null;
  /** Absent where the drawing can only be looked at. */
  onInsert?: (edgeId: string, anchor: DOMRect) => void;
  onExit?: (nodeId: string, handle: string, anchor: DOMRect) => void;
  /** `null`: the label stays as it was. */
  onRename?: (nodeId: string, label: string | null) => void;
  /** Of a container or a group, as they are drawn. */
  onFold?: (id: string) => void;
  onWrite?: (noteId: string | null) => void;
  onNote?: (noteId: string, patch: Partial<StickyNote>) => void;
  onGroup?: (groupId: string, patch: Partial<NodeGroup>) => void;
}

export type CanvasStore = StoreApi<CanvasState>;

export function createCanvasStore(initial: Partial<CanvasState> = {}): CanvasStore {
  return createStore<CanvasState>(() => ({
    catalogue: EMPTY_CATALOGUE,
    states: {},
    counts: {},
    problems: {},
    marks: { nodes: {}, edges: {} },
    pinned: new Set(),
    stale: {},
    legal: null,
    hoveredEdge: null,
    renaming: null,
    writing: null,
    dropInto: null,
    ...initial,
  }));
}

export const CanvasContext = createContext<CanvasStore | null>(null);

export function useCanvas<T>(select: (state: CanvasState) => T): T {
  const store = useContext(CanvasContext);
  if (!store) throw new Error("Drawn outside a canvas");
  return useStore(store, select);
}
