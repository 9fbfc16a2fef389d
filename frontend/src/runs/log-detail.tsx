import type { Log } from "@/api";
import { Elapsed, formatClock, formatExact, Status, statusColor } from "@/ui";

import { JsonView } from "./json-view";
import styles from "./log-detail.module.css";

export interface LogDetailProps {
  log: Log;
  /** What the node is called on the canvas. */
  label?: string;
}

/** One attempt of one node: how it went, what went in, what came out. */
export function LogDetail({ log, label }: LogDetailProps) {
  return (
    <article className={styles.detail} aria-label={`${label ?? log.node_id}, attempt ${log.attempt}`}>
      <dl className={styles.facts}>
        <Fact name="Status">
          <Status status={log.status} />
        </Fact>
        <Fact name="Time">
          <Elapsed since={log.started_at} ms={log.duration_ms} />
        </Fact>
        <Fact name="Started">
          <span title={formatExact(log.started_at ?? log.created_at)}>
            {formatClock(log.started_at ?? log.created_at)}
          </span>
        </Fact>
        <Fact name="Attempt">{log.attempt}</Fact>
        {log.iteration && <Fact name="Iteration">{log.iteration}</Fact>}
        {log.handle && log.handle !== "out" && <Fact name="Left by">{log.handle}</Fact>}
      </dl>
      {log.progress && <Progress progress={log.progress} />}
      {log.error && <LogErrorNote error={log.error} />}
      {log.messages.length > 0 && <Messages messages={log.messages} />}
      <div className={styles.values}>
        {log.status !== "started" && (
          <JsonView title="Output" value={log.output} dragRoot={expressionFor(log.node_id)} />
        )}
        <JsonView title="Input" value={log.input} dragRoot="input" />
      </div>
    </article>
  );
}

/** How an expression names the output of a node. */
export function expressionFor(nodeId: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(nodeId) ? `nodes.${nodeId}` : `nodes[${JSON.stringify(nodeId)}]`;
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What the node said last of how far it is. */
function Progress({ progress: { fraction, message } }: { progress: NonNullable<Log["progress"]> }) {
  return (
    <p className={styles.progress}>
      {fraction !== null && <progress aria-label="How far it is" value={fraction} />}
      {fraction !== null && <span>{Math.round(fraction * 100)} %</span>} {message}
    </p>
  );
}

function LogErrorNote({ error }: { error: NonNullable<Log["error"]> }) {
  const offset = (error.position as { offset?: number } | null)?.offset;
  return (
    <div className={styles.error}>
      <p>{error.message}</p>
      <p className={styles.where}>
        <code>{error.code}</code>
        {error.field && (
          <>
            {" in "}
            <code>{error.field}</code>
          </>
        )}
        {offset !== undefined && ` at character ${offset + 1}`}
      </p>
    </div>
  );
}

function Messages({ messages }: { messages: Log["messages"] }) {
  return (
    <section>
      <h3 className={styles.heading}>Messages</h3>
      <ol className={styles.messages}>
        {messages.map((message, index) => (
          <li key={index}>
            <time dateTime={message.at}>{formatClock(message.at)}</time>
            <span style={{ color: levelColor(message.level) }}>{message.level}</span>
            <span className={styles.messageText}>{message.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function levelColor(level: string): string {
  if (level === "error") return statusColor("failed", "ink");
  if (level === "warning") return statusColor("waiting", "ink");
  return "var(--ink-faint)";
}
