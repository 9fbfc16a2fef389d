import "@xyflow/react/dist/style.css";

import { Background, Controls, type Edge, MiniMap, type Node, ReactFlow } from "@xyflow/react";
import { createRoot } from "react-dom/client";

/** React Flow as it comes, with the graph that the benchmark gives our editor: what the library itself costs. */
interface Graph {
  nodes: { id: string; position: { x: number; y: number }; data: { label: string } }[];
  edges: Edge[];
}

const graph = (await (await fetch("./graph.json")).json()) as Graph;
const nodes: Node[] = graph.nodes.map(({ id, position, data }) => ({ id, position, data }));

createRoot(document.getElementById("root")!).render(
  <ReactFlow defaultNodes={nodes} defaultEdges={graph.edges} fitView panOnScroll minZoom={0.05}>
    <Background />
    <Controls />
    <MiniMap />
  </ReactFlow>,
);
