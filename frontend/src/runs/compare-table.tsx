import { Link } from "react-router";

import type { NodeState, Run } from "@/api";
import { cell, formatDuration, paths, Status } from "@/ui";

import styles from "./compare.module.css";
import { compareRuns, type Difference } from "./comparing";
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
      {chosen && <Outputs row={chosen} />}
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

function Outputs({ row }: { row: Difference }) {
  return (
    <div className={styles.outputs}>
      <JsonView title={`“${row.label}” in this run`} value={row.oneOutput ?? null} />
      <JsonView title={`“${row.label}” in the other`} value={row.otherOutput ?? null} />
    </div>
  );
}
