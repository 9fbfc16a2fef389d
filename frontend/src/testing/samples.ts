import type { Firing, Log, NodeState, Run, RunHead, TimelineRow, Workflow, WorkflowRow } from "@/api";

const HEAD: RunHead = {
  id: "fl_run_01",
  run_id: null,
  status: "completed",
  trigger_type: "api",
  error_message: null,
  error: null,
  started_at: "2026-05-01T12:00:00.100000Z",
  completed_at: "2026-05-01T12:00:02.100000Z",
  duration_in_seconds: 2,
  duration_ms: 2000,
  created_at: "2026-05-01T12:00:00.000000Z",
  deadline_at: null,
  correlation_id: null,
  priority: 50,
  metadata: {},
  version: 1,
  is_draft: false,
  partial: null,
  retry_of: null,
  parent_run_id: null,
  reason: null,
  terminated_by: null,
  workflow_id: "fl_01",
  workflow_name: "Orders",
};

export function workflowRow(changes: Partial<WorkflowRow> = {}): WorkflowRow {
  return {
    id: "fl_01",
    key: "orders",
    name: "Orders",
    description: "",
    tags: [],
    max_concurrent_runs: null,
    deadline_seconds: null,
    run_days: null,
    node_limits: null,
    runs_kept: null,
    draft_revision: 1,
    published_version: 1,
    has_unpublished_changes: false,
    schedule_type: "manual",
    schedule_value: null,
    next_run_at: null,
    alarm: null,
    alert_workflow: null,
    is_active: true,
    webhook_url: null,
    triggers: [],
    created_at: "2026-04-01T12:00:00.000000Z",
    updated_at: "2026-04-02T12:00:00.000000Z",
    updated_by: { id: "us_1", email: "ada@example.com" },
    authorization: {
      id: "auth_1",
      user_id: "us_1",
      email: "ada@example.com",
      created_at: "2026-04-01T12:00:00.000000Z",
    },
    runs: [],
    success_rate: null,
    p50_ms: null,
    ...changes,
  };
}

export function workflow(changes: Partial<Workflow> = {}): Workflow {
  const node = (id: string, label: string) => ({
    id,
    type: "set",
    position: { x: 0, y: 0 },
    data: { componentId: "set", label },
  });
  return {
    ...workflowRow(),
    nodes: [node("start", "Start"), node("fetch", "Fetch stock"), node("spare", "Spare")],
    edges: [{ id: "e1", source: "start", target: "fetch" }],
    notes: [],
    groups: [],
    ...changes,
  };
}

export function runHead(changes: Partial<RunHead> = {}): RunHead {
  return { ...HEAD, ...changes };
}

export function run(changes: Partial<Run> = {}): Run {
  const { workflow_id: _id, workflow_name: _name, ...head } = HEAD;
  return {
    ...head,
    trigger_payload: { order: 7 },
    output: null,
    variables: {},
    response: null,
    workflow: workflow(),
    logs: [],
    waits: [],
    node_states: {},
    ...changes,
  };
}

/** Times in milliseconds after the run was asked for; no end means it is still going on. */
export function log(nodeId: string, from: number, to: number | null, changes: Partial<Log> = {}): Log {
  return {
    id: `fl_log_${nodeId}_${changes.attempt ?? 1}`,
    execution_id: HEAD.id,
    node_id: nodeId,
    component_id: "set",
    iteration: "",
    attempt: 1,
    status: to === null ? "started" : "completed",
    handle: to === null ? null : "out",
    input: {},
    output: to === null ? null : { done: true },
    error: null,
    messages: [],
    progress: null,
    created_at: after(from),
    started_at: after(from),
    completed_at: to === null ? null : after(to),
    duration_ms: to === null ? null : to - from,
    ...changes,
  };
}

export function nodeState(status: NodeState["status"], changes: Partial<NodeState> = {}): NodeState {
  return {
    status,
    attempts: 1,
    started_at: null,
    completed_at: null,
    duration_ms: null,
    handle: null,
    error: null,
    is_given: false,
    progress: null,
    passes: null,
    iterations: null,
    ...changes,
  };
}

function after(ms: number): string {
  return new Date(Date.parse(HEAD.created_at) + ms).toISOString();
}

export function timelineRow(changes: Partial<TimelineRow> = {}): TimelineRow {
  return {
    id: "sch_01",
    workflow_id: "fl_01",
    workflow_name: "Orders",
    node_id: "clock",
    words: "At 09:00, Monday through Friday",
    schedule_type: "cron",
    schedule_value: "0 9 * * mon-fri",
    timezone: "Europe/Berlin",
    starts_on: null,
    ends_on: null,
    jitter: 0,
    catch_up: "latest",
    overlap: "allow",
    grace: 60,
    is_active: true,
    next_due_at: "2026-05-01T07:00:00.000000Z",
    is_overdue: false,
    paused_at: null,
    pause_reason: "",
    fires: [{ at: "2026-05-01T07:00:00.000000Z", clock_change: null }],
    every_seconds: null,
    ...changes,
  };
}

export function firing(changes: Partial<Firing> = {}): Firing {
  return {
    id: "1",
    workflow_id: "fl_01",
    workflow_name: "Orders",
    schedule_id: "sch_01",
    backfill_id: null,
    due_at: "2026-05-01T07:00:00.000000Z",
    seen_at: "2026-05-01T07:00:00.001000Z",
    started_at: "2026-05-01T07:00:00.006000Z",
    lag_ms: 6,
    outcome: "started",
    reason: "",
    alarm: false,
    run_id: "fl_run_01",
    run_status: "completed",
    ...changes,
  };
}
