import { CalendarClock, Hand, TriangleAlert, Webhook } from "lucide-react";
import { Link } from "react-router";

import type { WorkflowRow } from "@/api";
import { cell, cronInWords, formatExact, formatNext, paths, scheduleInShort, scheduleInWords } from "@/ui";

import styles from "./workflows.module.css";

export interface TriggerLine {
  kind: "schedule" | "webhook" | "manual";
  words: string;
  next: string | null;
}

/** What starts a workflow, as its row says it. A schedule set on the workflow itself has no node of its own. */
export function triggerLines(workflow: WorkflowRow): TriggerLine[] {
  const lines = workflow.triggers.flatMap((trigger): TriggerLine[] => {
    if (trigger.kind.startsWith("schedule")) {
      const words = cronInWords(trigger.summary) ?? trigger.summary;
      return [{ kind: "schedule", words, next: trigger.next_run_at }];
    }
    if (trigger.kind.startsWith("webhook")) return [{ kind: "webhook", words: "Webhook", next: null }];
    return [];
  });
  const own = workflow.schedule_type !== "manual" && workflow.schedule_value;
  if (own && !lines.some((line) => line.kind === "schedule")) {
    const words = scheduleInWords(workflow.schedule_type, workflow.schedule_value);
    lines.unshift({ kind: "schedule", words, next: workflow.next_run_at });
  }
  return lines.length > 0 ? lines : [{ kind: "manual", words: "By hand or API", next: null }];
}

const ICONS = { schedule: CalendarClock, webhook: Webhook, manual: Hand };

export function TriggerWords({ workflow }: { workflow: WorkflowRow }) {
  const [first, ...others] = triggerLines(workflow);
  const Icon = ICONS[first!.kind];
  const all = others.map((line) => line.words).join(" · ");
  return (
    <div className={styles.trigger}>
      <Icon size={15} aria-hidden="true" />
      <div className={styles.triggerText}>
        <p className={styles.triggerLine}>
          <span className={cell.clip} title={first!.words}>
            {scheduleInShort(first!.words)}
          </span>
          {others.length > 0 && (
            <span className={cell.faint} title={all}>
              +{others.length} more
            </span>
          )}
        </p>
        <NextTime workflow={workflow} next={first!.next} scheduled={first!.kind === "schedule"} />
        <Alarm workflow={workflow} />
      </div>
    </div>
  );
}

interface NextTimeProps {
  workflow: WorkflowRow;
  next: string | null;
  scheduled: boolean;
}

function NextTime({ workflow, next, scheduled }: NextTimeProps) {
  if (!scheduled) return null;
  const at = next ?? workflow.next_run_at;
  if (!workflow.is_active) return <p className={cell.faint}>Resting: not active</p>;
  const paused = workflow.triggers.find((trigger) => trigger.pause_reason != null);
  if (!at && paused)
    return (
      <p className={`${cell.faint} ${cell.clip}`} title={paused.pause_reason!}>
        Paused{paused.pause_reason && `: ${paused.pause_reason}`}
      </p>
    );
  if (!at) return <p className={cell.faint}>No coming time</p>;
  return (
    <p className={`${cell.faint} ${cell.clip}`}>
      Next{" "}
      <time dateTime={at} title={formatExact(at)}>
        {formatNext(at)}
      </time>
    </p>
  );
}

/** Starts that did not happen in time, until somebody marks them as seen. */
function Alarm({ workflow: { id, name, alarm } }: { workflow: WorkflowRow }) {
  if (!alarm) return null;
  const overdue = alarm.overdue_since;
  const words = overdue
    ? "Overdue"
    : `${alarm.missed} ${alarm.missed === 1 ? "start" : "starts"} not in time`;
  return (
    <Link
      to={paths.missedOf(id)}
      className={styles.alarm}
      title={overdue ? `Due ${formatExact(overdue)}, and no clock has looked yet` : undefined}
    >
      <TriangleAlert size={13} aria-hidden="true" />
      {words}
      <span className="visually-hidden"> by {name}</span>
    </Link>
  );
}
