import { History, Play } from "lucide-react";
import { Link } from "react-router";

import { type Schedule, useResumeSchedule } from "@/api";
import {
  announce,
  Button,
  cell,
  formatExact,
  formatNext,
  IconButton,
  paths,
  ProblemNote,
  RelativeTime,
  Table,
} from "@/ui";

import styles from "./schedules.module.css";

const COLUMNS = [
  { label: "Workflow", width: "24%" },
  { label: "Schedule", width: "30%" },
  { label: "Why it is not above" },
  { label: "Actions", hidden: true, width: "150px" },
];

interface RestingProps {
  rows: Schedule[];
  hours: number;
  onBackfill: (schedule: Schedule) => void;
}

/** Schedules that start nothing in the time that is shown, each with the reason. */
export function Resting({ rows, hours, onBackfill }: RestingProps) {
  const resume = useResumeSchedule();
  return (
    <section className={styles.section} aria-labelledby="resting">
      <h2 id="resting">Resting</h2>
      {resume.error && <ProblemNote error={resume.error} />}
      <Table label="Resting schedules" columns={COLUMNS}>
        {rows.map((row) => (
          <tr key={row.id}>
            <td className={styles.clipped}>
              <Link to={paths.workflow(row.workflow_id)} className={styles.workflow}>
                {row.workflow_name}
              </Link>
            </td>
            <td className={styles.clipped}>
              {row.words} <span className={cell.faint}>{row.timezone}</span>
            </td>
            <td className={styles.clipped}>
              <Why row={row} hours={hours} />
            </td>
            <td className={styles.actions}>
              {row.paused_at && (
                <Button
                  small
                  icon={Play}
                  busy={resume.isPending && resume.variables === row.id}
                  onClick={() =>
                    resume.mutate(row.id, { onSuccess: () => announce(`${row.workflow_name} resumed`) })
                  }
                >
                  Resume
                </Button>
              )}
              <IconButton
                small
                icon={History}
                label={`Backfill ${row.workflow_name}`}
                onClick={() => onBackfill(row)}
              />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Why({ row, hours }: { row: Schedule; hours: number }) {
  if (row.paused_at)
    return (
      <>
        Paused <RelativeTime at={row.paused_at} />
        {row.pause_reason && `: ${row.pause_reason}`}
      </>
    );
  if (!row.is_active) return <>The workflow is not active.</>;
  if (!row.next_due_at) return <>It has no coming time.</>;
  return (
    <>
      Not within {hours === 24 ? "24 hours" : "7 days"}: next{" "}
      <time dateTime={row.next_due_at} title={formatExact(row.next_due_at)}>
        {formatNext(row.next_due_at)}
      </time>
    </>
  );
}
