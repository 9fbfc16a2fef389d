/**
 * What the server says and hears, by the names the screens use. Everything comes from its own description
 * (schema.d.ts is generated), so that a field that changes there breaks the build here.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** The description can only say "anything" where any JSON value may stand. */
type WithJson<Record_, Field extends keyof Record_> = Omit<Record_, Field> & Record<Field, Json>;

export type Problem = Partial<Schemas["Problem"]> & Pick<Schemas["Problem"], "title" | "status" | "code">;
export type ProblemField = Schemas["ProblemDetail"];

export type User = Schemas["User"];
export type Project = Schemas["Project"];
export type Session = Schemas["Session"];

export type WorkflowNode = Schemas["WorkflowNode"];
export type WorkflowEdge = Schemas["WorkflowEdge"];
export type NodeData = Schemas["NodeData"];
export type StickyNote = Schemas["StickyNote"];
export type NodeGroup = Schemas["NodeGroup"];
export type NoteColour = NonNullable<StickyNote["colour"]>;
export type PresenceSignal = Schemas["PresenceSignal"];
export type Visitor = Schemas["Visitor"];
export type WorkflowTrigger = Schemas["WorkflowTrigger"];
export type RecentRun = Schemas["RecentRun"];
export type WorkflowRow = Schemas["WorkflowRow"];
export type Workflow = Schemas["Workflow"];
export type WorkflowCreate = Schemas["WorkflowCreate"];
export type WorkflowDraft = Schemas["WorkflowUpdate"];
export type WorkflowVersion = Schemas["WorkflowVersion"];
export type WorkflowVersionDetail = Schemas["WorkflowVersionDetail"];
export type Differences = Schemas["Differences"];
export type Validation = Schemas["Validation"];

export type RunHead = Schemas["RunHead"];
export type RunStatus = RunHead["status"];
export type TriggerType = RunHead["trigger_type"];
export type NodeState = Schemas["NodeState"];
export type NodeStatus = NodeState["status"];
export type NodeStates = Record<string, NodeState>;
export type LogError = Schemas["LogError"];
export type LogMessage = Schemas["LogMessage"];
export type Log = WithJson<Schemas["Log"], "input" | "output">;
export type LogStatus = Log["status"];
export type Run = WithJson<Omit<Schemas["Run"], "logs" | "variables">, "trigger_payload" | "output"> & {
  logs: Log[];
  variables: JsonObject;
};
export type RunWait = Schemas["RunWait"];
/** Something that a run was told, which lies in its inbox until a node takes it. */
export type ToldEvent = WithJson<Schemas["RunEvent"], "payload">;
export type RunPartInput = Partial<Omit<Schemas["Partial"], "outcomes">> & {
  outcomes?: Record<string, { value: Json; handle?: string }>;
};
export type ExecuteInput = Omit<Schemas["Execute"], "context" | "partial"> & {
  context?: JsonObject;
  partial?: RunPartInput;
};

export type RunRetry = Partial<Omit<Schemas["RunRetry"], "context">> & { context?: JsonObject };
export type BulkRuns = Partial<Pick<Schemas["BulkTerminate"], "ids" | "filter" | "limit">>;
export type BulkOutcome = Schemas["BulkOutcome"];

export type Sample = WithJson<Schemas["Sample"], "value">;
export type Samples = WithJson<Omit<Schemas["Samples"], "nodes" | "passes">, "payload"> & {
  nodes: Record<string, Sample>;
  passes: Record<string, WithJson<Schemas["Pass"], "value">>;
};
export type PinChanges = Record<string, { value: Json; handle?: string } | null>;
export type PreviewQuestion = Omit<Schemas["PreviewQuestion"], "payload"> & { payload?: Json };
export type PreviewResult = WithJson<Schemas["PreviewResult"], "value">;

export interface Page<Row> {
  results: Row[];
  next: string | null;
}

export type Component = Omit<Schemas["Component"], "schema"> & { schema: JsonSchema };

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
  "x-language"?: "python" | "javascript" | "jq";
  "x-placeholder"?: string;
  "x-show-if"?: Record<string, Json>;
  [hint: string]: unknown;
}

export type Schedule = Schemas["Schedule"];
export type HousekeepingTask = Schemas["HousekeepingTask"];
export type HousekeepingChange = Schemas["HousekeepingChange"];
export type Worker = Schemas["Worker"];
export type Untaken = Schemas["Untaken"];
export type Fire = Schemas["Fire"];
export type Timeline = Schemas["Timeline"];
export type TimelineRow = Schemas["TimelineRow"];
export type Firing = Schemas["Firing"];
export type Backfill = Schemas["Backfill"];
export type BackfillCreate = Schemas["BackfillCreate"];

export type Credential = Schemas["Credential"];
export type CredentialKind = Credential["kind"];
export type CredentialCreate = Schemas["CredentialCreate"];
export type CredentialUpdate = Schemas["CredentialUpdate"];

export type ApiKey = Schemas["ApiKey"];
export type NewApiKey = Schemas["NewApiKey"];
export type ApiKeyInput = Schemas["ApiKeyCreate"];

export type DeliveryHead = Schemas["DeliveryHead"];
export type DeliveryOutcome = DeliveryHead["outcome"];
export type Delivery = WithJson<Schemas["Delivery"], "body">;
export type ReplayResult = Schemas["ReplayResult"];
export type Listener = WithJson<Schemas["Listener"], "payload">;
