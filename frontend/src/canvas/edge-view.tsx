import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { Plus } from "lucide-react";
import { memo } from "react";

import { useCanvas } from "./canvas-store";
import styles from "./edge-view.module.css";
import { edgeState, type FlowEdge } from "./graph";

export type DrawnEdge = Edge<{ edge: FlowEdge }, "wire">;

export const EdgeView = memo(function EdgeView(props: EdgeProps<DrawnEdge>) {
  const { id, data } = props;
  const state = useCanvas((canvas) =>
    data ? edgeState(data.edge, canvas.states[data.edge.source]) : "idle",
  );
  const count = useCanvas((canvas) => (data ? canvas.counts[data.edge.source] : undefined));
  const mark = useCanvas((canvas) => canvas.marks.edges[id]);
  const hovered = useCanvas((canvas) => canvas.hoveredEdge === id);
  const onInsert = useCanvas((canvas) => canvas.onInsert);
  const [path, x, y] = getBezierPath(props);
  return (
    <>
      <BaseEdge
        path={path}
        className={styles.wire}
        data-state={state}
        data-mark={mark}
        data-selected={props.selected || undefined}
        interactionWidth={24}
      />
      {state === "taken" && count !== undefined && (
        <EdgeLabelRenderer>
          <span
            className={styles.count}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y - 12}px)` }}
          >
            {count === 1 ? "1 item" : `${count.toLocaleString("en")} items`}
          </span>
        </EdgeLabelRenderer>
      )}
      {onInsert && (hovered || props.selected) && (
        <EdgeLabelRenderer>
          <button
            type="button"
            className={`${styles.insert} nodrag nopan`}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
            aria-label="Insert a node here"
            onClick={(event) => onInsert(id, event.currentTarget.getBoundingClientRect())}
          >
            <Plus size={14} aria-hidden />
          </button>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
