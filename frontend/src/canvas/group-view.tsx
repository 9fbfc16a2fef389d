import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { ChevronDown, ChevronRight, TriangleAlert } from "lucide-react";
import { type CSSProperties, memo } from "react";

import { statusColor, StatusIcon, statusWord } from "@/ui";

import { useCanvas } from "./canvas-store";
import { ColourChoice } from "./colour-choice";
import { type NodeGroup, statusOfAll } from "./graph";
import styles from "./group-view.module.css";
import { NodeLabel } from "./node-label";

/** `inside`: its nodes, and all that lies in those of them that are containers. */
export type DrawnGroup = Node<{ group: NodeGroup; inside: readonly string[] }, "frame">;

/** React Flow knows nodes, notes and groups by one kind of id: these marks tell them apart. */
export const noteKey = (id: string) => `note:${id}`;
export const groupKey = (id: string) => `group:${id}`;

/** The part of a frame by which it is taken hold of. */
export const FRAME_GRIP = "frame-grip";

/** A frame around nodes; folded, one box that stands for all of them and that their edges end at. */
export const GroupView = memo(function GroupView({ id, data, selected }: NodeProps<DrawnGroup>) {
  const { group } = data;
  const onGroup = useCanvas((canvas) => canvas.onGroup);
  const onFold = useCanvas((canvas) => canvas.onFold);
  const status = useCanvas((canvas) => statusOfAll(data.inside, canvas.states));
  const problems = useCanvas((canvas) =>
    data.inside.reduce((sum, member) => sum + (canvas.problems[member] ?? 0), 0),
  );
  const Chevron = group.collapsed ? ChevronRight : ChevronDown;
  return (
    <div
      className={styles.group}
      role="group"
      aria-label={spoken(group, status)}
      data-folded={group.collapsed || undefined}
      data-colour={group.colour}
      data-status={group.collapsed ? status : undefined}
      style={group.collapsed && status ? ({ "--state": statusColor(status) } as CSSProperties) : undefined}
    >
      <div className={`${styles.title} ${FRAME_GRIP}`}>
        <button
          type="button"
          className={`${styles.fold} nodrag`}
          disabled={!onFold}
          aria-expanded={!group.collapsed}
          aria-label={group.collapsed ? "Unfold the group" : "Fold the group"}
          onClick={() => onFold?.(id)}
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
      {group.collapsed && status && (
        <span
          className={styles.status}
          style={{ background: statusColor(status, "wash"), color: statusColor(status, "ink") }}
        >
          <StatusIcon status={status} size={12} />
          {statusWord(status)}
        </span>
      )}
      {selected && onGroup && (
        <ColourChoice
          label="Colour of the group"
          value={group.colour}
          onChoose={(colour) => onGroup(group.id, { colour })}
        />
      )}
      {group.collapsed && (
        <>
          <Handle type="target" position={Position.Left} className={styles.end} isConnectable={false} />
          <Handle type="source" position={Position.Right} className={styles.end} isConnectable={false} />
        </>
      )}
    </div>
  );
});

function spoken({ title, nodes, collapsed }: NodeGroup, status: string | undefined): string {
  const parts = [`Group ${title}`, `${nodes.length} nodes`];
  if (collapsed) parts.push("folded");
  if (collapsed && status) parts.push(statusWord(status).toLowerCase());
  return parts.join(", ");
}
