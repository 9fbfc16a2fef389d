import { Link } from "react-router";

import type { NodeState, Run } from "@/api";
import { cell, formatDuration, paths, Status } from "@/ui";

import styles from "./compare.module.css";
import { compareRuns, type Difference } from "./comparing";
import { fieldDifferences, SHOWN_AT_MOST } from "./json-diff";
import { JsonView } from "./json-view";
import { shortId } from "./run-words";

interface CompareTableProps {
  run: Run;
  other: Run;
  selectedNodeId: string | null;
  onSelect: (nodeId: string) => void;
}

/** Two runs node by node; where the outputs differ, both stand below when the node is chosen. */
export function CompareTable({ run, other, selectedNodeId, onSelect }: CompareTableProps) {
  const rows = compareRuns(run, other);
  const chosen = rows.find((row) => row.nodeId === selectedNodeId);
  const count = rows.filter((row) => row.differs.length > 0).length;
  return (
    <div className={styles.compare}>
      <p className={styles.summary}>
        {count === 0 ? "No node differs" : `${count} of ${rows.length} nodes differ`} between {shortId(run)}{" "}
        and <Link to={paths.run(other.id)}>{shortId(other)}</Link>.
      </p>
      <table className={styles.table} aria-label="Both runs, node by node">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">This run</th>
            <th scope="col">The other</th>
            <th scope="col">What differs</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.nodeId} data-differs={row.differs.length > 0 || undefined}>
              <td>
                <button
                  type="button"
                  className={styles.node}
                  aria-pressed={row.nodeId === selectedNodeId}
                  onClick={() => onSelect(row.nodeId)}
                >
                  {row.label}
                </button>
              </td>
              <td>
                <Side state={row.one} />
              </td>
              <td>
                <Side state={row.other} />
              </td>
              <td className={row.differs.length > 0 ? styles.differs : cell.faint}>
                {row.differs.length > 0 ? row.differs.join(", ") : "nothing"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {chosen && <Values row={chosen} />}
    </div>
  );
}

function Side({ state }: { state: NodeState | undefined }) {
  if (!state) return <span className={cell.faint}>not reached</span>;
  return (
    <span className={styles.side}>
      <Status status={state.status} />
      <span className={cell.faint}>{formatDuration(state.duration_ms)}</span>
    </span>
  );
}

function Values({ row }: { row: Difference }) {
  return (
    <section className={styles.values} aria-label={`“${row.label}” in both runs`}>
      {row.differs.includes("input") && <Fields title={`Input of “${row.label}”`} pair={row.input} />}
      {row.differs.includes("output") && <Fields title={`Output of “${row.label}”`} pair={row.output} />}
      <div className={styles.outputs}>
        <JsonView title="Output in this run" value={row.output[0] ?? null} />
        <JsonView title="Output in the other" value={row.output[1] ?? null} />
      </div>
    </section>
  );
}

/** Field by field, what differs. */
function Fields({ title, pair }: { title: string; pair: Difference["output"] }) {
  const fields = fieldDifferences(...pair);
  return (
    <table className={styles.fields} aria-label={title}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">This run</th>
          <th scope="col">The other</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ path, one, other }) => (
          <tr key={path}>
            <td>{path || "the whole"}</td>
            <td>{one !== undefined && <del>{JSON.stringify(one)}</del>}</td>
            <td>{other !== undefined && <ins>{JSON.stringify(other)}</ins>}</td>
          </tr>
        ))}
        {fields.length === SHOWN_AT_MOST && (
          <tr>
            <td colSpan={3}>The first {SHOWN_AT_MOST}; there are more.</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
