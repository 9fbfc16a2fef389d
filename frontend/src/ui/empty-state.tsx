import type { ReactNode } from "react";

import styles from "./notes.module.css";

interface EmptyStateProps {
  title: string;
  /** What belongs here and how it comes about. */
  children: ReactNode;
  actions?: ReactNode;
  figure?: ReactNode;
  /** All there is on the page, so that its title is the page's heading. */
  whole?: boolean;
}

export function EmptyState({ title, children, actions, figure, whole }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      {figure}
      {whole ? <h1>{title}</h1> : <h2>{title}</h2>}
      <div className={styles.emptyText}>{children}</div>
      {actions && <div className={styles.emptyActions}>{actions}</div>}
    </div>
  );
}
