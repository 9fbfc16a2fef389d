/** The shapes of a workflow's graph as the API speaks them. Unknown keys are kept and sent back as they came. */

export interface XY {
  x: number;
  y: number;
}

export type OnError = "stop" | "continue" | "error";

export interface NodeData {
  componentId: string;
  label?: string;
  notes?: string;
  disabled?: boolean;
  on_error?: OnError;
  continue_on_error?: boolean;
  parameters?: Record<string, unknown>;
  [setting: string]: unknown;
}

export interface FlowNode {
  id: string;
  type?: string;
  position?: XY | null;
  parentId?: string | null;
  data: NodeData;
  [key: string]: unknown;
}

export interface FlowEdge {
  id: string;
  source: string;
  target: string;
  sourceHandle?: string | null;
  targetHandle?: string | null;
  [key: string]: unknown;
}

export interface Graph {
  nodes: readonly FlowNode[];
  edges: readonly FlowEdge[];
}

/** JSON Schema (2020-12) as far as our node kinds use it, with the form hints the server adds. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  "x-widget"?: string;
  "x-placeholder"?: string;
  "x-show-if"?: Record<string, unknown>;
  [key: string]: unknown;
}

export type Category = "trigger" | "flow" | "data" | "action";

/** One entry of the catalogue: a kind of node. */
export interface Kind {
  kind: string;
  title: string;
  category: Category;
  description: string;
  icon: string;
  keywords: string[];
  aliases: { kind: string; title: string }[];
  is_trigger: boolean;
  repeat: string;
  handles: string[];
  dynamic_handles: { setting: string; key: string } | null;
  can_fail: boolean;
  schema: Schema;
}

export type NodeStatus =
  | "pending"
  | "running"
  | "waiting"
  | "suspended"
  | "completed"
  | "failed"
  | "interrupted"
  | "terminated"
  | "skipped";

/** What a run says about one node. Lives beside the document, never in it. */
export interface NodeState {
  status: NodeStatus | (string & {});
  attempts?: number;
  started_at?: string | null;
  completed_at?: string | null;
  duration_ms?: number | null;
  handle?: string | null;
  error?: unknown;
}

export type NodeStates = Readonly<Record<string, NodeState>>;
