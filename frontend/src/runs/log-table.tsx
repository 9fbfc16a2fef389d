import { useState } from "react";

import type { Log, Run } from "@/api";
import { Button, cell, Elapsed, formatDuration, Status, toMs } from "@/ui";

import styles from "./run-page.module.css";

const CHUNK = 200;

interface LogTableProps {
  run: Run;
  selectedLogId: string | null;
  onSelect: (nodeId: string, logId: string) => void;
}

/** Every attempt of every node in the order in which they started. */
export function LogTable({ run, selectedLogId, onSelect }: LogTableProps) {
  const [limit, setLimit] = useState(CHUNK);
  const labels = new Map(run.workflow.nodes.map((node) => [node.id, node.data.label || node.id]));
  const zero = toMs(run.created_at)!;
  if (run.logs.length === 0) return <p className={styles.nothing}>No node has started yet.</p>;
  return (
    <>
      <table className={styles.logs} aria-label="Log, one row per attempt">
        <thead>
          <tr>
            <th scope="col" className={cell.number}>
              After
            </th>
            <th scope="col">Node</th>
            <th scope="col">Status</th>
            <th scope="col" className={cell.number}>
              Attempt
            </th>
            <th scope="col" className={cell.number}>
              Time
            </th>
            <th scope="col">What it says</th>
          </tr>
        </thead>
        <tbody>
          {run.logs.slice(0, limit).map((log) => (
            <tr key={log.id} data-selected={log.id === selectedLogId || undefined}>
              <td className={`${cell.number} ${cell.faint}`}>
                {after((toMs(log.started_at) ?? toMs(log.created_at)!) - zero)}
              </td>
              <td>
                <button
                  type="button"
                  className={styles.logNode}
                  aria-pressed={log.id === selectedLogId}
                  onClick={() => onSelect(log.node_id, log.id)}
                >
                  {labels.get(log.node_id) ?? log.node_id}
                </button>
                {log.iteration && <span className={cell.faint}> #{log.iteration}</span>}
              </td>
              <td>
                <Status status={log.status} />
              </td>
              <td className={cell.number}>{log.attempt}</td>
              <td className={cell.number}>
                <Elapsed since={log.started_at} ms={log.duration_ms} />
              </td>
              <td className={styles.remark}>
                <Remark log={log} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {run.logs.length > limit && (
        <div className={styles.nothing}>
          <Button onClick={() => setLimit(limit + CHUNK)}>Show {CHUNK} more</Button>
        </div>
      )}
    </>
  );
}

/** What was taken over from another run was done before this one began. */
const after = (ms: number) => (ms < 0 ? "before" : formatDuration(ms));

function Remark({ log }: { log: Log }) {
  if (log.error) return <span className={styles.failedText}>{log.error.message}</span>;
  const last = log.messages.at(-1);
  if (last) return <>{last.text}</>;
  if (log.handle && log.handle !== "out") return <span className={cell.faint}>Left by {log.handle}</span>;
  return null;
}
