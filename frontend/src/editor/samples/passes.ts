import type { Place } from "@/api";
import { containersAround, nodeIndex } from "@/canvas/graph";

import type { Document } from "../document";

/** Where a node stands in the chosen passes; null outside containers, and in the first passes of all. */
export function placeOf(
  document: Document,
  id: string,
  passes: Readonly<Record<string, number>>,
): Place | null {
  const node = nodeIndex(document.nodes).get(id);
  const path = node ? containersAround(document, node).map((container) => passes[container] ?? 0) : [];
  return path.some((number) => number > 0) ? { node_id: id, iteration: path.join(".") } : null;
}
