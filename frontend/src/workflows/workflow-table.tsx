import { Ellipsis, History, ListChecks, Trash2 } from "lucide-react";
import { memo, useState } from "react";
import { Link, useNavigate } from "react-router";

import { useDeleteWorkflow, useSetWorkflowActive, type WorkflowRow } from "@/api";
import {
  announce,
  cell,
  ConfirmDialog,
  formatDuration,
  IconButton,
  Menu,
  MenuItem,
  paths,
  ProblemNote,
  RelativeTime,
  Switch,
  Table,
} from "@/ui";

import { RunStrip } from "./run-strip";
import { TriggerWords } from "./trigger-words";
import styles from "./workflows.module.css";

const COLUMNS = [
  { label: "Active", hidden: true, width: "58px" },
  { label: "Workflow" },
  { label: "Starts" },
  { label: "Last 30 runs", width: "208px" },
  { label: "Success", number: true, width: "76px" },
  { label: "Typical time", number: true, width: "104px" },
  { label: "Changed", width: "150px" },
  { label: "More", hidden: true, width: "48px" },
];

export function WorkflowTable({ rows }: { rows: WorkflowRow[] }) {
  const [doomed, setDoomed] = useState<WorkflowRow | null>(null);
  const setActive = useSetWorkflowActive();
  const failed = setActive.error && setActive.variables;
  return (
    <>
      {failed && <ProblemNote error={setActive.error} retry={() => setActive.mutate(setActive.variables!)} />}
      <Table label="Workflows" columns={COLUMNS} rowHeight={54}>
        {rows.map((row) => (
          <Row key={row.id} row={row} onDelete={setDoomed} onActive={setActive.mutate} />
        ))}
      </Table>
      {doomed && <DeleteWorkflow workflow={doomed} onClose={() => setDoomed(null)} />}
    </>
  );
}

interface RowProps {
  row: WorkflowRow;
  onDelete: (row: WorkflowRow) => void;
  onActive: (change: { id: string; active: boolean }) => void;
}

const Row = memo(function Row({ row, onDelete, onActive }: RowProps) {
  const navigate = useNavigate();
  const rate = row.success_rate;
  return (
    <tr>
      <td>
        <Switch
          label={`${row.name} is active`}
          checked={row.is_active}
          onCheckedChange={(active) => {
            onActive({ id: row.id, active });
            announce(`${row.name} ${active ? "activated" : "deactivated"}`);
          }}
        />
      </td>
      <td className={styles.nameCell}>
        <div className={styles.nameLine}>
          <Link to={paths.workflow(row.id)} className={styles.name} title={row.name}>
            {row.name}
          </Link>
          <VersionMark row={row} />
        </div>
        {row.description && <p className={`${cell.faint} ${cell.clip}`}>{row.description}</p>}
      </td>
      <td className={styles.triggerCell}>
        <TriggerWords workflow={row} />
      </td>
      <td>
        <RunStrip runs={row.runs} workflow={row.name} />
      </td>
      <td className={`${cell.number} ${rate != null && rate < 0.9 ? styles.poor : ""}`}>
        {rate == null ? "–" : `${Math.floor(rate * 100)} %`}
      </td>
      <td className={cell.number}>{formatDuration(row.p50_ms)}</td>
      <td className={styles.changedCell}>
        <RelativeTime at={row.updated_at} />
        {row.updated_by && <p className={`${cell.faint} ${cell.clip}`}>{row.updated_by.email}</p>}
      </td>
      <td>
        <Menu trigger={<IconButton small icon={Ellipsis} label={`More about ${row.name}`} />}>
          <MenuItem icon={ListChecks} onSelect={() => void navigate(paths.runsOf(row.id))}>
            All its runs
          </MenuItem>
          <MenuItem icon={History} onSelect={() => void navigate(paths.versions(row.id))}>
            Versions
          </MenuItem>
          <MenuItem icon={Trash2} danger onSelect={() => onDelete(row)}>
            Delete…
          </MenuItem>
        </Menu>
      </td>
    </tr>
  );
});

function VersionMark({ row }: { row: WorkflowRow }) {
  if (row.published_version == null) return <span className={styles.mark}>Draft</span>;
  if (!row.has_unpublished_changes) return null;
  return (
    <span className={styles.mark} title={`Version ${row.published_version} runs; the draft has changes`}>
      Unpublished changes
    </span>
  );
}

function DeleteWorkflow({ workflow, onClose }: { workflow: WorkflowRow; onClose: () => void }) {
  const remove = useDeleteWorkflow();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete “${workflow.name}”?`}
      action="Delete workflow"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(workflow.id, {
          onSuccess: () => {
            announce(`${workflow.name} deleted`);
            onClose();
          },
        })
      }
    >
      Its schedules stop and its webhook address no longer answers. This cannot be undone.
    </ConfirmDialog>
  );
}
