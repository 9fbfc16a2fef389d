import styles from "./notes.module.css";
import { StatusIcon } from "./status";

export function Loading({ what }: { what: string }) {
  return (
    <div className={styles.loading} role="status">
      <StatusIcon status="running" /> Loading {what}…
    </div>
  );
}
