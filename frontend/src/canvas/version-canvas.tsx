import "@xyflow/react/dist/base.css";
import "./canvas.css";

import { Background, Controls, ReactFlow, ReactFlowProvider } from "@xyflow/react";
import { useEffect, useMemo, useState } from "react";

import { CanvasContext, createCanvasStore, type Marks } from "./canvas-store";
import { drawAll, type Drawable, type Drawn, edgeTypes, nodeTypes, VISIBLE_ONLY_ABOVE } from "./drawing";
import type { DrawnEdge } from "./edge-view";
import { useFar } from "./far";
import { type Catalogue, fromWire, GRID, placeMissing } from "./graph";

interface VersionCanvasProps {
  drawing: Drawable;
  catalogue: Catalogue;
  marks: Marks;
  selectedId: string | null;
  onSelect: (id: string | null) => void;
}

/** A drawing that is only looked at, with a mark on whatever differs in it from another. */
export function VersionCanvas(props: VersionCanvasProps) {
  return (
    <ReactFlowProvider>
      <MarkedDrawing {...props} />
    </ReactFlowProvider>
  );
}

const NONE: ReadonlySet<string> = new Set();
const FIT = { padding: 0.15, maxZoom: 1 };

function MarkedDrawing({ drawing, catalogue, marks, selectedId, onSelect }: VersionCanvasProps) {
  const [canvas] = useState(() => createCanvasStore({ catalogue, marks }));
  useEffect(() => canvas.setState({ catalogue, marks }), [canvas, catalogue, marks]);
  const drawn = useMemo(() => {
    const nodes = selectedId === null ? NONE : new Set([selectedId]);
    return drawAll(
      fromWire(placeMissing(drawing)),
      catalogue,
      { nodes, edges: NONE, notes: NONE },
      new Map(),
    );
  }, [drawing, catalogue, selectedId]);
  const far = useFar();
  return (
    <CanvasContext.Provider value={canvas}>
      <ReactFlow<Drawn, DrawnEdge>
        className="penstock-canvas"
        data-far={far}
        aria-label="The version, with what differs marked"
        nodes={drawn.nodes}
        edges={drawn.edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, node) => onSelect(node.type === "step" ? node.id : null)}
        onPaneClick={() => onSelect(null)}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elevateNodesOnSelect={false}
        disableKeyboardA11y
        onlyRenderVisibleElements={drawn.nodes.length > VISIBLE_ONLY_ABOVE}
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
