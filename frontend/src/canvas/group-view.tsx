import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { ChevronDown, ChevronRight, TriangleAlert } from "lucide-react";
import { memo } from "react";

import { useCanvas } from "./canvas-store";
import type { NodeGroup } from "./graph";
import styles from "./group-view.module.css";
import { NodeLabel } from "./node-label";

export type DrawnGroup = Node<{ group: NodeGroup }, "frame">;

/** React Flow knows nodes, notes and groups by one kind of id: these marks tell them apart. */
export const noteKey = (id: string) => `note:${id}`;
export const groupKey = (id: string) => `group:${id}`;

/** The part of a frame by which it is taken hold of. */
export const FRAME_GRIP = "frame-grip";

/** A frame around nodes; folded, one box that stands for all of them and that their edges end at. */
export const GroupView = memo(function GroupView({ id, data }: NodeProps<DrawnGroup>) {
  const { group } = data;
  const onGroup = useCanvas((canvas) => canvas.onGroup);
  const problems = useCanvas((canvas) =>
    group.nodes.reduce((sum, member) => sum + (canvas.problems[member] ?? 0), 0),
  );
  const Chevron = group.collapsed ? ChevronRight : ChevronDown;
  return (
    <div
      className={styles.group}
      role="group"
      aria-label={`Group ${group.title}, ${group.nodes.length} nodes${group.collapsed ? ", folded" : ""}`}
      data-folded={group.collapsed || undefined}
    >
      <div className={`${styles.title} ${FRAME_GRIP}`}>
        <button
          type="button"
          className={`${styles.fold} nodrag`}
          disabled={!onGroup}
          aria-expanded={!group.collapsed}
          aria-label={group.collapsed ? "Unfold the group" : "Fold the group"}
          onClick={() => onGroup?.(group.id, { collapsed: !group.collapsed })}
        >
          <Chevron size={15} aria-hidden />
        </button>
        <NodeLabel id={id} label={group.title} />
        {group.collapsed && <span className={styles.count}>{group.nodes.length} nodes</span>}
        {group.collapsed && problems > 0 && (
          <span className={styles.problems}>
            <TriangleAlert size={12} aria-hidden />
            {problems}
          </span>
        )}
      </div>
      {group.collapsed && (
        <>
          <Handle type="target" position={Position.Left} className={styles.end} isConnectable={false} />
          <Handle type="source" position={Position.Right} className={styles.end} isConnectable={false} />
        </>
      )}
    </div>
  );
});
