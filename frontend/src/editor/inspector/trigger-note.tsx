import { CalendarClock } from "lucide-react";

import { useWorkflow } from "@/api";
import type { FlowNode, Kind } from "@/canvas/graph";
import { formatExact } from "@/ui";

import { useEditor } from "../editor";
import { HookNote } from "./hook-note";
import styles from "./inspector.module.css";

/** What a trigger means out there: the address to call, or when it fires next. */
export function TriggerNote({ node, kind }: { node: FlowNode; kind: Kind }) {
  if (kind.kind === "webhook_trigger") return <HookNote node={node} />;
  if (kind.kind === "schedule_trigger") return <ScheduleNote node={node} />;
  return null;
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
