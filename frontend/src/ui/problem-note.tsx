import { RotateCw, TriangleAlert } from "lucide-react";

import { asProblem } from "@/api";

import { Button } from "./button";
import styles from "./notes.module.css";

/** What went wrong, where, and what to do, in the server's own words. */
export function ProblemNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = asProblem(error);
  // A single fault often is the whole detail; it need not stand there twice.
  const faults = problem.errors.filter((one) => !problem.detail.includes(one.message));
  return (
    <div className={styles.problem} role="alert">
      <TriangleAlert size={16} aria-hidden="true" />
      <div className={styles.problemText}>
        <strong>{problem.title}</strong>
        {problem.detail && problem.detail !== problem.title && <p>{problem.detail}</p>}
        {faults.length > 0 && (
          <ul>
            {faults.map((one) => (
              <li key={`${one.path} ${one.code} ${one.message}`}>
                {one.path && <code>{one.path}</code>} {one.message}
              </li>
            ))}
          </ul>
        )}
      </div>
      {retry && (
        <Button small icon={RotateCw} onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}
