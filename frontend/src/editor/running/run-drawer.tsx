import { ChevronDown, ChevronUp, ExternalLink, Square, X } from "lucide-react";
import { useQueryClient } from "@tanstack/react-query";
import { memo, useDeferredValue, useEffect, useLayoutEffect } from "react";
import { useStore } from "zustand";

import {
  type ApiProblem,
  isFinal,
  type Log,
  type NodeStates,
  type Run,
  samplesKey,
  useTerminateRun,
} from "@/api";
import type { CanvasState, CanvasStore } from "@/canvas";
import { nodeIndex } from "@/canvas/graph";
import { itemCounts, JsonView, LogDetail, RunWaits, useRunStream } from "@/runs";
import {
  announce,
  Button,
  Elapsed,
  IconButton,
  LinkButton,
  paths,
  ProblemNote,
  Status,
  statusWord,
  useStatusFavicon,
} from "@/ui";

import { useDocument, useEditor, useEditorState } from "../editor";
import { ProblemList } from "../problems/problem-list";
import { onlyNode } from "../store";
import styles from "./run-drawer.module.css";

/** The run that was started here, followed live: states go onto the canvas, the rest is read below it. */
export function RunDrawer() {
  const { runner, store } = useEditor();
  const runId = useEditorState((state) => state.runId);
  const open = useEditorState((state) => state.drawerOpen);
  const starting = useStore(runner.state);
  if (starting.status === "refused")
    return (
      <section className={styles.drawer} aria-label="Run">
        <div className={styles.refused}>
          <Refusal problem={starting.problem} />
          <IconButton small icon={X} label="Dismiss" onClick={() => runner.clear()} />
        </div>
      </section>
    );
  if (runId === null && starting.status === "idle") return null;
  return <LiveRun runId={runId} open={open} onOpen={(next) => store.setState({ drawerOpen: next })} />;
}

/** A draft that cannot run leads to what has to be filled in; anything else is told as it is. */
function Refusal({ problem }: { problem: ApiProblem }) {
  const { runner } = useEditor();
  if (problem.errors.length === 0) return <ProblemNote error={problem} retry={() => void runner.run()} />;
  return (
    <div role="alert">
      <p>The draft cannot be run yet:</p>
      <ProblemList problems={problem.errors} onGo={() => runner.clear()} />
    </div>
  );
}

interface LiveRunProps {
  /** Null while it is being started: the drawer stands ready by the time the server has answered. */
  runId: string | null;
  open: boolean;
  onOpen: (open: boolean) => void;
}

function LiveRun({ runId, open, onOpen }: LiveRunProps) {
  const { canvas, runner } = useEditor();
  const { run, error } = useRunStream(runId);
  // The canvas is watched, the list is read: it may come a frame later.
  const read = useDeferredValue(run);
  const states = run?.node_states;
  const logs = run?.logs;
  // Before the paint, so that the canvas tells of it in the same frame.
  useLayoutEffect(() => {
    if (states && logs) showOn(canvas, states, itemCounts({ logs }));
  }, [canvas, states, logs]);
  useSpoken(run);
  useStatusFavicon(run?.status);
  useFreshSamples(run);
  return (
    <section className={styles.drawer} aria-label="Run">
      <header className={styles.head}>
        {run ? (
          <>
            <Status status={run.status} look="pill" />
            <span className={styles.time}>
              <Elapsed since={run.started_at} ms={run.duration_ms} />
            </span>
            {run.error_message && <span className={styles.fault}>{run.error_message}</span>}
          </>
        ) : (
          <Status status="pending" look="pill" />
        )}
        <span className={styles.gap} />
        {run && !isFinal(run.status) && <TerminateButton runId={run.id} />}
        {runId && (
          <LinkButton small look="quiet" icon={ExternalLink} to={paths.run(runId)}>
            Full run
          </LinkButton>
        )}
        <IconButton
          small
          icon={open ? ChevronDown : ChevronUp}
          label={open ? "Fold the run away" : "Unfold the run"}
          aria-expanded={open}
          onClick={() => onOpen(!open)}
        />
        <IconButton small icon={X} label="Take the run off the canvas" onClick={() => runner.clear()} />
      </header>
      {error && <ProblemNote error={error} />}
      {open && <RunBody run={read} />}
    </section>
  );
}

/** What a node has just put out is at once there to be built on. */
function useFreshSamples(run: Run | undefined) {
  const { workflowId } = useEditor();
  const client = useQueryClient();
  const id = run?.id;
  const settled = run?.logs.filter((log) => log.status !== "started").length ?? 0;
  useEffect(() => {
    if (settled === 0) return;
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: samplesKey(workflowId) }), 150);
    return () => clearTimeout(timer);
  }, [client, workflowId, id, settled]);
}

/** A node that has not changed keeps its object, so that only those that have are drawn again. */
function showOn(canvas: CanvasStore, states: NodeStates, counts: CanvasState["counts"]) {
  const before = canvas.getState().states;
  const next: Record<string, NodeStates[string]> = {};
  for (const [id, state] of Object.entries(states)) {
    const known = before[id];
    next[id] = known && JSON.stringify(known) === JSON.stringify(state) ? known : state;
  }
  canvas.setState({ states: next, counts });
}

/** Tells of the start and the end only: a word per node would talk without end. */
function useSpoken(run: Run | undefined) {
  const id = run?.id;
  const status = run?.status;
  const message = run?.error_message;
  useEffect(() => {
    if (status && isFinal(status))
      announce(`Run ${statusWord(status).toLowerCase()}${message ? `: ${message}` : ""}`);
  }, [id, status, message]);
}

function TerminateButton({ runId }: { runId: string }) {
  const terminate = useTerminateRun(runId);
  return (
    <Button small icon={Square} busy={terminate.isPending} onClick={() => terminate.mutate(undefined)}>
      Terminate
    </Button>
  );
}

const RunBody = memo(function RunBody({ run }: { run: Run | undefined }) {
  return (
    <div className={styles.body}>
      <ol className={styles.logs} aria-label="Steps of the run">
        {run && <Steps run={run} />}
      </ol>
      <div className={styles.detail} tabIndex={0} role="region" aria-label="Data of the step">
        {run && <StepData run={run} />}
      </div>
    </div>
  );
});

function useLabelOf(run: Run) {
  const { catalogue } = useEditor();
  const nodes = useDocument((document) => document.nodes);
  return (id: string) => {
    const node = nodeIndex(nodes).get(id) ?? run.workflow.nodes.find((candidate) => candidate.id === id);
    return node ? catalogue.label(node) : id;
  };
}

/** Of the steps at the one selected node, the last. */
const shownOf = (run: Run, selected: string | null) =>
  run.logs.filter((log) => log.node_id === selected).at(-1);

function Steps({ run }: { run: Run }) {
  const { store, view } = useEditor();
  const labelOf = useLabelOf(run);
  const shown = shownOf(run, useEditorState(onlyNode));
  return run.logs.map((log) => (
    <li key={log.id}>
      <button
        type="button"
        aria-current={log === shown || undefined}
        onClick={() => {
          store.getState().select([log.node_id]);
          view.reveal(log.node_id);
        }}
      >
        <LogLine log={log} label={labelOf(log.node_id)} />
      </button>
    </li>
  ));
}

function StepData({ run }: { run: Run }) {
  const labelOf = useLabelOf(run);
  const selected = useEditorState(onlyNode);
  const shown = shownOf(run, selected);
  if (!shown) return <Whole run={run} selected={selected} />;
  return (
    <>
      <RunWaits run={run} of={shown} />
      <LogDetail key={shown.id} log={shown} label={labelOf(shown.node_id)} />
    </>
  );
}

function LogLine({ log, label }: { log: Log; label: string }) {
  return (
    <>
      <Status status={log.status} look="icon" />
      <span className={styles.logLabel}>{label}</span>
      {log.attempt > 1 && <span className={styles.attempt}>attempt {log.attempt}</span>}
      <span className={styles.time}>
        <Elapsed since={log.started_at} ms={log.duration_ms} />
      </span>
    </>
  );
}

function Whole({ run, selected }: { run: Run; selected: string | null }) {
  const state = selected === null ? undefined : run.node_states[selected];
  if (selected !== null)
    return (
      <p className={styles.hint}>
        {state?.status === "skipped"
          ? "This node was skipped: no path led to it."
          : "This node has not run in this run."}
      </p>
    );
  return (
    <>
      <RunWaits run={run} />
      <div className={styles.values}>
        <JsonView title="Output of the run" value={run.output} />
        <JsonView title="Payload" value={run.trigger_payload} dragRoot="trigger" />
      </div>
    </>
  );
}
