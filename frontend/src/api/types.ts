/** What the server says and hears, as the screens use it. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type RunStatus =
  "pending" | "running" | "waiting" | "suspended" | "completed" | "failed" | "terminated";
export type NodeStatus = RunStatus | "skipped" | "interrupted";
export type LogStatus = "started" | "completed" | "failed" | "interrupted" | "terminated";
export type TriggerType = "api" | "manual" | "webhook" | "schedule" | "workflow";

export interface ProblemField {
  path: string;
  code: string;
  message: string;
  node_id?: string | null;
  edge_id?: string | null;
  field?: string | null;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  errors?: ProblemField[];
  [extra: string]: unknown;
}

export interface User {
  id: string;
  email: string;
  name: string;
}

export interface Project {
  id: string;
  name: string;
  role: string;
  timezone: string;
}

export interface Session {
  user: User | null;
  projects: Project[];
  csrf_token: string;
}

export interface NodeData {
  componentId: string;
  label?: string;
  notes?: string;
  disabled?: boolean;
  retry?: { count: number; delay: number; backoff: "fixed" | "exponential" };
  timeout?: number;
  on_error?: "stop" | "continue" | "error";
  repeat?: "safe" | "keyed" | "once";
  parameters?: JsonObject;
  [setting: string]: unknown;
}

export interface WorkflowNode {
  id: string;
  type: string;
  position?: { x: number; y: number };
  parentId?: string;
  data: NodeData;
}

export interface WorkflowEdge {
  id: string;
  source: string;
  target: string;
  sourceHandle?: string | null;
  targetHandle?: string | null;
}

export interface Actor {
  id: string;
  email: string;
}

/** The membership under which a workflow acts. */
export interface Authorization {
  id: string;
  user_id: string;
  email: string;
  created_at: string;
}

export interface WorkflowTrigger {
  node_id: string;
  kind: string;
  summary: string;
  next_run_at: string | null;
}

/** A run as the strip of a workflow's row shows it. */
export interface RecentRun {
  id: string;
  status: RunStatus;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  duration_ms: number | null;
  trigger_type: TriggerType;
}

export interface WorkflowRow {
  id: string;
  key: string;
  name: string;
  description: string | null;
  draft_revision: number;
  published_version: number | null;
  has_unpublished_changes: boolean;
  schedule_type: string;
  schedule_value: string | null;
  next_run_at: string | null;
  is_active: boolean;
  webhook_url: string | null;
  triggers: WorkflowTrigger[];
  created_at: string;
  updated_at: string;
  updated_by: Actor | null;
  authorization: Authorization;
  runs: RecentRun[];
  success_rate: number | null;
  p50_ms: number | null;
}

export interface Workflow extends WorkflowRow {
  nodes: WorkflowNode[];
  edges: WorkflowEdge[];
}

export interface WorkflowDraft {
  name?: string;
  description?: string;
  nodes?: WorkflowNode[];
  edges?: WorkflowEdge[];
  is_active?: boolean;
  draft_revision?: number;
  /** A draft may be saved with settings missing or wrong; publishing it then says so. */
  allow_incomplete?: boolean;
}

export interface WorkflowVersion {
  number: number;
  note: string;
  created_at: string;
  created_by: Actor | null;
  is_current: boolean;
}

export interface WorkflowVersionDetail extends WorkflowVersion {
  nodes: WorkflowNode[];
  edges: WorkflowEdge[];
}

export interface Validation {
  valid: boolean;
  errors: ProblemField[];
}

export interface RunError {
  code: string;
  message: string;
  node_id?: string | null;
}

export interface RunHead {
  id: string;
  run_id: string | null;
  status: RunStatus;
  trigger_type: TriggerType;
  error_message: string | null;
  error: RunError | null;
  started_at: string | null;
  completed_at: string | null;
  duration_in_seconds: number | null;
  duration_ms: number | null;
  created_at: string;
  correlation_id: string | null;
  priority: number;
  metadata: Record<string, string>;
  version: number | null;
  is_draft: boolean;
  retry_of: string | null;
  parent_run_id: string | null;
  reason: string | null;
  workflow_id: string;
  workflow_name: string;
}

export interface NodeState {
  status: NodeStatus;
  attempts: number;
  started_at: string | null;
  completed_at: string | null;
  duration_ms: number | null;
  handle: string | null;
  error: LogError | null;
}

export type NodeStates = Record<string, NodeState>;

export interface LogError {
  code: string;
  message: string;
  field?: string | null;
  position?: number | null;
}

export interface LogMessage {
  at: string;
  level: string;
  text: string;
}

export interface Log {
  id: string;
  execution_id: string;
  node_id: string;
  component_id: string;
  iteration: string;
  attempt: number;
  status: LogStatus;
  handle: string | null;
  input: Json;
  output: Json;
  error: LogError | null;
  messages: LogMessage[];
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  duration_ms: number | null;
}

export interface Run extends Omit<RunHead, "workflow_id" | "workflow_name"> {
  trigger_payload: Json;
  output: Json;
  workflow: Workflow;
  logs: Log[];
  node_states: NodeStates;
}

export interface Page<Row> {
  results: Row[];
  next: string | null;
}

export interface Component {
  kind: string;
  title: string;
  category: "trigger" | "flow" | "data" | "action";
  description: string;
  icon: string;
  keywords: string[];
  aliases: { kind: string; title: string }[];
  is_trigger: boolean;
  repeat: "safe" | "keyed" | "once";
  handles: string[];
  dynamic_handles: { setting: string; key: string } | null;
  can_fail: boolean;
  schema: JsonSchema;
}

/** The part of JSON Schema 2020-12 that the catalogue uses, with our hints for the form. */
export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  const?: Json;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  additionalProperties?: boolean | JsonSchema;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  "x-widget"?: string;
  "x-placeholder"?: string;
  "x-show-if"?: Record<string, Json>;
  [hint: string]: unknown;
}

export type CredentialKind = "bearer" | "basic" | "header" | "query";

export interface Credential {
  id: string;
  name: string;
  kind: CredentialKind;
  created_at: string;
  updated_at: string;
  used_by: number;
}

export interface CredentialWrite {
  name: string;
  kind: CredentialKind;
  data?: Record<string, string>;
}

export interface ApiKey {
  id: string;
  name: string;
  role: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
}

export interface NewApiKey extends ApiKey {
  secret: string;
}
