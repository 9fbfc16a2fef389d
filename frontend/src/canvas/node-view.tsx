import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { ChevronDown, ChevronRight, TriangleAlert } from "lucide-react";
import { type CSSProperties, memo, type MouseEvent } from "react";

import { statusColor } from "@/ui";

import { useCanvas } from "./canvas-store";
import { exitsOf, exitTop, type FlowNode, isFolded, type NodeState, PLAIN } from "./graph";
import { FRAME_GRIP } from "./group-view";
import { KindIcon } from "./kind-icon";
import { NodeLabel } from "./node-label";
import styles from "./node-view.module.css";
import { StatusPill } from "./status-pill";

export type DrawnNode = Node<{ node: FlowNode }, "step">;

const BORDER = 1;

/** The id of a node's element, for the canvas to point at as the active one. */
export const nodeElementId = (id: string) => `node-${id}`;

/**
 * One node. It is drawn again when its own node object, its own state or its own problems change, and it keeps to few
 * elements: at 500 nodes every one more is 500 for the browser to lay out.
 */
export const NodeView = memo(function NodeView({ id, data, selected }: NodeProps<DrawnNode>) {
  const { node } = data;
  const catalogue = useCanvas((canvas) => canvas.catalogue);
  const state = useCanvas((canvas) => canvas.states[id]);
  const problems = useCanvas((canvas) => canvas.problems[id] ?? 0);
  const other = useCanvas((canvas) => canvas.others?.[id]);
  const differs = useCanvas((canvas) => canvas.differing?.has(id) ?? false);
  const pinned = useCanvas((canvas) => canvas.pinned.has(id));
  const stale = useCanvas((canvas) => (canvas.states[id] ? canvas.stale[id] : undefined));
  const kind = catalogue.of(node);
  const label = catalogue.label(node);
  const title = catalogue.title(node.data.componentId);
  const frame = kind?.is_container && !isFolded(node);
  const mark = useCanvas((canvas) => canvas.marks.nodes[id]);
  const drop = useCanvas((canvas) => canvas.dropInto === id);
  return (
    <div
      id={nodeElementId(id)}
      className={frame ? `${styles.node} ${styles.frame}` : styles.node}
      role="group"
      aria-roledescription="node"
      aria-label={spoken(label, title, node, state, problems, selected, mark)}
      data-kind={node.data.componentId}
      data-trigger={kind?.is_trigger || undefined}
      data-disabled={node.data.disabled || undefined}
      data-status={state?.status}
      data-differs={differs || undefined}
      style={state && stateColor(state.status)}
      data-unknown={kind ? undefined : true}
      data-drop={drop || undefined}
      data-mark={mark}
    >
      {frame && <div className={`${styles.grip} ${FRAME_GRIP}`} />}
      {kind?.is_container && <Fold id={id} folded={!frame} />}
      <KindIcon name={kind?.icon} />
      <span className={frame ? `${styles.words} ${FRAME_GRIP}` : styles.words}>
        <NodeLabel id={id} label={label} />
        <span className={styles.kind}>{subtitle(title, node, pinned)}</span>
      </span>
      {problems > 0 && (
        <span className={styles.problems}>
          <TriangleAlert size={12} aria-hidden />
          {problems}
        </span>
      )}
      {state && <StatusPill state={state} stale={stale} />}
      {other && <StatusPill state={other} second />}
      {state?.error && <span className={styles.fault}>{state.error.message}</span>}
      {!kind?.is_trigger && <Entry id={id} />}
      <Exits id={id} exits={exitsOf(node, kind)} />
    </div>
  );
});

function Fold({ id, folded }: { id: string; folded: boolean }) {
  const onFold = useCanvas((canvas) => canvas.onFold);
  const Chevron = folded ? ChevronRight : ChevronDown;
  return (
    <button
      type="button"
      className={`${styles.fold} nodrag`}
      disabled={!onFold}
      aria-expanded={!folded}
      aria-label={folded ? "Unfold the container" : "Fold the container"}
      onClick={() => onFold?.(id)}
    >
      <Chevron size={15} aria-hidden />
    </button>
  );
}

const stateColor = (status: string) => ({ "--state": statusColor(status) }) as CSSProperties;

function subtitle(title: string, node: FlowNode, pinned: boolean): string {
  if (node.data.disabled) return "disabled: passes through";
  return pinned ? `pinned · ${title}` : title;
}

function spoken(
  label: string,
  title: string,
  node: FlowNode,
  state: NodeState | undefined,
  problems: number,
  selected: boolean,
  mark: string | undefined,
): string {
  const parts = [label === title ? label : `${label}, ${title}`];
  if (mark) parts.push(mark);
  if (selected) parts.push("selected");
  if (node.data.disabled) parts.push("disabled");
  if (state) parts.push(state.error ? `${state.status}: ${state.error.message}` : state.status);
  if (problems > 0) parts.push(problems === 1 ? "1 problem" : `${problems} problems`);
  return parts.join(", ");
}

function Entry({ id }: { id: string }) {
  const legal = useCanvas((canvas) => canvas.legal?.end === "target" && canvas.legal.ids.has(id));
  return (
    <Handle type="target" position={Position.Left} className={styles.entry} data-legal={legal || undefined} />
  );
}

function Exits({ id, exits }: { id: string; exits: string[] }) {
  const legal = useCanvas((canvas) => canvas.legal?.end === "source" && canvas.legal.ids.has(id));
  const onExit = useCanvas((canvas) => canvas.onExit);
  const add = (event: MouseEvent, exit: string) => {
    event.stopPropagation();
    onExit?.(id, exit, event.currentTarget.getBoundingClientRect());
  };
  return exits.map((exit, index) => (
    <Handle
      key={exit}
      id={exit}
      type="source"
      position={Position.Right}
      className={styles.exit}
      style={{ top: exitTop(index, exits.length) - BORDER }}
      data-legal={legal || undefined}
      data-exit={exit}
      onClick={onExit && ((event) => add(event, exit))}
    >
      {(exits.length > 1 || exit !== PLAIN) && <span className={styles.exitName}>{exit}</span>}
    </Handle>
  ));
}
