import { Send } from "lucide-react";
import { Link } from "react-router";

import { useNameAlertWorkflow, useSendTestAlert, useWorkflows, type WorkflowRow } from "@/api";
import { Button, cell, EmptyState, ListFoot, Loading, paths, ProblemNote, Select, Table, toast } from "@/ui";

import styles from "./schedules.module.css";

const COLUMNS = [
  { label: "When this fails, stalls or misses a start", width: "40%" },
  { label: "start this" },
  { label: "Test", hidden: true, width: "130px" },
];

const EVERY_WORKFLOW = {};

export function Alerts() {
  const list = useWorkflows(EVERY_WORKFLOW);
  const name = useNameAlertWorkflow();
  const test = useSendTestAlert();
  const rows = list.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <div className={styles.panel}>
      <p className={cell.faint}>
        The alert workflow is started once for each cause, with what happened as its payload. It is told of
        runs however they were started; what an alert started itself raises none.
      </p>
      {(list.error ?? name.error ?? test.error) && (
        <ProblemNote error={list.error ?? name.error ?? test.error} />
      )}
      {list.isPending && <Loading what="workflows" />}
      {list.data && rows.length === 0 && <EmptyState title="No workflows yet">Make one first.</EmptyState>}
      {rows.length > 0 && (
        <Table label="Alert workflows" columns={COLUMNS}>
          {rows.map((row) => (
            <Row
              key={row.id}
              row={row}
              all={rows}
              onName={(alertWorkflow) => name.mutate({ id: row.id, alertWorkflow })}
              onTest={() =>
                test.mutate(row.id, { onSuccess: ({ reason }) => toast(reason || "Test alert sent") })
              }
            />
          ))}
        </Table>
      )}
      <ListFoot list={list} what="workflows" shown={rows.length} />
    </div>
  );
}

interface RowProps {
  row: WorkflowRow;
  all: WorkflowRow[];
  onName: (id: string | null) => void;
  onTest: () => void;
}

function Row({ row, all, onName, onTest }: RowProps) {
  const known = row.alert_workflow === null || all.some(({ id }) => id === row.alert_workflow);
  return (
    <tr>
      <td className={styles.clipped}>
        <Link to={paths.workflow(row.id)} className={styles.workflow}>
          {row.name}
        </Link>
      </td>
      <td>
        <Select
          aria-label={`Alert workflow of ${row.name}`}
          value={row.alert_workflow ?? ""}
          onChange={(event) => onName(event.target.value || null)}
        >
          <option value="">Nothing</option>
          {!known && <option value={row.alert_workflow!}>{row.alert_workflow}</option>}
          {all
            .filter(({ id }) => id !== row.id)
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </Select>
      </td>
      <td>
        {row.alert_workflow && (
          <Button small icon={Send} onClick={onTest}>
            Send test
          </Button>
        )}
      </td>
    </tr>
  );
}
