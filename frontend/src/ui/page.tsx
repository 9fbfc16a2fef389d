import { type ReactNode, useEffect } from "react";

import styles from "./page.module.css";

export function useTitle(title: string) {
  useEffect(() => {
    document.title = title ? `${title} · Penstock` : "Penstock";
  }, [title]);
}

interface PageProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** Reading width, for forms; lists take all there is. */
  narrow?: boolean;
  children: ReactNode;
}

/** The frame of every list and form screen: a heading, what can be done here, and the content. */
export function Page({ title, lead, actions, narrow, children }: PageProps) {
  useTitle(title);
  return (
    <div className={`${styles.page} ${narrow ? styles.narrow : ""}`}>
      <header className={styles.head}>
        <div>
          <h1>{title}</h1>
          {lead && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
