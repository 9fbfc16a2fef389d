import type { ReactNode } from "react";

import styles from "./notes.module.css";

interface EmptyStateProps {
  title: string;
  /** What belongs here and how it comes about. */
  children: ReactNode;
  actions?: ReactNode;
  figure?: ReactNode;
}

export function EmptyState({ title, children, actions, figure }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      {figure}
      <h2>{title}</h2>
      <div className={styles.emptyText}>{children}</div>
      {actions && <div className={styles.emptyActions}>{actions}</div>}
    </div>
  );
}
