import { Check } from "lucide-react";
import { Link } from "react-router";

import { type Firing, type FiringFilter, useAcknowledgeMissed, useFirings, useWorkflow } from "@/api";
import {
  announce,
  Button,
  cell,
  EmptyState,
  formatDuration,
  formatExact,
  IconButton,
  ListFoot,
  Loading,
  paths,
  ProblemNote,
  Select,
  Status,
  Table,
} from "@/ui";

import { Outcome, OUTCOMES } from "./outcome";
import styles from "./schedules.module.css";

const COLUMNS = [
  { label: "Due", width: "208px" },
  { label: "Workflow", width: "22%" },
  { label: "Outcome", width: "116px" },
  { label: "Lag", number: true, width: "100px" },
  { label: "Run", width: "124px" },
  { label: "Why" },
  { label: "Acknowledge", hidden: true, width: "48px" },
];

interface PastProps {
  filter: FiringFilter;
  setFilter: (changes: Record<string, string | undefined>) => void;
}

export function Past({ filter, setFilter }: PastProps) {
  const list = useFirings(filter);
  const acknowledge = useAcknowledgeMissed();
  const rows = list.data?.pages.flatMap((page) => page.results) ?? [];
  const filtered = Object.values(filter).some(Boolean);
  return (
    <div className={styles.panel}>
      <div className={styles.filters}>
        <Select
          aria-label="Outcome"
          value={filter.outcome ?? ""}
          onChange={(event) => setFilter({ outcome: event.target.value || undefined })}
        >
          <option value="">Any outcome</option>
          {Object.entries(OUTCOMES).map(([name, { word }]) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Attention"
          value={filter.alarm ?? ""}
          onChange={(event) => setFilter({ alarm: event.target.value || undefined })}
        >
          <option value="">Seen and not seen</option>
          <option value="true">Not in time, nobody has seen it</option>
        </Select>
        {filter.workflow && <OnlyOf id={filter.workflow} clear={() => setFilter({ workflow: undefined })} />}
      </div>
      {(list.error ?? acknowledge.error) && <ProblemNote error={list.error ?? acknowledge.error} />}
      {list.isPending && <Loading what="past starts" />}
      {list.data && rows.length === 0 && (
        <EmptyState title={filtered ? "No start fits these filters" : "Nothing was due yet"}>
          Every time that a schedule was due stands here, with its run or with the reason why there is none.
        </EmptyState>
      )}
      {rows.length > 0 && (
        <Table label="Past starts, latest first" columns={COLUMNS}>
          {rows.map((row) => (
            <Row
              key={row.id}
              row={row}
              onSeen={() =>
                acknowledge.mutate(row.workflow_id, {
                  onSuccess: () => announce(`Missed starts of ${row.workflow_name} marked as seen`),
                })
              }
            />
          ))}
        </Table>
      )}
      <ListFoot list={list} what="starts" shown={rows.length} />
    </div>
  );
}

function OnlyOf({ id, clear }: { id: string; clear: () => void }) {
  const { data } = useWorkflow(id);
  return (
    <Button small onClick={clear}>
      Only {data?.name ?? id}: show all
    </Button>
  );
}

function Row({ row, onSeen }: { row: Firing; onSeen: () => void }) {
  return (
    <tr>
      <td>
        <time dateTime={row.due_at}>{formatExact(row.due_at)}</time>
      </td>
      <td className={styles.clipped}>
        <Link to={paths.workflow(row.workflow_id)} className={styles.workflow}>
          {row.workflow_name}
        </Link>
        {row.backfill_id && <span className={styles.mark}>Backfill</span>}
      </td>
      <td>
        <Outcome outcome={row.outcome} alarm={row.alarm} />
      </td>
      <td className={cell.number}>{row.backfill_id ? "–" : formatDuration(row.lag_ms)}</td>
      <td>
        {row.run_id && row.run_status && (
          <Link to={paths.run(row.run_id)} className={styles.workflow}>
            <Status status={row.run_status} />
          </Link>
        )}
      </td>
      <td className={styles.clipped} title={row.reason}>
        {row.reason}
      </td>
      <td>
        {row.alarm && (
          <IconButton
            small
            icon={Check}
            label={`Mark the missed starts of ${row.workflow_name} as seen`}
            onClick={onSeen}
          />
        )}
      </td>
    </tr>
  );
}
