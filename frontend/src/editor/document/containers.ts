import {
  type Catalogue,
  childrenOf,
  cornerFor,
  depthOf,
  edgesFrom,
  edgesInto,
  nodeIndex,
  withInside,
} from "@/canvas/graph";

import { applyChanges, type Change, type Document } from "./changes";
import { healed } from "./edits";
import type { Edit } from "./history";

/** The further changes by which each container grows so that nothing in it sticks out at the top or the left. */
export function settle(document: Document, edit: Edit): Edit {
  const after = applyChanges(document, edit.changes).document;
  if (!after.nodes.some((node) => node.parentId)) return edit;
  const containers = new Set(after.nodes.flatMap((node) => node.parentId ?? []));
  const grown: Change[] = [];
  let current = after;
  const deepestFirst = after.nodes
    .filter((node) => containers.has(node.id))
    .sort((a, b) => depthOf(after, b) - depthOf(after, a));
  for (const { id } of deepestFirst) {
    const position = nodeIndex(current.nodes).get(id)?.position ?? { x: 0, y: 0 };
    const inside = childrenOf(current, id).flatMap((child) => child.position ?? []);
    const corner = cornerFor(position, inside);
    if (corner.x === position.x && corner.y === position.y) continue;
    const change: Change = { type: "node.move", id, position: corner };
    grown.push(change);
    current = applyChanges(current, [change]).document;
  }
  return grown.length > 0 ? { ...edit, changes: [...edit.changes, ...grown] } : edit;
}

/** Takes nodes into a container, or out to where no container is; edges cannot cross its border and are cut. */
export function moveInto(
  document: Document,
  catalogue: Catalogue,
  ids: readonly string[],
  container: string | null,
): Change[] {
  const going = new Set(ids.filter((id) => nodeIndex(document.nodes).get(id)?.parentId !== container));
  const index = nodeIndex(document.nodes);
  const changes: Change[] = [];
  for (const id of going) {
    if ((index.get(id)?.parentId ?? null) === container) continue;
    const crossing = [...edgesInto(document, id), ...edgesFrom(document, id)].filter(
      (edge) => !(going.has(edge.source) && going.has(edge.target)),
    );
    changes.push(...crossing.map((edge): Change => ({ type: "edge.remove", id: edge.id })));
    changes.push({ type: "node.frame", id, patch: { parentId: container ?? undefined } });
    changes.push(...healed(document, catalogue, changes, id, going));
  }
  return changes;
}

export function fold(document: Document, id: string): Edit {
  const node = nodeIndex(document.nodes).get(id) as { collapsed?: boolean } | undefined;
  const collapsed = node?.collapsed ? undefined : true;
  return {
    label: collapsed ? "Fold" : "Unfold",
    changes: [{ type: "node.frame", id, patch: { collapsed } }],
  };
}

/** The nodes of these that lie in none of the others. */
export function outermost(document: Document, ids: readonly string[]): string[] {
  const index = nodeIndex(document.nodes);
  return ids.filter((id) => {
    const parent = index.get(id)?.parentId;
    return (
      !parent ||
      !withInside(
        document,
        ids.filter((other) => other !== id),
      ).has(parent)
    );
  });
}
