import type { Catalogue } from "./catalogue";
import type { FlowNode, Graph } from "./types";
import { reach } from "./walk";

/**
 * The nodes that no trigger leads to, and that hence never run. Without any trigger a graph starts at its sources, and
 * what lies in a container begins with that.
 */
export function unreachable(graph: Graph, catalogue: Catalogue): FlowNode[] {
  const triggers = graph.nodes.filter((node) => catalogue.isTrigger(node));
  if (triggers.length === 0) return [];
  const reached = new Set(triggers.flatMap(({ id }) => [id, ...reach(graph, id, "down")]));
  return graph.nodes.filter((node) => !node.parentId && !reached.has(node.id));
}
