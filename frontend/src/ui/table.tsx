import type { CSSProperties, ReactNode } from "react";

import styles from "./table.module.css";

export interface Column {
  label: string;
  /** Named for screen readers only, where the cells speak for themselves. */
  hidden?: boolean;
  number?: boolean;
  width?: string;
  /** Left out on narrow screens, as its cells with `cell.wide` are. */
  wide?: boolean;
}

export function Table({
  label,
  columns,
  rowHeight,
  children,
}: {
  label: string;
  columns: Column[];
  rowHeight?: number;
  children: ReactNode;
}) {
  return (
    <div
      className={styles.frame}
      style={rowHeight ? ({ "--row": `${rowHeight}px` } as CSSProperties) : undefined}
    >
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ label: text, hidden, number, width, wide }) => (
              <th
                key={text}
                scope="col"
                className={`${number ? styles.number : ""} ${wide ? styles.wide : ""}`}
                style={{ width }}
              >
                {hidden ? <span className="visually-hidden">{text}</span> : text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export const cell = { number: styles.number, faint: styles.faint, clip: styles.clip, wide: styles.wide };
