import { Ellipsis, FileDown, History, ListChecks, Tags, Trash2 } from "lucide-react";
import { memo, useCallback, useState } from "react";
import { Link, useNavigate } from "react-router";

import { asProblem, exportWorkflow, useDeleteWorkflow, useSetWorkflowActive, type WorkflowRow } from "@/api";
import {
  announce,
  cell,
  ConfirmDialog,
  downloadJson,
  formatDuration,
  IconButton,
  Menu,
  MenuItem,
  paths,
  ProblemNote,
  RelativeTime,
  Switch,
  Table,
  toast,
} from "@/ui";

import { BulkBar } from "./bulk-bar";
import { RunStrip } from "./run-strip";
import { TagsDialog } from "./tags-dialog";
import { TriggerWords } from "./trigger-words";
import styles from "./workflows.module.css";

const COLUMNS = [
  { label: "Choose", hidden: true, width: "34px" },
  { label: "Active", hidden: true, width: "58px" },
  { label: "Workflow" },
  { label: "Starts", width: "17%" },
  { label: "Last 30 runs", width: "208px" },
  { label: "Success", number: true, width: "76px" },
  { label: "Typical time", number: true, width: "104px", wide: true },
  { label: "Changed", width: "150px" },
  { label: "More", hidden: true, width: "48px" },
];

export function WorkflowTable({ rows }: { rows: WorkflowRow[] }) {
  const [doomed, setDoomed] = useState<WorkflowRow | null>(null);
  const [tagged, setTagged] = useState<WorkflowRow | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const chosenRows = rows.filter((row) => chosen.has(row.id));
  const choose = useCallback(
    (id: string, on: boolean) =>
      setChosen((before) => {
        const next = new Set(before);
        if (on) next.add(id);
        else next.delete(id);
        return next;
      }),
    [],
  );
  const setActive = useSetWorkflowActive();
  const failed = setActive.error && setActive.variables;
  return (
    <>
      {failed && <ProblemNote error={setActive.error} retry={() => setActive.mutate(setActive.variables!)} />}
      {chosenRows.length > 0 && <BulkBar rows={chosenRows} onChosen={(ids) => setChosen(new Set(ids))} />}
      <Table label="Workflows" columns={COLUMNS} rowHeight={54}>
        {rows.map((row) => (
          <Row
            key={row.id}
            row={row}
            chosen={chosen.has(row.id)}
            onChoose={choose}
            onDelete={setDoomed}
            onTags={setTagged}
            onActive={setActive.mutate}
          />
        ))}
      </Table>
      {tagged && <TagsDialog workflow={tagged} onClose={() => setTagged(null)} />}
      {doomed && <DeleteWorkflow workflow={doomed} onClose={() => setDoomed(null)} />}
    </>
  );
}

interface RowProps {
  row: WorkflowRow;
  chosen: boolean;
  onChoose: (id: string, chosen: boolean) => void;
  onTags: (row: WorkflowRow) => void;
  onDelete: (row: WorkflowRow) => void;
  onActive: (change: { id: string; active: boolean }) => void;
}

const Row = memo(function Row({ row, chosen, onChoose, onTags, onDelete, onActive }: RowProps) {
  const navigate = useNavigate();
  const rate = row.success_rate;
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={`Choose ${row.name}`}
          checked={chosen}
          onChange={(event) => onChoose(row.id, event.target.checked)}
        />
      </td>
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
          {row.tags.map((tag) => (
            <span key={tag} className={styles.tag}>
              {tag}
            </span>
          ))}
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
      <td className={`${cell.number} ${cell.wide}`}>{formatDuration(row.p50_ms)}</td>
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
          <MenuItem icon={Tags} onSelect={() => onTags(row)}>
            Tags…
          </MenuItem>
          <MenuItem icon={FileDown} onSelect={() => void download(row)}>
            Export
          </MenuItem>
          <MenuItem icon={Trash2} danger onSelect={() => onDelete(row)}>
            Delete…
          </MenuItem>
        </Menu>
      </td>
    </tr>
  );
});

/** As a file, named after the workflow's key. */
async function download(row: WorkflowRow) {
  try {
    downloadJson(`${row.key}.json`, await exportWorkflow(row.id));
  } catch (error) {
    toast(`Not exported: ${asProblem(error).message}`);
  }
}

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
