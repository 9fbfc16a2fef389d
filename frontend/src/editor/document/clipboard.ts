import { type FlowEdge, type FlowNode, GRID, type Graph, snap, type XY } from "@/canvas/graph";

import type { Change, Document } from "./changes";
import type { Edit } from "./history";
import { makeEdgeId, makeNodeId } from "./ids";

/** What the clipboard holds: plain JSON that another workflow, another browser or a text file can take. */
interface Clipping {
  penstock: "graph";
  nodes: FlowNode[];
  edges: FlowEdge[];
}

export function copyText(graph: Graph, ids: ReadonlySet<string>): string {
  const clipping: Clipping = {
    penstock: "graph",
    nodes: graph.nodes.filter((node) => ids.has(node.id)),
    edges: graph.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
  };
  return JSON.stringify(clipping, null, 2);
}

/** Reads a clipping, or a whole workflow as the API writes it; anything else is not ours and gives `null`. */
export function readClipping(text: string): Graph | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || !Array.isArray(value.nodes)) return null;
  const nodes = value.nodes.filter(isNode);
  const edges = Array.isArray(value.edges) ? value.edges.filter(isEdge) : [];
  return nodes.length > 0 ? { nodes, edges } : null;
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
}

/** New ids throughout; the group keeps its shape with its top left corner at `at`, or a step beside where it was. */
export function paste(document: Document, clipping: Graph, at?: XY): Paste {
  const taken = new Set(document.nodes.map((node) => node.id));
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
  return { label: "Paste", changes, ids: [...renamed.values()] };
}

function shiftTo(clipping: Graph, at: XY | undefined): XY {
  if (!at) return { x: 2 * GRID, y: 2 * GRID };
  const left = Math.min(...clipping.nodes.map((node) => node.position?.x ?? 0));
  const top = Math.min(...clipping.nodes.map((node) => node.position?.y ?? 0));
  return { x: at.x - left, y: at.y - top };
}
