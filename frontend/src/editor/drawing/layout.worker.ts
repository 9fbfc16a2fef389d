import { graphlib, layout } from "@dagrejs/dagre";

import type { Place, Plan } from "./tidy";

/** Dagre takes seconds on large graphs: here it holds up nobody. */
self.onmessage = ({ data }: MessageEvent<Plan>) => {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 40, ranksep: 80 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of data.nodes) graph.setNode(id, { width, height });
  for (const { source, target } of data.edges) graph.setEdge(source, target);
  layout(graph);
  const places = data.nodes.map(({ id, width, height }): Place => {
    const { x, y } = graph.node(id);
    return { id, x: x - width / 2, y: y - height / 2 };
  });
  self.postMessage(places);
};
