import "@xyflow/react/dist/base.css";
import "./canvas.css";

import { Background, Controls, ReactFlow, ReactFlowProvider, useStore } from "@xyflow/react";
import { useEffect, useMemo, useState } from "react";

import { useComponents } from "@/api";

import { CanvasContext, createCanvasStore } from "./canvas-store";
import { drawAll, drawEdge, edgeTypes, nodeTypes, VISIBLE_ONLY_ABOVE } from "./drawing";
import {
  Catalogue,
  type FlowEdge,
  type FlowNode,
  fromWire,
  GRID,
  type NodeStates,
  placeMissing,
} from "./graph";

export interface RunCanvasProps {
  nodes: readonly FlowNode[];
  edges: readonly FlowEdge[];
  nodeStates: NodeStates;
  /** How many items each node handed on. */
  counts?: Readonly<Record<string, number>>;
  /** Of another run that is laid beside this one, with the nodes at which they differ. */
  others?: NodeStates;
  differing?: ReadonlySet<string>;
  selectedId: string | null;
  onSelect: (id: string | null) => void;
}

/** The drawing of a run: to be looked at and chosen from, never changed. */
export function RunCanvas(props: RunCanvasProps) {
  return (
    <ReactFlowProvider>
      <RunDrawing {...props} />
    </ReactFlowProvider>
  );
}

function RunDrawing(props: RunCanvasProps) {
  const { nodes, edges, nodeStates, counts, others, differing, selectedId, onSelect } = props;
  const { data: kinds } = useComponents();
  const catalogue = useMemo(() => new Catalogue(kinds ?? []), [kinds]);
  const [canvas] = useState(() => createCanvasStore({ catalogue, states: nodeStates }));
  useEffect(
    () => canvas.setState({ catalogue, states: nodeStates, counts: counts ?? {}, others, differing }),
    [canvas, catalogue, nodeStates, counts, others, differing],
  );
  const placed = useMemo(() => fromWire(placeMissing({ nodes, edges })), [nodes, edges]);
  const drawn = useMemo(
    () => drawAll({ ...placed, notes: [], groups: [] }, catalogue, NOTHING_CHOSEN, new Map()).nodes,
    [placed, catalogue],
  );
  const shown = useMemo(
    () => drawn.map((node) => (node.id === selectedId ? { ...node, selected: true } : node)),
    [drawn, selectedId],
  );
  const wires = useMemo(() => edges.map(drawEdge), [edges]);
  const far = useStore((flow) => flow.transform[2] < FAR);
  return (
    <CanvasContext.Provider value={canvas}>
      <ReactFlow
        className="penstock-canvas"
        data-far={far || undefined}
        aria-label="The workflow as it ran"
        nodes={shown}
        edges={wires}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, node) => onSelect(node.id)}
        onPaneClick={() => onSelect(null)}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        onlyRenderVisibleElements={nodes.length > VISIBLE_ONLY_ABOVE}
        fitView
        fitViewOptions={FIT}
        minZoom={0.05}
      >
        <Background gap={GRID} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </CanvasContext.Provider>
  );
}

const NOTHING_CHOSEN = { nodes: new Set<string>(), edges: new Set<string>(), notes: new Set<string>() };
const FIT = { padding: 0.15, maxZoom: 1 };
export const FAR = 0.4;
