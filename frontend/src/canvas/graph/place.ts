import type { FlowNode, Graph, XY } from "./types";
import { edgesInto, nodeIndex, reach, readingOrder } from "./walk";

/** All measures of the canvas are multiples of the grid, so that what snaps also lines up. */
export const GRID = 20;
export const NODE_WIDTH = 220;
export const NODE_HEIGHT = 60;
const GAP_X = 80;
const GAP_Y = 40;
export const STEP_X = NODE_WIDTH + GAP_X;
export const STEP_Y = NODE_HEIGHT + GAP_Y;

export function snap(point: XY): XY {
  return { x: Math.round(point.x / GRID) * GRID, y: Math.round(point.y / GRID) * GRID };
}

function overlaps(a: XY, b: XY): boolean {
  return Math.abs(a.x - b.x) < NODE_WIDTH + GRID && Math.abs(a.y - b.y) < NODE_HEIGHT + GRID;
}

/** The wished place, or the nearest free one straight below it. */
export function freePlace(nodes: readonly FlowNode[], wish: XY): XY {
  let at = snap(wish);
  const taken = nodes.flatMap((node) => (node.position ? [node.position] : []));
  while (taken.some((other) => overlaps(other, at))) at = { x: at.x, y: at.y + GRID };
  return at;
}

export function placeAfter(graph: Graph, sourceId: string): XY {
  const source = nodeIndex(graph.nodes).get(sourceId)?.position ?? { x: 0, y: 0 };
  return freePlace(graph.nodes, { x: source.x + STEP_X, y: source.y });
}

/** How far everything below an edge must move right so that a node fits between its ends; 0 when there is room. */
export function roomNeeded(source: XY, target: XY): number {
  return Math.max(0, Math.ceil((source.x + 2 * STEP_X - target.x) / GRID) * GRID);
}

export function downstreamWith(graph: Graph, id: string): Set<string> {
  return reach(graph, id, "down").add(id);
}

/** Gives a place to every node that has none: one column per step from the start, in reading order. */
export function placeMissing<T extends Graph>(graph: T): T {
  if (graph.nodes.every((node) => node.position)) return graph;
  const column = new Map<string, number>();
  const rows = new Map<number, number>();
  const places = new Map<string, XY>();
  const anyPlaced = graph.nodes.some((node) => node.position);
  const below = anyPlaced ? Math.max(...graph.nodes.map((node) => node.position?.y ?? 0)) + 2 * STEP_Y : 0;
  for (const node of readingOrder(graph)) {
    const before = edgesInto(graph, node.id).map((edge) => column.get(edge.source) ?? -1);
    const at = Math.max(-1, ...before) + 1;
    column.set(node.id, at);
    if (node.position) continue;
    const row = rows.get(at) ?? 0;
    rows.set(at, row + 1);
    places.set(node.id, { x: at * STEP_X, y: below + row * STEP_Y });
  }
  return {
    ...graph,
    nodes: graph.nodes.map((node) =>
      node.position ? node : { ...node, position: places.get(node.id) ?? { x: 0, y: 0 } },
    ),
  };
}
