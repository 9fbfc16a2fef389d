import "@xyflow/react/dist/base.css";
import "./canvas.css";

import { Background, Controls, ReactFlow, ReactFlowProvider } from "@xyflow/react";
import { useEffect, useMemo, useState } from "react";

import { useComponents } from "@/api";

import { CanvasContext, createCanvasStore } from "./canvas-store";
import { drawAll, type Drawable, type Drawn, edgeTypes, nodeTypes, VISIBLE_ONLY_ABOVE } from "./drawing";
import type { DrawnEdge } from "./edge-view";
import { Catalogue, fromWire, GRID, isFolded, type NodeStates, placeMissing } from "./graph";
import { useFar } from "./far";
import { groupKey } from "./group-view";

export interface RunCanvasProps {
  drawing: Drawable;
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
  const { drawing, nodeStates, counts, others, differing, selectedId, onSelect } = props;
  const { data: kinds } = useComponents();
  const catalogue = useMemo(() => new Catalogue(kinds ?? []), [kinds]);
  const { folded, toggle } = useFolds(drawing);
  const [canvas] = useState(() => createCanvasStore({ catalogue, states: nodeStates, onFold: toggle }));
  useEffect(
    () => canvas.setState({ catalogue, states: nodeStates, counts: counts ?? {}, others, differing }),
    [canvas, catalogue, nodeStates, counts, others, differing],
  );
  const { nodes, edges } = useMemo(
    () => drawAll(fromWire(placeMissing(folded)), catalogue, NOTHING_CHOSEN, new Map()),
    [folded, catalogue],
  );
  const shown = useMemo(
    () => nodes.map((node) => (node.id === selectedId ? { ...node, selected: true } : node)),
    [nodes, selectedId],
  );
  const far = useFar();
  return (
    <CanvasContext.Provider value={canvas}>
      <ReactFlow<Drawn, DrawnEdge>
        className="penstock-canvas"
        data-far={far}
        aria-label="The workflow as it ran"
        nodes={shown}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, node) => node.type === "step" && onSelect(node.id)}
        onPaneClick={() => onSelect(null)}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elevateNodesOnSelect={false}
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

/** Groups and containers as they were drawn, but for those that were folded or unfolded here: for looking only. */
function useFolds(drawing: Drawable): { folded: Drawable; toggle: (id: string) => void } {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const folded = useMemo(
    () => ({
      ...drawing,
      nodes: drawing.nodes.map((node) =>
        turned.has(node.id) ? { ...node, collapsed: !isFolded(node) } : node,
      ),
      groups: drawing.groups.map((group) =>
        turned.has(groupKey(group.id)) ? { ...group, collapsed: !group.collapsed } : group,
      ),
    }),
    [drawing, turned],
  );
  const toggle = (id: string) =>
    setTurned((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return { folded, toggle };
}

const NOTHING_CHOSEN = { nodes: new Set<string>(), edges: new Set<string>(), notes: new Set<string>() };
const FIT = { padding: 0.15, maxZoom: 1 };
