import { type FlowEdge, type FlowNode, type NodeGroup, same, type StickyNote } from "@/canvas/graph";

import type { Document } from "../document";
import { apart } from "./apart";

/** The same thing changed on both sides, each in its own way; `null`: taken away there. */
export type Clash =
  | { part: "node"; id: string; mine: FlowNode | null; theirs: FlowNode | null }
  | { part: "edge"; id: string; mine: FlowEdge | null; theirs: FlowEdge | null }
  | { part: "note"; id: string; mine: StickyNote | null; theirs: StickyNote | null }
  | { part: "group"; id: string; mine: NodeGroup | null; theirs: NodeGroup | null }
  | { part: "cover"; id: "name" | "description"; mine: string; theirs: string };

export interface Merged {
  /** Everything of both sides; where they clash, mine. */
  document: Document;
  clashes: Clash[];
  /** Whether things of mine go by new ids, so that earlier steps of mine speak of what is not there. */
  renamed: boolean;
}

/** Two drafts made from one base: what was changed on one side only is taken from there, thing by thing. */
export function merge(base: Document, given: Document, theirs: Document): Merged {
  const mine = apart(base, given, theirs);
  const clashes: Clash[] = [];
  const nodes = mergeLists(base.nodes, mine.nodes, theirs.nodes, sameNode, (id, one, other) =>
    clashes.push({ part: "node", id, mine: one, theirs: other }),
  ).map((node) => placed(node, base, mine, theirs));
  const edges = mergeLists(base.edges, mine.edges, theirs.edges, same, (id, one, other) =>
    clashes.push({ part: "edge", id, mine: one, theirs: other }),
  );
  const notes = mergeLists(base.notes, mine.notes, theirs.notes, same, (id, one, other) =>
    clashes.push({ part: "note", id, mine: one, theirs: other }),
  );
  const groups = mergeLists(base.groups, mine.groups, theirs.groups, same, (id, one, other) => {
    // Whether it is folded is no reason to ask anybody.
    if (one && other && same({ ...one, collapsed: other.collapsed }, other)) return;
    clashes.push({ part: "group", id, mine: one, theirs: other });
  });
  const cover = (id: "name" | "description") => {
    if (mine[id] === base[id]) return theirs[id];
    if (theirs[id] !== base[id] && theirs[id] !== mine[id])
      clashes.push({ part: "cover", id, mine: mine[id], theirs: theirs[id] });
    return mine[id];
  };
  const document = whole({
    ...mine,
    name: cover("name"),
    description: cover("description"),
    nodes,
    edges,
    notes,
    groups,
  });
  return { document, clashes, renamed: mine !== given };
}

/** The merged draft with theirs put in place of mine for these clashes. */
export function takeTheirs(document: Document, clashes: readonly Clash[]): Document {
  let next = document;
  for (const clash of clashes) {
    if (clash.part === "cover") next = { ...next, [clash.id]: clash.theirs };
    if (clash.part === "node") next = { ...next, nodes: replaced(next.nodes, clash.id, clash.theirs) };
    if (clash.part === "edge") next = { ...next, edges: replaced(next.edges, clash.id, clash.theirs) };
    if (clash.part === "note") next = { ...next, notes: replaced(next.notes, clash.id, clash.theirs) };
    if (clash.part === "group") next = { ...next, groups: replaced(next.groups, clash.id, clash.theirs) };
  }
  return whole(next);
}

function replaced<T extends { id: string }>(list: readonly T[], id: string, item: T | null): T[] {
  const without = list.filter((other) => other.id !== id);
  if (!item) return without;
  const index = list.findIndex((other) => other.id === id);
  return index < 0 ? [...without, item] : without.toSpliced(index, 0, item);
}

function mergeLists<T extends { id: string }>(
  base: readonly T[],
  mine: readonly T[],
  theirs: readonly T[],
  equal: (one: T, other: T) => boolean,
  onClash: (id: string, mine: T | null, theirs: T | null) => void,
): T[] {
  const [b, m, t] = [base, mine, theirs].map((list) => new Map(list.map((item) => [item.id, item]))) as [
    Map<string, T>,
    Map<string, T>,
    Map<string, T>,
  ];
  const alike = (one: T | undefined, other: T | undefined) =>
    one === other || (one !== undefined && other !== undefined && equal(one, other));
  const ids = new Set([...theirs, ...mine].map((item) => item.id));
  return [...ids].flatMap((id): T[] => {
    const [was, one, other] = [b.get(id), m.get(id), t.get(id)];
    if (alike(one, was)) return other ? [other] : [];
    if (!alike(other, was) && !alike(one, other)) onClash(id, one ?? null, other ?? null);
    return one ? [one] : [];
  });
}

/** Where a node lies is no reason to ask anybody. */
function logic(node: FlowNode) {
  return { ...node, position: undefined, collapsed: undefined };
}

const sameNode = (one: FlowNode, other: FlowNode) => same(logic(one), logic(other));

function placed(node: FlowNode, base: Document, mine: Document, theirs: Document): FlowNode {
  const [was, one, other] = [base, mine, theirs].map((document) =>
    document.nodes.find((candidate) => candidate.id === node.id),
  );
  const position = one && !same(one.position, was?.position) ? one.position : (other ?? one)?.position;
  return same(position, node.position) ? node : { ...node, position };
}

/** Nothing of the one side hangs on what the other took away. */
function whole(document: Document): Document {
  const ids = new Set(document.nodes.map((node) => node.id));
  const orphan = document.nodes.some((node) => node.parentId && !ids.has(node.parentId));
  return {
    ...document,
    nodes: orphan
      ? document.nodes.map((node) =>
          node.parentId && !ids.has(node.parentId) ? { ...node, parentId: undefined } : node,
        )
      : document.nodes,
    edges: document.edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
    groups: document.groups
      .map((group) => ({ ...group, nodes: group.nodes.filter((id) => ids.has(id)) }))
      .filter((group) => group.nodes.length > 0),
  };
}
