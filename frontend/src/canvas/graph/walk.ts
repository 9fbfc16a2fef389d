import type { FlowEdge, FlowNode, Graph } from "./types";

/** Look-ups over one graph, made once per immutable nodes/edges array and shared by all who ask. */
const nodeIndexes = new WeakMap<readonly FlowNode[], Map<string, FlowNode>>();
const outIndexes = new WeakMap<readonly FlowEdge[], Map<string, FlowEdge[]>>();
const inIndexes = new WeakMap<readonly FlowEdge[], Map<string, FlowEdge[]>>();

export function nodeIndex(nodes: readonly FlowNode[]): ReadonlyMap<string, FlowNode> {
  let index = nodeIndexes.get(nodes);
  if (!index) {
    index = new Map(nodes.map((node) => [node.id, node]));
    nodeIndexes.set(nodes, index);
  }
  return index;
}

function grouped(
  cache: WeakMap<readonly FlowEdge[], Map<string, FlowEdge[]>>,
  edges: readonly FlowEdge[],
  end: "source" | "target",
): ReadonlyMap<string, FlowEdge[]> {
  let index = cache.get(edges);
  if (!index) {
    index = new Map();
    for (const edge of edges) {
      const list = index.get(edge[end]);
      if (list) list.push(edge);
      else index.set(edge[end], [edge]);
    }
    cache.set(edges, index);
  }
  return index;
}

const NONE: readonly FlowEdge[] = [];

export function edgesFrom(graph: Graph, id: string): readonly FlowEdge[] {
  return grouped(outIndexes, graph.edges, "source").get(id) ?? NONE;
}

export function edgesInto(graph: Graph, id: string): readonly FlowEdge[] {
  return grouped(inIndexes, graph.edges, "target").get(id) ?? NONE;
}

/** Everything that can be reached from `start` along the edges (or against them), without `start` itself. */
export function reach(graph: Graph, start: string, direction: "down" | "up"): Set<string> {
  const seen = new Set<string>();
  const queue = [start];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const next =
      direction === "down"
        ? edgesFrom(graph, at).map((e) => e.target)
        : edgesInto(graph, at).map((e) => e.source);
    for (const id of next) {
      if (seen.has(id)) continue;
      seen.add(id);
      queue.push(id);
    }
  }
  return seen;
}

/** Nodes in reading order: a node after all that lead to it; what is left of a cycle comes last. */
export function readingOrder(graph: Graph): FlowNode[] {
  const open = new Map(graph.nodes.map((node) => [node.id, edgesInto(graph, node.id).length]));
  const index = nodeIndex(graph.nodes);
  const ready = graph.nodes.filter((node) => open.get(node.id) === 0);
  const ordered: FlowNode[] = [];
  for (let i = 0; i < ready.length; i++) {
    const node = ready[i]!;
    ordered.push(node);
    for (const edge of edgesFrom(graph, node.id)) {
      const left = (open.get(edge.target) ?? 0) - 1;
      open.set(edge.target, left);
      const target = index.get(edge.target);
      if (left === 0 && target) ready.push(target);
    }
  }
  const done = new Set(ordered);
  return [...ordered, ...graph.nodes.filter((node) => !done.has(node))];
}
