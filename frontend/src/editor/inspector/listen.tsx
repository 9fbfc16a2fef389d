import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ear, Play } from "lucide-react";
import { useEffect, useState } from "react";

import {
  asProblem,
  type JsonObject,
  type Listener,
  type NodeState,
  readListener,
  samplesKey,
  savePins,
  startListening,
  stopListening,
} from "@/api";
import { type FlowNode, settingOf } from "@/canvas/graph";
import { announce, Button, CopyButton, formatClock, ProblemNote } from "@/ui";

import { useEditor } from "../editor";
import styles from "./inspector.module.css";

const LOOK_EVERY_MS = 1_000;

/** Waits for the next request at the test address; nothing runs, and what is published is not touched. */
export function Listen({ node }: { node: FlowNode }) {
  const { workflowId, saver } = useEditor();
  const [listener, setListener] = useState<Listener | null>(null);
  const [error, setError] = useState<unknown>(null);
  const start = async () => {
    setError(null);
    try {
      if (await saver.flush()) setListener(await startListening(workflowId));
      else setError(new Error("The draft is not on the server yet. The save mark above says why."));
    } catch (problem) {
      setError(problem);
    }
  };
  if (listener) {
    return <Listening key={listener.id} node={node} listener={listener} onAgain={() => void start()} />;
  }
  return (
    <>
      <p>
        <Button small icon={Ear} onClick={() => void start()}>
          Listen for a test request
        </Button>
      </p>
      {error != null && <ProblemNote error={asProblem(error)} />}
    </>
  );
}

interface ListeningProps {
  node: FlowNode;
  listener: Listener;
  onAgain: () => void;
}

function Listening({ node, listener: first, onAgain }: ListeningProps) {
  const { workflowId, runner } = useEditor();
  const handOver = useHandOver(node.id);
  useShown(node.id, first.id);
  const { data: listener = first, error } = useQuery({
    queryKey: ["listener", first.id],
    queryFn: async () => {
      const now = await readListener(workflowId, first.id);
      if (now.received_at) await handOver(now.payload as JsonObject);
      return now;
    },
    refetchInterval: LOOK_EVERY_MS,
    enabled: ({ state }) => !state.data?.received_at && new Date() < new Date(first.expires_at),
  });
  useEffect(
    () => () => void stopListening(workflowId, first.id).catch(() => undefined),
    [workflowId, first.id],
  );
  const path = String(settingOf(node, "path") ?? "").replace(/^\/+/, "");
  const url = path ? `${listener.url}/${path}` : listener.url;
  if (listener.received_at) {
    return (
      <>
        <p role="status">
          Received at {formatClock(listener.received_at)}. It is the payload of the next run, and pinned as
          this node’s output.
        </p>
        <p className={styles.buttons}>
          <Button small look="primary" icon={Play} onClick={() => void runner.run()}>
            Run with it
          </Button>
          <Button small icon={Ear} onClick={onAgain}>
            Listen again
          </Button>
        </p>
      </>
    );
  }
  if (new Date() >= new Date(listener.expires_at)) {
    return (
      <>
        <p role="status">No request came in time.</p>
        <p>
          <Button small icon={Ear} onClick={onAgain}>
            Listen again
          </Button>
        </p>
      </>
    );
  }
  return (
    <>
      <p role="status">Listening until {formatClock(listener.expires_at)}. Send a request to:</p>
      <div className={styles.address}>
        <code>{url}</code>
        <CopyButton text={url} what="test URL" />
      </div>
      {listener.refusal && (
        <p className={styles.warning}>The last one would be refused: {listener.refusal}</p>
      )}
      {error && <ProblemNote error={error} />}
    </>
  );
}

/** The trigger waits on the canvas too, until something is heard or the panel closes. */
function useShown(nodeId: string, listenerId: string) {
  const { canvas } = useEditor();
  useEffect(() => {
    canvas.setState({ states: { [nodeId]: shown("waiting") } });
    return () => {
      if (canvas.getState().states[nodeId]?.status === "waiting") canvas.setState({ states: {} });
    };
  }, [canvas, nodeId, listenerId]);
}

const shown = (status: NodeState["status"]): NodeState => ({
  status,
  attempts: 0,
  started_at: null,
  completed_at: null,
  duration_ms: null,
  handle: null,
  error: null,
  progress: null,
  passes: null,
  iterations: null,
  is_given: false,
});

/** What was heard is what the next run starts with, and what the panes beside the parameters show. */
function useHandOver(nodeId: string) {
  const { workflowId, runner, canvas } = useEditor();
  const cache = useQueryClient();
  return async (payload: JsonObject) => {
    runner.rememberPayload(JSON.stringify(payload, null, 2));
    await savePins(workflowId, { [nodeId]: { value: payload } });
    await cache.invalidateQueries({ queryKey: samplesKey(workflowId) });
    canvas.setState({ states: { [nodeId]: shown("completed") } });
    announce("A test request was received");
  };
}
