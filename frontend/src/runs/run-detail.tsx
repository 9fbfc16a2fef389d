import { Undo2, X } from "lucide-react";
import { useNavigate } from "react-router";

import { isFinal, type Log, type NodeState, type Run, useRetryRun } from "@/api";
import { Button, IconButton, paths, Status, statusWord, toast } from "@/ui";

import { Attempts } from "./attempts";
import { JsonView } from "./json-view";
import { LogDetail } from "./log-detail";
import styles from "./run-page.module.css";
import { RunWaits } from "./run-waits";

interface RunDetailProps {
  run: Run;
  nodeId: string | null;
  logId: string | null;
  onSelect: (nodeId: string | null, logId: string | null) => void;
}

/** The side panel: the chosen node's attempts, or the run as a whole. */
export function RunDetail({ run, nodeId, logId, onSelect }: RunDetailProps) {
  const node = run.workflow.nodes.find((one) => one.id === nodeId);
  if (!nodeId) {
    return (
      <aside className={styles.panel} aria-label="The run">
        <RunOverview run={run} onSelect={onSelect} />
      </aside>
    );
  }
  const label = node?.data.label || nodeId;
  const logs = run.logs.filter((log) => log.node_id === nodeId);
  const log = logs.find((one) => one.id === logId) ?? logs.at(-1);
  return (
    <aside className={styles.panel} aria-label={`Node ${label}`}>
      <header className={styles.panelHead}>
        <div>
          <h2>{label}</h2>
          <p className={styles.kind}>{node?.data.componentId}</p>
        </div>
        <div className={styles.panelActions}>
          {log && isFinal(run.status) && !run.node_states[nodeId]?.is_given && (
            <AgainFrom run={run} log={log} />
          )}
          <IconButton small icon={X} label="Back to the run" onClick={() => onSelect(null, null)} />
        </div>
      </header>
      {logs.length > 1 && <Attempts logs={logs} chosen={log!.id} onChoose={(id) => onSelect(nodeId, id)} />}
      <RunWaits run={run} of={log ?? { node_id: nodeId, iteration: "" }} />
      {log ? <LogDetail key={log.id} log={log} label={label} /> : <Without state={run.node_states[nodeId]} />}
    </aside>
  );
}

/** A new run that begins with this node, on what came before it in this one. */
function AgainFrom({ run, log }: { run: Run; log: Log }) {
  const navigate = useNavigate();
  const retry = useRetryRun(run.id);
  return (
    <Button
      small
      icon={Undo2}
      busy={retry.isPending}
      title="A new run: this node and what follows run again, all else is taken over"
      onClick={() =>
        retry.mutate(
          { begin_at: { node_id: log.node_id, iteration: log.iteration } },
          {
            onSuccess: (next) => void navigate(paths.run(next!.id)),
            onError: (problem) => toast(problem.message),
          },
        )
      }
    >
      Run again from here
    </Button>
  );
}

function RunOverview({ run, onSelect }: Pick<RunDetailProps, "run" | "onSelect">) {
  const culprit = run.error?.node_id;
  const label = run.workflow.nodes.find((node) => node.id === culprit)?.data.label || culprit;
  // Then the reason says no more than what it waits for.
  const startsLater = run.status === "pending" && run.waits.some((wait) => wait.kind === "start");
  return (
    <>
      <h2 className="visually-hidden">The run as a whole</h2>
      {run.error_message && (
        <div className={styles.runError}>
          <p>{run.error_message}</p>
          {culprit && (
            <button type="button" className={styles.culprit} onClick={() => onSelect(culprit, null)}>
              See “{label}”, where it happened
            </button>
          )}
        </div>
      )}
      {(run.reason ?? run.terminated_by) && !startsLater && (
        <p className={styles.reason}>
          {statusWord(run.status)}
          {run.terminated_by && ` by ${run.terminated_by}`}
          {run.reason && `: ${run.reason}`}
        </p>
      )}
      <RunWaits run={run} />
      <JsonView title="Trigger payload" value={run.trigger_payload} dragRoot="trigger" />
      {run.output !== null && <JsonView title="Output" value={run.output} />}
      {Object.keys(run.variables).length > 0 && (
        <JsonView title="Variables" value={run.variables} dragRoot="vars" />
      )}
      <p className={styles.hint}>
        Choose a node on the canvas or in the timeline to see what went in and out.
      </p>
    </>
  );
}

/** A node without an attempt: it says why there is nothing to see. */
function Without({ state }: { state: NodeState | undefined }) {
  if (state?.status === "skipped") {
    return (
      <div className={styles.without}>
        <Status status="skipped" />
        <p>No branch that was taken led here, so that this node did not run.</p>
      </div>
    );
  }
  return (
    <div className={styles.without}>
      <Status status={state?.status ?? "pending"} />
      <p>This node has not started.</p>
    </div>
  );
}
