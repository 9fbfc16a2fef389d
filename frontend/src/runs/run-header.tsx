import { ChevronLeft, Download, Ellipsis, RotateCcw, Square, SquareTerminal } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { isFinal, type Run, useExecuteWorkflow, useTerminateRun } from "@/api";
import {
  Button,
  ConfirmDialog,
  copyText,
  Elapsed,
  formatExact,
  IconButton,
  LinkButton,
  Menu,
  MenuItem,
  paths,
  ProblemNote,
  RelativeTime,
  Status,
} from "@/ui";

import styles from "./run-page.module.css";
import { asContext, asCurl, downloadJson, shortId } from "./run-words";
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
      <Fact name="Started by">
        <Trigger type={run.trigger_type} />
      </Fact>
      <Fact name="When">
        <RelativeTime at={run.created_at} />
        <span className={styles.exact}>{formatExact(run.created_at)}</span>
      </Fact>
      <Fact name="Version">{run.is_draft ? "Draft" : (run.version ?? "–")}</Fact>
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

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The same payload once more: the draft for a run of the draft, else what is published now. */
function useRunAgain(run: Run) {
  const navigate = useNavigate();
  const execute = useExecuteWorkflow();
  const start = () =>
    execute.mutate(
      {
        workflowId: run.workflow.id,
        context: asContext(run.trigger_payload),
        ...(run.is_draft ? { version: "draft" as const } : {}),
      },
      { onSuccess: (next) => void navigate(paths.run(next.id)) },
    );
  return { start, busy: execute.isPending, error: execute.error };
}

function RunActions({ run, again }: { run: Run; again: ReturnType<typeof useRunAgain> }) {
  const [ending, setEnding] = useState(false);
  const curl = () => asCurl(location.origin, run.workflow.id, run.trigger_payload);
  return (
    <>
      {isFinal(run.status) ? (
        <Button look="primary" icon={RotateCcw} busy={again.busy} onClick={again.start}>
          Run again
        </Button>
      ) : (
        <Button icon={Square} onClick={() => setEnding(true)}>
          Terminate
        </Button>
      )}
      <LinkButton to={paths.workflow(run.workflow.id)}>Open in editor</LinkButton>
      <Menu trigger={<IconButton icon={Ellipsis} label="More actions" />}>
        {!isFinal(run.status) && (
          <MenuItem icon={RotateCcw} onSelect={again.start}>
            Run again
          </MenuItem>
        )}
        <MenuItem icon={SquareTerminal} onSelect={() => void copyText(curl(), "Command")}>
          Copy as curl
        </MenuItem>
        <MenuItem icon={Download} onSelect={() => downloadJson(`${run.id}.json`, run)}>
          Download JSON
        </MenuItem>
      </Menu>
      {ending && <Terminate run={run} onClose={() => setEnding(false)} />}
    </>
  );
}

function Terminate({ run, onClose }: { run: Run; onClose: () => void }) {
  const terminate = useTerminateRun(run.id);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Terminate this run?"
      action="Terminate"
      busy={terminate.isPending}
      error={terminate.error}
      onConfirm={() => terminate.mutate(undefined, { onSuccess: onClose })}
    >
      Nodes at work are told to stop and no further node starts. What is done stays done, and the run cannot
      go on afterwards.
    </ConfirmDialog>
  );
}
