import { CalendarClock, TriangleAlert, Webhook } from "lucide-react";

import { useWorkflow } from "@/api";
import { type FlowNode, type Kind, settingOf } from "@/canvas/graph";
import { CopyButton, formatExact } from "@/ui";

import { useEditor } from "../editor";
import styles from "./inspector.module.css";

/** What a trigger means out there: the address to call, or when it fires next. */
export function TriggerNote({ node, kind }: { node: FlowNode; kind: Kind }) {
  if (kind.kind === "webhook_trigger") return <HookNote node={node} />;
  if (kind.kind === "schedule_trigger") return <ScheduleNote node={node} />;
  return null;
}

function HookNote({ node }: { node: FlowNode }) {
  const { data: workflow } = useWorkflow(useEditor().workflowId);
  const path = String(settingOf(node, "path") ?? "").replace(/^\/+/, "");
  const url =
    workflow?.webhook_url &&
    (path ? `${workflow.webhook_url.replace(/\/$/, "")}/${path}` : workflow.webhook_url);
  const signed = Boolean(settingOf(node, "signature") ?? settingOf(node, "secret"));
  return (
    <div className={styles.note}>
      <p className={styles.noteHead}>
        <Webhook size={15} aria-hidden /> Address
      </p>
      {url ? (
        <div className={styles.address}>
          <code>{url}</code>
          <CopyButton text={url} what="webhook URL" />
        </div>
      ) : (
        <p>The address is made when the workflow is saved.</p>
      )}
      {!workflow?.is_active && <p>It answers once the workflow is published and active.</p>}
      {!signed && (
        <p className={styles.warning}>
          <TriangleAlert size={14} aria-hidden /> Unsigned: whoever knows this address can start the workflow.
        </p>
      )}
    </div>
  );
}

function ScheduleNote({ node }: { node: FlowNode }) {
  const { data: workflow } = useWorkflow(useEditor().workflowId);
  const next = workflow?.triggers.find((trigger) => trigger.node_id === node.id)?.next_run_at;
  return (
    <div className={styles.note}>
      <p className={styles.noteHead}>
        <CalendarClock size={15} aria-hidden /> Next start
      </p>
      {next && workflow?.is_active ? (
        <p>
          <time dateTime={next}>{formatExact(next)}</time> (as published)
        </p>
      ) : (
        <p>None: it fires once the workflow is published and active.</p>
      )}
    </div>
  );
}
