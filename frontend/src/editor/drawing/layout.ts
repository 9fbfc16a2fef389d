import { graphlib, layout } from "@dagrejs/dagre";

import type { Level, Place, Plan } from "./tidy";

/** Room in a container around what it holds: its sides, and its head above. */
const SIDE = 40;
const TOP = 80;

/** Places for all of it, each from the drawing's corner: inner levels first, since they say how large a container is. */
export function placed(plan: Plan): Place[] {
  const sizes = new Map<string, { width: number; height: number }>();
  const levels = plan.map((level) => {
    const { places, width, height } = oneLevel(level, sizes);
    if (level.within !== null)
      sizes.set(level.within, { width: width + 2 * SIDE, height: height + TOP + SIDE });
    return { level, places };
  });
  const corners = new Map<string | null, Place>();
  // From the outside in: by now every container around a level has its own place.
  return levels.toReversed().flatMap(({ level, places }) => {
    const corner = level.within === null ? undefined : corners.get(level.within);
    const by = corner ? { x: corner.x + SIDE, y: corner.y + TOP } : { x: 0, y: 0 };
    return places.map((place) => {
      const at = { id: place.id, x: place.x + by.x, y: place.y + by.y };
      corners.set(place.id, at);
      return at;
    });
  });
}

function oneLevel(level: Level, sizes: ReadonlyMap<string, { width: number; height: number }>) {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 40, ranksep: 80 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of level.nodes) graph.setNode(id, { width, height, ...sizes.get(id) });
  for (const { source, target } of level.edges) graph.setEdge(source, target);
  layout(graph);
  const boxes = level.nodes.map(({ id }) => {
    const { x, y, width, height } = graph.node(id);
    return { id, x: x - width / 2, y: y - height / 2, width, height };
  });
  const left = Math.min(...boxes.map((box) => box.x));
  const top = Math.min(...boxes.map((box) => box.y));
  return {
    places: boxes.map(({ id, x, y }): Place => ({ id, x: x - left, y: y - top })),
    width: Math.max(...boxes.map((box) => box.x + box.width)) - left,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - top,
  };
}
