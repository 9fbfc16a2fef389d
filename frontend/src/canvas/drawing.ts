import { type EdgeTypes, type NodeTypes, Position } from "@xyflow/react";

import { type DrawnEdge, EdgeView } from "./edge-view";
import {
  type Catalogue,
  exitOf,
  exitsOf,
  type FlowEdge,
  type FlowNode,
  handleBoxes,
  heightFor,
  NODE_WIDTH,
} from "./graph";
import { type DrawnNode, NodeView } from "./node-view";

export const nodeTypes: NodeTypes = { step: NodeView };
export const edgeTypes: EdgeTypes = { wire: EdgeView };

/** Above this many nodes only what is in view is put on the page; above the other, the small map costs too much. */
export const VISIBLE_ONLY_ABOVE = 300;
export const MINIMAP_UP_TO = 1000;

/**
 * The drawing of a node. The one from before is given back when nothing it shows has changed: React Flow and React both
 * skip what is the same object.
 */
export function drawNode(
  node: FlowNode,
  catalogue: Catalogue,
  selected: boolean,
  before: DrawnNode | undefined,
): DrawnNode {
  if (before?.data.node === node && before.selected === selected) return before;
  const kind = catalogue.of(node);
  const exits = exitsOf(node, kind);
  const size = { width: NODE_WIDTH, height: heightFor(exits.length) };
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
    handles: handleBoxes(exits, !kind?.is_trigger).map((box) => ({
      ...box,
      position: box.position === "left" ? Position.Left : Position.Right,
    })),
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
