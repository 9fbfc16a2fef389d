import type { Differences, WorkflowEdge } from "@/api";
import type { Drawable, Marks } from "@/canvas";

/** The later drawing, and in it what the earlier one had and it has no more; each with its mark. */
export function union(
  after: Drawable,
  before: Drawable | undefined,
  found: Differences | undefined,
): { drawing: Drawable; marks: Marks } {
  if (!before || !found) return { drawing: after, marks: { nodes: {}, edges: {} } };
  const marks: Marks = {
    nodes: Object.fromEntries(found.nodes.map(({ id, change }) => [id, change])),
    edges: {},
  };
  const gone = new Set(found.nodes.filter((node) => node.change === "removed").map((node) => node.id));
  const taken = new Set(after.edges.map((edge) => edge.id));
  const edges: WorkflowEdge[] = [...after.edges];
  for (const { id, change } of found.edges) {
    if (change === "added") {
      (marks.edges as Record<string, string>)[id] = "added";
      continue;
    }
    const edge = before.edges.find((candidate) => candidate.id === id);
    if (!edge) continue;
    const own = taken.has(id) ? `${id} (before)` : id;
    edges.push({ ...edge, id: own });
    (marks.edges as Record<string, string>)[own] = "removed";
  }
  const removed = before.nodes.filter((node) => gone.has(node.id));
  return { drawing: { ...after, nodes: [...after.nodes, ...removed], edges }, marks };
}
