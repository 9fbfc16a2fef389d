import { CirclePause, CircleX, Play } from "lucide-react";
import { Link } from "react-router";

import { type Backfill, type BackfillStep, useBackfills, useSteerBackfill } from "@/api";
import {
  cell,
  EmptyState,
  formatExact,
  IconButton,
  Loading,
  paths,
  ProblemNote,
  RelativeTime,
  Table,
} from "@/ui";

import styles from "./schedules.module.css";

const COLUMNS = [
  { label: "Workflow", width: "22%" },
  { label: "Range" },
  { label: "Progress", width: "240px" },
  { label: "State", width: "110px" },
  { label: "Asked for", width: "116px" },
  { label: "Actions", hidden: true, width: "92px" },
];

const WORDS = { running: "Running", paused: "Paused", completed: "Completed", cancelled: "Cancelled" };

export function Backfills() {
  const { data, error, isPending } = useBackfills();
  const steer = useSteerBackfill();
  return (
    <div className={styles.panel}>
      {(error ?? steer.error) && <ProblemNote error={error ?? steer.error} />}
      {isPending && <Loading what="backfills" />}
      {data?.length === 0 && (
        <EmptyState title="No backfill yet">
          A backfill runs a schedule through a range of the past. Choose one from the menu of a schedule,
          under Coming.
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <Table label="Backfills" columns={COLUMNS}>
          {data.map((row) => (
            <Row key={row.id} row={row} onStep={(step) => steer.mutate({ id: row.id, step })} />
          ))}
        </Table>
      )}
    </div>
  );
}

function Row({ row, onStep }: { row: Backfill; onStep: (step: BackfillStep) => void }) {
  const name = row.workflow_name;
  return (
    <tr>
      <td className={styles.clipped}>
        <Link to={paths.workflow(row.workflow_id)} className={styles.workflow}>
          {name}
        </Link>
      </td>
      <td className={styles.clipped}>
        {formatExact(row.since)} to {formatExact(row.until)}
      </td>
      <td>
        <div className={styles.progress}>
          <progress value={row.done} max={row.total} aria-label={`Backfill of ${name}`} />
          <span className={cell.number}>
            {row.done} of {row.total}
          </span>
        </div>
      </td>
      <td title={row.reason}>{WORDS[row.status]}</td>
      <td>
        <RelativeTime at={row.created_at} />
      </td>
      <td>
        {row.status === "running" && (
          <IconButton
            small
            icon={CirclePause}
            label={`Pause the backfill of ${name}`}
            onClick={() => onStep("pause")}
          />
        )}
        {row.status === "paused" && (
          <IconButton
            small
            icon={Play}
            label={`Resume the backfill of ${name}`}
            onClick={() => onStep("resume")}
          />
        )}
        {(row.status === "running" || row.status === "paused") && (
          <IconButton
            small
            icon={CircleX}
            label={`Cancel the backfill of ${name}`}
            onClick={() => onStep("cancel")}
          />
        )}
      </td>
    </tr>
  );
}
