import type { Box } from "./align";
import type { Catalogue } from "./catalogue";
import { heightFor } from "./geometry";
import { exitsOf } from "./handles";
import { NODE_HEIGHT, NODE_WIDTH } from "./place";
import type { FlowNode, Graph, NodeGroup, XY } from "./types";
import { nodeIndex } from "./walk";

/**
 * Frames hold nodes: those of containers, which are nodes themselves, and those of groups, which are only drawn. While
 * it is edited every position counts from the drawing's corner; on the wire a child's counts from its container's.
 */
export const FRAME_PAD = 40;
export const FRAME_HEAD = NODE_HEIGHT;
const EMPTY_FRAME = { width: 300, height: 180 };
const GROUP_HEAD = 40;
const GROUP_PAD = 20;

export const isFolded = (node: FlowNode) => (node as { collapsed?: unknown }).collapsed === true;

export function childrenOf(graph: Graph, id: string): FlowNode[] {
  return graph.nodes.filter((node) => node.parentId === id);
}

/** These nodes, and all that lies in those of them that are containers. */
export function withInside(graph: Graph, ids: Iterable<string>): Set<string> {
  const found = new Set(ids);
  if (!graph.nodes.some((node) => node.parentId)) return found;
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const node of graph.nodes) if (node.parentId && found.has(node.parentId)) found.add(node.id);
  }
  return found;
}

/** The containers around a node, outermost first. */
export function containersAround(graph: Graph, node: FlowNode): string[] {
  const index = nodeIndex(graph.nodes);
  const found: string[] = [];
  for (let at = node.parentId; at && !found.includes(at); at = index.get(at)?.parentId) found.unshift(at);
  return found;
}

/** How many containers lie around a node. */
export const depthOf = (graph: Graph, node: FlowNode) => containersAround(graph, node).length;

/** Where every node lies and how large it is; a container as large as what lies in it wants. */
export function nodeBoxes(graph: Graph, catalogue: Catalogue): ReadonlyMap<string, Box> {
  const boxes = new Map<string, Box>();
  const deepestFirst = graph.nodes.some((node) => node.parentId)
    ? graph.nodes.toSorted((a, b) => depthOf(graph, b) - depthOf(graph, a))
    : graph.nodes;
  for (const node of deepestFirst) {
    const position = node.position ?? { x: 0, y: 0 };
    const kind = catalogue.of(node);
    const height = heightFor(exitsOf(node, kind).length);
    if (!kind?.is_container || isFolded(node)) boxes.set(node.id, { ...position, width: NODE_WIDTH, height });
    else {
      const inside = childrenOf(graph, node.id).flatMap((child) => boxes.get(child.id) ?? []);
      boxes.set(node.id, frameAround(position, inside));
    }
  }
  return boxes;
}

function frameAround({ x, y }: XY, inside: readonly Box[]): Box {
  const right = Math.max(x + EMPTY_FRAME.width, ...inside.map((box) => box.x + box.width + FRAME_PAD));
  const bottom = Math.max(y + EMPTY_FRAME.height, ...inside.map((box) => box.y + box.height + FRAME_PAD));
  return { x, y, width: right - x, height: bottom - y };
}

/** Where the corner of a container must be so that nothing in it sticks out at the top or the left. */
export function cornerFor(position: XY, inside: readonly XY[]): XY {
  return {
    x: Math.min(position.x, ...inside.map((point) => point.x - FRAME_PAD)),
    y: Math.min(position.y, ...inside.map((point) => point.y - FRAME_HEAD - FRAME_PAD / 2)),
  };
}

export function groupBox(group: NodeGroup, boxes: ReadonlyMap<string, Box>): Box | null {
  const inside = group.nodes.flatMap((id) => boxes.get(id) ?? []);
  if (inside.length === 0) return null;
  const x = Math.min(...inside.map((box) => box.x)) - GROUP_PAD;
  const y = Math.min(...inside.map((box) => box.y)) - GROUP_HEAD;
  return {
    x,
    y,
    width: Math.max(...inside.map((box) => box.x + box.width)) + GROUP_PAD - x,
    height: Math.max(...inside.map((box) => box.y + box.height)) + GROUP_PAD - y,
  };
}

/** The innermost open container at a point, leaving out those in `but`. */
export function containerAt(
  graph: Graph,
  catalogue: Catalogue,
  point: XY,
  but: ReadonlySet<string> = new Set(),
): FlowNode | undefined {
  const candidates = graph.nodes.filter(
    (node) => catalogue.of(node)?.is_container && !isFolded(node) && !but.has(node.id),
  );
  if (candidates.length === 0) return undefined;
  const boxes = nodeBoxes(graph, catalogue);
  return candidates
    .filter((node) => {
      const box = boxes.get(node.id)!;
      const { x, y } = point;
      return x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height;
    })
    .sort((a, b) => depthOf(graph, b) - depthOf(graph, a))[0];
}

/** From the wire: every position from the drawing's corner. */
export function fromWire<T extends Graph>(graph: T): T {
  return shifted(graph, 1);
}

/** For the wire: a child's position from its container's, and containers before what lies in them. */
export function toWire<T extends Graph>(graph: T): T {
  if (!graph.nodes.some((node) => node.parentId)) return graph;
  return shifted({ ...graph, nodes: parentsFirst(graph) }, -1);
}

/** The order that there is, but for containers that would come after what lies in them. */
function parentsFirst(graph: Graph): FlowNode[] {
  const index = nodeIndex(graph.nodes);
  const ordered = new Set<FlowNode>();
  const add = (node: FlowNode, around: readonly FlowNode[] = []) => {
    const parent = node.parentId ? index.get(node.parentId) : undefined;
    if (parent && !around.includes(parent)) add(parent, [...around, node]);
    ordered.add(node);
  };
  for (const node of graph.nodes) add(node);
  return [...ordered];
}

function shifted<T extends Graph>(graph: T, sign: 1 | -1): T {
  if (!graph.nodes.some((node) => node.parentId)) return graph;
  const index = nodeIndex(graph.nodes);
  const corner = (id: string | null | undefined, hops = 0): XY => {
    const around = id ? index.get(id) : undefined;
    if (!around || hops > graph.nodes.length) return { x: 0, y: 0 };
    const own = around.position ?? { x: 0, y: 0 };
    // Positions that are absolute already hold the outer containers' corners in themselves.
    const outer = sign === 1 ? corner(around.parentId, hops + 1) : { x: 0, y: 0 };
    return { x: own.x + outer.x, y: own.y + outer.y };
  };
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      if (!node.parentId || !node.position) return node;
      const by = corner(node.parentId);
      return {
        ...node,
        position: { x: node.position.x + sign * by.x, y: node.position.y + sign * by.y },
      };
    }),
  };
}
