import { useEffect, useRef } from "react";
import { useParams, useSearchParams } from "react-router";

import { RunCanvas } from "@/canvas";
import { ApiProblem, type Run } from "@/api";
import {
  announce,
  EmptyState,
  LinkButton,
  Loading,
  paths,
  ProblemNote,
  statusWord,
  useStatusFavicon,
  useTitle,
} from "@/ui";
import { Tabs } from "@/ui/tabs";

import { LogTable } from "./log-table";
import { RunDetail } from "./run-detail";
import { RunHeader } from "./run-header";
import styles from "./run-page.module.css";
import { RunTimeline } from "./run-timeline";
import { type Connection, useRunStream } from "./use-run-stream";

export default function RunPage() {
  const { runId } = useParams();
  const { run, error, connection, refetch } = useRunStream(runId!);
  if (run) return <RunScreen key={run.id} run={run} connection={connection} />;
  if (error instanceof ApiProblem && error.status === 404) return <NoSuchRun />;
  if (error) {
    return (
      <div className={styles.fault}>
        <ProblemNote error={error} retry={refetch} />
      </div>
    );
  }
  return <Loading what="run" />;
}

function NoSuchRun() {
  useTitle("Run not found");
  return (
    <EmptyState
      whole
      title="There is no run with this id"
      actions={
        <LinkButton look="primary" to={paths.runs}>
          All runs
        </LinkButton>
      }
    >
      It may have been removed, or it belongs to another project.
    </EmptyState>
  );
}

function RunScreen({ run, connection }: { run: Run; connection: Connection }) {
  useTitle(`${statusWord(run.status)}: ${run.workflow.name}`);
  useStatusFavicon(run.status);
  useSpokenStatus(run);
  const { nodeId, logId, select } = useSelection();
  return (
    <div className={styles.screen}>
      <RunHeader run={run} connection={connection} />
      <div className={styles.body}>
        <div className={styles.left}>
          <div className={styles.canvas}>
            <RunCanvas
              nodes={run.workflow.nodes}
              edges={run.workflow.edges}
              nodeStates={run.node_states}
              selectedId={nodeId}
              onSelect={(id) => select(id, null)}
            />
          </div>
          <div className={styles.below}>
            <Tabs
              label="How it went"
              tabs={[
                {
                  id: "timeline",
                  label: "Timeline",
                  content: <RunTimeline run={run} selectedNodeId={nodeId} onSelect={select} />,
                },
                {
                  id: "log",
                  label: `Log (${run.logs.length})`,
                  content: <LogTable run={run} selectedLogId={logId} onSelect={select} />,
                },
              ]}
            />
          </div>
        </div>
        <RunDetail run={run} nodeId={nodeId} logId={logId} onSelect={select} />
      </div>
    </div>
  );
}

/** The chosen node and attempt stand in the address, so that a finding can be sent to somebody. */
function useSelection() {
  const [search, setSearch] = useSearchParams();
  const select = (nodeId: string | null, logId: string | null) => {
    const next = new URLSearchParams();
    if (nodeId) next.set("node", nodeId);
    if (logId) next.set("log", logId);
    setSearch(next, { replace: true });
  };
  return { nodeId: search.get("node"), logId: search.get("log"), select };
}

function useSpokenStatus(run: Run) {
  const spoken = useRef(run.status);
  useEffect(() => {
    if (spoken.current === run.status) return;
    spoken.current = run.status;
    announce(`The run is ${statusWord(run.status).toLowerCase()}`);
  }, [run.status]);
}
