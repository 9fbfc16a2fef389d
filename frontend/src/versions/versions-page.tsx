import { ArrowLeft, History } from "lucide-react";
import { useMemo, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";

import {
  ApiProblem,
  useComponents,
  useDifferences,
  useVersion,
  useVersions,
  useWorkflow,
  type Workflow,
  type WorkflowVersion,
} from "@/api";
import { VersionCanvas } from "@/canvas";
import { Catalogue } from "@/canvas/graph";
import {
  Button,
  ConfirmDialog,
  LinkButton,
  ListFoot,
  Loading,
  paths,
  ProblemNote,
  RelativeTime,
  Select,
  useTitle,
} from "@/ui";

import { DifferenceList } from "./difference-list";
import { union } from "./union";
import styles from "./versions.module.css";

/** A version's number, or the draft. */
type Which = number | "draft";

/** Every published version: who made it, when and why; how it looks; what differs from another one; and back to it. */
export function VersionsPage() {
  const { workflowId } = useParams();
  const workflow = useWorkflow(workflowId!);
  const versions = useVersions(workflowId!);
  useTitle(workflow.data ? `Versions of ${workflow.data.name}` : "Versions");
  const error = workflow.error ?? versions.error;
  if (error instanceof ApiProblem)
    return (
      <div className={styles.fault}>
        <ProblemNote error={error} />
      </div>
    );
  if (!workflow.data || !versions.data) return <Loading what="versions" />;
  const rows = versions.data.pages.flatMap((page) => page.results);
  return (
    <Versions
      workflow={workflow.data}
      rows={rows}
      foot={<ListFoot list={versions} what="versions" shown={rows.length} />}
    />
  );
}

interface VersionsProps {
  workflow: Workflow;
  rows: readonly WorkflowVersion[];
  foot: React.ReactNode;
}

function Versions({ workflow, rows, foot }: VersionsProps) {
  const [search, setSearch] = useSearchParams();
  const read = (name: string): Which | undefined => {
    const value = search.get(name);
    return value === "draft" ? "draft" : value ? Number(value) : undefined;
  };
  const shown = read("show") ?? rows[0]?.number ?? "draft";
  const before = read("before") ?? previous(shown, workflow, rows);
  const show = (which: Which) => setSearch({ show: String(which) }, { replace: true });
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <LinkButton small look="quiet" icon={ArrowLeft} to={paths.workflow(workflow.id)}>
          Editor
        </LinkButton>
        <h1>Versions of {workflow.name}</h1>
        <span className={styles.gap} />
        <label className={styles.compare}>
          Compared with
          <Select
            value={before ?? ""}
            onChange={(event) =>
              setSearch({ show: String(shown), before: event.target.value }, { replace: true })
            }
          >
            {before === undefined && <option value="">nothing before it</option>}
            {shown !== "draft" && <option value="draft">the draft</option>}
            {rows
              .filter((row) => row.number !== shown)
              .map((row) => (
                <option key={row.number} value={row.number}>
                  version {row.number}
                </option>
              ))}
          </Select>
        </label>
        {shown !== "draft" && <RestoreButton workflow={workflow} number={shown} />}
      </header>
      <div className={styles.body}>
        <nav className={styles.list} aria-label="Versions">
          <ol>
            {workflow.has_unpublished_changes && (
              <li>
                <button
                  type="button"
                  aria-current={shown === "draft" || undefined}
                  onClick={() => show("draft")}
                >
                  <strong>Draft</strong>
                  <span>
                    {workflow.updated_by?.email} · <RelativeTime at={workflow.updated_at} />
                  </span>
                </button>
              </li>
            )}
            {rows.map((row) => (
              <li key={row.number}>
                <VersionRow row={row} current={shown === row.number} onShow={() => show(row.number)} />
              </li>
            ))}
          </ol>
          {rows.length === 0 && (
            <p className={styles.none}>Nothing is published yet: each Publish makes a version.</p>
          )}
          {foot}
        </nav>
        <Shown key={`${shown} ${before}`} workflow={workflow} shown={shown} before={before} />
      </div>
    </div>
  );
}

/** What a version came from; of the draft, what is published. */
function previous(shown: Which, workflow: Workflow, rows: readonly WorkflowVersion[]): Which | undefined {
  if (shown === "draft") return workflow.published_version ?? undefined;
  return rows.find((row) => row.number < shown)?.number;
}

function VersionRow({
  row,
  current,
  onShow,
}: {
  row: WorkflowVersion;
  current: boolean;
  onShow: () => void;
}) {
  return (
    <button type="button" aria-current={current || undefined} onClick={onShow}>
      <strong>
        Version {row.number}
        {row.is_current && <em> published</em>}
      </strong>
      {row.note && <span className={styles.note}>{row.note}</span>}
      <span>
        {row.created_by?.email ?? "–"} · <RelativeTime at={row.created_at} />
      </span>
    </button>
  );
}

function Shown({ workflow, shown, before }: { workflow: Workflow; shown: Which; before: Which | undefined }) {
  const kinds = useComponents();
  const catalogue = useMemo(() => new Catalogue(kinds.data ?? []), [kinds.data]);
  const after = useDrawing(workflow, shown);
  const earlier = useDrawing(workflow, before);
  const found = useDifferences(workflow.id, before, shown);
  const [selected, setSelected] = useState<string | null>(null);
  const both = useMemo(
    () => after.data && union(after.data, earlier.data, found.data),
    [after.data, earlier.data, found.data],
  );
  const error = after.error ?? earlier.error ?? found.error;
  if (error) return <ProblemNote error={error} />;
  if (!both || !kinds.data || (before !== undefined && !found.data)) return <Loading what="version" />;
  return (
    <>
      <div className={styles.canvas}>
        <VersionCanvas
          drawing={both.drawing}
          marks={both.marks}
          catalogue={catalogue}
          selectedId={selected}
          onSelect={setSelected}
        />
      </div>
      <aside className={styles.side} aria-label="Differences" tabIndex={0}>
        {found.data ? (
          <DifferenceList
            found={found.data}
            drawing={both.drawing}
            catalogue={catalogue}
            selected={selected}
            onSelect={setSelected}
          />
        ) : (
          <p className={styles.none}>There is nothing before it to compare with.</p>
        )}
      </aside>
    </>
  );
}

function useDrawing(workflow: Workflow, which: Which | undefined) {
  const version = useVersion(workflow.id, typeof which === "number" ? which : undefined);
  return which === "draft" ? { data: workflow, error: null } : version;
}

function RestoreButton({ workflow, number }: { workflow: Workflow; number: number }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  return (
    <>
      <Button icon={History} onClick={() => setAsking(true)}>
        Restore
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Restore version ${number}?`}
        action="Put it into the draft"
        busy={false}
        error={null}
        onConfirm={() => void navigate(`${paths.workflow(workflow.id)}?restore=${number}`)}
      >
        The draft becomes what version {number} is. What is published stays until you press Publish.
        {workflow.has_unpublished_changes && " Undo brings the draft's present changes back."}
      </ConfirmDialog>
    </>
  );
}
