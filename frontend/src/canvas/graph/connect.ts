import type { Catalogue } from "./catalogue";
import { exitOf, exitsOf } from "./handles";
import type { FlowNode, Graph } from "./types";
import { edgesFrom, nodeIndex, reach } from "./walk";

export interface Link {
  source: string;
  sourceHandle: string;
  target: string;
}

/** Why a link may not be drawn, in words for the person drawing it; `null` when it may. */
export function refusal(graph: Graph, catalogue: Catalogue, link: Link, replacing?: string): string | null {
  const index = nodeIndex(graph.nodes);
  const source = index.get(link.source);
  const target = index.get(link.target);
  if (!source || !target) return "One end of this connection is gone.";
  if (source === target) return "A node cannot feed itself.";
  if (catalogue.isTrigger(target)) return "Nothing can lead into a trigger: it starts the workflow.";
  if ((source.parentId ?? null) !== (target.parentId ?? null))
    return `“${catalogue.label(source)}” and “${catalogue.label(target)}” do not lie in the same container: join the container itself.`;
  const kind = catalogue.of(source);
  if (kind && !exitsOf(source, kind).includes(link.sourceHandle))
    return `“${catalogue.label(source)}” has no exit “${link.sourceHandle}”.`;
  const same = edgesFrom(graph, link.source).some(
    (edge) => edge.id !== replacing && edge.target === link.target && exitOf(edge) === link.sourceHandle,
  );
  if (same) return "These two are already connected.";
  if (reach(withoutEdge(graph, replacing), link.target, "down").has(link.source))
    return `This would go round in a circle: “${catalogue.label(target)}” already leads to “${catalogue.label(source)}”.`;
  return null;
}

function withoutEdge(graph: Graph, id: string | undefined): Graph {
  return id === undefined ? graph : { ...graph, edges: graph.edges.filter((edge) => edge.id !== id) };
}

/** Every node that a link from this exit may end at: worked out once when a drag starts, not once per hover. */
export function legalTargets(graph: Graph, catalogue: Catalogue, source: string, handle: string): FlowNode[] {
  const parent = nodeIndex(graph.nodes).get(source)?.parentId ?? null;
  const above = reach(graph, source, "up");
  const taken = new Set(
    edgesFrom(graph, source)
      .filter((edge) => exitOf(edge) === handle)
      .map((edge) => edge.target),
  );
  return graph.nodes.filter(
    (node) =>
      node.id !== source &&
      (node.parentId ?? null) === parent &&
      !above.has(node.id) &&
      !taken.has(node.id) &&
      !catalogue.isTrigger(node),
  );
}

/** The same, seen from a target handle: every node a link into `target` may come from. */
export function legalSources(graph: Graph, catalogue: Catalogue, target: string): FlowNode[] {
  const node = nodeIndex(graph.nodes).get(target);
  if (!node || catalogue.isTrigger(node)) return [];
  const below = reach(graph, target, "down");
  return graph.nodes.filter(
    (other) =>
      other.id !== target &&
      (other.parentId ?? null) === (node.parentId ?? null) &&
      !below.has(other.id) &&
      exitsOf(other, catalogue.of(other)).length > 0,
  );
}
