import { BellRing, Check, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";

import { type Run, type RunWait, useDecide, useWaitsOf } from "@/api";
import {
  Button,
  CopyButton,
  Field,
  formatExact,
  Input,
  paths,
  ProblemNote,
  RelativeTime,
  statusWord,
  TimeAhead,
  toast,
  useNow,
} from "@/ui";

import { EventDialog } from "./run-dialogs";
import styles from "./run-waits.module.css";

/** More than these are told by their number. */
const SHOWN = 20;

interface RunWaitsProps {
  run: Run;
  /** One node in one pass; without it all that the run waits for. */
  of?: { node_id: string; iteration: string };
}

/** What the run waits for, until when, and what a person can do about it. */
export function RunWaits({ run, of }: RunWaitsProps) {
  const waits = useLeases(run).filter(
    (wait) => !of || (wait.node_id === of.node_id && wait.iteration === of.iteration),
  );
  if (waits.length === 0) return null;
  const labels = new Map(run.workflow.nodes.map((node) => [node.id, node.data.label || node.id]));
  return (
    <section className={styles.waits} aria-label="What it waits for">
      <h3>Waits for</h3>
      <ul>
        {waits.slice(0, SHOWN).map((wait) => (
          <li key={`${wait.node_id} ${wait.iteration} ${wait.kind}`} className={styles.wait}>
            {!of && wait.node_id && (
              <p className={styles.where}>
                {labels.get(wait.node_id) ?? wait.node_id}
                {wait.iteration && ` #${wait.iteration}`}
              </p>
            )}
            <What wait={wait} />
            {wait.until && (
              <p className={styles.more} title={formatExact(wait.until)}>
                {UNTIL[wait.kind]} <TimeAhead at={wait.until} />, {formatExact(wait.until)}
              </p>
            )}
            {wait.kind === "event" && <RaiseButton runId={run.id} name={wait.name!} />}
            {wait.kind === "approval" && <Decide runId={run.id} wait={wait} />}
          </li>
        ))}
      </ul>
      {waits.length > SHOWN && (
        <p className={styles.more}>
          And {(waits.length - SHOWN).toLocaleString("en")} more, shown at their nodes.
        </p>
      )}
      {run.status === "suspended" && (
        <p className={styles.more}>
          {statusWord(run.status)}: what comes is kept, and goes on when the run is resumed.
        </p>
      )}
    </section>
  );
}

/** With what workers do meanwhile, which the stream does not tell. */
function useLeases(run: Run): RunWait[] {
  const asked = run.waits.some((wait) => wait.kind === "task");
  const fresh = useWaitsOf(run.id, asked).data?.results;
  if (!asked || !fresh) return run.waits;
  const leases = new Map(fresh.map((wait) => [`${wait.node_id} ${wait.iteration}`, wait.lease]));
  return run.waits.map((wait) => ({
    ...wait,
    lease: leases.get(`${wait.node_id} ${wait.iteration}`) ?? wait.lease,
  }));
}

const UNTIL: Record<RunWait["kind"], string> = {
  timer: "Goes on",
  backoff: "Tries again",
  event: "Gives up",
  approval: "Gives up",
  child: "Gives up",
  timeout: "Is cut off",
  task: "Gives up",
  start: "Begins",
};

function What({ wait }: { wait: RunWait }): ReactNode {
  switch (wait.kind) {
    case "event":
      return (
        <p>
          The event <code>{wait.name}</code>
          {wait.correlation && (
            <>
              {" "}
              about <code>{wait.correlation}</code>
            </>
          )}
        </p>
      );
    case "approval":
      return (
        <>
          <p>
            A decision by {wait.approvers!.length > 0 ? wait.approvers!.join(", ") : "whoever has the link"}
          </p>
          {wait.message && <p className={styles.question}>{wait.message}</p>}
        </>
      );
    case "child":
      return (
        <p>The end of {wait.run_id ? <Link to={paths.run(wait.run_id)}>another run</Link> : "another run"}</p>
      );
    case "task":
      return (
        <>
          <p>
            A worker for <code>{wait.name}</code>
          </p>
          <Lease lease={wait.lease} />
        </>
      );
    case "backoff":
      return <p>The time before its next attempt</p>;
    case "timeout":
      return <p>What is in it</p>;
    case "start":
      return <p>The time at which it is to start</p>;
    default:
      return <p>A time that was set</p>;
  }
}

/** Who has the task, and whether it still keeps it. */
function Lease({ lease }: { lease: RunWait["lease"] }) {
  const now = useNow(5_000, lease !== null);
  if (!lease) return <p className={styles.more}>No worker has asked for it yet.</p>;
  const held = lease.until !== null && new Date(lease.until).getTime() > now;
  return (
    <p className={styles.more}>
      {lease.worker ?? "A worker"} took it <RelativeTime at={lease.polled_at} />
      {lease.polls > 1 && `, the ${ordinal(lease.polls)} time it was given out`}.
      {!held && " It was not heard of in time: the next worker that asks gets the task."}
    </p>
  );
}

function ordinal(count: number): string {
  const ending = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };
  return `${count}${ending[new Intl.PluralRules("en", { type: "ordinal" }).select(count)]}`;
}

function RaiseButton({ runId, name }: { runId: string; name: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button small icon={BellRing} onClick={() => setOpen(true)}>
        Raise it…
      </Button>
      {open && <EventDialog runId={runId} wanted={name} onClose={() => setOpen(false)} />}
    </>
  );
}

function Decide({ runId, wait }: { runId: string; wait: RunWait }) {
  const [comment, setComment] = useState("");
  const decide = useDecide(runId, wait.node_id, wait.iteration);
  const say = (decision: "approved" | "rejected") =>
    decide.mutate(
      { decision, comment },
      { onSuccess: () => toast(decision === "approved" ? "Approved" : "Rejected") },
    );
  return (
    <>
      <Field label="Comment">
        <Input maxLength={1_000} value={comment} onChange={(event) => setComment(event.target.value)} />
      </Field>
      {decide.error && <ProblemNote error={decide.error} />}
      <div className={styles.actions}>
        <Button small look="primary" icon={Check} disabled={decide.isPending} onClick={() => say("approved")}>
          Approve
        </Button>
        <Button small icon={X} disabled={decide.isPending} onClick={() => say("rejected")}>
          Reject
        </Button>
        {wait.link && <CopyButton text={wait.link} what="link to decide by" />}
      </div>
    </>
  );
}
