import { useMemo, useRef, useState } from "react";

import type { Log, Run } from "@/api";
import { cell, Elapsed, formatDuration, Select, Status, toMs } from "@/ui";

import styles from "./run-page.module.css";
import { useRowsInView } from "./use-rows-in-view";

interface LogTableProps {
  run: Run;
  selectedLogId: string | null;
  onSelect: (nodeId: string, logId: string) => void;
}

/** Every attempt of every node in the order in which they started; of many only what is seen is drawn. */
export function LogTable({ run, selectedLogId, onSelect }: LogTableProps) {
  const [only, setOnly] = useState("");
  const body = useRef<HTMLTableSectionElement>(null);
  const logs = useMemo(() => chosenLogs(run.logs, only), [run.logs, only]);
  const { from, to, height } = useRowsInView(body, logs.length);
  const labels = useMemo(
    () => new Map(run.workflow.nodes.map((node) => [node.id, node.data.label || node.id])),
    [run.workflow.nodes],
  );
  const zero = toMs(run.created_at)!;
  if (run.logs.length === 0) return <p className={styles.nothing}>No node has started yet.</p>;
  return (
    <table className={styles.logs} aria-label="Log, one row per attempt" aria-rowcount={logs.length + 1}>
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
          <th scope="col">
            <span className={styles.remarkHead}>
              What it says
              <OnlyChoice run={run} labels={labels} value={only} onChange={setOnly} />
            </span>
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        <Unseen rows={from} height={height} />
        {logs.slice(from, to).map((log, index) => (
          <Row
            key={log.id}
            log={log}
            label={labels.get(log.node_id) ?? log.node_id}
            zero={zero}
            number={from + index + 2}
            selected={log.id === selectedLogId}
            onSelect={onSelect}
          />
        ))}
        <Unseen rows={logs.length - to} height={height} />
      </tbody>
    </table>
  );
}

/** Stands in for rows that are not drawn. */
function Unseen({ rows, height }: { rows: number; height: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true" className={styles.unseen}>
      <td colSpan={6} style={{ height: rows * height }} />
    </tr>
  );
}

const FAILED = "failed";

/** Nothing: all; `failed`; or the attempts of one node, as `node:ID`. */
function chosenLogs(logs: readonly Log[], only: string): readonly Log[] {
  if (only === "") return logs;
  if (only === FAILED) return logs.filter((log) => log.status !== "completed" && log.status !== "started");
  return logs.filter((log) => `node:${log.node_id}` === only);
}

interface OnlyChoiceProps {
  run: Run;
  labels: ReadonlyMap<string, string>;
  value: string;
  onChange: (value: string) => void;
}

function OnlyChoice({ run, labels, value, onChange }: OnlyChoiceProps) {
  const failed = useMemo(() => chosenLogs(run.logs, FAILED).length, [run.logs]);
  const nodes = useMemo(() => [...new Set(run.logs.map((log) => log.node_id))], [run.logs]);
  return (
    <Select
      aria-label="Which attempts"
      className={styles.only}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">All attempts</option>
      <option value={FAILED}>Failed or cut off ({failed.toLocaleString("en")})</option>
      {nodes.map((id) => (
        <option key={id} value={`node:${id}`}>
          Of {labels.get(id) ?? id}
        </option>
      ))}
    </Select>
  );
}

interface RowProps {
  log: Log;
  label: string;
  /** When the run was asked for. */
  zero: number;
  number: number;
  selected: boolean;
  onSelect: (nodeId: string, logId: string) => void;
}

function Row({ log, label, zero, number, selected, onSelect }: RowProps) {
  return (
    <tr aria-rowindex={number} data-selected={selected || undefined}>
      <td className={`${cell.number} ${cell.faint}`}>
        {after((toMs(log.started_at) ?? toMs(log.created_at)!) - zero)}
      </td>
      <td>
        <button
          type="button"
          className={styles.logNode}
          aria-pressed={selected}
          onClick={() => onSelect(log.node_id, log.id)}
        >
          {label}
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
