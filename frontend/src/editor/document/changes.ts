import type { FlowEdge, FlowNode, Graph, XY } from "@/canvas/graph";

/** What the editor edits: the graph and the words on its cover. */
export interface Document extends Graph {
  name: string;
  description: string;
}

/** Keys to set; `undefined` takes the key away. */
export type Patch = Readonly<Record<string, unknown>>;

/** Everything that can happen to a document. Undo, autosave and whatever comes hang on this one vocabulary. */
export type Change =
  | { type: "node.add"; node: FlowNode; index?: number }
  | { type: "node.remove"; id: string }
  | { type: "node.move"; id: string; position: XY }
  | { type: "node.set"; id: string; patch: Patch }
  | { type: "edge.add"; edge: FlowEdge; index?: number }
  | { type: "edge.remove"; id: string }
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
