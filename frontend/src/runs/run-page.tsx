import { useEffect, useMemo, useRef, useState } from "react";
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

import { CompareTable } from "./compare-table";
import { compareRuns } from "./comparing";
import { itemCounts } from "./item-counts";
import { LogTable } from "./log-table";
import { statesAt } from "./moments";
import { RunDetail } from "./run-detail";
import { RunHeader } from "./run-header";
import { RunInbox } from "./run-inbox";
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
  const { nodeId, logId, otherId, select } = useSelection();
  const { run: other } = useRunStream(otherId);
  const differing = useMemo(() => differingIn(run, other), [run, other]);
  const counts = useMemo(() => itemCounts(run), [run]);
  const [moment, setMoment] = useState<number | null>(null);
  const states = useMemo(() => (moment === null ? run.node_states : statesAt(run, moment)), [run, moment]);
  return (
    <div className={styles.screen}>
      <RunHeader run={run} connection={connection} />
      <div className={styles.body}>
        <div className={styles.left}>
          <div className={styles.canvas}>
            <RunCanvas
              drawing={run.workflow}
              nodeStates={states}
              counts={counts}
              others={other?.node_states}
              differing={differing}
              selectedId={nodeId}
              onSelect={(id) => select(id, null)}
            />
          </div>
          <div className={styles.below}>
            <Tabs
              key={other ? "two" : "one"}
              label="How it went"
              tabs={[
                ...(other
                  ? [
                      {
                        id: "compare",
                        label: "Comparison",
                        content: (
                          <CompareTable
                            run={run}
                            other={other}
                            selectedNodeId={nodeId}
                            onSelect={(id) => select(id, null)}
                          />
                        ),
                      },
                    ]
                  : []),
                {
                  id: "timeline",
                  label: "Timeline",
                  content: (
                    <RunTimeline
                      run={run}
                      selectedNodeId={nodeId}
                      onSelect={select}
                      moment={moment}
                      onMoment={setMoment}
                    />
                  ),
                },
                {
                  id: "log",
                  label: `Log (${run.logs.length})`,
                  content: <LogTable run={run} selectedLogId={logId} onSelect={select} />,
                },
                { id: "events", label: "Events", content: <RunInbox run={run} /> },
              ]}
            />
          </div>
        </div>
        <RunDetail run={run} nodeId={nodeId} logId={logId} onSelect={select} />
      </div>
    </div>
  );
}

function differingIn(run: Run, other: Run | undefined): ReadonlySet<string> | undefined {
  if (!other) return undefined;
  const rows = compareRuns(run, other).filter((row) => row.differs.length > 0);
  return new Set(rows.map((row) => row.nodeId));
}

/** The chosen node and attempt stand in the address, so that a finding can be sent to somebody. */
function useSelection() {
  const [search, setSearch] = useSearchParams();
  const select = (nodeId: string | null, logId: string | null) => {
    const next = new URLSearchParams();
    const other = search.get("with");
    if (other) next.set("with", other);
    if (nodeId) next.set("node", nodeId);
    if (logId) next.set("log", logId);
    setSearch(next, { replace: true });
  };
  return { nodeId: search.get("node"), logId: search.get("log"), otherId: search.get("with"), select };
}

function useSpokenStatus(run: Run) {
  const spoken = useRef(run.status);
  useEffect(() => {
    if (spoken.current === run.status) return;
    spoken.current = run.status;
    announce(`The run is ${statusWord(run.status).toLowerCase()}`);
  }, [run.status]);
}
