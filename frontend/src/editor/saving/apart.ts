import { type FlowNode, same } from "@/canvas/graph";

import { type Document, freeId, makeEdgeId, makeNodeId } from "../document";

/**
 * Two people who add a node of one kind at the same time give it the same id, and notes and groups likewise. They are
 * different things: mine get ids of their own, with all in my draft that goes by them. Mine itself when there are none.
 */
export function apart(base: Document, mine: Document, theirs: Document): Document {
  const nodes = newIds(base.nodes, mine.nodes, theirs.nodes, ({ data }, taken) =>
    makeNodeId(data.componentId, (id) => taken.some((node) => node.id === id)),
  );
  const notes = newIds(base.notes, mine.notes, theirs.notes, (_, taken) => freeId("note", taken));
  const groups = newIds(base.groups, mine.groups, theirs.groups, (_, taken) => freeId("group", taken));
  if (nodes.size + notes.size + groups.size === 0) return mine;
  const node = (id: string) => nodes.get(id) ?? id;
  return {
    ...mine,
    nodes: mine.nodes.map((each) => renamed(each, nodes, !base.nodes.includes(each))),
    edges: mine.edges.map((edge) => {
      if (!nodes.has(edge.source) && !nodes.has(edge.target)) return edge;
      const [source, target] = [node(edge.source), node(edge.target)];
      const id = makeEdgeId(source, edge.sourceHandle ?? "out", target, (known) =>
        [...mine.edges, ...theirs.edges].some((other) => other.id === known),
      );
      return { ...edge, id, source, target };
    }),
    notes: mine.notes.map((note) => ({ ...note, id: notes.get(note.id) ?? note.id })),
    groups: mine.groups.map((group) => ({
      ...group,
      id: groups.get(group.id) ?? group.id,
      nodes: group.nodes.map(node),
    })),
  };
}

/** Of what both sides added under one id, each in its own way: the ids that mine go by from now on. */
function newIds<T extends { id: string }>(
  base: readonly T[],
  mine: readonly T[],
  theirs: readonly T[],
  make: (item: T, taken: readonly { id: string }[]) => string,
): ReadonlyMap<string, string> {
  const made = new Map<string, string>();
  const taken: { id: string }[] = [...mine, ...theirs];
  for (const item of mine) {
    const other = theirs.find((candidate) => candidate.id === item.id);
    if (!other || same(item, other) || base.some((known) => known.id === item.id)) continue;
    const id = make(item, taken);
    taken.push({ id });
    made.set(item.id, id);
  }
  return made;
}

/** A node of mine by its new id, in its new container, and where I wrote in it, with expressions that follow along. */
function renamed(node: FlowNode, ids: ReadonlyMap<string, string>, isMine: boolean): FlowNode {
  const parentId = node.parentId ? (ids.get(node.parentId) ?? node.parentId) : node.parentId;
  const moved = { ...node, id: ids.get(node.id) ?? node.id, parentId };
  return isMine ? { ...moved, data: followed(moved.data, ids) } : moved;
}

/** `nodes.set_2.total` in any text of a value, by the new id. */
function followed<T>(value: T, ids: ReadonlyMap<string, string>): T {
  const written = JSON.stringify(value).replace(/\bnodes\.([a-z_][a-z0-9_]*)/gi, (whole, id: string) =>
    ids.has(id) ? `nodes.${ids.get(id)}` : whole,
  );
  return JSON.parse(written) as T;
}
