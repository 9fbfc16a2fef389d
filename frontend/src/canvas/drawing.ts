import { type EdgeTypes, type NodeTypes, Position } from "@xyflow/react";

import { type DrawnEdge, EdgeView } from "./edge-view";
import {
  type Box,
  type Catalogue,
  depthOf,
  exitOf,
  exitsOf,
  type FlowEdge,
  type FlowNode,
  type Graph,
  groupBox,
  handleBoxes,
  heightFor,
  isFolded,
  NODE_HEIGHT,
  NODE_WIDTH,
  nodeBoxes,
  type NodeGroup,
  type StickyNote,
  withInside,
} from "./graph";
import { type DrawnGroup, FRAME_GRIP, groupKey, GroupView, noteKey } from "./group-view";
import { type DrawnNode, NodeView } from "./node-view";
import { type DrawnNote, NoteView } from "./note-view";

export const nodeTypes: NodeTypes = { step: NodeView, note: NoteView, frame: GroupView };
export const edgeTypes: EdgeTypes = { wire: EdgeView };

/** Above this many nodes only what is in view is put on the page; above the other, the small map costs too much. */
export const VISIBLE_ONLY_ABOVE = 300;
export const MINIMAP_UP_TO = 1000;

/** What lies behind what: groups, notes, containers, and in front the nodes and edges. */
const BEHIND = { group: -30, note: -20, container: -10 };

export type Drawn = DrawnNode | DrawnNote | DrawnGroup;

export interface Drawable extends Graph {
  notes: readonly StickyNote[];
  groups: readonly NodeGroup[];
}

export interface Chosen {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
  notes: ReadonlySet<string>;
}

/** All of it as React Flow wants it; what shows the same as before is the same object. */
export function drawAll(
  document: Drawable,
  catalogue: Catalogue,
  chosen: Chosen,
  before: ReadonlyMap<string, Drawn>,
): { nodes: Drawn[]; edges: DrawnEdge[] } {
  const framed =
    document.groups.length > 0 || document.nodes.some((node) => catalogue.of(node)?.is_container);
  const boxes = framed ? nodeBoxes(document, catalogue) : undefined;
  const folded = framed ? foldedIn(document) : NOTHING_FOLDED;
  const steps = document.nodes
    .filter((node) => !folded.has(node.id))
    .map((node) =>
      drawNode(
        node,
        catalogue,
        chosen.nodes.has(node.id),
        before.get(node.id) as DrawnNode | undefined,
        boxes?.get(node.id),
        node.parentId ? depthOf(document, node) : 0,
      ),
    );
  const groups = document.groups.flatMap((group) => drawGroup(group, document, chosen, boxes, before) ?? []);
  const notes = document.notes.map((note) => drawNote(note, chosen.notes.has(note.id), before));
  return { nodes: [...groups, ...notes, ...steps], edges: drawEdges(document, folded, chosen) };
}

const NOTHING_FOLDED: ReadonlyMap<string, string | null> = new Map();

/** The nodes that are not to be seen, and what stands for them: a folded group's box, or nothing but its container. */
function foldedIn(document: Drawable): ReadonlyMap<string, string | null> {
  const folded = new Map<string, string | null>();
  for (const node of document.nodes)
    if (isFolded(node))
      for (const id of withInside(document, [node.id])) if (id !== node.id) folded.set(id, null);
  for (const group of document.groups)
    if (group.collapsed)
      for (const id of withInside(document, group.nodes)) folded.set(id, groupKey(group.id));
  return folded;
}

/**
 * The drawing of a node. The one from before is given back when nothing it shows has changed: React Flow and React both
 * skip what is the same object.
 */
export function drawNode(
  node: FlowNode,
  catalogue: Catalogue,
  selected: boolean,
  before: DrawnNode | undefined,
  box?: Box,
  depth = 0,
): DrawnNode {
  const sameSize = !box || (before?.width === box.width && before.height === box.height);
  if (before?.data.node === node && before.selected === selected && sameSize) return before;
  const kind = catalogue.of(node);
  const exits = exitsOf(node, kind);
  const size = box
    ? { width: box.width, height: box.height }
    : { width: NODE_WIDTH, height: heightFor(exits.length) };
  const frame = kind?.is_container && !isFolded(node);
  return {
    id: node.id,
    type: "step",
    position: node.position ?? { x: 0, y: 0 },
    data: before?.data.node === node ? before.data : { node },
    selected,
    // The card inside is what assistive technology is shown; this frame would be a second, nameless one.
    domAttributes: { "aria-roledescription": undefined },
    ...size,
    measured: size,
    ...(frame && framing(BEHIND.container + depth)),
    handles: handleBoxes(exits, !kind?.is_trigger, size.width).map((handle) => ({
      ...handle,
      position: handle.position === "left" ? Position.Left : Position.Right,
    })),
  };
}

/** Of a frame only the head takes the pointer: what lies in it, and the bare canvas, stay within reach. */
const framing = (zIndex: number) => ({
  zIndex,
  dragHandle: `.${FRAME_GRIP}`,
  style: { pointerEvents: "none" as const },
});

function drawNote(note: StickyNote, selected: boolean, before: ReadonlyMap<string, Drawn>): DrawnNote {
  const known = before.get(noteKey(note.id)) as DrawnNote | undefined;
  if (known?.data.note === note && known.selected === selected) return known;
  const size = { width: note.width, height: note.height };
  return {
    id: noteKey(note.id),
    type: "note",
    position: note.position,
    data: { note },
    selected,
    zIndex: BEHIND.note,
    domAttributes: { "aria-roledescription": undefined },
    ...size,
    measured: size,
  };
}

function drawGroup(
  group: NodeGroup,
  document: Drawable,
  chosen: Chosen,
  boxes: ReadonlyMap<string, Box> | undefined,
  before: ReadonlyMap<string, Drawn>,
): DrawnGroup | null {
  const frame = boxes && groupBox(group, boxes);
  if (!frame) return null;
  const size = group.collapsed
    ? { width: NODE_WIDTH, height: NODE_HEIGHT }
    : { width: frame.width, height: frame.height };
  const known = before.get(groupKey(group.id)) as DrawnGroup | undefined;
  const { x, y } = frame;
  const same = known?.width === size.width && known.height === size.height;
  // A group is chosen when all that it holds is.
  const selected = group.nodes.every((id) => chosen.nodes.has(id));
  const inside = [...withInside(document, group.nodes)];
  const still = same && known.position.x === x && known.position.y === y && known.selected === selected;
  if (still && known.data.group === group && known.data.inside.join() === inside.join()) return known;
  return {
    id: groupKey(group.id),
    type: "frame",
    position: { x, y },
    data: { group, inside },
    selected,
    domAttributes: { "aria-roledescription": undefined },
    ...size,
    measured: size,
    ...(group.collapsed ? { dragHandle: `.${FRAME_GRIP}` } : framing(BEHIND.group)),
    handles: group.collapsed ? foldedHandles() : [],
  };
}

const foldedHandles = () =>
  handleBoxes(["out"], true).map((handle) => ({
    ...handle,
    id: null,
    position: handle.position === "left" ? Position.Left : Position.Right,
  }));

function drawEdges(
  document: Drawable,
  folded: ReadonlyMap<string, string | null>,
  chosen: Chosen,
): DrawnEdge[] {
  return document.edges.flatMap((edge): DrawnEdge[] => {
    const drawn = folded.size > 0 ? aroundFolded(edge, folded) : drawEdge(edge);
    if (!drawn) return [];
    return [chosen.edges.has(edge.id) ? { ...drawn, selected: true, reconnectable: true } : drawn];
  });
}

/** An edge into or out of a folded group ends at its box; one within is not drawn. */
function aroundFolded(edge: FlowEdge, folded: ReadonlyMap<string, string | null>): DrawnEdge | null {
  const source = folded.get(edge.source);
  const target = folded.get(edge.target);
  if (source === undefined && target === undefined) return drawEdge(edge);
  if (source === target || source === null || target === null) return null;
  return {
    ...drawEdge(edge),
    source: source ?? edge.source,
    target: target ?? edge.target,
    sourceHandle: source === undefined ? exitOf(edge) : null,
    reconnectable: false,
  };
}

const drawnEdges = new WeakMap<FlowEdge, DrawnEdge>();

export function drawEdge(edge: FlowEdge): DrawnEdge {
  let drawn = drawnEdges.get(edge);
  if (!drawn) {
    drawn = {
      id: edge.id,
      type: "wire",
      source: edge.source,
      target: edge.target,
      sourceHandle: exitOf(edge),
      data: { edge },
    };
    drawnEdges.set(edge, drawn);
  }
  return drawn;
}
