import { useState } from "react";

import type { Json, JsonObject } from "@/api";

import { JsonTree } from "./json-tree";
import styles from "./json.module.css";

const CHUNK = 100;

/** A list of objects, which can be read as a table. */
export function isTabular(value: Json): value is JsonObject[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => item !== null && typeof item === "object" && !Array.isArray(item))
  );
}

/** The columns in the order in which they first appear. */
export function columnsOf(rows: readonly JsonObject[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

export function JsonTable({ rows, label }: { rows: readonly JsonObject[]; label: string }) {
  const [limit, setLimit] = useState(CHUNK);
  const shown = rows.slice(0, limit);
  const columns = columnsOf(shown);
  return (
    <div className={styles.tableFrame} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">#</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={index}>
              <td className={styles.faint}>{index}</td>
              {columns.map((column) => (
                <td key={column}>{column in row && <Cell value={row[column]!} />}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > limit && (
        <button type="button" className={styles.more} onClick={() => setLimit(limit + CHUNK)}>
          Show {Math.min(CHUNK, rows.length - limit)} more of {rows.length - limit}
        </button>
      )}
    </div>
  );
}

function Cell({ value }: { value: Json }) {
  if (value !== null && typeof value === "object") return <JsonTree value={value} open={0} />;
  return <>{typeof value === "string" ? value : <span className={styles.word}>{String(value)}</span>}</>;
}
