import { same } from "@/canvas/graph";

import type { Change, Document } from "./changes";
import type { Edit } from "./history";

export type Drawn = Pick<Document, "nodes" | "edges" | "notes" | "groups">;

/** The one step by which the drawing becomes another one: what is the same in both stays untouched. */
export function replaceBy(document: Document, target: Drawn, label: string): Edit {
  const changes: Change[] = [
    ...gone(document.edges, target.edges).map(({ id }): Change => ({ type: "edge.remove", id })),
    ...gone(document.nodes, target.nodes).map(({ id }): Change => ({ type: "node.remove", id })),
    ...gone(document.groups, target.groups).map(({ id }): Change => ({ type: "group.remove", id })),
    ...gone(document.notes, target.notes).map(({ id }): Change => ({ type: "note.remove", id })),
    ...come(document.nodes, target.nodes).map(([node, index]): Change => ({ type: "node.add", node, index })),
    ...come(document.edges, target.edges).map(([edge, index]): Change => ({ type: "edge.add", edge, index })),
    ...come(document.groups, target.groups).map(([group]): Change => ({ type: "group.put", group })),
    ...come(document.notes, target.notes).map(([note]): Change => ({ type: "note.put", note })),
  ];
  return { label, changes };
}

type Listed = readonly { id: string }[];

function stays(item: { id: string }, list: Listed): boolean {
  const other = list.find((candidate) => candidate.id === item.id);
  return other !== undefined && same(item, other);
}

const gone = (before: Listed, after: Listed) => before.filter((item) => !stays(item, after));

/** With the places that they take. */
const come = <T extends { id: string }>(before: Listed, after: readonly T[]) =>
  after.flatMap((item, index) => (stays(item, before) ? [] : [[item, index] as const]));
