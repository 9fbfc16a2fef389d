import type { FlowEdge, FlowNode, Graph, NodeGroup, StickyNote, XY } from "@/canvas/graph";

/** What the editor edits: the graph, what is drawn around it, and the words on its cover. */
export interface Document extends Graph {
  name: string;
  description: string;
  notes: readonly StickyNote[];
  groups: readonly NodeGroup[];
}

/** Keys to set; `undefined` takes the key away. */
export type Patch = Readonly<Record<string, unknown>>;

/** Everything that can happen to a document. Undo, autosave and whatever comes hang on this one vocabulary. */
export type Change =
  | { type: "node.add"; node: FlowNode; index?: number }
  | { type: "node.remove"; id: string }
  | { type: "node.move"; id: string; position: XY }
  | { type: "node.set"; id: string; patch: Patch }
  /** Which container it lies in, and whether it is folded. */
  | { type: "node.frame"; id: string; patch: { parentId?: string | null; collapsed?: boolean } }
  | { type: "edge.add"; edge: FlowEdge; index?: number }
  | { type: "edge.remove"; id: string }
  /** Adds it, or replaces the one of that id. */
  | { type: "note.put"; note: StickyNote }
  | { type: "note.remove"; id: string }
  | { type: "group.put"; group: NodeGroup }
  | { type: "group.remove"; id: string }
  | { type: "cover.set"; patch: Partial<Pick<Document, "name" | "description">> };

export interface Applied {
  document: Document;
  /** The changes that lead back, in the order to apply them. */
  inverse: Change[];
}

export function applyChanges(document: Document, changes: readonly Change[]): Applied {
  const inverse: Change[] = [];
  let current = document;
  for (const change of changes) {
    const step = applyOne(current, change);
    if (!step) continue;
    current = step.document;
    inverse.unshift(step.back);
  }
  return { document: current, inverse };
}

interface Step {
  document: Document;
  back: Change;
}

/** A change that means nothing here (its node is gone) is left out, so that late changes do no harm. */
function applyOne(document: Document, change: Change): Step | null {
  switch (change.type) {
    case "node.add":
      return {
        document: { ...document, nodes: inserted(document.nodes, change.node, change.index) },
        back: { type: "node.remove", id: change.node.id },
      };
    case "node.remove":
      return removeNode(document, change.id);
    case "node.move":
      return replaceNode(document, change.id, (node) => ({
        next: { ...node, position: change.position },
        back: { type: "node.move", id: node.id, position: node.position ?? { x: 0, y: 0 } },
      }));
    case "node.set":
      return replaceNode(document, change.id, (node) => ({
        next: { ...node, data: patched(node.data, change.patch) },
        back: { type: "node.set", id: node.id, patch: reversed(node.data, change.patch) },
      }));
    case "node.frame":
      return replaceNode(document, change.id, (node) => ({
        next: patched(node, change.patch),
        back: { type: "node.frame", id: node.id, patch: reversed(node, change.patch) },
      }));
    case "note.put":
      return put(document, "notes", change.note, (note) => ({ type: "note.put", note }), "note.remove");
    case "note.remove":
      return without(document, "notes", change.id, (note) => ({ type: "note.put", note }));
    case "group.put":
      return put(document, "groups", change.group, (group) => ({ type: "group.put", group }), "group.remove");
    case "group.remove":
      return without(document, "groups", change.id, (group) => ({ type: "group.put", group }));
    case "edge.add":
      return {
        document: { ...document, edges: inserted(document.edges, change.edge, change.index) },
        back: { type: "edge.remove", id: change.edge.id },
      };
    case "edge.remove":
      return removeEdge(document, change.id);
    case "cover.set":
      return {
        document: { ...document, ...change.patch },
        back: { type: "cover.set", patch: reversed(document, change.patch) },
      };
  }
}

function removeNode(document: Document, id: string): Step | null {
  const index = document.nodes.findIndex((node) => node.id === id);
  const node = document.nodes[index];
  if (!node) return null;
  return {
    document: { ...document, nodes: document.nodes.toSpliced(index, 1) },
    back: { type: "node.add", node, index },
  };
}

function removeEdge(document: Document, id: string): Step | null {
  const index = document.edges.findIndex((edge) => edge.id === id);
  const edge = document.edges[index];
  if (!edge) return null;
  return {
    document: { ...document, edges: document.edges.toSpliced(index, 1) },
    back: { type: "edge.add", edge, index },
  };
}

function replaceNode(
  document: Document,
  id: string,
  make: (node: FlowNode) => { next: FlowNode; back: Change },
): Step | null {
  const index = document.nodes.findIndex((node) => node.id === id);
  const node = document.nodes[index];
  if (!node) return null;
  const { next, back } = make(node);
  return { document: { ...document, nodes: document.nodes.with(index, next) }, back };
}

type Annotations = Pick<Document, "notes" | "groups">;

function put<Part extends keyof Annotations>(
  document: Document,
  part: Part,
  item: Annotations[Part][number],
  again: (item: Annotations[Part][number]) => Change,
  remove: "note.remove" | "group.remove",
): Step {
  const list: readonly Annotations[Part][number][] = document[part];
  const index = list.findIndex((other) => other.id === item.id);
  return {
    document: { ...document, [part]: index < 0 ? [...list, item] : list.with(index, item) },
    back: index < 0 ? { type: remove, id: item.id } : again(list[index]!),
  };
}

function without<Part extends keyof Annotations>(
  document: Document,
  part: Part,
  id: string,
  again: (item: Annotations[Part][number]) => Change,
): Step | null {
  const list: readonly Annotations[Part][number][] = document[part];
  const found = list.find((item) => item.id === id);
  if (!found) return null;
  return {
    document: { ...document, [part]: list.filter((item) => item !== found) },
    back: again(found),
  };
}

function inserted<T>(list: readonly T[], item: T, index = list.length): T[] {
  return list.toSpliced(index, 0, item);
}

function patched<T extends object>(target: T, patch: Patch): T {
  const next = { ...target, ...patch };
  for (const [key, value] of Object.entries(patch))
    if (value === undefined) delete (next as Record<string, unknown>)[key];
  return next;
}

function reversed(target: object, patch: Patch): Patch {
  const before = target as Record<string, unknown>;
  return Object.fromEntries(Object.keys(patch).map((key) => [key, before[key]]));
}
