import { ChevronRight, ListTree, Table2 } from "lucide-react";
import { memo, useState } from "react";

import type { Json } from "@/api";

import { isTabular, JsonTable } from "./json-table";
import styles from "./json.module.css";

/** How many children are drawn before "more": a list of a million must not stop the page. */
const CHUNK = 100;
const LONG_TEXT = 300;

export interface JsonTreeProps {
  value: Json;
  /** How deep it stands open at first. */
  open?: number;
  /** The expression that names `value`, such as `nodes.fetch`: each line can then be dragged as one. */
  dragRoot?: string;
  label?: string;
}

/** Any JSON value as foldable lines. */
export const JsonTree = memo(function JsonTree({ value, open = 2, dragRoot, label }: JsonTreeProps) {
  return (
    <div className={styles.tree} role="group" aria-label={label ?? "JSON"}>
      <Line value={value} open={open} path={dragRoot} />
    </div>
  );
});

interface LineProps {
  name?: string | number;
  value: Json;
  open: number;
  path?: string;
}

function Line({ name, value, open, path }: LineProps) {
  if (value !== null && typeof value === "object") {
    return <Branch name={name} value={value} open={open} path={path} />;
  }
  return (
    <div className={styles.line} {...dragged(path)}>
      <span className={styles.gap} />
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

interface BranchProps extends LineProps {
  value: Json[] | { [key: string]: Json };
}

function Branch({ name, value, open, path }: BranchProps) {
  const [expanded, setExpanded] = useState(open > 0);
  const [limit, setLimit] = useState(CHUNK);
  const [asTable, setAsTable] = useState(false);
  const list = Array.isArray(value);
  const size = list ? value.length : Object.keys(value).length;
  const brackets = list ? "[]" : "{}";
  if (size === 0) {
    return (
      <div className={styles.line} {...dragged(path)}>
        <span className={styles.gap} />
        <Name name={name} />
        <span className={styles.faint}>{brackets}</span>
      </div>
    );
  }
  const entries: [string | number, Json][] = list
    ? value.slice(0, limit).map((item, index) => [index, item])
    : Object.entries(value).slice(0, limit);
  return (
    <div>
      <div className={`${styles.line} ${styles.branch}`} {...dragged(path)}>
        <button
          type="button"
          className={styles.fold}
          aria-expanded={expanded}
          aria-label={`${name ?? "Value"}, ${count(size, list)}`}
          onClick={() => setExpanded(!expanded)}
        >
          <ChevronRight size={13} aria-hidden="true" />
        </button>
        <Name name={name} />
        <span className={styles.faint}>
          {brackets[0]}
          {!expanded && `…${brackets[1]}`} {count(size, list)}
        </span>
        {expanded && isTabular(value) && (
          <button type="button" className={styles.asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? <ListTree size={13} aria-hidden="true" /> : <Table2 size={13} aria-hidden="true" />}
            {asTable ? "Tree" : "Table"}
          </button>
        )}
      </div>
      {expanded && asTable && isTabular(value) && (
        <JsonTable rows={value} label={`${name ?? "Value"} as a table`} />
      )}
      {expanded && !asTable && (
        <div className={styles.children}>
          {entries.map(([key, child]) => (
            <Line key={key} name={key} value={child} open={open - 1} path={path && step(path, key)} />
          ))}
          {size > limit && (
            <button type="button" className={styles.more} onClick={() => setLimit(limit + CHUNK)}>
              Show {Math.min(CHUNK, size - limit)} more of {size - limit}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Name({ name }: { name?: string | number }) {
  if (name === undefined) return null;
  return (
    <>
      <span className={typeof name === "number" ? styles.index : styles.key}>{name}</span>
      <span className={styles.faint}>:</span>
    </>
  );
}

function Leaf({ value }: { value: null | boolean | number | string }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string") {
    return <span className={typeof value === "number" ? styles.number : styles.word}>{String(value)}</span>;
  }
  const cut = !whole && value.length > LONG_TEXT;
  return (
    <>
      <span className={styles.string}>{`"${cut ? `${value.slice(0, LONG_TEXT)}…` : value}"`}</span>
      {cut && (
        <button type="button" className={styles.more} onClick={() => setWhole(true)}>
          Show all {value.length.toLocaleString("en")} characters
        </button>
      )}
    </>
  );
}

const count = (size: number, list: boolean) =>
  list ? `${size} ${size === 1 ? "item" : "items"}` : `${size} ${size === 1 ? "field" : "fields"}`;

/** One step down a Python path, as our expressions write it. */
export function step(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function dragged(path: string | undefined) {
  if (!path) return {};
  return {
    draggable: true,
    onDragStart: (event: React.DragEvent) => {
      event.stopPropagation();
      event.dataTransfer.effectAllowed = "copy";
      event.dataTransfer.setData("text/plain", `{{ ${path} }}`);
      event.dataTransfer.setData("application/x-penstock-path", path);
    },
  };
}
