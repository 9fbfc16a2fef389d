import {
  type FlowEdge,
  type FlowNode,
  fromWire,
  GRID,
  type Graph,
  type NodeGroup,
  snap,
  type StickyNote,
  toWire,
  withInside,
  type XY,
} from "@/canvas/graph";

import { freeId } from "./annotations";
import type { Change, Document } from "./changes";
import type { Edit } from "./history";
import { makeEdgeId, makeNodeId } from "./ids";

/** What the clipboard holds: plain JSON that another workflow, another browser or a text file can take. */
interface Clipping extends Graph {
  notes: readonly StickyNote[];
  groups: readonly NodeGroup[];
}

/** These nodes with all that lies in them, the edges between them, these notes, and the groups that are whole. */
export function copyText(document: Document, ids: ReadonlySet<string>, noteIds: ReadonlySet<string>): string {
  const chosen = withInside(document, ids);
  const clipping: Clipping = {
    nodes: document.nodes
      .filter((node) => chosen.has(node.id))
      .map((node) => (node.parentId && !chosen.has(node.parentId) ? { ...node, parentId: undefined } : node)),
    edges: document.edges.filter((edge) => chosen.has(edge.source) && chosen.has(edge.target)),
    notes: document.notes.filter((note) => noteIds.has(note.id)),
    groups: document.groups.filter((group) => group.nodes.every((id) => chosen.has(id))),
  };
  return JSON.stringify({ penstock: "graph", ...toWire(clipping) }, null, 2);
}

/** Reads a clipping, or a whole workflow as the API writes it; anything else is not ours and gives `null`. */
export function readClipping(text: string): Clipping | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const clipping: Clipping = {
    nodes: listed(value.nodes).filter(isNode),
    edges: listed(value.edges).filter(isEdge),
    notes: listed(value.notes).filter(isNote),
    groups: listed(value.groups).filter(isGroup),
  };
  return clipping.nodes.length + clipping.notes.length > 0 ? fromWire(clipping) : null;
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function isNote(value: unknown): value is StickyNote {
  return (
    isRecord(value) &&
    typeof value.text === "string" &&
    typeof value.width === "number" &&
    typeof value.height === "number" &&
    isRecord(value.position)
  );
}

function isGroup(value: unknown): value is NodeGroup {
  return isRecord(value) && typeof value.title === "string" && Array.isArray(value.nodes);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNode(value: unknown): value is FlowNode {
  return (
    isRecord(value) &&
    typeof value.id === "string" &&
    isRecord(value.data) &&
    typeof value.data.componentId === "string"
  );
}

function isEdge(value: unknown): value is FlowEdge {
  return isRecord(value) && typeof value.source === "string" && typeof value.target === "string";
}

export interface Paste extends Edit {
  ids: string[];
  noteIds: string[];
}

/** New ids throughout; the group keeps its shape with its top left corner at `at`, or a step beside where it was. */
export function paste(document: Document, clipping: Clipping, at?: XY): Paste {
  const taken = new Set(document.nodes.map((node) => node.id));
  const takenNotes = [...document.notes];
  const takenGroups = [...document.groups];
  const takenEdges = new Set(document.edges.map((edge) => edge.id));
  const renamed = new Map<string, string>();
  const shift = shiftTo(clipping, at);
  const changes: Change[] = [];
  for (const node of clipping.nodes) {
    const id = makeNodeId(node.data.componentId, (candidate) => taken.has(candidate));
    taken.add(id);
    renamed.set(node.id, id);
    const position = node.position ?? { x: 0, y: 0 };
    const moved = snap({ x: position.x + shift.x, y: position.y + shift.y });
    changes.push({ type: "node.add", node: { ...structuredClone(node), id, position: moved } });
  }
  for (const node of clipping.nodes) {
    if (!node.parentId) continue;
    const patch = { parentId: renamed.get(node.parentId) };
    changes.push({ type: "node.frame", id: renamed.get(node.id)!, patch });
  }
  for (const edge of clipping.edges) {
    const source = renamed.get(edge.source);
    const target = renamed.get(edge.target);
    if (!source || !target) continue;
    const id = makeEdgeId(source, edge.sourceHandle ?? "out", target, (candidate) =>
      takenEdges.has(candidate),
    );
    takenEdges.add(id);
    changes.push({ type: "edge.add", edge: { ...structuredClone(edge), id, source, target } });
  }
  const noteIds = clipping.notes.map((note) => {
    const { x, y } = note.position;
    const made = {
      ...note,
      id: freeId("note", takenNotes),
      position: snap({ x: x + shift.x, y: y + shift.y }),
    };
    takenNotes.push(made);
    changes.push({ type: "note.put", note: made });
    return made.id;
  });
  for (const group of clipping.groups) {
    const nodes = group.nodes.flatMap((id) => renamed.get(id) ?? []);
    const made = { ...group, id: freeId("group", takenGroups), nodes };
    takenGroups.push(made);
    if (nodes.length > 0) changes.push({ type: "group.put", group: made });
  }
  return { label: "Paste", changes, ids: [...renamed.values()], noteIds };
}

function shiftTo(clipping: Clipping, at: XY | undefined): XY {
  if (!at) return { x: 2 * GRID, y: 2 * GRID };
  const corners = [...clipping.nodes, ...clipping.notes];
  const left = Math.min(...corners.map((each) => each.position?.x ?? 0));
  const top = Math.min(...corners.map((each) => each.position?.y ?? 0));
  return { x: at.x - left, y: at.y - top };
}
