import type { FlowNode, Graph } from "./types";
import { edgesFrom, edgesInto, nodeIndex, readingOrder } from "./walk";

export type Direction = "left" | "right" | "up" | "down";

/**
 * Where the keyboard goes from a node: right and left follow the edges, up and down go to the nearest node in that
 * direction. Where no edge leads, the nearest node lying that way is taken, so that islands can be reached.
 */
export function neighbour(graph: Graph, from: string | null, direction: Direction): string | null {
  const index = nodeIndex(graph.nodes);
  const node = from === null ? undefined : index.get(from);
  if (!node) return readingOrder(graph)[0]?.id ?? null;
  if (direction === "right" || direction === "left") {
    const linked =
      direction === "right"
        ? edgesFrom(graph, node.id).map((edge) => edge.target)
        : edgesInto(graph, node.id).map((edge) => edge.source);
    const best = topmost(linked.flatMap((id) => index.get(id) ?? []));
    if (best) return best.id;
  }
  return nearest(graph.nodes, node, direction)?.id ?? null;
}

function topmost(nodes: FlowNode[]): FlowNode | undefined {
  return nodes.sort((a, b) => (a.position?.y ?? 0) - (b.position?.y ?? 0))[0];
}

function nearest(nodes: readonly FlowNode[], from: FlowNode, direction: Direction): FlowNode | undefined {
  const origin = from.position ?? { x: 0, y: 0 };
  const sideways = direction === "left" || direction === "right";
  const sign = direction === "right" || direction === "down" ? 1 : -1;
  let best: FlowNode | undefined;
  let bestCost = Infinity;
  for (const node of nodes) {
    if (node === from || !node.position) continue;
    const dx = node.position.x - origin.x;
    const dy = node.position.y - origin.y;
    const ahead = sign * (sideways ? dx : dy);
    if (ahead <= 0) continue;
    // Straying sideways costs double, so that "down" does not jump across the drawing.
    const cost = ahead + 2 * Math.abs(sideways ? dy : dx);
    if (cost < bestCost) {
      best = node;
      bestCost = cost;
    }
  }
  return best;
}
