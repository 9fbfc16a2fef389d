import {
  GRID,
  type Catalogue,
  containerAt,
  downstreamWith,
  edgesFrom,
  edgesInto,
  ERROR,
  exitOf,
  type FlowEdge,
  type FlowNode,
  freePlace,
  type Kind,
  type Link,
  mainExit,
  nodeIndex,
  placeAfter,
  refusal,
  roomNeeded,
  snap,
  wireHandle,
  withInside,
  type XY,
} from "@/canvas/graph";

import { leave, moveNotes } from "./annotations";
import { applyChanges, type Change, type Document } from "./changes";
import type { Edit } from "./history";
import { makeEdgeId, makeNodeId } from "./ids";

/** Where a new node goes, and what it is wired to. */
export type Spot =
  | { at: "point"; point: XY }
  | { at: "after"; source: string; handle: string; point?: XY }
  | { at: "before"; target: string; point: XY }
  | { at: "edge"; edge: string };

export interface Insertion extends Edit {
  id: string;
}

function edgeBetween(document: Document, link: Link): FlowEdge {
  const taken = new Set(document.edges.map((edge) => edge.id));
  return {
    id: makeEdgeId(link.source, link.sourceHandle, link.target, (id) => taken.has(id)),
    source: link.source,
    target: link.target,
    sourceHandle: wireHandle(link.sourceHandle),
  };
}

function defaultsOf(kind: Kind): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(kind.schema.properties ?? {}))
    if (schema.default !== undefined && schema.default !== null)
      settings[name] = structuredClone(schema.default);
  return settings;
}

export function newNode(document: Document, kind: Kind, position: XY): FlowNode {
  const index = nodeIndex(document.nodes);
  return {
    id: makeNodeId(kind.kind, (id) => index.has(id)),
    type: kind.kind,
    position,
    data: { componentId: kind.kind, label: freeLabel(document, kind.title), ...defaultsOf(kind) },
  };
}

/** "HTTP request", then "HTTP request 2": two nodes of a name could not be told apart in a list. */
function freeLabel(document: Document, title: string): string {
  const taken = new Set(document.nodes.map((node) => node.data.label));
  if (!taken.has(title)) return title;
  for (let n = 2; ; n++) if (!taken.has(`${title} ${n}`)) return `${title} ${n}`;
}

/** The container a spot lies in: that of the node or edge it hangs on, or the one at the point. */
function parentAt(document: Document, catalogue: Catalogue, spot: Spot): string | undefined {
  const index = nodeIndex(document.nodes);
  if (spot.at === "point") return containerAt(document, catalogue, spot.point)?.id;
  const edge = spot.at === "edge" && document.edges.find((candidate) => candidate.id === spot.edge);
  const neighbour =
    spot.at === "after" ? spot.source : spot.at === "before" ? spot.target : edge && edge.source;
  return (neighbour && index.get(neighbour)?.parentId) || undefined;
}

export function insertNode(document: Document, catalogue: Catalogue, kind: Kind, spot: Spot): Insertion {
  const parentId = kind.is_trigger ? undefined : parentAt(document, catalogue, spot);
  const node = {
    ...newNode(document, kind, placeOf(document, spot, parentId)),
    ...(parentId && { parentId }),
  };
  const changes: Change[] = [{ type: "node.add", node }];
  if (spot.at === "edge") changes.push(...rewire(document, catalogue, spot.edge, node));
  if (spot.at === "after")
    changes.push(...wired(document, catalogue, changes, { ...linkFrom(spot), target: node.id }));
  if (spot.at === "before") {
    const exit = mainExit(node, kind);
    if (exit)
      changes.push(
        ...wired(document, catalogue, changes, { source: node.id, sourceHandle: exit, target: spot.target }),
      );
  }
  return { label: `Add ${kind.title}`, changes, id: node.id };
}

function linkFrom(spot: { source: string; handle: string }): Pick<Link, "source" | "sourceHandle"> {
  return { source: spot.source, sourceHandle: spot.handle };
}

function placeOf(document: Document, spot: Spot, parentId: string | undefined): XY {
  const beside = document.nodes.filter((node) => (node.parentId ?? undefined) === parentId);
  if (spot.at === "point") return freePlace(beside, spot.point);
  if (spot.at === "before") return freePlace(beside, spot.point);
  if (spot.at === "after")
    return spot.point
      ? freePlace(beside, spot.point)
      : placeAfter({ ...document, nodes: beside }, spot.source);
  const edge = document.edges.find((candidate) => candidate.id === spot.edge);
  const source = edge && nodeIndex(document.nodes).get(edge.source)?.position;
  const target = edge && nodeIndex(document.nodes).get(edge.target)?.position;
  if (!source || !target) return { x: 0, y: 0 };
  const room = roomNeeded(source, target);
  const x = (source.x + target.x + room) / 2;
  return snap({ x, y: (source.y + target.y) / 2 });
}

/** The edge to add, unless the rules forbid it: a picker offers only what fits, a paste may not. */
function wired(document: Document, catalogue: Catalogue, before: readonly Change[], link: Link): Change[] {
  const after = applyChanges(document, before).document;
  if (refusal(after, catalogue, link)) return [];
  return [{ type: "edge.add", edge: edgeBetween(after, link) }];
}

function rewire(document: Document, catalogue: Catalogue, edgeId: string, node: FlowNode): Change[] {
  const edge = document.edges.find((candidate) => candidate.id === edgeId);
  if (!edge) return [];
  const index = nodeIndex(document.nodes);
  const room = roomNeeded(
    index.get(edge.source)?.position ?? snapZero,
    index.get(edge.target)?.position ?? snapZero,
  );
  const changes: Change[] = room > 0 ? pushRight(document, edge.target, room) : [];
  changes.push({ type: "edge.remove", id: edge.id });
  const add: Change = { type: "node.add", node };
  const into: Link = { source: edge.source, sourceHandle: exitOf(edge), target: node.id };
  changes.push(...wired(document, catalogue, [add, ...changes], into));
  const exit = mainExit(node, catalogue.of(node));
  if (exit)
    changes.push(
      ...wired(document, catalogue, [add, ...changes], {
        source: node.id,
        sourceHandle: exit,
        target: edge.target,
      }),
    );
  return changes;
}

const snapZero: XY = { x: 0, y: 0 };

function pushRight(document: Document, from: string, by: number): Change[] {
  const index = nodeIndex(document.nodes);
  return [...withInside(document, downstreamWith(document, from))].flatMap((id): Change[] => {
    const position = index.get(id)?.position;
    return position ? [{ type: "node.move", id, position: { x: position.x + by, y: position.y } }] : [];
  });
}

export function connect(document: Document, link: Link): Edit {
  return { label: "Connect", changes: [{ type: "edge.add", edge: edgeBetween(document, link) }] };
}

/** Takes one end of an edge elsewhere; what else the edge carried goes with it. */
/** It stays the same connection, by its id: two people who re-wire one are asked which of the two is meant. */
export function reconnect(document: Document, edgeId: string, link: Link): Edit {
  const old = document.edges.find((edge) => edge.id === edgeId);
  const without = { ...document, edges: document.edges.filter((edge) => edge.id !== edgeId) };
  return {
    label: "Re-wire",
    changes: [
      { type: "edge.remove", id: edgeId },
      { type: "edge.add", edge: { ...old, ...edgeBetween(without, link), id: edgeId } },
    ],
  };
}

/** Removes nodes and edges; where a removed node was a link in a chain, the chain closes over it. */
export function remove(
  document: Document,
  catalogue: Catalogue,
  nodes: Iterable<string>,
  edges: Iterable<string>,
): Edit {
  const changes: Change[] = [];
  let current = document;
  const take = (more: Change[]) => {
    changes.push(...more);
    current = applyChanges(current, more).document;
  };
  take([...edges].map((id) => ({ type: "edge.remove", id })));
  const doomed = [...withInside(document, nodes)];
  for (const id of doomed) take(removeOne(current, catalogue, id));
  take(leave(current, doomed));
  return {
    label: doomed.length === 1 ? "Delete node" : doomed.length ? "Delete nodes" : "Delete connection",
    changes,
  };
}

function removeOne(document: Document, catalogue: Catalogue, id: string): Change[] {
  const into = edgesInto(document, id);
  const outOf = edgesFrom(document, id);
  const cut: Change[] = [...into, ...outOf].map((edge) => ({ type: "edge.remove", id: edge.id }));
  const changes: Change[] = [...cut, { type: "node.remove", id }];
  for (const link of healing(into, outOf)) changes.push(...wired(document, catalogue, changes, link));
  return changes;
}

/** The edges by which a chain closes over a node that leaves it. */
export function healed(
  document: Document,
  catalogue: Catalogue,
  before: readonly Change[],
  id: string,
  leaving: ReadonlySet<string>,
): Change[] {
  const stays = (end: string) => !leaving.has(end);
  const into = edgesInto(document, id).filter((edge) => stays(edge.source));
  const outOf = edgesFrom(document, id).filter((edge) => stays(edge.target));
  return healing(into, outOf).flatMap((link) => wired(document, catalogue, before, link));
}

/** The chain goes on only where it is plain which way: all other edges out leave by one exit. */
function healing(into: readonly FlowEdge[], outOf: readonly FlowEdge[]): Link[] {
  const onward = outOf.filter((edge) => exitOf(edge) !== ERROR);
  if (new Set(onward.map(exitOf)).size !== 1) return [];
  return into.flatMap((before) =>
    onward.map((after) => ({ source: before.source, sourceHandle: exitOf(before), target: after.target })),
  );
}

export function move(moves: Iterable<readonly [string, XY]>, merge?: string): Edit {
  const changes = Array.from(moves, ([id, position]): Change => ({ type: "node.move", id, position }));
  return { label: changes.length === 1 ? "Move node" : "Move nodes", changes, merge };
}

/** By so many steps of the grid: what lay beside it comes onto it by the first. What is chosen keeps its shape. */
export function nudge(
  document: Document,
  ids: Iterable<string>,
  steps: XY,
  noteIds: ReadonlySet<string> = new Set(),
): Edit {
  const index = nodeIndex(document.nodes);
  const chosen = [...withInside(document, ids)];
  const lead =
    index.get(chosen[0] ?? "")?.position ?? document.notes.find((note) => noteIds.has(note.id))?.position;
  const by = { x: wayOnGrid(lead?.x ?? 0, steps.x), y: wayOnGrid(lead?.y ?? 0, steps.y) };
  const moves = chosen.flatMap((id) => {
    const position = index.get(id)?.position;
    return position ? [[id, { x: position.x + by.x, y: position.y + by.y }] as const] : [];
  });
  const notes = document.notes
    .filter((note) => noteIds.has(note.id))
    .map(({ id, position }) => [id, { x: position.x + by.x, y: position.y + by.y }] as const);
  const edit = move(moves, `nudge ${chosen.join(" ")} ${[...noteIds].join(" ")}`);
  return { ...edit, changes: [...edit.changes, ...moveNotes(document, notes)] };
}

function wayOnGrid(from: number, steps: number): number {
  if (steps === 0) return 0;
  const line = steps > 0 ? Math.floor(from / GRID) : Math.ceil(from / GRID);
  return (line + steps) * GRID - from;
}

export function setDisabled(document: Document, ids: readonly string[]): Edit {
  const index = nodeIndex(document.nodes);
  const disable = ids.some((id) => !index.get(id)?.data.disabled);
  return {
    label: disable ? "Disable" : "Enable",
    changes: ids.map((id) => ({ type: "node.set", id, patch: { disabled: disable || undefined } })),
  };
}

/** Only the label changes: expressions reach a node by its id, which stays. An empty label leaves the kind's own name. */
export function rename(document: Document, id: string, label: string): Edit {
  const before = nodeIndex(document.nodes).get(id)?.data.label ?? "";
  const next = label.trim();
  const changes: Change[] =
    next === before ? [] : [{ type: "node.set", id, patch: { label: next || undefined } }];
  return { label: "Rename", changes };
}
