import { ChevronLeft } from "lucide-react";
import { Link } from "react-router";

import { isFinal, type Run } from "@/api";
import { Elapsed, formatExact, paths, ProblemNote, RelativeTime, Status, TimeAhead } from "@/ui";

import { RunActions, useRunAgain } from "./run-actions";
import styles from "./run-page.module.css";
import { shortId } from "./run-words";
import { Trigger } from "./trigger";
import type { Connection } from "./use-run-stream";

export function RunHeader({ run, connection }: { run: Run; connection: Connection }) {
  const again = useRunAgain(run);
  return (
    <header className={styles.head}>
      <div className={styles.headRow}>
        <Link
          to={paths.runsOf(run.workflow.id)}
          className={styles.back}
          aria-label="All runs of this workflow"
        >
          <ChevronLeft size={18} aria-hidden="true" />
        </Link>
        <h1 className={styles.title}>
          <Link to={paths.workflow(run.workflow.id)}>{run.workflow.name}</Link>
        </h1>
        <Status status={run.status} look="pill" />
        <span className={styles.duration}>
          <Elapsed since={run.started_at} ms={run.duration_ms} />
        </span>
        {connection === "reconnecting" && (
          <span className={styles.connection} role="status">
            Connection lost, trying again…
          </span>
        )}
        <span className={styles.spring} />
        <RunActions run={run} again={again} />
      </div>
      <RunFacts run={run} />
      {again.error && <ProblemNote error={again.error} />}
    </header>
  );
}

function RunFacts({ run }: { run: Run }) {
  return (
    <dl className={styles.facts}>
      <Fact name="Run">
        <code title={run.id}>{shortId(run)}</code>
      </Fact>
      {run.run_id && (
        <Fact name="Id here">
          <code title={run.id}>…{run.id.slice(-8)}</code>
        </Fact>
      )}
      <Fact name="Started by">
        <Trigger type={run.trigger_type} />
      </Fact>
      <Fact name="When">
        <RelativeTime at={run.created_at} />
        <span className={styles.exact}>{formatExact(run.created_at)}</span>
      </Fact>
      {run.deadline_at && !isFinal(run.status) && (
        <Fact name="Deadline">
          <TimeAhead at={run.deadline_at} />
        </Fact>
      )}
      <Fact name="Version">{run.is_draft ? "Draft" : (run.version ?? "–")}</Fact>
      {run.partial && <Fact name="Part">{partInWords(run)}</Fact>}
      {run.correlation_id && (
        <Fact name="Correlation">
          <code>{run.correlation_id}</code>
        </Fact>
      )}
      {Object.entries(run.metadata).map(([key, value]) => (
        <Fact key={key} name={key}>
          {value}
        </Fact>
      ))}
      {run.retry_of && (
        <Fact name="Again of">
          <Link to={paths.run(run.retry_of)}>…{run.retry_of.slice(-8)}</Link>
        </Fact>
      )}
      {run.parent_run_id && (
        <Fact name="Called by">
          <Link to={paths.run(run.parent_run_id)}>…{run.parent_run_id.slice(-8)}</Link>
        </Fact>
      )}
    </dl>
  );
}

/** What of the draft it was about. */
function partInWords(run: Run): string {
  const { scope, node_id, iteration } = run.partial!;
  const label = run.workflow.nodes.find((node) => node.id === node_id)?.data.label || node_id;
  const pass = iteration ? `, iteration #${iteration}` : "";
  if (scope === "only") return `“${label}” alone${pass}`;
  if (scope === "to") return `up to “${label}”${pass}`;
  return scope === "from" ? `from “${label}” on${pass}` : "all, on pinned outputs";
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
